//! From what the benches said to the table's rows: numbers of each run, their medians, reached or missed. Pure.

use serde::Serialize;
use serde_json::Value;

use super::figure::{Bound, Figure, Measure};
use super::kept::Kept;

/// Whether the goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Reached,
    Missed,
    /// Nothing was aimed for.
    Told,
    NotMeasured,
}

/// One number in all runs, in the order of the runs; `None` where a run has none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Numbers {
    pub name: &'static str,
    pub unit: &'static str,
    pub runs: Vec<Option<f64>>,
    /// Of the runs.
    pub median: Option<f64>,
    /// The limit that the median keeps or not.
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
    #[serde(skip)]
    pub digits: usize,
}

/// One arm's numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arm {
    pub name: &'static str,
    pub numbers: Vec<Numbers>,
    /// Samples and lost ones of each run, where they are counted.
    pub samples: Vec<Option<(u64, u64)>>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub figure: &'static str,
    pub part: &'static str,
    pub goal: &'static str,
    pub verdict: Verdict,
    /// What misses it: names of numbers, or that samples were lost.
    pub missed: Vec<String>,
    /// Runs that reach it by themselves, of those that were measured.
    pub reached_in: (usize, usize),
    pub ours: Arm,
    pub other: Option<Arm>,
    /// Why a run has no numbers.
    pub failures: Vec<String>,
}

/// The whole table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    pub machine: String,
    /// More than one only when files of several were put together.
    pub commits: Vec<String>,
    pub runs: u32,
    pub quick: bool,
    pub rows: Vec<Row>,
}

/// Judges these figures by what was kept.
#[must_use]
pub fn judge(figures: &[Figure], kept: &Kept) -> Judged {
    let mut commits: Vec<_> = kept.said.iter().map(|said| said.commit.clone()).collect();
    commits.dedup();
    commits.sort();
    commits.dedup();
    let machine = kept
        .said
        .iter()
        .find_map(|said| said.object["machine"].as_str());
    Judged {
        machine: machine.unwrap_or("unknown machine").to_owned(),
        commits,
        runs: kept.runs(),
        quick: kept.said.iter().any(|said| said.quick),
        rows: figures.iter().map(|figure| row(figure, kept)).collect(),
    }
}

fn row(figure: &Figure, kept: &Kept) -> Row {
    let ours = arm(figure, "ours", None, kept);
    let other = figure.other.as_ref();
    let other = other.map(|(name, word)| arm(figure, name, Some(word), kept));
    let failures = kept.said.iter().filter(|said| said.part == figure.part);
    let failures = failures.filter_map(|said| {
        let failure = said.failure.as_ref()?;
        Some(format!("run {}: {failure}", said.run))
    });
    let missed = missed(&ours);
    let is_aimed = figure.measures.iter().any(|one| one.bound != Bound::Told);
    let has_numbers = ours.numbers.iter().any(|numbers| numbers.median.is_some());
    let is_measured = has_numbers || ours.samples.iter().any(Option::is_some);
    Row {
        figure: figure.name,
        part: figure.part.name(),
        goal: figure.goal,
        verdict: match (is_measured, is_aimed, missed.is_empty()) {
            (false, ..) => Verdict::NotMeasured,
            (true, false, _) => Verdict::Told,
            (true, true, true) => Verdict::Reached,
            (true, true, false) => Verdict::Missed,
        },
        missed,
        reached_in: reached_in(figure, &ours),
        ours,
        other,
        failures: failures.collect(),
    }
}

