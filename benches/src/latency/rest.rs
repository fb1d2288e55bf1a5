//! The picture at rest: how long after a change until every pixel is as on the end user's screen, and what an unchanged screen costs.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use mayday_tests::linkem::Profile;
use mayday_viewer::Spread;
use serde::{Deserialize, Serialize};

use super::report::{TIME_OUT, commit, machine};
use super::workload::Workload;
use super::{Bench, HOPELESS, Plan};

/// Idle cost is measured over this.
const IDLE: Duration = Duration::from_secs(20);

/// How long until one kind of change is exact in one arm on one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exact {
    pub profile: String,
    pub workload: String,
    pub arm: String,
    /// Changes after which every pixel became exact.
    pub n: usize,
    /// The others: not within a minute, or nothing more came for 3 s. The times below are of those that did.
    pub never: usize,
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub max_ms: f64,
    /// When all of the change could be read, exact or not; what took longer than 5 s counts as that.
    pub readable_p50_ms: f64,
    pub readable_max_ms: f64,
}

/// What an unchanged screen costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Idle {
    pub profile: String,
    pub arm: String,
    pub seconds: f64,
    /// Of one core, the agent's.
    pub cpu_percent: f64,
    pub updates: u64,
    pub bytes: u64,
}

/// The whole result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtRest {
    pub machine: String,
    pub commit: String,
    pub exact: Vec<Exact>,
    pub idle: Vec<Idle>,
}

/// After one change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    pub readable: Option<Duration>,
    pub exact: Option<Duration>,
}

impl Bench {
    /// Measures on all networks of the plan, its work in each arm and, if wanted, what none costs.
    ///
    /// # Errors
    /// When a part does not do what it should.
    pub fn at_rest(
        &mut self,
        plan: &Plan,
        with_idle: bool,
        mut progress: impl FnMut(&str),
    ) -> Result<AtRest> {
        let (mut exact, mut idle) = (Vec::new(), Vec::new());
        for profile in &plan.profiles {
            self.connect(profile, &mut progress);
            for workload in &plan.workloads {
                for at in 0..self.scenes.len() {
                    let cell = self.exact(at, profile, *workload, plan)?;
                    progress(&cell.line());
                    exact.push(cell);
                }
            }
            if !with_idle {
                continue;
            }
            let cells = self.idle(profile);
            for cell in &cells {
                progress(&cell.line());
            }
            idle.extend(cells);
        }
        Ok(AtRest {
            machine: machine(),
            commit: commit(),
            exact,
            idle,
        })
    }

    fn exact(
        &mut self,
        at: usize,
        profile: &Profile,
        workload: Workload,
        plan: &Plan,
    ) -> Result<Exact> {
        let arm = self.scenes[at].0.name();
        let mut all = Vec::new();
        let mut began = Instant::now();
        for change in 0..=plan.samples {
            self.rest();
            let scene = &mut self.scenes[at].1;
            if !scene.is_connected() {
                all.push(Times::default());
                break;
            }
            let times = scene.time_to_exact(workload)?;
            if change == 0 {
                began = Instant::now(); // the first one is made ready for, and does not count
                continue;
            }
            all.push(times);
            let never = all.iter().filter(|times| times.exact.is_none()).count();
            if never >= HOPELESS || began.elapsed() > plan.time {
                break;
            }
        }
        Ok(Exact::of((profile.name, workload.name(), arm), &all))
    }

    fn idle(&self, profile: &Profile) -> Vec<Idle> {
        self.rest();
        let before = self.costs();
        std::thread::sleep(IDLE);
        let after = self.costs();
        let arms = self.scenes.iter().zip(after.into_iter().zip(before));
        let cells = arms.map(|((arm, _), (after, before))| {
            let spent = after.since(before);
            let seconds = IDLE.as_secs_f64();
            Idle {
                profile: profile.name.to_owned(),
                arm: arm.name().to_owned(),
                seconds,
                cpu_percent: (spent.agent_cpu_ms / seconds * 10.0).round() / 100.0,
                updates: spent.updates,
                bytes: spent.bytes,
            }
        });
        cells.collect()
    }
}

impl Exact {
    /// The name is (profile, workload, arm).
    fn of(name: (&str, &str, &str), all: &[Times]) -> Self {
        let (profile, workload, arm) = name;
        let ms = |time: Duration| (1e4 * time.as_secs_f64()).round() / 10.0;
        let exact: Vec<_> = all.iter().filter_map(|one| one.exact).map(ms).collect();
        let readable = all.iter().map(|one| ms(one.readable.unwrap_or(TIME_OUT)));
        let readable = Spread::of(readable.collect());
        let n = exact.len();
        let spread = Spread::of(exact);
        Self {
            profile: profile.to_owned(),
            workload: workload.to_owned(),
            arm: arm.to_owned(),
            n,
            never: all.len() - n,
            p50_ms: spread.p50,
            p90_ms: spread.p90,
            max_ms: spread.max,
            readable_p50_ms: readable.p50,
            readable_max_ms: readable.max,
        }
    }

    fn line(&self) -> String {
        let exact = match self.n {
            0 => "never exact".to_owned(),
            _ => format!(
                "every pixel exact after p50 {:.1} ms, p90 {:.1}, max {:.1}",
                self.p50_ms, self.p90_ms, self.max_ms
            ),
        };
        format!(
            "{}/{}/{}: {exact} ({} changes, {} not); readable after p50 {:.1} ms, max {:.1}",
            self.profile,
            self.workload,
            self.arm,
            self.n,
            self.never,
            self.readable_p50_ms,
            self.readable_max_ms
        )
    }
}

impl Idle {
    fn line(&self) -> String {
        format!(
            "{}/idle/{}: {:.2} % of a core, {} updates, {} bytes in {:.0} s",
            self.profile, self.arm, self.cpu_percent, self.updates, self.bytes, self.seconds
        )
    }
}

impl AtRest {
    /// In words, a line for each.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = String::new();
        let exact = self.exact.iter().map(Exact::line);
        for line in exact.chain(self.idle.iter().map(Idle::line)) {
            let _ = writeln!(words, "{line}");
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_became_exact_is_counted_and_does_not_lengthen_the_others() {
        let times = |exact| Times {
            readable: None,
            exact,
        };
        let all = [times(Some(Duration::from_millis(20))), times(None)];
        let cell = Exact::of(("hair", "new page", "ours"), &all);
        assert_eq!((cell.n, cell.never), (1, 1));
        assert_eq!((cell.max_ms, cell.readable_p50_ms), (20.0, 5000.0));
        let none = Exact::of(("hair", "new page", "full-frame"), &[times(None)]);
        assert!(none.line().contains("never exact"), "{}", none.line());
    }
}
