//! One direction of an emulated link, pure: when a packet comes out, or that it does not. Owns no socket and no clock.

use std::time::Duration;

use super::{Loss, Profile, Rate};

pub struct Pipe {
    one_way: Duration,
    rate: Rate,
    queue: Duration,
    loss: Loss,
    jitter: Duration,
    random: u64,
    in_bad_times: bool,
    /// When the wire has sent all it took so far.
    free_at: Duration,
}

impl Pipe {
    /// The same seed loses the same packets, and holds the same ones up.
    #[must_use]
    pub fn new(profile: &Profile, seed: u64) -> Self {
        Self {
            one_way: profile.rtt / 2,
            rate: profile.rate.clone(),
            queue: profile.queue,
            loss: profile.loss,
            jitter: profile.jitter,
            random: seed | 1,
            in_bad_times: false,
            free_at: Duration::ZERO,
        }
    }

    /// When a packet of `bytes` that is offered at `now` arrives; `None` when the queue is full or the link loses it.
    pub fn offer(&mut self, bytes: usize, now: Duration) -> Option<Duration> {
        let start = self.free_at.max(now);
        if start - now > self.queue {
            return None;
        }
        let seconds = bytes as f64 * 8.0 / self.rate.at(now);
        self.free_at = start + Duration::from_secs_f64(seconds);
        // Lost on the way, after it took its time on the wire.
        if self.loses() {
            return None;
        }
        Some(self.free_at + self.one_way + self.held_up())
    }

    fn held_up(&mut self) -> Duration {
        if self.jitter.is_zero() {
            return Duration::ZERO;
        }
        self.jitter.mul_f64(self.uniform())
    }

    fn loses(&mut self) -> bool {
        match self.loss {
            Loss::None => false,
            Loss::Bernoulli(share) => self.uniform() < share,
            Loss::Bursts {
                to_bad,
                to_good,
                lost,
            } => {
                let turn = if self.in_bad_times { to_good } else { to_bad };
                if self.uniform() < turn {
                    self.in_bad_times = !self.in_bad_times;
                }
                self.in_bad_times && self.uniform() < lost
            }
        }
    }

    /// 0 to 1 (splitmix64).
    fn uniform(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipe(name: &str) -> Pipe {
        Pipe::new(Profile::named(name).unwrap(), 7)
    }

    #[test]
    fn a_packet_takes_half_the_round_trip_and_its_time_on_the_wire() {
        let mut thin = pipe("thin");
        assert_eq!(
            thin.offer(1250, Duration::ZERO),
            Some(Duration::from_millis(25 + 10))
        );
    }

    #[test]
    fn a_full_queue_drops_and_empties_again() {
        let mut thin = pipe("thin");
        let taken = (0..200)
            .filter(|_| thin.offer(1250, Duration::ZERO).is_some())
            .count();
        // 500 ms of queue at 10 ms a packet, and the one on the wire.
        assert_eq!(taken, 51);
        assert!(thin.offer(1250, Duration::from_millis(100)).is_some());
    }

    #[test]
    fn the_share_of_lost_packets_is_the_profiles() {
        let mut bad = pipe("bad");
        let lost = (0..100_000_u64)
            .filter(|number| bad.offer(100, Duration::from_millis(*number)).is_none())
            .count();
        assert!((2_700..3_300).contains(&lost), "{lost} of 100000 lost");
    }

    #[test]
    fn bursts_lose_packets_in_a_row() {
        let mut pipe = Pipe::new(
            &Profile {
                loss: Loss::Bursts {
                    to_bad: 0.01,
                    to_good: 0.2,
                    lost: 1.0,
                },
                ..Profile::named("lan").unwrap().clone()
            },
            3,
        );
        let fate: Vec<bool> = (0..50_000_u64)
            .map(|number| pipe.offer(100, Duration::from_millis(number)).is_none())
            .collect();
        let lost = fate.iter().filter(|lost| **lost).count();
        let after_a_loss = fate.windows(2).filter(|two| two[0] && two[1]).count();
        assert!(after_a_loss as f64 / lost as f64 > 0.7);
    }

    #[test]
    fn packets_overtake_each_other_where_some_are_held_up() {
        let mut pipe = Pipe::new(
            &Profile {
                jitter: Duration::from_millis(10),
                ..Profile::named("dsl").unwrap().clone()
            },
            5,
        );
        let there: Vec<Duration> = (0..1000_u64)
            .filter_map(|number| pipe.offer(100, Duration::from_millis(4 * number)))
            .collect();
        let overtaken = there.windows(2).filter(|two| two[0] > two[1]).count();
        // Two of them 4 ms apart: (10 - 4)^2 / 2 of 10 * 10.
        assert!((120..240).contains(&overtaken), "{overtaken} of 1000");
    }

    #[test]
    fn a_rate_on_a_schedule_changes_and_comes_back() {
        let rate = &Profile::named("step").unwrap().rate;
        let at = |seconds| rate.at(Duration::from_secs(seconds));
        assert_eq!([at(1), at(6), at(11)], [10e6, 2e6, 10e6]);
    }
}
