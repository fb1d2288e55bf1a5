//! The rows for people: one table in Markdown.

use std::fmt::Write as _;

use super::judged::{Arm, Judged, Numbers, Row, Verdict};

/// A row for each figure.
#[must_use]
pub fn markdown(judged: &Judged) -> String {
    let runs: String = (1..=judged.runs)
        .map(|run| format!(" run {run} |"))
        .collect();
    let lines = "---|".repeat(judged.runs as usize);
    let mut text = format!(
        "| figure | goal |{runs} median | the other arm, median | samples a run (lost) | |\n|---|---|{lines}---|---|---|---|\n"
    );
    for row in &judged.rows {
        let runs: String = (0..judged.runs as usize)
            .map(|run| format!(" {} |", words(&row.ours, |numbers| numbers.runs[run])))
            .collect();
        let other = row.other.as_ref().map(|other| {
            let median = words(other, |numbers| numbers.median);
            format!("{}: {median}", other.name)
        });
        let _ = writeln!(
            text,
            "| {} ({}) | {} |{runs} {} | {} | {} | {} |",
            row.figure,
            names(&row.ours),
            row.goal,
            words(&row.ours, |numbers| numbers.median),
            other.unwrap_or_default(),
            samples(&row.ours),
            verdict(row),
        );
    }
    for row in &judged.rows {
        for failure in &row.failures {
            let _ = write!(text, "\nNot measured: {}, {failure}\n", row.figure);
        }
    }
    text
}

/// The table with what it is of.
#[must_use]
pub fn page(judged: &Judged) -> String {
    let quick = match judged.quick {
        true => "\n\n**A few samples each (`--quick`): not to be quoted.**",
        false => "",
    };
    format!(
        "# All figures that were aimed for\n\nMade by `cargo xtask bench goals -- --draw docs/performance`, which measures each of them {} and compares the median of \
         the runs with the goal. How each is measured, and what the profiles said of those that are missed: [latency.md](latency.md), [peers.md](peers.md), \
         [relay.md](relay.md). Numbers stand in the order of the names in brackets; *lost* are samples that were not seen in time, of which a figure that is reached \
         has none.\n\n{}, commit {}.{quick}\n\n{}",
        match judged.runs {
            1 => "once".to_owned(),
            runs => format!("{runs} times"),
        },
        judged.machine,
        judged.commits.join(", "),
        markdown(judged)
    )
}

fn names(arm: &Arm) -> String {
    let names: Vec<_> = arm.numbers.iter().map(|numbers| numbers.name).collect();
    names.join(" / ")
}

/// Numbers with one unit share it.
fn words(arm: &Arm, pick: impl Fn(&Numbers) -> Option<f64>) -> String {
    if arm.numbers.iter().all(|numbers| pick(numbers).is_none()) {
        return "-".to_owned();
    }
    let mut words = String::new();
    for (at, numbers) in arm.numbers.iter().enumerate() {
        let next = arm.numbers.get(at + 1);
        match pick(numbers) {
            Some(number) => drop(write!(words, "{number:.*}", numbers.digits)),
            None => words.push('-'),
        }
        if next.is_none_or(|next| next.unit != numbers.unit) {
            words.push_str(numbers.unit);
        }
        words.push_str(match next {
            Some(_) => " / ",
            None => "",
        });
    }
    words
}

fn samples(arm: &Arm) -> String {
    let each = arm.samples.iter().flatten().map(|(came, lost)| match lost {
        0 => came.to_string(),
        _ => format!("{came} ({lost})"),
    });
    let mut each: Vec<_> = each.collect();
    each.dedup();
    each.join(", ")
}

fn verdict(row: &Row) -> String {
    let (reached, measured) = row.reached_in;
    let some = match reached {
        _ if reached == measured || reached == 0 => String::new(),
        _ => format!(", by itself in {reached} of {measured} runs"),
    };
    match row.verdict {
        Verdict::Reached => format!("reached{some}"),
        Verdict::Missed => format!("**missed**: {}{some}", row.missed.join(", ")),
        Verdict::Told => "no goal".to_owned(),
        Verdict::NotMeasured => "not measured".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::figure;
    use super::super::judged::judge;
    use super::super::kept::{Kept, Said};
    use super::super::part::Part;
    use super::*;

    #[test]
    fn a_row_has_every_run_the_median_and_what_misses() {
        let mut kept = Kept::new("abc");
        for (run, p50) in [(1, 1.64), (2, 1.48), (3, 1.7)] {
            let cell = |arm, p50: f64| json!({"profile": "lan", "workload": "type", "arm": arm, "n": 300, "timeouts": 0, "p50_ms": p50, "p99_ms": p50 + 1.0});
            kept.keep(Said {
                part: Part::Typing,
                run,
                commit: "abc".to_owned(),
                quick: false,
                seconds: 1.0,
                failure: None,
                object: json!({"machine": "m", "cells": [cell("ours", p50), cell("full-frame", 9.94)]}),
            });
        }
        let judged = judge(&figure::all(), &kept);
        let page = page(&judged);
        let line = "| typing, LAN: key → decoded pixel (p50 / p99) | p50 ≤ 1.5 ms, p99 ≤ 8 ms | 1.64 / 2.64 ms | 1.48 / 2.48 ms | 1.70 / 2.70 ms | 1.64 / 2.64 ms | full frame: 9.94 / 10.94 ms | 300 | **missed**: p50, by itself in 1 of 3 runs |";
        assert!(page.contains(line), "{page}");
        assert!(
            page.contains("3 times") && page.contains("m, commit abc.\n"),
            "{page}"
        );
        let columns = |line: &str| line.matches('|').count();
        let table: Vec<_> = page.lines().filter(|line| line.starts_with('|')).collect();
        assert!(table.iter().all(|line| columns(line) == columns(table[0])));
    }
}