/// The numbers of one arm. `word`: which word of the place is its own.
fn arm(figure: &Figure, name: &'static str, word: Option<&(&str, String)>, kept: &Kept) -> Arm {
    let mut place = figure.place.clone();
    for (key, value) in &mut place.words {
        if let Some((_, own)) = word.filter(|(other, _)| other == key) {
            value.clone_from(own);
        }
    }
    let entries = (1..=kept.runs()).map(|run| {
        let object = &kept.said(run, figure.part)?.object;
        find(object, place.pointer, &place.words)
    });
    let entries: Vec<Option<&Value>> = entries.collect();
    let samples = entries.iter().map(|entry| {
        let (came, lost) = figure.counts?;
        Some(((*entry)?[came].as_u64()?, (*entry)?[lost].as_u64()?))
    });
    let samples: Vec<_> = samples.collect();
    let numbers = figure.measures.iter().map(|measure| {
        let of = |(entry, samples): (&Option<&Value>, &Option<(u64, u64)>)| {
            let nothing_came = samples.is_some_and(|(came, _)| came == 0);
            entry
                .filter(|_| !nothing_came)
                .and_then(|entry| number(entry, measure))
        };
        let runs: Vec<_> = entries.iter().zip(&samples).map(of).collect();
        Numbers {
            name: measure.name,
            unit: measure.unit,
            median: median(runs.iter().flatten().copied().collect()),
            runs,
            at_most: match measure.bound {
                Bound::AtMost(most) => Some(most),
                Bound::AtLeast(_) | Bound::Told => None,
            },
            at_least: match measure.bound {
                Bound::AtLeast(least) => Some(least),
                Bound::AtMost(_) | Bound::Told => None,
            },
            digits: measure.digits,
        }
    });
    Arm {
        name,
        numbers: numbers.collect(),
        samples,
    }
}

fn find<'a>(object: &'a Value, pointer: &str, words: &[(&str, String)]) -> Option<&'a Value> {
    let place = object.pointer(pointer)?;
    let Some(list) = place.as_array() else {
        return Some(place);
    };
    let fits = |entry: &&Value| {
        let mut words = words.iter();
        words.all(|(key, word)| entry[*key].as_str() == Some(word))
    };
    list.iter().find(fits)
}

fn number(entry: &Value, measure: &Measure) -> Option<f64> {
    let number = (entry[measure.field].as_f64()? - measure.less) / measure.by;
    Some((number * 1e3).round() / 1e3)
}

/// The lower of the two in the middle, so that it is one that was measured.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len().checked_sub(1)? / 2;
    numbers.get(middle).copied()
}

/// By the medians; who loses samples in most runs misses, too.
fn missed(ours: &Arm) -> Vec<String> {
    let beyond = ours.numbers.iter().filter(|numbers| {
        let beyond = |number| !bound(numbers).holds(number);
        numbers.median.is_some_and(beyond)
    });
    let mut missed: Vec<_> = beyond.map(|numbers| numbers.name.to_owned()).collect();
    let lost = ours.samples.iter().flatten().map(|(_, lost)| *lost as f64);
    if let Some(lost) = median(lost.collect()).filter(|lost| *lost > 0.0) {
        missed.push(format!("{lost:.0} lost"));
    }
    missed
}

fn bound(numbers: &Numbers) -> Bound {
    match (numbers.at_most, numbers.at_least) {
        (Some(most), _) => Bound::AtMost(most),
        (None, Some(least)) => Bound::AtLeast(least),
        (None, None) => Bound::Told,
    }
}

