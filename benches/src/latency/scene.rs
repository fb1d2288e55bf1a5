//! One arm: an end user's machine and a viewer behind an emulated network. The gateway is shared.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use mayday_tests::gateway::Gateway;
use mayday_tests::linkem::{Link, Profile};
use mayday_tests::rest::Rest;
use mayday_viewer::why::Stage;
use mayday_viewer::{Statistics, Viewer};
use serde_json::json;

use super::code;
use super::cost;
use super::report::TIME_OUT;
use super::rest::Times;
use super::workload::{Mark, Workload};
use crate::eye::Eye;
use crate::host::{EndUser, Host};

const PATIENCE: Duration = Duration::from_secs(30);
/// How long a first picture may take: a whole screen of the other arm, over the thinnest network.
const FIRST_PICTURE: Duration = Duration::from_secs(60);
/// Windows move and take the focus.
const SETTLE: Duration = Duration::from_millis(500);
/// The film runs this long before a key is pressed.
const LEAD: Duration = Duration::from_millis(200);
/// After a new page was asked for, the next key comes this late.
const MOMENT: Duration = Duration::from_millis(120);
/// A picture that nothing was added to for so long becomes no better.
const OVER: Duration = Duration::from_secs(3);
/// A path that loses packets may need several attempts.
const ATTEMPTS: usize = 4;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Arm {
    /// Damaged stripes and tiles only.
    Ours,
    /// The whole screen each time, with the same encoder, gateway and viewer.
    FullFrame,
}

impl Arm {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::FullFrame => "full-frame",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Self::Ours => "stripes",
            Self::FullFrame => "full-frame",
        }
    }
}

/// One sample in three parts, on one clock: they add up to it.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// From the viewer's key to the application's.
    pub there: Duration,
    pub application: Duration,
    /// From painted to decoded and drawn.
    pub back: Duration,
    /// Of that, what each stage of the product says that it took, in the order of [`Stage::ALL`].
    pub stages: [Duration; Stage::ALL.len()],
}

impl Leg {
    #[must_use]
    pub fn whole(&self) -> Duration {
        self.there + self.application + self.back
    }

    /// All that somebody stamped.
    #[must_use]
    pub fn stamped(&self) -> Duration {
        self.there + self.application + self.stages.iter().sum::<Duration>()
    }

    /// The whole sample without that, in milliseconds; less than nothing where stamps overlap.
    #[must_use]
    pub fn unexplained_ms(&self) -> f64 {
        1e3 * (self.whole().as_secs_f64() - self.stamped().as_secs_f64())
    }
}

/// Everything of one arm, ready to be worked with.
pub struct Scene {
    viewer: Option<Viewer>,
    /// The emulated network in front of the gateway; none for a plain one.
    network: Option<Link>,
    pressed: u32,
    /// Keys of one kind in a row.
    steps: (Workload, u32),
    legs: Vec<Leg>,
    // Dropped last.
    host: Host,
    /// Sees the end user's screen.
    pub eye: Eye,
}

impl Scene {
    /// Starts the parts and plays the job up to the grant.
    ///
    /// # Errors
    /// When a part does not do what it should.
    pub fn start(gateway: &Gateway, owner: &Rest, arm: Arm, logs: &Path) -> Result<Self> {
        let (screen, eye) = Eye::on((1920, 1080), logs)?;
        let user = EndUser::arrive(screen)?;
        let host = Host::join(user, gateway, owner, (arm.name(), arm.option()), logs)?;
        Ok(Self {
            viewer: None,
            network: None,
            pressed: 0,
            steps: (Workload::Type, 0),
            legs: Vec::new(),
            host,
            eye,
        })
    }

