//! QUIC's controllers of congestion, one against the other under the agent's own rate control: each has a gateway, an agent and a viewer of its
//! own, both behind the same emulated network at the same time. Owns the procedure; the parts are real.

pub mod report;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use mayday_tests::gateway::Gateway;
use mayday_tests::linkem::Profile;
use mayday_tests::process::program;
use mayday_tests::rest::Rest;

use crate::gaps::Gaps;
use crate::latency::report::{Cell, Costs};
use crate::latency::scene::{Arm, Scene};
use crate::latency::workload::Workload;
use report::Row;

/// As the gateway's `--congestion` names them.
pub const ARMS: [&str; 2] = ["bbr", "cubic"];
/// Samples at a cell's beginning that do not count.
const WARM_UP: usize = 2;
/// Both arms' pictures get so long to come to rest before another load.
const REST: Duration = Duration::from_millis(1200);

/// What both technicians do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Load {
    /// Characters, as a person types them.
    Type,
    /// One new page of text after the other.
    Pages,
    /// Characters beside a film that never stops: what fills the path.
    Film,
}

impl Load {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Pages => "pages",
            Self::Film => "type beside a film",
        }
    }
}

/// What is measured, and for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    pub profiles: Vec<&'static Profile>,
    pub loads: Vec<Load>,
    /// For each cell, both arms together.
    pub time: Duration,
}

struct Side {
    name: &'static str,
    owner: Rest,
    scene: Scene,
    // Dropped last.
    gateway: Gateway,
}

impl Side {
    fn start(name: &'static str, out: &Path) -> Result<Self> {
        let (data, logs) = (out.join(name), out.join("logs").join(name));
        std::fs::create_dir_all(&logs).with_context(|| out.display().to_string())?;
        let template = program("mayday-sos")?;
        let arguments = ["--congestion", name];
        let gateway = Gateway::start_with(&data, &logs, Some(&template), &arguments)?;
        let owner = gateway.owner()?;
        let scene = Scene::start(&gateway, &owner, Arm::Ours, &logs)?;
        Ok(Self {
            name,
            owner,
            scene,
            gateway,
        })
    }

    fn connect(&mut self, profile: &Profile) -> Result<()> {
        let address = self.gateway.listening.address.parse()?;
        self.scene.connect(address, &self.owner, profile)
    }

    fn press(&mut self, load: Load) -> Result<Option<Duration>> {
        match load {
            Load::Type => self.scene.press(Workload::Type),
            Load::Pages => self.scene.press(Workload::NewPage),
            Load::Film => self.scene.press_beside_film(),
        }
    }

    fn costs(&self) -> Costs {
        let statistics = self.scene.statistics();
        Costs {
            updates: statistics.updates,
            bytes: statistics.bytes,
            agent_cpu_ms: self.scene.agent_cpu_ms(),
        }
    }
}

/// Measures all cells of the plan; logs and data go to `out`.
///
/// # Errors
/// When a part does not start, or a connection breaks.
pub fn measure(plan: &Plan, out: &Path, mut progress: impl FnMut(&str)) -> Result<Vec<Row>> {
    let mut sides = Vec::new();
    for name in ARMS {
        progress(&format!("starting {name}"));
        sides.push(Side::start(name, out)?);
    }
    let mut rows = Vec::new();
    for profile in &plan.profiles {
        for side in &mut sides {
            // Who does not get through has time-outs.
            if let Err(error) = side.connect(profile) {
                progress(&format!("{} with {}: {error:#}", profile.name, side.name));
                side.scene.disconnect();
            }
        }
        for load in &plan.loads {
            std::thread::sleep(REST);
            for row in pair(plan, profile, *load, &mut sides, &mut progress)? {
                progress(&row.line());
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// One load on one network, the arms taking turns.
fn pair(
    plan: &Plan,
    profile: &Profile,
    load: Load,
    sides: &mut [Side],
    progress: &mut impl FnMut(&str),
) -> Result<Vec<Row>> {
    let mut gaps = Gaps::between_keys();
    let mut samples = vec![Vec::new(); sides.len()];
    let mut before = Vec::new();
    for side in &mut *sides {
        side.scene.film(load == Load::Film)?;
    }
    let mut began = Instant::now();
    for turn in 0.. {
        if turn == WARM_UP {
            before = sides.iter().map(Side::costs).collect();
            began = Instant::now();
        }
        if turn > WARM_UP && began.elapsed() > plan.time {
            break;
        }
        for (side, samples) in sides.iter_mut().zip(&mut samples) {
            std::thread::sleep(gaps.pause());
            let sample = match side.press(load) {
                // Said once, and once a time-out.
                _ if !side.scene.is_connected() && samples.len() == 1 => continue,
                Ok(sample) => sample,
                Err(error) => {
                    progress(&format!("{} with {}: {error:#}", profile.name, side.name));
                    side.scene.disconnect();
                    None
                }
            };
            if turn >= WARM_UP {
                samples.push(sample);
            }
        }
    }
    let took = began.elapsed();
    let spent: Vec<Costs> = sides.iter().map(Side::costs).collect();
    let rows = sides.iter().enumerate().map(|(at, side)| {
        let costs = spent[at].since(before[at]);
        let name = (profile.name, load.name(), side.name);
        Row::new(Cell::of(name, &samples[at], costs), costs, took)
    });
    let rows = rows.collect();
    for side in sides {
        side.scene.film(false)?;
    }
    Ok(rows)
}
