//! Pings to the agent: when the next one is due, what an answer says, and how long one has been missing. Pure: time is an argument,
//! counted from the connection's beginning. The console's are alike (`console/src/remote/client/ping.ts`).

use std::collections::VecDeque;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(1);
/// While nothing happens: an idle session costs the end user's network next to nothing, and is still known to be there.
const IDLE_EVERY: Duration = Duration::from_millis(4500);
/// After the last picture or input it is idle.
const LINGER: Duration = Duration::from_secs(10);
/// Pings without an answer that are remembered.
const REMEMBERED: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Pings {
    last: u32,
    /// When the last one left; `None` before the first.
    sent_at: Option<Duration>,
    /// Sent after the newest that was answered, oldest first.
    unanswered: VecDeque<(u32, Duration)>,
    /// When an answer came last.
    heard_at: Duration,
    busy_at: Duration,
}

impl Pings {
    /// A picture came, or input left.
    pub(crate) fn handle_activity(&mut self, now: Duration) {
        self.busy_at = now;
    }

    /// When `handle_timeout` wants to be called.
    pub(crate) fn poll_timeout(&self) -> Duration {
        let Some(sent_at) = self.sent_at else {
            return Duration::ZERO;
        };
        // A ping without an answer may be lost itself, so the next does not wait.
        let soon = sent_at + EVERY;
        if !self.unanswered.is_empty() || soon < self.busy_at + LINGER {
            soon
        } else {
            sent_at + IDLE_EVERY
        }
    }

    /// The ping to send, if one is due.
    pub(crate) fn handle_timeout(&mut self, now: Duration) -> Option<u32> {
        if now < self.poll_timeout() {
            return None;
        }
        self.last = self.last.wrapping_add(1);
        self.sent_at = Some(now);
        if self.unanswered.len() == REMEMBERED {
            // Not the oldest, which tells since when there is silence.
            self.unanswered.remove(1);
        }
        self.unanswered.push_back((self.last, now));
        Some(self.last)
    }

    /// The round trip; `None` when nobody asked.
    pub(crate) fn handle_pong(&mut self, id: u32, now: Duration) -> Option<Duration> {
        let at = self.unanswered.iter().position(|(one, _)| *one == id)?;
        let (_, sent_at) = self.unanswered.drain(..=at).next_back()?;
        self.heard_at = now;
        Some(now.saturating_sub(sent_at))
    }

    /// Since when an answer has been missing; `None` when none is.
    pub(crate) fn silent_since(&self) -> Option<Duration> {
        let (_, sent_at) = self.unanswered.front()?;
        Some(self.heard_at.max(*sent_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs until `to`, each ping answered after `way`; how many there were, and the longest silence.
    fn run(
        pings: &mut Pings,
        from: Duration,
        to: Duration,
        way: Option<Duration>,
    ) -> (u32, Duration) {
        let (mut now, mut count, mut longest) = (from, 0, Duration::ZERO);
        let mut on_the_way = VecDeque::new();
        while now <= to {
            while on_the_way.front().is_some_and(|(_, at)| *at <= now) {
                let (id, at) = on_the_way.pop_front().unwrap();
                assert_eq!(pings.handle_pong(id, at), way);
            }
            if let Some(id) = pings.handle_timeout(now) {
                count += 1;
                on_the_way.extend(way.map(|way| (id, now + way)));
            }
            let silence = pings.silent_since().map(|at| now.saturating_sub(at));
            longest = longest.max(silence.unwrap_or_default());
            now += Duration::from_millis(50);
        }
        (count, longest)
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_idle_connection_is_pinged_every_few_seconds_and_a_busy_one_every_second() {
        let (mut pings, way) = (Pings::default(), Some(Duration::from_millis(100)));
        let (count, _) = run(&mut pings, seconds(0), seconds(9), way);
        assert_eq!(count, 10);
        let (count, _) = run(&mut pings, seconds(12), seconds(57), way);
        assert!((10..=11).contains(&count), "{count}");
        pings.handle_activity(seconds(57));
        let (count, _) = run(&mut pings, seconds(57), seconds(67), way);
        assert!((9..=11).contains(&count), "{count}");
    }

    #[test]
    fn an_answer_that_is_missing_is_asked_for_soon_and_counted_from_the_question() {
        let (mut pings, way) = (Pings::default(), Some(Duration::from_millis(100)));
        run(&mut pings, seconds(0), seconds(60), way);
        let (count, silence) = run(&mut pings, seconds(61), seconds(71), None);
        assert!(count >= 6, "{count}");
        assert!(silence >= seconds(6), "{silence:?}");
    }

    #[test]
    fn a_way_of_more_than_a_ping_is_no_silence() {
        let mut pings = Pings::default();
        let way = Some(Duration::from_millis(2200));
        let (_, silence) = run(&mut pings, seconds(0), seconds(60), way);
        assert!(silence <= Duration::from_millis(2200), "{silence:?}");
    }
}
