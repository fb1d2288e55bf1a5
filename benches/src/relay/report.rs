//! What the relay's load says: one object for machines, a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use mayday_viewer::Spread;
use serde::Serialize;

use super::pair::Tally;
use crate::latency::report::{commit, machine};

/// One load, held for some seconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Step {
    /// Sessions at work at once: simulated sessions times the work each does.
    pub active_sessions: f64,
    pub packets_per_s: f64,
    /// Handed on, both ways.
    pub mbit_per_s: f64,
    /// One way, what fits into one packet.
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Beyond the 99th percentile on an empty relay.
    pub added_p99_ms: f64,
    /// Menus and pages, until the last byte.
    pub large_p50_ms: f64,
    pub large_p99_ms: f64,
    pub gateway_cores: f64,
    /// Of the simulated ends, which share the machine.
    pub generator_cores: f64,
    pub sessions_per_core: f64,
    pub mbit_per_s_per_core: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub machine: String,
    pub commit: String,
    pub simulated_sessions: usize,
    /// The gateway's memory: connected and idle, and after all steps.
    pub memory_per_session_kb: f64,
    pub memory_per_loaded_session_kb: f64,
    /// Nearly nobody works.
    pub empty: Step,
    pub steps: Vec<Step>,
    /// The last step that added less than 2 ms at p99.
    pub best: Option<Step>,
}

impl Step {
    pub(super) fn of(
        active_sessions: f64,
        tally: Tally,
        took: Duration,
        (gateway_cores, generator_cores): (f64, f64),
    ) -> Self {
        let seconds = took.as_secs_f64();
        let mbit_per_s = tally.bytes as f64 * 8e-6 / seconds;
        let spread = |times: Vec<f32>| Spread::of(times.into_iter().map(f64::from).collect());
        let (small, large) = (spread(tally.small_ms), spread(tally.large_ms));
        let cores = gateway_cores.max(1e-6);
        Self {
            active_sessions,
            packets_per_s: (tally.packets as f64 / seconds).round(),
            mbit_per_s: round(mbit_per_s),
            p50_ms: round(small.p50),
            p99_ms: round(small.p99),
            max_ms: round(small.max),
            added_p99_ms: 0.0,
            large_p50_ms: round(large.p50),
            large_p99_ms: round(large.p99),
            gateway_cores: round(gateway_cores),
            generator_cores: round(generator_cores),
            sessions_per_core: (active_sessions / cores).round(),
            mbit_per_s_per_core: round(mbit_per_s / cores),
        }
    }

    /// Compared with nearly nobody at work.
    pub(super) fn after(mut self, empty: &Self) -> Self {
        self.added_p99_ms = round((self.p99_ms - empty.p99_ms).max(0.0));
        self
    }

    pub(super) fn holds_up(&self, most: Duration) -> bool {
        self.added_p99_ms > 1e3 * most.as_secs_f64()
    }

    /// For people.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{:.0} active sessions, {:.0} packets/s, {:.1} Mbit/s: one way p50 {:.2} ms, p99 {:.2}, added at p99 {:.2}; pages p99 {:.1}; gateway {:.2} cores, the simulated ends {:.2}: {:.0} sessions a core",
            self.active_sessions,
            self.packets_per_s,
            self.mbit_per_s,
            self.p50_ms,
            self.p99_ms,
            self.added_p99_ms,
            self.large_p99_ms,
            self.gateway_cores,
            self.generator_cores,
            self.sessions_per_core
        )
    }
}

impl Report {
    pub(super) fn new(
        simulated_sessions: usize,
        (connected, loaded): (f64, f64),
        empty: Step,
        steps: Vec<Step>,
    ) -> Self {
        Self {
            machine: machine(),
            commit: commit(),
            simulated_sessions,
            memory_per_session_kb: connected.round(),
            memory_per_loaded_session_kb: loaded.round(),
            empty,
            best: best(&steps),
            steps,
        }
    }

    /// A row for each step, in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "| active sessions | packets/s | Mbit/s | one way p50 ms | p99 | added p99 | pages p50 / p99 ms | gateway, cores | simulated ends, cores | sessions a core | Mbit/s a core |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for step in std::iter::once(&self.empty).chain(&self.steps) {
            let _ = writeln!(
                text,
                "| {:.0} | {:.0} | {:.1} | {:.2} | {:.2} | {:.2} | {:.2} / {:.2} | {:.2} | {:.2} | {:.0} | {:.1} |",
                step.active_sessions,
                step.packets_per_s,
                step.mbit_per_s,
                step.p50_ms,
                step.p99_ms,
                step.added_p99_ms,
                step.large_p50_ms,
                step.large_p99_ms,
                step.gateway_cores,
                step.generator_cores,
                step.sessions_per_core,
                step.mbit_per_s_per_core
            );
        }
        let _ = writeln!(
            text,
            "\nMemory of the gateway for a session: {:.0} kB connected, {:.0} kB after the load.",
            self.memory_per_session_kb, self.memory_per_loaded_session_kb
        );
        text
    }
}

fn best(steps: &[Step]) -> Option<Step> {
    let good = steps.iter().take_while(|step| step.added_p99_ms <= 2.0);
    good.last().cloned()
}

fn round(value: f64) -> f64 {
    (value * 1e2).round() / 1e2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_step_is_the_last_before_the_limit() {
        let step = |active_sessions, added_p99_ms| Step {
            active_sessions,
            added_p99_ms,
            ..Step::default()
        };
        let steps = [step(100.0, 0.4), step(200.0, 1.9), step(300.0, 2.5)];
        assert_eq!(best(&steps).unwrap().active_sessions, 200.0);
        assert!(best(&steps[2..]).is_none());
    }

    #[test]
    fn a_step_counts_for_a_whole_core() {
        let tally = Tally {
            packets: 1000,
            bytes: 1_000_000,
            small_ms: vec![1.0; 10],
            large_ms: vec![4.0; 10],
        };
        let step = Step::of(120.0, tally, Duration::from_secs(2), (0.5, 0.9));
        assert_eq!((step.packets_per_s, step.mbit_per_s), (500.0, 4.0));
        assert_eq!(
            (step.sessions_per_core, step.mbit_per_s_per_core),
            (240.0, 8.0)
        );
        assert_eq!((step.p99_ms, step.large_p50_ms), (1.0, 4.0));
    }
}