    /// A viewer on this network, in place of the one before.
    ///
    /// # Errors
    /// When no picture comes.
    pub fn connect(&mut self, gateway: SocketAddr, owner: &Rest, profile: &Profile) -> Result<()> {
        self.viewer = None;
        self.network = match profile.is_plain() {
            true => None,
            false => Some(Link::open(gateway, profile, 0x6d61_7964)?),
        };
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            let path = format!("/sessions/{}/connect", self.host.session);
            let connection = owner.post(&path, &json!({}))?;
            let link = connection["native_link"]
                .as_str()
                .context("the gateway's answer has a native link")?;
            match Viewer::open(&self.by_the_network(link)?) {
                Ok(viewer) => {
                    viewer
                        .wait_for(FIRST_PICTURE, |_| true)
                        .context("no picture came after the grant")?;
                    self.viewer = Some(viewer);
                    return self.focus();
                }
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) => Err(error).context("the viewer does not get in"),
            None => Ok(()),
        }
    }

    /// The link with the emulator's address instead of the gateway's.
    fn by_the_network(&self, link: &str) -> Result<String> {
        let Some(network) = &self.network else {
            return Ok(link.to_owned());
        };
        let (_, rest) = link
            .split_once("/view#")
            .context("a native link looks like mayday://host:port/view#...")?;
        Ok(format!("mayday://{}/view#{rest}", network.address()))
    }

    /// The marker gets the keys: clicked by the end user, as the agent's own windows had the focus.
    fn focus(&mut self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            // The window manager has moved it by now.
            self.host.user.find_marker()?;
            let (x, y) = self.host.user.middle();
            self.host.user.desktop.click(x, y)?;
            std::thread::sleep(SETTLE);
            self.pressed = self.host.user.marker.answered();
            if self.press(Workload::Type)?.is_some() {
                return Ok(());
            }
        }
        bail!(
            "typing has no effect on the picture ({} keys answered)",
            self.host.user.marker.answered()
        )
    }

    /// The end user's screen and what is on it.
    #[must_use]
    pub fn user(&self) -> &EndUser {
        &self.host.user
    }

    /// A viewer shows a picture and keys can be pressed.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.viewer.is_some()
    }

    /// Until the next network.
    pub fn disconnect(&mut self) {
        self.viewer = None;
    }

    /// Does one step of this work; how long until the decoded picture shows it, or `None` after the time-out.
    ///
    /// # Errors
    /// When the connection is over, or the answer was there before the question.
    pub fn press(&mut self, workload: Workload) -> Result<Option<Duration>> {
        match workload {
            Workload::Video => {
                self.host.user.marker.play(true)?;
                std::thread::sleep(LEAD);
                let seen = self.key(workload);
                self.host.user.marker.play(false)?;
                seen
            }
            Workload::TypeWhilePage => {
                self.viewer()?.press(workload.key());
                self.pressed += 1;
                std::thread::sleep(MOMENT);
                self.key(Workload::Type)
            }
            _ => self.key(workload),
        }
    }

    /// Starts or stops the film, for [`Self::press_beside_film`].
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn film(&mut self, plays: bool) -> Result<()> {
        self.host.user.marker.play(plays)
    }

    /// Types a character while the film plays on.
    ///
    /// # Errors
    /// As for [`Self::press`].
    pub fn press_beside_film(&mut self) -> Result<Option<Duration>> {
        self.key(Workload::Video)
    }

    fn key(&mut self, workload: Workload) -> Result<Option<Duration>> {
        self.pressed += 1;
        self.steps = match self.steps {
            (before, steps) if before == workload => (before, steps + 1),
            _ => (workload, 1),
        };
        let marks = workload.marks(self.pressed, self.steps.1);
        let place = self.host.user.place;
        let viewer = self.viewer()?;
        let come = viewer.watch(move |canvas| {
            let shown = |(x, y, n): &Mark| code::shows(canvas, place.x + x, place.y + y, *n);
            marks.iter().all(shown)
        });
        if come.try_recv().is_ok() {
            bail!(
                "the answer to key {} was there before the key",
                self.pressed
            );
        }
        let began = Instant::now();
        viewer.press(workload.key());
        match come.recv_timeout(TIME_OUT) {
            Ok(seen) => {
                if let Some(answer) = self
                    .host
                    .user
                    .marker
                    .last()
                    .filter(|one| one.n == self.pressed)
                {
                    self.legs.push(Leg {
                        there: answer.got.saturating_duration_since(began),
                        application: answer.painted.saturating_duration_since(answer.got),
                        back: seen.at.saturating_duration_since(answer.painted),
                        stages: seen.stages,
                    });
                }
                Ok(Some(seen.at.saturating_duration_since(began)))
            }
            Err(RecvTimeoutError::Timeout) => {
                // The next key is the next number only when this one has come.
                let pressed = self.pressed;
                mayday_tests::wait::until("the key's arrival", PATIENCE, || {
                    Ok((self.host.user.marker.answered() >= pressed).then_some(()))
                })?;
                Ok(None)
            }
            Err(RecvTimeoutError::Disconnected) => bail!("the viewer is gone"),
        }
    }

    /// Does one step of this work and waits until every pixel is as on the screen; how long that took from the key.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn time_to_exact(&mut self, workload: Workload) -> Result<Times> {
        let began = Instant::now();
        let readable = self.press(workload)?;
        let mut times = Times {
            readable,
            exact: None,
        };
        let until = began + 2 * PATIENCE;
        let (mut drawn, mut since) = (0, Instant::now());
        while Instant::now() < until && since.elapsed() < OVER {
            let at = began.elapsed();
            if self.is_exact()? {
                times.exact = Some(at);
                break;
            }
            let now = self.viewer()?.updates_drawn();
            if now != drawn {
                (drawn, since) = (now, Instant::now());
            }
        }
        Ok(times)
    }

    fn is_exact(&self) -> Result<bool> {
        let Some((size, pixels)) = self.viewer()?.snapshot() else {
            return Ok(false);
        };
        let real = self.host.user.desktop.screenshot()?;
        let width = usize::from(size.width);
        Ok(pixels.chunks_exact(4).enumerate().all(|(at, bgrx)| {
            let (x, y) = (at % width, at / width);
            let [blue, green, red, _] = [bgrx[0], bgrx[1], bgrx[2], bgrx[3]];
            real.pixel(x, y) == [red, green, blue]
        }))
    }

    /// The parts of the samples since the last call.
    pub fn take_legs(&mut self) -> Vec<Leg> {
        std::mem::take(&mut self.legs)
    }

    /// Processor time that the agent has used, in milliseconds.
    #[must_use]
    pub fn agent_cpu_ms(&self) -> f64 {
        cost::cpu_ms(self.host.agent.process.id())
    }

    /// What the viewer measured, stage by stage.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.viewer
            .as_ref()
            .map(Viewer::statistics)
            .unwrap_or_default()
    }

    /// The technician's.
    ///
    /// # Errors
    /// When none is connected.
    pub fn viewer(&self) -> Result<&Viewer> {
        self.viewer.as_ref().context("a viewer is connected")
    }
}
