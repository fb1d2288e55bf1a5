//! Work in real programs: from a key sent by the technician's viewer to the decoded picture of what the program then shows. The
//! programs sign nothing, so that is judged by the end user's screen itself. Owns the procedure.

mod likeness;
mod opened;
mod program;
mod record;

use std::path::Path;
use std::time::Duration;

use super::scene::Arm;
use super::{Bench, Measured, Work, table};
use crate::gaps::Gaps;
use mayday_tests::linkem::Profile;
use opened::Opened;

pub use program::Application;

/// The first steps in a program that has just opened do not count.
const WARM_UP: usize = 3;

/// What is measured, and for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    pub profiles: Vec<&'static Profile>,
    pub applications: Vec<Application>,
    /// Samples of a cell for each arm; it ends there or after `time`.
    pub samples: usize,
    pub time: Duration,
}

impl Bench {
    /// Measures all cells of the plan, the arms of each taking turns. What the programs write goes to `folder`.
    pub fn run_applications(
        &mut self,
        plan: &Plan,
        folder: &Path,
        mut progress: impl FnMut(&str),
    ) -> Vec<Measured> {
        let mut measured = Vec::new();
        let mut gaps = Gaps::between_keys();
        for profile in &plan.profiles {
            self.connect(profile, &mut progress);
            for application in &plan.applications {
                if let Some(missing) = application.missing() {
                    let name = application.name();
                    progress(&format!("{name} is left out: {missing} is not installed"));
                    continue;
                }
                let folder = folder.join(profile.name).join(application.name());
                let mut opened = self.open(*application, &folder, &mut progress);
                self.rest();
                let work = Work {
                    name: application.name(),
                    warm_up: WARM_UP,
                    samples: plan.samples,
                    time: plan.time,
                    step: &mut |at, scene| match &mut opened[at] {
                        Some(opened) => opened.step(scene),
                        None => Ok(None),
                    },
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

    /// The program in each arm that has a picture; none where it does not open.
    fn open(
        &mut self,
        application: Application,
        folder: &Path,
        progress: &mut impl FnMut(&str),
    ) -> Vec<Option<Opened>> {
        let mut open = |arm: Arm, scene: &_| {
            let opened = Opened::open(application, scene, &folder.join(arm.name()));
            let error = match opened {
                Ok(opened) => return Some(opened),
                Err(error) => error,
            };
            progress(&format!("{}/{}: {error:#}", application.name(), arm.name()));
            None
        };
        let scenes = self.scenes.iter();
        scenes
            .map(|(arm, scene)| scene.is_connected().then(|| open(*arm, scene)).flatten())
            .collect()
    }
}
