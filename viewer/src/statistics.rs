//! What a viewer measured. Owns the counts and their summary.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mayday_protocol::update::StageTimes;
use serde::Serialize;

use crate::why::{Lately, Stage};

/// What counts as lately.
const LATELY: Duration = Duration::from_secs(2);
/// Updates of which the times are kept.
const KEPT: usize = 4096;

/// A summary, in milliseconds where it is time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// "quic", "websocket".
    pub path: &'static str,
    pub rtt_ms: f64,
    pub updates: u64,
    pub bytes: u64,
    pub refreshes: u64,
    pub decode_errors: u64,
    pub wait_ms: Spread,
    pub grab_ms: Spread,
    pub convert_ms: Spread,
    pub encode_ms: Spread,
    /// From the damage's notice to the last hop's sending, as told by the packets.
    pub age_ms: Spread,
    /// First to last byte of an update.
    pub spread_ms: Spread,
    pub decode_ms: Spread,
    pub draw_ms: Spread,
}

/// Percentiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl Spread {
    /// Of samples in any order; zeros when there is none.
    #[must_use]
    pub fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = samples.len().checked_sub(1)?;
            samples.get((last as f64 * share).round() as usize).copied()
        };
        Self {
            p50: at(0.5).unwrap_or_default(),
            p90: at(0.9).unwrap_or_default(),
            p99: at(0.99).unwrap_or_default(),
            max: at(1.0).unwrap_or_default(),
        }
    }
}

/// One shown update.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) at: Instant,
    /// From the last byte to its turn.
    pub(crate) turn: Duration,
    pub(crate) stages: StageTimes,
    /// Mean quantiser of its pictures; 0 if it had none and so was exact.
    pub(crate) qp: u8,
    pub(crate) age: Duration,
    pub(crate) bytes: usize,
    pub(crate) spread: Duration,
    pub(crate) decode: Duration,
    pub(crate) draw: Duration,
}

impl Sample {
    pub(crate) fn all(&self, rtt: Duration) -> [Duration; Stage::ALL.len()] {
        Stage::ALL.map(|stage| self.stage(stage, rtt))
    }

