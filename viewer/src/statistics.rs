//! What a viewer measured. Owns the counts and their summary.

use std::collections::VecDeque;
use std::time::Duration;

use mayday_protocol::update::StageTimes;
use serde::Serialize;

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
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) stages: StageTimes,
    pub(crate) age: Duration,
    pub(crate) bytes: usize,
    pub(crate) spread: Duration,
    pub(crate) decode: Duration,
    pub(crate) draw: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    samples: VecDeque<Sample>,
    updates: u64,
    bytes: u64,
    pub(crate) refreshes: u64,
    pub(crate) decode_errors: u64,
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
    fn percentiles_are_of_the_sorted_samples() {
        let spread = Spread::of((1..=101).rev().map(f64::from).collect());
        assert_eq!((spread.p50, spread.p90, spread.max), (51.0, 91.0, 101.0));
        assert_eq!(Spread::of(vec![]), Spread::default());
    }
}
