//! What the comparison says: one object for machines, a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use mayday_viewer::Spread;
use serde::{Deserialize, Serialize};

use super::arm::Arm;
use super::{Work, moving};
use crate::latency::report::{commit, machine};

/// One peer doing one kind of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub peer: String,
    /// Debian's versions of what took part.
    pub version: String,
    pub work: String,
    /// Samples that came in time.
    pub n: usize,
    pub timeouts: usize,
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Of what runs at the end user's side, until the pixels are seen.
    pub server_cpu_ms: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub machine: String,
    pub commit: String,
    pub cells: Vec<Cell>,
    pub moving: Vec<moving::Cell>,
}

impl Cell {
    /// `None` is a time-out.
    pub(super) fn of(arm: &Arm, work: Work, seen: &[Option<Duration>], cpu_ms: f64) -> Self {
        let all = seen.len();
        let name = (arm.peer.name().to_owned(), arm.version.clone());
        let in_time = seen.iter().flatten();
        let in_time: Vec<f64> = in_time.map(|took| 1e3 * took.as_secs_f64()).collect();
        Self::from_times(name, work.name(), (all, cpu_ms), in_time)
    }

    fn from_times(
        (peer, version): (String, String),
        work: &str,
        (all, cpu_ms): (usize, f64),
        mut in_time: Vec<f64>,
    ) -> Self {
        in_time.sort_by(f64::total_cmp);
        let n = in_time.len();
        let p95 = in_time
            .get((n * 95 / 100).min(n.saturating_sub(1)))
            .copied();
        let spread = Spread::of(in_time);
        let rounded = |ms: f64| (ms * 1e2).round() / 1e2;
        Self {
            peer,
            version,
            work: work.to_owned(),
            n,
            timeouts: all - n,
            p50_ms: rounded(spread.p50),
            p90_ms: rounded(spread.p90),
            p95_ms: rounded(p95.unwrap_or_default()),
            p99_ms: rounded(spread.p99),
            max_ms: rounded(spread.max),
            server_cpu_ms: rounded(cpu_ms / all.max(1) as f64),
        }
    }
}

impl Report {
    /// With this machine's and this commit's names.
    #[must_use]
    pub fn new(cells: Vec<Cell>, moving: Vec<moving::Cell>) -> Self {
        Self {
            machine: machine(),
            commit: commit(),
            cells,
            moving,
        }
    }
}

/// One cell in one line.
#[must_use]
pub fn line(cell: &Cell) -> String {
    format!(
        "{}, {}: p50 {:.2} ms, p90 {:.2}, p95 {:.2}, p99 {:.2}, max {:.2} ({} samples, {} time-outs); {:.2} ms of CPU at the end user's side",
        cell.work,
        cell.peer,
        cell.p50_ms,
        cell.p90_ms,
        cell.p95_ms,
        cell.p99_ms,
        cell.max_ms,
        cell.n,
        cell.timeouts,
        cell.server_cpu_ms
    )
}

/// One cell of what moves, in one line.
#[must_use]
pub fn moving_line(cell: &moving::Cell) -> String {
    let quality = cell.psnr_y_db.map(|db| format!(", PSNR-Y {db:.1} dB"));
    format!(
        "{}, {}: {:.1} of {:.1} pictures a second shown, lag p50 {:.1} ms, p99 {:.1}; {:.0} bytes and {:.1} ms of CPU a picture{}",
        cell.work,
        cell.peer,
        cell.shown_per_s,
        cell.painted_per_s,
        cell.lag_p50_ms,
        cell.lag_p99_ms,
        cell.bytes_per_picture,
        cell.cpu_ms_per_picture,
        quality.unwrap_or_default()
    )
}

/// A row for each cell, in Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text = String::from(
        "| work | peer | p50 ms | p90 | p95 | p99 | max | n (time-outs) | end user's side, CPU ms |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for cell in &report.cells {
        let times = [
            cell.p50_ms,
            cell.p90_ms,
            cell.p95_ms,
            cell.p99_ms,
            cell.max_ms,
        ];
        let times: Vec<_> = times.iter().map(|ms| format!("{ms:.1}")).collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} ({}) | {:.2} |",
            cell.work,
            cell.peer,
            times.join(" | "),
            cell.n,
            cell.timeouts,
            cell.server_cpu_ms
        );
    }
    text.push_str(
        "\n| what moves | peer | shown /s | painted /s | lag p50 ms | lag p99 | kB a picture | CPU ms a picture | PSNR-Y dB |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for cell in &report.moving {
        let quality = cell.psnr_y_db.map(|db| format!("{db:.1}"));
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {} |",
            cell.work,
            cell.peer,
            cell.shown_per_s,
            cell.painted_per_s,
            cell.lag_p50_ms,
            cell.lag_p99_ms,
            cell.bytes_per_picture / 1e3,
            cell.cpu_ms_per_picture,
            quality.unwrap_or_default()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_are_counted_and_not_averaged() {
        let name = ("one".to_owned(), String::new());
        let times = (1..=100).rev().map(f64::from).collect();
        let cell = Cell::from_times(name, "change to pixel", (103, 206.0), times);
        assert_eq!((cell.n, cell.timeouts), (100, 3));
        assert_eq!(
            (cell.p95_ms, cell.max_ms, cell.server_cpu_ms),
            (96.0, 100.0, 2.0)
        );
        let report = Report {
            machine: String::new(),
            commit: String::new(),
            cells: vec![cell],
            moving: Vec::new(),
        };
        assert!(markdown(&report).contains("| 100 (3) | 2.00 |"));
    }

    #[test]
    fn nothing_that_came_in_time_has_no_times() {
        let name = ("one".to_owned(), String::new());
        let cell = Cell::from_times(name, "key to pixel", (2, 0.0), Vec::new());
        assert_eq!((cell.n, cell.timeouts, cell.p95_ms), (0, 2, 0.0));
    }
}
