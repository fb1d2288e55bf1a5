//! The result for people, as lines and as a table in Markdown.

use std::fmt::Write as _;

use super::report::{Cell, Report};

/// One cell in one line.
#[must_use]
pub fn line(cell: &Cell) -> String {
    format!(
        "{}/{}/{}: p50 {:.2} ms, p90 {:.2}, p99 {:.2}, max {:.2} ({} samples, {} time-outs); {:.0} bytes and {:.2} ms of agent CPU an update; {:.0} bytes in {:.1} updates a key until rest",
        cell.profile,
        cell.workload,
        cell.arm,
        cell.p50_ms,
        cell.p90_ms,
        cell.p99_ms,
        cell.max_ms,
        cell.n,
        cell.timeouts,
        cell.bytes_per_update,
        cell.agent_cpu_ms_per_update,
        cell.bytes_per_action,
        cell.updates_per_action
    )
}

/// All cells, a row for each network and work.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text = String::from(
        "| network | work | ours p50 / p90 / p99 ms | full frame p50 / p90 / p99 ms | faster at p50 | ours: bytes an update, agent CPU | until rest, a key: ours | full frame | n (time-outs) ours, full frame |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for ours in report.cells.iter().filter(|cell| cell.arm == "ours") {
        let other = report.cells.iter().find(|cell| {
            cell.arm != ours.arm && cell.profile == ours.profile && cell.workload == ours.workload
        });
        let ratio = match other {
            Some(other) if other.n > 0 && ours.n > 0 => {
                format!("{:.1} x", other.p50_ms / ours.p50_ms.max(1e-3))
            }
            Some(_) | None => String::new(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {ratio} | {:.0} B, {:.2} ms | {} | {} | {}, {} |",
            ours.profile,
            ours.workload,
            times(ours),
            other.map_or_else(String::new, times),
            ours.bytes_per_update,
            ours.agent_cpu_ms_per_update,
            action(ours),
            other.map_or_else(String::new, action),
            count(ours),
            other.map_or_else(String::new, count),
        );
    }
    text
}

fn times(cell: &Cell) -> String {
    if cell.n == 0 {
        return "more than 5000".to_owned();
    }
    let digits = if cell.p50_ms < 20.0 { 1 } else { 0 };
    format!(
        "{:.digits$} / {:.digits$} / {:.digits$}",
        cell.p50_ms, cell.p90_ms, cell.p99_ms
    )
}

/// Bytes and updates; nothing where they were not counted.
fn action(cell: &Cell) -> String {
    if cell.updates_per_action == 0.0 {
        return String::new();
    }
    format!(
        "{:.1} kB in {:.1}",
        cell.bytes_per_action / 1e3,
        cell.updates_per_action
    )
}

fn count(cell: &Cell) -> String {
    match cell.timeouts {
        0 => cell.n.to_string(),
        timeouts => format!("{} ({timeouts})", cell.n),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::report::Costs;
    use super::*;

    #[test]
    fn a_row_compares_the_arms_and_shows_time_outs() {
        let cell = |arm, ms, lost| {
            let mut samples = vec![Some(Duration::from_millis(ms)); 3];
            samples.extend(vec![None; lost]);
            let costs = Costs {
                updates: 8,
                bytes: 4000,
                agent_cpu_ms: 1.0,
            };
            Cell::of(("lan", "type", arm), &samples, costs)
        };
        let report = Report {
            machine: String::new(),
            commit: String::new(),
            cells: vec![cell("ours", 2, 0), cell("full-frame", 12, 1)],
        };
        let table = markdown(&report);
        assert!(table.contains("| 6.0 x |"), "{table}");
        assert!(table.contains("| 3, 3 (1) |"), "{table}");
        assert!(
            table.contains("| 1.3 kB in 2.7 | 1.0 kB in 2.0 |"),
            "{table}"
        );
    }
}
