//! Key to decoded pixel, end to end through the product's own path, on emulated networks. Owns the procedure; the parts are real.

pub mod applications;
pub mod code;
pub mod cost;
pub mod film;
pub mod marker;
pub mod photograph;
pub mod plot;
pub mod report;
pub mod rest;
pub mod scene;
pub mod table;
pub mod workload;

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mayday_tests::gateway::Gateway;
use mayday_tests::linkem::Profile;
use mayday_tests::process::program;
use mayday_tests::rest::Rest;

use crate::gaps::Gaps;
use report::{Cell, Costs};
use scene::{Arm, Leg, Scene};
use workload::Workload;

/// Samples at the beginning that do not count, everything being cold; but no more than a tenth of the time on a slow path.
const WARM_UP: usize = 20;
/// After so many time-outs in a cell an arm is left alone, so that the other still gets its turns.
const HOPELESS: usize = 2;
/// ... if they are more than one of so many samples: on a long way through loss some are lost.
const OF: usize = 20;
/// So long nothing may come before the pictures count as at rest, and so long that is waited for.
const REST: Duration = Duration::from_millis(600);
const UNREST: Duration = Duration::from_secs(6);

/// What is measured, and for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    pub profiles: Vec<&'static Profile>,
    pub workloads: Vec<Workload>,
    pub arms: Vec<Arm>,
    /// Samples for each arm of typing on the plain network; other cells end there or after `time`.
    pub samples: usize,
    pub time: Duration,
}

/// One arm's cell, and its samples in parts.
pub struct Measured {
    pub cell: Cell,
    pub legs: Vec<Leg>,
}

/// One kind of work, and how the arm of this number does a step of it.
struct Work<'a> {
    name: &'static str,
    /// Samples at the beginning that do not count.
    warm_up: usize,
    samples: usize,
    /// It ends there if the samples do not before.
    time: Duration,
    step: &'a mut Step<'a>,
}

type Step<'a> = dyn FnMut(usize, &mut Scene) -> Result<Option<Duration>> + 'a;

/// The parts of all arms.
pub struct Bench {
    owner: Rest,
    address: SocketAddr,
    scenes: Vec<(Arm, Scene)>,
    // Dropped last.
    _gateway: Gateway,
}

impl Bench {
    /// Starts a gateway and each arm's parts; logs and data go to `out`.
    ///
    /// # Errors
    /// When a part does not start.
    pub fn start(arms: &[Arm], out: &Path, mut progress: impl FnMut(&str)) -> Result<Self> {
        let logs = out.join("logs");
        std::fs::create_dir_all(&logs).with_context(|| out.display().to_string())?;
        let gateway = Gateway::start(&out.join("gateway"), &logs, Some(&program("mayday-sos")?))?;
        let owner = gateway.owner()?;
        let address: SocketAddr = gateway
            .listening
            .address
            .parse()
            .context("the gateway listens on a numeric address")?;
        let mut scenes = Vec::new();
        for arm in arms {
            progress(&format!("starting {}", arm.name()));
            let scene = Scene::start(&gateway, &owner, *arm, &logs.join(arm.name()))?;
            scenes.push((*arm, scene));
        }
        Ok(Self {
            owner,
            address,
            scenes,
            _gateway: gateway,
        })
    }

    /// Measures all cells of the plan, the arms of each taking turns.
    pub fn run(&mut self, plan: &Plan, mut progress: impl FnMut(&str)) -> Vec<Measured> {
        let mut measured = Vec::new();
        let mut gaps = Gaps::between_keys();
        for profile in &plan.profiles {
            self.connect(profile, &mut progress);
            let thin = profile.name == "thin";
            for workload in &plan.workloads {
                if *workload == Workload::TypeWhilePage && !thin && plan.workloads.len() > 1 {
                    continue; // asked for where it hurts
                }
                let first = profile.is_plain() && *workload == Workload::Type;
                let work = Work {
                    name: workload.name(),
                    warm_up: if first { WARM_UP } else { 2 },
                    samples: plan.samples,
                    time: if first { Duration::MAX } else { plan.time },
                    step: &mut |_, scene| scene.press(*workload),
                };
                let cells = self.pair(profile, work, &mut gaps, &mut progress);
                for one in &cells {
                    progress(&table::line(&one.cell));
                }
                measured.extend(cells);
            }
        }
        measured
    }

    /// An arm that does not get through this network is said, and its cells are time-outs.
    fn connect(&mut self, profile: &Profile, progress: &mut impl FnMut(&str)) {
        for (arm, scene) in &mut self.scenes {
            if let Err(error) = scene.connect(self.address, &self.owner, profile) {
                progress(&format!("{}/{}: {error:#}", profile.name, arm.name()));
                scene.disconnect();
            }
        }
        self.rest();
    }

    /// Waits until nothing comes in any arm any more, but not for ever.
    fn rest(&self) {
        let until = Instant::now() + UNREST;
        let updates = || -> u64 {
            let scenes = self.scenes.iter();
            scenes.map(|(_, scene)| scene.statistics().updates).sum()
        };
        let (mut before, mut since) = (updates(), Instant::now());
        while Instant::now() < until && since.elapsed() < REST {
            std::thread::sleep(Duration::from_millis(50));
            let now = updates();
            if now != before {
                (before, since) = (now, Instant::now());
            }
        }
    }

    fn pair(
        &mut self,
        profile: &'static Profile,
        work: Work<'_>,
        gaps: &mut Gaps,
        progress: &mut impl FnMut(&str),
    ) -> Vec<Measured> {
        let Work { warm_up, .. } = work;
        let mut samples = vec![Vec::new(); self.scenes.len()];
        let mut costs = Vec::new();
        let mut began = Instant::now();
        for sample in 0..work.samples + warm_up {
            if sample == warm_up {
                // What the first ones still bring is not the others'.
                self.rest();
                for (_, scene) in &mut self.scenes {
                    scene.take_legs();
                }
                costs = self.costs();
                began = Instant::now();
            }
            if sample > warm_up && began.elapsed() > work.time {
                break;
            }
            let arms = self.scenes.iter_mut().zip(&mut samples).enumerate();
            for (at, ((arm, scene), samples)) in arms {
                std::thread::sleep(gaps.pause());
                if !scene.is_connected() && samples.is_empty() {
                    samples.push(None); // nothing can be pressed without a picture
                }
                let failed = samples.iter().filter(|sample| sample.is_none()).count();
                if !scene.is_connected() || (failed >= HOPELESS && failed * OF > samples.len()) {
                    continue;
                }
                let latency = match (work.step)(at, scene) {
                    Ok(latency) => latency,
                    Err(error) => {
                        progress(&format!("{}/{}: {error:#}", profile.name, arm.name()));
                        scene.disconnect();
                        None
                    }
                };
                if sample >= warm_up {
                    samples.push(latency);
                }
            }
        }
        self.rest();
        let spent = self.costs();
        let cells = self.scenes.iter_mut().enumerate();
        let cells = cells.map(|(at, (arm, scene))| {
            let legs = scene.take_legs();
            let name = (profile.name, work.name, arm.name());
            let cell = Cell::of(name, &samples[at], spent[at].since(costs[at]));
            Measured {
                cell: cell.explained(&legs),
                legs,
            }
        });
        cells.collect()
    }

    fn costs(&self) -> Vec<Costs> {
        let costs = self.scenes.iter().map(|(_, scene)| {
            let statistics = scene.statistics();
            Costs {
                updates: statistics.updates,
                bytes: statistics.bytes,
                agent_cpu_ms: scene.agent_cpu_ms(),
            }
        });
        costs.collect()
    }
}
