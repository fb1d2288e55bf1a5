//! The result as a picture: for each network and work both arms' median as a dot, with a line up to the 99th percentile, on one
//! logarithmic scale. Owns the drawing.

use std::fmt::Write as _;

use super::report::{Cell, Report};

const LEFT: f64 = 190.0;
const TOP: f64 = 64.0;
const COLUMN: f64 = 620.0;
const ROW: f64 = 15.0;
const HEAD: f64 = 26.0;
/// The scale's ends, milliseconds.
const SCALE: (f64, f64) = (0.5, 10_000.0);
const ARMS: [(&str, &str); 2] = [("ours", "#1f6feb"), ("full-frame", "#c2410c")];

/// The whole report as one SVG.
#[must_use]
pub fn svg(report: &Report) -> String {
    let groups = groups(report);
    let rows: usize = groups.iter().map(|(_, rows)| rows.len()).sum();
    let height = TOP + rows as f64 * 2.0 * ROW + groups.len() as f64 * HEAD + 30.0;
    let width = LEFT + COLUMN + 30.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height:.0}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n<text x=\"14\" y=\"22\" font-size=\"15\" font-weight=\"600\">Input to decoded pixel: median (dot) to 99th percentile (line)</text>\n"
    );
    for (at, (arm, colour)) in ARMS.into_iter().enumerate() {
        let x = 14.0 + at as f64 * 90.0;
        let _ = writeln!(
            out,
            "<circle cx=\"{:.0}\" cy=\"40\" r=\"4\" fill=\"{colour}\"/><text x=\"{:.0}\" y=\"44\">{arm}</text>",
            x + 4.0,
            x + 14.0
        );
    }
    scale(&mut out, height);
    let mut y = TOP;
    for (profile, rows) in groups {
        y += HEAD;
        let _ = writeln!(
            out,
            "<text x=\"14\" y=\"{:.0}\" font-weight=\"600\">{profile}</text>",
            y - 6.0
        );
        for (workload, cells) in rows {
            let _ = writeln!(
                out,
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\" fill=\"#444\">{workload}</text>",
                LEFT - 12.0,
                y + ROW + 3.0
            );
            for (at, (arm, colour)) in ARMS.into_iter().enumerate() {
                if let Some(cell) = cells.iter().find(|cell| cell.arm == arm) {
                    mark(&mut out, cell, y + (at as f64 + 0.6) * ROW * 0.85, colour);
                }
            }
            y += 2.0 * ROW;
        }
    }
    out.push_str("</svg>\n");
    out
}

type Rows<'a> = Vec<(&'a str, Vec<&'a Cell>)>;

/// Profiles in their order, in each the workloads in theirs.
fn groups(report: &Report) -> Vec<(&str, Rows<'_>)> {
    let mut groups: Vec<(&str, Rows<'_>)> = Vec::new();
    for cell in &report.cells {
        let group = match groups.iter().position(|(name, _)| *name == cell.profile) {
            Some(at) => at,
            None => {
                groups.push((&cell.profile, Vec::new()));
                groups.len() - 1
            }
        };
        let rows = &mut groups[group].1;
        match rows.iter_mut().find(|(name, _)| *name == cell.workload) {
            Some((_, cells)) => cells.push(cell),
            None => rows.push((&cell.workload, vec![cell])),
        }
    }
    groups
}

fn scale(out: &mut String, height: f64) {
    for ms in [
        0.5_f64, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0,
    ] {
        let x = across(ms);
        let label = if ms >= 1000.0 {
            format!("{} s", ms / 1000.0)
        } else {
            format!("{ms} ms")
        };
        let _ = writeln!(
            out,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{:.0}\" stroke=\"#e3e6ea\"/><text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#666\">{label}</text>",
            height - 20.0,
            height - 6.0
        );
    }
}

fn mark(out: &mut String, cell: &Cell, y: f64, colour: &str) {
    let (from, to) = (across(cell.p50_ms), across(cell.p99_ms));
    let _ = writeln!(
        out,
        "<line x1=\"{from:.1}\" y1=\"{y:.1}\" x2=\"{to:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"2\"/><circle cx=\"{from:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"
    );
}

fn across(ms: f64) -> f64 {
    let (low, high) = SCALE;
    let share = (ms.clamp(low, high) / low).ln() / (high / low).ln();
    LEFT + share * COLUMN
}

#[cfg(test)]
mod tests {
    use super::super::report::Costs;
    use super::*;

    #[test]
    fn what_timed_out_stands_where_the_time_out_is() {
        let cell = Cell::of(("hair", "video", "ours"), &[None, None], Costs::default());
        let report = Report {
            machine: String::new(),
            commit: String::new(),
            cells: vec![cell],
        };
        let drawn = svg(&report);
        assert!(drawn.contains(&format!("cx=\"{:.1}\"", across(5000.0))));
        assert!(drawn.contains(">hair<") && drawn.contains(">video<"));
    }
}
