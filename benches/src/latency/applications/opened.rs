//! One program on one end user's screen, with the technician at work in it. Owns a single sample: when the program's answer is
//! complete, and which decoded picture was the first that showed it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mayday_tests::desktop::Area;
use mayday_tests::process::Running;
use mayday_tests::wait;

use super::likeness::Change;
use super::program::Application;
use super::record::Recorder;
use crate::latency::report::TIME_OUT;
use crate::latency::scene::Scene;

const PATIENCE: Duration = Duration::from_secs(30);
/// A program that has just opened draws, asks and loads for a while.
const ARRIVAL: Duration = Duration::from_millis(1500);
/// The answer to a key is complete when the screen has not changed for so long.
const SETTLED: Duration = Duration::from_millis(80);
/// The screen is looked at so often: rarely, so that looking does not cost what is measured. The times come from elsewhere.
const LOOK: Duration = Duration::from_millis(16);
/// Before a key the screen has to stand still for so long.
const STILL: Duration = Duration::from_millis(40);
/// Where the pointer is out of the way.
const AWAY: (i16, i16) = (1900, 1060);
/// From the window's left edge to where it is clicked: beside the text, so that nothing is chosen.
const MARGIN: i16 = 12;

/// The open program.
pub struct Opened {
    application: Application,
    /// Of its window.
    area: Area,
    recorder: Recorder,
    steps: u32,
    _process: Running,
}

impl Opened {
    /// Starts it and gives it the keyboard.
    ///
    /// # Errors
    /// When its window does not come.
    pub fn open(application: Application, scene: &Scene, folder: &Path) -> Result<Self> {
        let desktop = &scene.user().desktop;
        let process = application.start(scene.user().screen.display(), folder)?;
        let (window, _) = desktop.window(&application.title(folder)?, PATIENCE)?;
        std::thread::sleep(ARRIVAL);
        desktop.place(window, application.place())?;
        std::thread::sleep(ARRIVAL);
        let area = desktop.area(window)?;
        let middle = area.y + i16::try_from(area.height / 2)?;
        desktop.click(area.x + MARGIN, middle)?;
        desktop.move_to(AWAY.0, AWAY.1)?;
        let opened = Self {
            application,
            area,
            recorder: Recorder::of(scene.viewer()?, area),
            steps: 0,
            _process: process,
        };
        opened.still(scene)?;
        Ok(opened)
    }

    /// Presses the next key; how long until a decoded picture shows the program's answer, or `None` after the time-out.
    ///
    /// # Errors
    /// When a part is gone.
    pub fn step(&mut self, scene: &Scene) -> Result<Option<Duration>> {
        let n = self.steps;
        self.steps += 1;
        let old = self.still(scene)?;
        self.recorder.start();
        let began = Instant::now();
        scene.viewer()?.press(self.application.key(n));
        let seen = self.answer(scene, &old, began);
        self.recorder.stop();
        if let Some(key) = self.application.between(n) {
            scene.viewer()?.press(key);
            std::thread::sleep(STILL);
        }
        Ok(seen?.map(|seen| seen.saturating_duration_since(began)))
    }

    fn answer(&self, scene: &Scene, old: &[u8], began: Instant) -> Result<Option<Instant>> {
        let (mut last, mut since) = (old.to_vec(), began);
        let mut change = None;
        let mut judged = 0;
        while began.elapsed() < TIME_OUT {
            std::thread::sleep(LOOK);
            let now = scene.eye.part(self.area)?;
            if now != last {
                (last, since, change, judged) = (now, Instant::now(), None, 0);
            }
            if change.is_none() && since.elapsed() >= SETTLED {
                change = Change::between(old.to_vec(), last.clone(), self.area.width.into());
            }
            if let Some(change) = &change {
                let (seen, count) = self
                    .recorder
                    .first(judged, |picture| change.is_shown_by(picture));
                if seen.is_some() {
                    return Ok(seen);
                }
                judged = count;
            }
        }
        Ok(None)
    }

    /// What the end user's screen shows of it, once nothing moves there.
    fn still(&self, scene: &Scene) -> Result<Vec<u8>> {
        let mut before = scene.eye.part(self.area)?;
        wait::until("a program at rest", PATIENCE, || {
            std::thread::sleep(STILL);
            let now = scene.eye.part(self.area)?;
            let still = now == before;
            before = now;
            Ok(still.then_some(()))
        })
        .with_context(|| self.application.name())?;
        Ok(before)
    }
}