    fn stage(&self, stage: Stage, rtt: Duration) -> Duration {
        let us = |us: u32| Duration::from_micros(us.into());
        let told = &self.stages;
        match stage {
            Stage::Wait => us(told.wait_us),
            Stage::Grab => us(told.grab_us),
            Stage::Convert => us(told.convert_us),
            Stage::Encode => us(told.encode_us),
            Stage::Agent => {
                let sum = us(told.wait_us) + us(told.grab_us) + us(told.convert_us);
                self.age.saturating_sub(sum + us(told.encode_us))
            }
            Stage::Network => rtt / 2,
            Stage::Receive => self.spread,
            Stage::Turn => self.turn,
            Stage::Decode => self.decode,
            Stage::Draw => self.draw,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    samples: VecDeque<Sample>,
    updates: u64,
    bytes: u64,
    pub(crate) refreshes: u64,
    pub(crate) decode_errors: u64,
    /// From an input to the update drawn that shows its effect, the last time.
    pub(crate) key_to_pixel: Option<Duration>,
}

impl Counts {
    pub(crate) fn add(&mut self, sample: Sample) {
        self.updates += 1;
        self.bytes += sample.bytes as u64;
        self.samples.push_back(sample);
        if self.samples.len() > KEPT {
            self.samples.pop_front();
        }
    }

    pub(crate) fn updates(&self) -> u64 {
        self.updates
    }

    /// Means of what was drawn lately; of the last update, if that is longer ago.
    pub(crate) fn lately(&self, rtt: Duration, now: Instant) -> Lately {
        let is_late = |sample: &&Sample| now.saturating_duration_since(sample.at) < LATELY;
        let mut samples: Vec<&Sample> = self.samples.iter().rev().take_while(is_late).collect();
        let rate = |count: f64| count / LATELY.as_secs_f64();
        let updates_per_second = rate(samples.len() as f64);
        let bytes: usize = samples.iter().map(|sample| sample.bytes).sum();
        if samples.is_empty() {
            samples.extend(self.samples.back());
        }
        let count = samples.len() as u32;
        let stages = Stage::ALL.map(|stage| {
            let sum: Duration = samples.iter().map(|sample| sample.stage(stage, rtt)).sum();
            sum.checked_div(count).unwrap_or_default()
        });
        let pictures = samples.iter().map(|sample| sample.qp).filter(|qp| *qp > 0);
        let quantisers: Vec<f64> = pictures.map(f64::from).collect();
        let coded = quantisers.len() as f64;
        Lately {
            updates: count,
            updates_per_second,
            kilobits_per_second: rate(bytes as f64 * 8.0 / 1e3),
            quantiser: (coded > 0.0).then(|| quantisers.iter().sum::<f64>() / coded),
            key_to_pixel: self.key_to_pixel,
            stages,
        }
    }

    pub(crate) fn summary(&self, path: &'static str, rtt: Duration) -> Statistics {
        let ms = |value: fn(&Sample) -> Duration| {
            let samples = self
                .samples
                .iter()
                .map(|sample| 1e3 * value(sample).as_secs_f64());
            Spread::of(samples.collect())
        };
        Statistics {
            path,
            rtt_ms: 1e3 * rtt.as_secs_f64(),
            updates: self.updates,
            bytes: self.bytes,
            refreshes: self.refreshes,
            decode_errors: self.decode_errors,
            wait_ms: ms(|sample| Duration::from_micros(sample.stages.wait_us.into())),
            grab_ms: ms(|sample| Duration::from_micros(sample.stages.grab_us.into())),
            convert_ms: ms(|sample| Duration::from_micros(sample.stages.convert_us.into())),
            encode_ms: ms(|sample| Duration::from_micros(sample.stages.encode_us.into())),
            age_ms: ms(|sample| sample.age),
            spread_ms: ms(|sample| sample.spread),
            decode_ms: ms(|sample| sample.decode),
            draw_ms: ms(|sample| sample.draw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lately_is_two_seconds_and_the_agents_rest_is_what_nobody_told() {
        let now = Instant::now();
        let sample = |ago, age| Sample {
            at: now.checked_sub(Duration::from_secs(ago)).unwrap(),
            turn: Duration::ZERO,
            stages: StageTimes {
                wait_us: 1000,
                grab_us: 2000,
                convert_us: 3000,
                encode_us: 4000,
            },
            qp: age as u8,
            age: Duration::from_millis(age),
            bytes: 250,
            spread: Duration::ZERO,
            decode: Duration::ZERO,
            draw: Duration::ZERO,
        };
        let mut counts = Counts::default();
        counts.add(sample(5, 50));
        assert_eq!(counts.lately(Duration::ZERO, now).updates, 1);
        counts.add(sample(1, 20));
        counts.add(sample(0, 40));
        let lately = counts.lately(Duration::from_millis(30), now);
        assert_eq!(lately.updates, 2);
        assert!((lately.kilobits_per_second - 2.0).abs() < 1e-9);
        assert_eq!((lately.quantiser, lately.key_to_pixel), (Some(30.0), None));
        let of = |stage| {
            let at = Stage::ALL.iter().position(|one| *one == stage).unwrap();
            lately.stages[at].as_millis()
        };
        assert_eq!((of(Stage::Agent), of(Stage::Network)), (20, 15));
        assert_eq!((of(Stage::Encode), of(Stage::Draw)), (4, 0));
    }

    #[test]
    fn quality_is_that_of_pictures_and_exact_where_there_was_none() {
        let now = Instant::now();
        let sample = |qp| Sample {
            at: now,
            turn: Duration::ZERO,
            stages: StageTimes::default(),
            qp,
            age: Duration::ZERO,
            bytes: 100,
            spread: Duration::ZERO,
            decode: Duration::ZERO,
            draw: Duration::ZERO,
        };
        let mut counts = Counts::default();
        let quality = |counts: &Counts| {
            let lately = counts.lately(Duration::ZERO, now);
            (lately.updates, lately.quantiser)
        };
        assert_eq!(quality(&counts), (0, None));
        counts.add(sample(0));
        assert_eq!(quality(&counts), (1, None));
        counts.add(sample(24));
        counts.add(sample(28));
        assert_eq!(quality(&counts), (3, Some(26.0)));
    }

    #[test]
    fn percentiles_are_of_the_sorted_samples() {
        let spread = Spread::of((1..=101).rev().map(f64::from).collect());
        assert_eq!((spread.p50, spread.p90, spread.max), (51.0, 91.0, 101.0));
        assert_eq!(Spread::of(vec![]), Spread::default());
    }
}
