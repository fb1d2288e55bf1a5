//! What the latency bench says: one object for machines, a table for people.

use std::process::Command;
use std::time::Duration;

use mayday_viewer::Spread;
use serde::Serialize;

/// One line of the result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    pub profile: &'static str,
    pub workload: &'static str,
    pub arm: &'static str,
    /// Samples that came in time.
    pub n: usize,
    pub timeouts: usize,
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

/// The whole result.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub machine: String,
    pub commit: String,
    pub cells: Vec<Cell>,
}

impl Cell {
    /// Of samples; `None` is a time-out.
    #[must_use]
    pub fn of(
        profile: &'static str,
        workload: &'static str,
        arm: &'static str,
        samples: &[Option<Duration>],
    ) -> Self {
        let in_time: Vec<_> = samples
            .iter()
            .flatten()
            .map(|latency| 1e3 * latency.as_secs_f64())
            .collect();
        let n = in_time.len();
        let spread = Spread::of(in_time);
        let rounded = |ms: f64| (ms * 1e3).round() / 1e3;
        Self {
            profile,
            workload,
            arm,
            n,
            timeouts: samples.len() - n,
            p50_ms: rounded(spread.p50),
            p90_ms: rounded(spread.p90),
            p99_ms: rounded(spread.p99),
            max_ms: rounded(spread.max),
        }
    }
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

fn machine() -> String {
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

fn commit() -> String {
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
    fn a_time_out_is_counted_and_not_averaged() {
        let samples = [
            Some(Duration::from_millis(2)),
            None,
            Some(Duration::from_millis(4)),
        ];
        let cell = Cell::of("lan", "type", "ours", &samples);
        assert_eq!((cell.n, cell.timeouts), (2, 1));
        assert_eq!((cell.p50_ms, cell.max_ms), (4.0, 4.0));
    }
}
