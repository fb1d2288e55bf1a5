//! Every figure that was aimed for, measured again: which bench measures which, one run after the other. Owns the order; the other
//! benches' own programs measure.

pub mod figure;
mod idle;
pub mod judged;
pub mod kept;
pub mod part;
mod program;
pub mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::latency::report::commit;
use kept::{Kept, Said};
use part::Part;

/// What is measured, and how often.
#[derive(Clone, Debug)]
pub struct Plan {
    pub runs: u32,
    pub parts: Vec<Part>,
    /// A few samples each: to see that everything works, not to be kept.
    pub quick: bool,
    /// Only what is not there yet.
    pub resume: bool,
}

impl Plan {
    /// What is to do, in order: a whole run before the next, so that an interruption leaves whole ones.
    fn steps(&self, kept: &Kept) -> Vec<(u32, Part)> {
        let runs = 1..=self.runs;
        let all = runs.flat_map(|run| self.parts.iter().map(move |part| (run, *part)));
        let is_there = |(run, part): &(u32, Part)| {
            let said = kept.said(*run, *part);
            said.is_some_and(|said| self.quick || !said.quick)
        };
        all.filter(|step| !self.resume || !is_there(step)).collect()
    }
}

/// Measures and keeps what each bench says in a file in `out`, as soon as it has said it.
///
/// # Errors
/// When that file cannot be written. A bench that fails is told in its row, and the others go on.
pub fn measure(plan: &Plan, out: &Path, progress: impl Fn(&str)) -> Result<Kept> {
    std::fs::create_dir_all(out)?;
    let mut kept = Kept::begin(out, &commit())?;
    let steps = plan.steps(&kept);
    for (at, (run, part)) in steps.iter().enumerate() {
        let left: Duration = steps[at..].iter().map(|(_, part)| part.takes()).sum();
        progress(&format!(
            "run {run} of {}, {} (about {} s; all that is left about {} min)",
            plan.runs,
            part.name(),
            part.takes().as_secs(),
            left.as_secs().div_ceil(60),
        ));
        let began = Instant::now();
        let said = one(*part, *run, plan.quick, out);
        let seconds = began.elapsed().as_secs_f64().round();
        progress(&match &said {
            Ok(_) => format!("  measured in {seconds} s"),
            Err(error) => format!("  failed after {seconds} s: {error:#}"),
        });
        kept.keep(Said {
            part: *part,
            run: *run,
            commit: kept.commit.clone(),
            quick: plan.quick,
            seconds,
            failure: said.as_ref().err().map(|error| format!("{error:#}")),
            object: said.unwrap_or_default(),
        });
        kept.write(out)?;
    }
    Ok(kept)
}

fn one(part: Part, run: u32, quick: bool, out: &Path) -> Result<serde_json::Value> {
    match part.command(quick) {
        Some(command) => program::ask(&command, part, run, out),
        None => idle::measure(quick),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_already_is_not_measured_again() {
        let mut kept = Kept::new("abc");
        let said = |run, failure: Option<&str>| Said {
            part: Part::Idle,
            run,
            commit: "abc".to_owned(),
            quick: false,
            seconds: 1.0,
            failure: failure.map(str::to_owned),
            object: serde_json::Value::Null,
        };
        kept.keep(said(1, None));
        kept.keep(said(2, Some("no")));
        let mut plan = Plan {
            runs: 2,
            parts: vec![Part::Typing, Part::Idle],
            quick: false,
            resume: true,
        };
        let rest = [(1, Part::Typing), (2, Part::Typing), (2, Part::Idle)];
        assert_eq!(plan.steps(&kept), rest);
        plan.resume = false;
        assert_eq!(plan.steps(&kept).len(), 4);
        plan.resume = true;
        kept.said[0].quick = true;
        assert_eq!(plan.steps(&kept).len(), 4, "a few samples are not enough");
    }
}
