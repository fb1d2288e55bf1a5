//! Figures for operators, in Prometheus' text form: how much passes, and which part of the way takes time. Owns the counts; no label names a
//! session, a person or an address.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds, milliseconds.
const BOUNDS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/// The parts of a picture's way that a gateway sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// From the change's notice to the agent's sending, as the agent tells.
    Agent,
    /// Half of the round trip to the agent.
    NetworkAgent,
    /// From the first byte's arrival to the first byte's leaving.
    Relay,
    /// Half of the round trip to the technician.
    NetworkTechnician,
}

impl Stage {
    const ALL: [Self; 4] = [
        Self::Agent,
        Self::NetworkAgent,
        Self::Relay,
        Self::NetworkTechnician,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::NetworkAgent => "network_agent",
            Self::Relay => "relay",
            Self::NetworkTechnician => "network_technician",
        }
    }
}

/// All counts since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    updates: AtomicU64,
    update_bytes: AtomicU64,
    abandoned: AtomicU64,
    inputs: AtomicU64,
    under_way: AtomicU64,
    stages: [Histogram; Stage::ALL.len()],
}

#[derive(Debug, Default)]
struct Histogram {
    /// The last one is everything beyond the bounds.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_us: AtomicU64,
}

impl Metrics {
    /// An update came from an agent.
    pub fn update(&self, bytes: u32) {
        self.updates.fetch_add(1, Ordering::Relaxed);
        self.update_bytes.fetch_add(bytes.into(), Ordering::Relaxed);
    }

    /// An update did not reach a technician whole.
    pub fn abandoned(&self) {
        self.abandoned.fetch_add(1, Ordering::Relaxed);
    }

    /// Input went on to an agent.
    pub fn input(&self) {
        self.inputs.fetch_add(1, Ordering::Relaxed);
    }

    /// A payload of so many bytes begins its way to a technician, until [`Metrics::waits_no_more`].
    pub fn waits(&self, bytes: usize) {
        self.under_way.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// It arrived or was given up.
    pub fn waits_no_more(&self, bytes: usize) {
        self.under_way.fetch_sub(bytes as u64, Ordering::Relaxed);
    }

    pub fn took(&self, stage: Stage, time: Duration) {
        let at = Stage::ALL.iter().position(|one| *one == stage);
        if let Some(histogram) = at.and_then(|at| self.stages.get(at)) {
            histogram.add(time);
        }
    }

    /// As Prometheus reads it (text exposition format 0.0.4).
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::new();
        for (name, help, count) in [
            (
                "mayday_updates_total",
                "Updates of the picture that agents sent.",
                &self.updates,
            ),
            (
                "mayday_update_bytes_total",
                "Bytes of these updates.",
                &self.update_bytes,
            ),
            (
                "mayday_updates_abandoned_total",
                "Updates that did not reach a technician whole.",
                &self.abandoned,
            ),
            (
                "mayday_inputs_total",
                "Packets of input that went on to agents.",
                &self.inputs,
            ),
        ] {
            let value = count.load(Ordering::Relaxed);
            let _ = write!(
                out,
                "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n"
            );
        }
        let under_way = self.under_way.load(Ordering::Relaxed);
        let _ = write!(
            out,
            "# HELP mayday_under_way_bytes What is on its way to technicians and did not arrive yet.\n\
             # TYPE mayday_under_way_bytes gauge\nmayday_under_way_bytes {under_way}\n"
        );
        out.push_str(
            "# HELP mayday_stage_seconds Where a picture's time passes, by the part of its way.\n\
             # TYPE mayday_stage_seconds histogram\n",
        );
        for (stage, histogram) in Stage::ALL.into_iter().zip(&self.stages) {
            histogram.render(stage.name(), &mut out);
        }
        out
    }
}

impl Histogram {
    fn add(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let at = BOUNDS.iter().position(|bound| us <= bound * 1000);
        let bucket = &self.buckets[at.unwrap_or(BOUNDS.len())];
        bucket.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn render(&self, stage: &str, out: &mut String) {
        let name = "mayday_stage_seconds";
        let mut count = 0;
        for (at, bucket) in self.buckets.iter().enumerate() {
            count += bucket.load(Ordering::Relaxed);
            let bound = BOUNDS.get(at).map_or_else(
                || "+Inf".to_owned(),
                |bound| (*bound as f64 / 1e3).to_string(),
            );
            let _ = writeln!(
                out,
                "{name}_bucket{{stage=\"{stage}\",le=\"{bound}\"}} {count}"
            );
        }
        let sum = self.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(out, "{name}_sum{{stage=\"{stage}\"}} {sum}");
        let _ = writeln!(out, "{name}_count{{stage=\"{stage}\"}} {count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_times_are_in_seconds() {
        let metrics = Metrics::default();
        metrics.update(1200);
        metrics.waits(900);
        metrics.waits(300);
        metrics.waits_no_more(900);
        metrics.took(Stage::Agent, Duration::from_millis(4));
        metrics.took(Stage::Agent, Duration::from_millis(5));
        metrics.took(Stage::Agent, Duration::from_secs(60));
        let text = metrics.render();
        for line in [
            "mayday_updates_total 1",
            "mayday_update_bytes_total 1200",
            "mayday_under_way_bytes 300",
            "mayday_stage_seconds_bucket{stage=\"agent\",le=\"0.002\"} 0",
            "mayday_stage_seconds_bucket{stage=\"agent\",le=\"0.005\"} 2",
            "mayday_stage_seconds_bucket{stage=\"agent\",le=\"5\"} 2",
            "mayday_stage_seconds_bucket{stage=\"agent\",le=\"+Inf\"} 3",
            "mayday_stage_seconds_sum{stage=\"agent\"} 60.009",
            "mayday_stage_seconds_count{stage=\"agent\"} 3",
            "mayday_stage_seconds_count{stage=\"relay\"} 0",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} in\n{text}");
        }
    }
}
