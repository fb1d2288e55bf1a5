//! One arm's real parts: an X server with the marker application, an agent in a session of its own, a grant given by a click in the
//! agent's window, and a viewer. The gateway is shared.

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use mayday_tests::agent::{self, Agent, colour};
use mayday_tests::desktop::Desktop;
use mayday_tests::gateway::Gateway;
use mayday_tests::rest::Rest;
use mayday_tests::xserver::XServer;
use mayday_viewer::{Statistics, Viewer};
use serde_json::json;

use super::marker::{self, Marker, Place};

/// The key that is typed: A.
const KEY: u16 = 30;
const PATIENCE: Duration = Duration::from_secs(30);
/// Windows move and take the focus.
const SETTLE: Duration = Duration::from_millis(500);
/// A sample that takes longer counts as a failure.
const TIME_OUT: Duration = Duration::from_secs(5);

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// Damaged stripes only.
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

/// Everything of one arm, ready to be typed into.
pub struct Scene {
    viewer: Viewer,
    place: Place,
    marker: Marker,
    // Dropped in this order.
    _agent: Agent,
    _screen: XServer,
}

impl Scene {
    /// Starts the parts and plays the job up to the first picture.
    ///
    /// # Errors
    /// When a part does not do what it should.
    pub fn start(gateway: &Gateway, owner: &Rest, arm: Arm, logs: &Path) -> Result<Self> {
        let screen = XServer::start(1920, 1080, logs)?;
        let desktop = Desktop::open(screen.display())?;
        let marker = Marker::start(screen.display())?;
        desktop.window(marker::TITLE, PATIENCE)?;
        let session = owner.new_session(arm.name())?;
        let agent = Agent::start(
            screen.display(),
            &[
                "--gateway",
                &gateway.for_agents(),
                "--pin",
                &session.pin,
                "--encode",
                arm.option(),
                "--log",
                "info",
            ],
            logs,
        )?;
        owner.session_until(&session.id, "the agent in its session", PATIENCE, |shown| {
            shown["status"] == "active"
        })?;
        let path = |action: &str| format!("/sessions/{}/{action}", session.id);
        owner.post(&path("ask"), &json!({"rights": "control"}))?;
        agent::answer(&desktop, colour::ALLOW, PATIENCE)?;
        owner.session_until(&session.id, "the grant", PATIENCE, |shown| {
            let technicians = shown["technicians"].as_array();
            technicians.is_some_and(|all| all.iter().any(|one| one["consent"] == "granted"))
        })?;
        let connection = owner.post(&path("connect"), &json!({}))?;
        let link = connection["native_link"]
            .as_str()
            .context("the gateway's answer has a native link")?;
        let viewer = Viewer::open(link)?;
        let mut scene = Self {
            viewer,
            place: place(&desktop)?,
            marker,
            _agent: agent,
            _screen: screen,
        };
        scene.focus(&desktop)?;
        Ok(scene)
    }

    /// The marker gets the keys: clicked by the end user, as the agent's own windows had the focus.
    fn focus(&mut self, desktop: &Desktop) -> Result<()> {
        self.viewer
            .wait_for(PATIENCE, |_| true)
            .context("no picture came after the grant")?;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            // The window manager has moved it by now.
            self.place = place(desktop)?;
            let middle = |at: u16| i16::try_from(at + 400).unwrap_or(i16::MAX);
            desktop.click(middle(self.place.x), middle(self.place.y))?;
            std::thread::sleep(SETTLE);
            if self.press()?.is_some() {
                return Ok(());
            }
        }
        bail!(
            "typing has no effect on the picture ({} keys answered)",
            self.marker.answered()
        )
    }

    /// Types one key through the product; how long until the decoded picture shows its answer, or `None` after the time-out.
    ///
    /// # Errors
    /// When the connection is over, or the answer was there before the question.
    pub fn press(&mut self) -> Result<Option<Duration>> {
        let (n, place) = (self.marker.answered() + 1, self.place);
        let come = self
            .viewer
            .watch(move |canvas| marker::shows(canvas, place, n));
        if come.try_recv().is_ok() {
            bail!("the code for key {n} was there before the key");
        }
        let began = Instant::now();
        self.viewer.press(KEY);
        match come.recv_timeout(TIME_OUT) {
            Ok(seen) => Ok(Some(seen.saturating_duration_since(began))),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("the viewer is gone"),
        }
    }

    /// What the viewer measured, stage by stage.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.viewer.statistics()
    }
}

/// Where the marker's content is now.
fn place(desktop: &Desktop) -> Result<Place> {
    let (_, area) = desktop.window(marker::TITLE, PATIENCE)?;
    Ok(Place {
        x: u16::try_from(area.x).context("the marker begins on the screen")?,
        y: u16::try_from(area.y).context("the marker begins on the screen")?,
    })
}
