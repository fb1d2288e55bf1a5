//! Other remote desktops on the same machine in the same run: from a change on the end user's screen, or a key pressed at the
//! technician's, to the pixels on the technician's X screen. Owns the procedure.

mod arm;
mod hands;
pub mod moving;
pub mod report;
mod sheet;
mod start;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mayday_tests::gateway::Gateway;
use mayday_tests::process::program;
use mayday_tests::rest::Rest;

use crate::gaps::Gaps;
use crate::latency::cost;
use crate::latency::workload::Workload;
use arm::Arm;
use moving::{Film, Show};
use report::{Cell, Report};

pub use start::Peer;

/// The first of each cell do not count.
const WARM_UP: usize = 3;
/// A page is a lot of work; its remains must not burden who is next.
const AFTER_PAGE: Duration = Duration::from_millis(250);

/// What is done, and where the clock starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A character and its code are painted → they are on the technician's screen.
    Change,
    /// A key is pressed in the viewer → what it types is on the technician's screen.
    Key,
    /// A window of 1400x800 is all new text → all five codes in it are on the technician's screen.
    Page,
    /// All 1920x1080 pixels of the screen are a page of new text at once → all nine codes on it are on the technician's screen.
    Whole,
}

impl Work {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Change => "change to pixel",
            Self::Key => "key to pixel",
            Self::Page => "new page to all of it",
            Self::Whole => "whole screen to all of it",
        }
    }

    /// A lot to send: fewer samples, and more peace after each.
    fn is_large(self) -> bool {
        match self {
            Self::Change | Self::Key => false,
            Self::Page | Self::Whole => true,
        }
    }
}

/// All arms, ready.
pub struct Bench {
    arms: Vec<Arm>,
    // Dropped last.
    gateway: Gateway,
}

impl Bench {
    /// Starts a gateway and each peer that is installed; logs and data go to `out`.
    ///
    /// # Errors
    /// When a part does not start.
    pub async fn start(peers: &[Peer], out: &Path, progress: impl Fn(&str)) -> Result<Self> {
        let logs = out.join("logs");
        std::fs::create_dir_all(&logs).with_context(|| out.display().to_string())?;
        let gateway = Gateway::start(&out.join("gateway"), &logs, Some(&program("mayday-sos")?))?;
        let owner: Rest = gateway.owner()?;
        let mut arms = Vec::new();
        for peer in peers {
            if let Some(missing) = peer.missing() {
                progress(&format!(
                    "{} is left out: {missing} is not installed",
                    peer.name()
                ));
                continue;
            }
            progress(&format!("starting {}", peer.name()));
            let logs = logs.join(peer.file_name());
            let started = start::start(*peer, &gateway, &owner, &logs).await;
            let mut arm = started.with_context(|| format!("{} does not start", peer.name()))?;
            let found = arm.find_picture();
            if found.is_err() {
                arm.photograph(&logs.join("technician.png"))?;
            }
            found.with_context(|| format!("{}; see {}", peer.name(), logs.display()))?;
            arms.push(arm);
        }
        Ok(Self { arms, gateway })
    }

    /// Measures this work `samples` times for each arm, the arms taking turns.
    ///
    /// # Errors
    /// When a part is gone.
    pub fn measure(&mut self, work: Work, samples: usize, gaps: &mut Gaps) -> Result<Vec<Cell>> {
        let mut seen = vec![Vec::new(); self.arms.len()];
        let mut spent = vec![0.0; self.arms.len()];
        let mut sheets = Vec::new();
        if work == Work::Whole {
            let laid = self.arms.iter_mut().map(Arm::lay_sheet);
            sheets = laid.collect::<Result<_>>()?;
            std::thread::sleep(AFTER_PAGE);
        }
        for sample in 0..samples + WARM_UP {
            for (at, arm) in self.arms.iter_mut().enumerate() {
                std::thread::sleep(gaps.pause());
                let before = arm.server_cpu_ms();
                let latency = match work {
                    Work::Change => arm.change(Workload::Type)?,
                    Work::Key => arm.key(Workload::Type)?,
                    Work::Page => arm.change(Workload::NewPage)?,
                    Work::Whole => arm.turn(&mut sheets[at])?,
                };
                if work.is_large() {
                    std::thread::sleep(AFTER_PAGE);
                }
                if sample >= WARM_UP {
                    seen[at].push(latency);
                    spent[at] += arm.server_cpu_ms() - before;
                }
            }
        }
        let arms = self.arms.iter().zip(seen.iter().zip(spent));
        let cells = arms.map(|(arm, (seen, spent))| Cell::of(arm, work, seen, spent));
        Ok(cells.collect())
    }

    /// What never stands still, the arms taking turns.
    ///
    /// # Errors
    /// When a part is gone.
    pub fn measure_moving(&mut self, show: Show, film: &Film) -> Result<Vec<moving::Cell>> {
        let gateway = self.gateway.process().id();
        let mut turns: Vec<_> = self.arms.iter().map(|_| moving::Turns::default()).collect();
        for _ in 0..moving::ROUNDS {
            for (arm, turns) in self.arms.iter_mut().zip(&mut turns) {
                let relays = arm.peer.is_mayday();
                let between = || if relays { cost::cpu_ms(gateway) } else { 0.0 };
                moving::turn(arm, show, film, &between, turns)?;
            }
        }
        let arms = self.arms.iter().zip(turns);
        let cells = arms.map(|(arm, turns)| moving::Cell::of(arm, show, turns));
        Ok(cells.collect())
    }

    /// Everything, as one report.
    ///
    /// # Errors
    /// When a part is gone.
    pub fn run(
        &mut self,
        works: &[Work],
        shows: &[Show],
        samples: usize,
        progress: impl Fn(&str),
    ) -> Result<Report> {
        let mut gaps = Gaps::short();
        let mut cells = Vec::new();
        for work in works {
            let began = Instant::now();
            let samples = match work.is_large() {
                true => samples.div_ceil(4),
                false => samples,
            };
            let measured = self.measure(*work, samples, &mut gaps)?;
            for cell in &measured {
                progress(&report::line(cell));
            }
            progress(&format!(
                "{} took {:.0} s",
                work.name(),
                began.elapsed().as_secs_f64()
            ));
            cells.extend(measured);
        }
        let mut moving = Vec::new();
        let film = match shows {
            [] => return Ok(Report::new(cells, moving)),
            _ => Film::make()?,
        };
        for show in shows {
            let measured = self.measure_moving(*show, &film)?;
            for cell in &measured {
                progress(&report::moving_line(cell));
            }
            moving.extend(measured);
        }
        Ok(Report::new(cells, moving))
    }

    /// A picture of each technician's screen, to see that all show the same.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn photograph(&self, folder: &Path) -> Result<()> {
        for arm in &self.arms {
            arm.photograph(&folder.join(format!("{}.png", arm.peer.file_name())))?;
        }
        Ok(())
    }

    /// Closes the browsers as a person does.
    pub async fn end(self) {
        for arm in self.arms {
            arm.end().await;
        }
    }
}
