//! What the latency bench says to machines: one object.

use std::process::Command;
use std::time::Duration;

use mayday_viewer::Spread;
use serde::{Deserialize, Serialize};

use super::scene::Leg;

/// A sample that takes longer counts as a failure.
pub const TIME_OUT: Duration = Duration::from_secs(5);

/// One line of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub profile: String,
    pub workload: String,
    pub arm: String,
    /// Samples that came in time.
    pub n: usize,
    /// The others; the times below count each as [`TIME_OUT`], so that no arm looks faster by losing keys.
    pub timeouts: usize,
    pub p50_ms: f64,
    pub p90_ms: f64,
    #[serde(default)]
    pub p95_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    pub bytes_per_update: f64,
    pub agent_cpu_ms_per_update: f64,
    /// All that the viewer drew from the first key of the cell until its picture was at rest after the last one, finer and exact
    /// pictures included, for each key; of payload, in bytes. What a network loses or brings twice is not in it.
    #[serde(default)]
    pub bytes_per_action: f64,
    #[serde(default)]
    pub updates_per_action: f64,
    /// Of samples whose application told when it got the key and when it had painted: all stages' stamps together, and what of the
    /// whole sample none of them says (less than nothing where they overlap).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages_p50_ms: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unexplained_p50_ms: Option<f64>,
}

/// What an arm had spent at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Costs {
    pub updates: u64,
    pub bytes: u64,
    pub agent_cpu_ms: f64,
}

impl Costs {
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            updates: self.updates.saturating_sub(before.updates),
            bytes: self.bytes.saturating_sub(before.bytes),
            agent_cpu_ms: self.agent_cpu_ms - before.agent_cpu_ms,
        }
    }
}

/// The whole result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub machine: String,
    pub commit: String,
    pub cells: Vec<Cell>,
}

impl Cell {
    /// Of samples; `None` is a time-out. The name is (profile, workload, arm).
    #[must_use]
    pub fn of(name: (&str, &str, &str), samples: &[Option<Duration>], costs: Costs) -> Self {
        let (profile, workload, arm) = name;
        let n = samples.iter().flatten().count();
        let times = samples.iter().map(|sample| sample.unwrap_or(TIME_OUT));
        let mut times: Vec<f64> = times.map(|time| 1e3 * time.as_secs_f64()).collect();
        times.sort_by(f64::total_cmp);
        let p95 = (times.len().saturating_sub(1) as f64 * 0.95).round() as usize;
        let p95 = times.get(p95).copied().unwrap_or_default();
        let spread = Spread::of(times);
        let updates = costs.updates.max(1) as f64;
        let actions = samples.len().max(1) as f64;
        Self {
            profile: profile.to_owned(),
            workload: workload.to_owned(),
            arm: arm.to_owned(),
            n,
            timeouts: samples.len() - n,
            p50_ms: rounded(spread.p50),
            p90_ms: rounded(spread.p90),
            p95_ms: rounded(p95),
            p99_ms: rounded(spread.p99),
            max_ms: rounded(spread.max),
            bytes_per_update: (costs.bytes as f64 / updates).round(),
            agent_cpu_ms_per_update: rounded(costs.agent_cpu_ms / updates),
            bytes_per_action: (costs.bytes as f64 / actions).round(),
            updates_per_action: rounded(costs.updates as f64 / actions),
            stages_p50_ms: None,
            unexplained_p50_ms: None,
        }
    }

    /// The same with what the stages of its samples say.
    #[must_use]
    pub fn explained(mut self, legs: &[Leg]) -> Self {
        let p50 = |of: fn(&Leg) -> f64| {
            let all = legs.iter().map(of).collect();
            (!legs.is_empty()).then(|| rounded(Spread::of(all).p50))
        };
        self.stages_p50_ms = p50(|leg| 1e3 * leg.stamped().as_secs_f64());
        self.unexplained_p50_ms = p50(Leg::unexplained_ms);
        self
    }
}

fn rounded(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}

impl Report {
    /// With this machine's and this commit's names.
    #[must_use]
    pub fn new(cells: Vec<Cell>) -> Self {
        Self {
            machine: machine(),
            commit: commit(),
            cells,
        }
    }
}

/// Processor, count and kernel.
#[must_use]
pub fn machine() -> String {
    let file = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cpus = file("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let count = cpus
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let kernel = file("/proc/sys/kernel/osrelease");
    format!("{model}, {count} processors, Linux {}", kernel.trim())
}

/// The commit that is checked out, marked when files differ from it.
#[must_use]
pub fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let Some(head) = git(&["rev-parse", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
    if changed.is_some_and(|changed| !changed.is_empty()) {
        format!("{head}-changed")
    } else {
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_out_counts_as_the_longest_time() {
        let samples = [
            Some(Duration::from_millis(2)),
            None,
            Some(Duration::from_millis(4)),
        ];
        let costs = Costs {
            updates: 4,
            bytes: 1000,
            agent_cpu_ms: 6.0,
        };
        let cell = Cell::of(("lan", "type", "ours"), &samples, costs);
        assert_eq!((cell.n, cell.timeouts), (2, 1));
        assert_eq!(
            (cell.bytes_per_update, cell.agent_cpu_ms_per_update),
            (250.0, 1.5)
        );
        assert_eq!((cell.p50_ms, cell.max_ms), (4.0, 5000.0));
    }

    #[test]
    fn an_action_is_a_key_whatever_came_of_it_and_all_its_updates() {
        let samples = [Some(Duration::from_millis(2)), None];
        let costs = Costs {
            updates: 5,
            bytes: 1000,
            agent_cpu_ms: 6.0,
        };
        let cell = Cell::of(("lan", "new page", "ours"), &samples, costs);
        assert_eq!(
            (cell.bytes_per_action, cell.updates_per_action),
            (500.0, 2.5)
        );
        let none = Cell::of(("lan", "type", "ours"), &[], Costs::default());
        assert_eq!((none.bytes_per_action, none.updates_per_action), (0.0, 0.0));
    }

    #[test]
    fn a_result_from_before_actions_were_counted_is_still_read() {
        let old = r#"{"profile":"lan","workload":"type","arm":"ours","n":1,"timeouts":0,"p50_ms":1.0,"p90_ms":1.0,"p99_ms":1.0,
            "max_ms":1.0,"bytes_per_update":200.0,"agent_cpu_ms_per_update":1.0}"#;
        let cell: Cell = serde_json::from_str(old).unwrap();
        assert_eq!((cell.bytes_per_update, cell.bytes_per_action), (200.0, 0.0));
    }
}
