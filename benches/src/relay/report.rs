//! What the relay's load says: one object for machines, a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use mayday_viewer::Spread;
use serde::Serialize;

use super::pair::{self, Tally};
use crate::latency::report::{commit, machine};

/// One packet in a hundred may wait so much longer than one in a hundred does on an empty relay.
const MAY_ADD_MS: f64 = 2.0;
/// Of what was asked for, this much must arrive.
const ARRIVES: f64 = 0.93;

/// One load, held for some seconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Step {
    /// Sessions whose work was asked for: simulated sessions times the work each should do.
    pub offered_sessions: f64,
    /// Sessions whose work arrived: who sends less, or loses, counts for less.
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
    /// The last step before the limit.
    pub best: Option<Step>,
    /// Why the load was not raised any more.
    pub limit: String,
}

impl Step {
    pub(super) fn of(
        offered_sessions: f64,
        tally: Tally,
        took: Duration,
        (gateway_cores, generator_cores): (f64, f64),
    ) -> Self {
        let seconds = took.as_secs_f64();
        let mbit_per_s = tally.bytes as f64 * 8e-6 / seconds;
        let spread = |times: Vec<f32>| Spread::of(times.into_iter().map(f64::from).collect());
        let (small, large) = (spread(tally.small_ms), spread(tally.large_ms));
        let cores = gateway_cores.max(1e-6);
        let arrived = tally.packets as f64 / seconds / pair::packets_a_second();
        let active_sessions = round(arrived.min(offered_sessions));
        Self {
            offered_sessions,
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

    /// Why this is too much; `None` when it is not.
    pub(super) fn limit(&self) -> Option<&'static str> {
        if self.added_p99_ms > MAY_ADD_MS {
            Some("packets are held up")
        } else if self.active_sessions < ARRIVES * self.offered_sessions {
            Some(
                "not all of it arrives: this machine's simulated ends can do no more, or packets are lost",
            )
        } else {
            None
        }
    }

    /// For people.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{:.0} active sessions of {:.0}, {:.0} packets/s, {:.1} Mbit/s: one way p50 {:.2} ms, p99 {:.2}, added at p99 {:.2}; pages p99 {:.1}; gateway {:.2} cores, the simulated ends {:.2}: {:.0} sessions a core",
            self.active_sessions,
            self.offered_sessions,
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
            limit: steps
                .iter()
                .find_map(Step::limit)
                .unwrap_or("none was reached")
                .to_owned(),
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
            "\nThe limit: {}. Memory of the gateway for a session: {:.0} kB connected, {:.0} kB after the load.",
            self.limit, self.memory_per_session_kb, self.memory_per_loaded_session_kb
        );
        text
    }
}

fn best(steps: &[Step]) -> Option<Step> {
    let good = steps.iter().take_while(|step| step.limit().is_none());
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
            offered_sessions: active_sessions,
            active_sessions,
            added_p99_ms,
            ..Step::default()
        };
        let steps = [step(100.0, 0.4), step(200.0, 1.9), step(300.0, 2.5)];
        assert_eq!(best(&steps).unwrap().active_sessions, 200.0);
        assert!(best(&steps[2..]).is_none());
        let fewer = Step {
            offered_sessions: 200.0,
            ..step(150.0, 0.4)
        };
        assert!(best(&[fewer]).is_none(), "a quarter never came");
    }

    #[test]
    fn a_step_counts_for_a_whole_core() {
        let tally = Tally {
            packets: 7344,
            bytes: 1_000_000,
            small_ms: vec![1.0; 10],
            large_ms: vec![4.0; 10],
        };
        let step = Step::of(120.0, tally, Duration::from_secs(2), (0.5, 0.9));
        assert_eq!((step.packets_per_s, step.mbit_per_s), (3672.0, 4.0));
        assert_eq!(step.active_sessions, 120.0);
        assert_eq!(
            (step.sessions_per_core, step.mbit_per_s_per_core),
            (240.0, 8.0)
        );
        assert_eq!((step.p99_ms, step.large_p50_ms), (1.0, 4.0));
    }
}