fn reached_in(figure: &Figure, ours: &Arm) -> (usize, usize) {
    let is_measured = |run: &usize| ours.numbers.iter().any(|one| one.runs[*run].is_some());
    let measured: Vec<_> = (0..ours.samples.len()).filter(is_measured).collect();
    let reaches = |run: &&usize| {
        let mut numbers = ours.numbers.iter().zip(&figure.measures);
        let keeps = numbers.all(|(numbers, measure)| match numbers.runs[**run] {
            Some(number) => measure.bound.holds(number),
            None => measure.bound == Bound::Told,
        });
        keeps && ours.samples[**run].is_none_or(|(_, lost)| lost == 0)
    };
    (measured.iter().filter(reaches).count(), measured.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::figure;
    use super::super::kept::Said;
    use super::super::part::Part;
    use super::*;

    fn kept(part: Part, objects: Vec<Result<Value, &str>>) -> Kept {
        let mut kept = Kept::new("abc");
        for (at, object) in objects.into_iter().enumerate() {
            kept.keep(Said {
                part,
                run: at as u32 + 1,
                commit: "abc".to_owned(),
                quick: false,
                seconds: 1.0,
                failure: object.as_ref().err().map(|error| (*error).to_owned()),
                object: object.unwrap_or_default(),
            });
        }
        kept
    }

    fn typed(arms: &[(&str, f64, f64, u64)]) -> Value {
        let cells = arms.iter().map(|(arm, p50, p99, lost)| {
            json!({"profile": "far", "workload": "type", "arm": arm, "n": 60, "timeouts": lost, "p50_ms": p50, "p99_ms": p99})
        });
        json!({"machine": "two processors", "cells": cells.collect::<Vec<_>>()})
    }

    fn row(name: &str, kept: &Kept) -> Row {
        let judged = judge(&figure::all(), kept);
        let mut rows = judged.rows.into_iter();
        rows.find(|row| row.figure.starts_with(name)).unwrap()
    }

    #[test]
    fn the_median_of_the_runs_decides_beyond_the_round_trip() {
        let kept = kept(
            Part::Wan,
            vec![
                Ok(typed(&[
                    ("full-frame", 120.0, 150.0, 0),
                    ("ours", 102.5, 130.0, 0),
                ])),
                Ok(typed(&[
                    ("full-frame", 111.0, 140.0, 0),
                    ("ours", 103.0, 110.0, 0),
                ])),
                Ok(typed(&[
                    ("full-frame", 112.0, 145.0, 0),
                    ("ours", 102.0, 119.0, 0),
                ])),
            ],
        );
        let far = row("typing, far", &kept);
        assert_eq!(far.ours.numbers[0].runs, [Some(2.5), Some(3.0), Some(2.0)]);
        assert_eq!(far.ours.numbers[1].median, Some(19.0));
        assert_eq!((far.verdict, far.reached_in), (Verdict::Reached, (2, 3)));
        let other = far.other.unwrap();
        assert_eq!(
            (other.name, other.numbers[0].median),
            ("full frame", Some(12.0))
        );
        assert_eq!(row("typing, wan", &kept).verdict, Verdict::NotMeasured);
    }

    #[test]
    fn a_missed_number_is_named_and_so_are_lost_keys_and_failed_runs() {
        let kept = kept(
            Part::Wan,
            vec![
                Ok(typed(&[("ours", 106.0, 119.0, 2)])),
                Err("the gateway is gone"),
            ],
        );
        let far = row("typing, far", &kept);
        assert_eq!(far.verdict, Verdict::Missed);
        assert_eq!(far.missed, ["p50", "2 lost"]);
        assert_eq!(far.failures, ["run 2: the gateway is gone"]);
        assert_eq!(far.ours.samples, [Some((60, 2)), None]);
        assert_eq!(far.reached_in, (0, 1));
    }

    #[test]
    fn a_film_counts_only_with_its_quality() {
        let film = |db: f64| {
            json!({"cells": [], "moving": [{"peer": "Mayday, mayday-viewer", "work": "film of 1920x1080, 60/s", "shown_per_s": 58.0,
                "bytes_per_picture": 48_400.0, "cpu_ms_per_picture": 13.0, "psnr_y_db": db, "lag_p50_ms": 15.0, "lag_p99_ms": 90.0}]})
        };
        let good = row("full motion", &kept(Part::Native, vec![Ok(film(38.9))]));
        assert_eq!(good.verdict, Verdict::Reached);
        assert_eq!(good.ours.numbers[1].median, Some(48.4));
        let bad = row("full motion", &kept(Part::Native, vec![Ok(film(37.0))]));
        assert_eq!(
            (bad.verdict, &bad.missed[..]),
            (Verdict::Missed, &["PSNR-Y".to_owned()][..])
        );
    }

    #[test]
    fn what_never_became_exact_has_no_time_and_misses() {
        let never = json!({"exact": [{"profile": "lan", "workload": "photograph", "arm": "ours", "n": 0, "never": 2, "p50_ms": 0.0,
            "p90_ms": 0.0, "max_ms": 0.0}]});
        let photograph = row("a photograph", &kept(Part::Exact, vec![Ok(never)]));
        assert_eq!(photograph.ours.numbers[0].runs, [None]);
        assert_eq!(photograph.missed, ["2 lost"]);
        assert_eq!(photograph.verdict, Verdict::Missed);
    }

    #[test]
    fn a_relay_without_a_good_step_is_not_counted_as_one() {
        let none = row("relay", &kept(Part::Relay, vec![Ok(json!({"best": null}))]));
        assert_eq!(none.verdict, Verdict::NotMeasured);
        let best = json!({"best": {"sessions_per_core": 851.0, "active_sessions": 480.0, "added_p99_ms": 1.9}});
        let good = row("relay", &kept(Part::Relay, vec![Ok(best)]));
        assert_eq!(good.verdict, Verdict::Reached);
    }
}
