//! What the controllers' comparison says: one object for machines, a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::latency::report::{Cell, Costs, commit, machine};

/// One load on one network with one controller; the cell's arm is the controller.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    #[serde(flatten)]
    pub cell: Cell,
    /// Payload that was drawn.
    pub kbit_per_s: f64,
    pub updates_per_s: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub machine: String,
    pub commit: String,
    pub cells: Vec<Row>,
}

impl Row {
    pub(super) fn new(cell: Cell, costs: Costs, took: Duration) -> Self {
        let rate = |count: f64| (count / took.as_secs_f64() * 10.0).round() / 10.0;
        Self {
            cell,
            kbit_per_s: rate(costs.bytes as f64 * 8e-3),
            updates_per_s: rate(costs.updates as f64),
        }
    }

    /// For people.
    #[must_use]
    pub fn line(&self) -> String {
        let Cell {
            profile,
            workload,
            arm,
            ..
        } = &self.cell;
        format!(
            "{profile}, {workload}, {arm}: {} ms ({}); {:.0} kbit/s in {:.1} updates/s",
            self.times(),
            self.count(),
            self.kbit_per_s,
            self.updates_per_s
        )
    }

    fn times(&self) -> String {
        let cell = &self.cell;
        format!(
            "{:.0} / {:.0} / {:.0}",
            cell.p50_ms, cell.p90_ms, cell.max_ms
        )
    }

    fn count(&self) -> String {
        match self.cell.timeouts {
            0 => self.cell.n.to_string(),
            timeouts => format!("{} and {timeouts} time-outs", self.cell.n),
        }
    }
}

impl Report {
    #[must_use]
    pub fn new(cells: Vec<Row>) -> Self {
        Self {
            machine: machine(),
            commit: commit(),
            cells,
        }
    }

    /// A row for each network and load, the controllers side by side.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "| network | load | BBR p50 / p90 / max ms | n | kbit/s | Cubic p50 / p90 / max ms | n | kbit/s |\n|---|---|---|---|---|---|---|---|\n",
        );
        for one in self.cells.iter().filter(|row| row.cell.arm == "bbr") {
            let other = self.cells.iter().find(|row| {
                let (a, b) = (&row.cell, &one.cell);
                a.arm != b.arm && a.profile == b.profile && a.workload == b.workload
            });
            let _ = write!(text, "| {} | {} |", one.cell.profile, one.cell.workload);
            for row in std::iter::once(one).chain(other) {
                let (times, count) = (row.times(), row.count());
                let _ = write!(text, " {times} | {count} | {:.0} |", row.kbit_per_s);
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_controllers_stand_side_by_side() {
        let row = |arm, ms, lost| {
            let mut samples = vec![Some(Duration::from_millis(ms)); 3];
            samples.extend(vec![None; lost]);
            let costs = Costs {
                updates: 10,
                bytes: 5000,
                agent_cpu_ms: 1.0,
            };
            let cell = Cell::of(("bad", "pages", arm), &samples, costs);
            Row::new(cell, costs, Duration::from_secs(2))
        };
        let report = Report {
            machine: String::new(),
            commit: String::new(),
            cells: vec![row("bbr", 170, 0), row("cubic", 900, 1)],
        };
        let table = report.markdown();
        let line = "| bad | pages | 170 / 170 / 170 | 3 | 20 | 900 / 5000 / 5000 | 3 and 1 time-outs | 20 |";
        assert!(table.contains(line), "{table}");
    }
}
