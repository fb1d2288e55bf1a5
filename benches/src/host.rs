//! The end user's side of a bench: a screen with the marker application, and for Mayday an agent in a session of its own with a grant
//! given by a click in the agent's window. Owns no viewer.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use mayday_tests::agent::{self, Agent, colour};
use mayday_tests::desktop::Desktop;
use mayday_tests::gateway::Gateway;
use mayday_tests::rest::Rest;
use mayday_tests::xserver::XServer;
use serde_json::json;

use crate::latency::marker::{self, Marker, Place};

const PATIENCE: Duration = Duration::from_secs(30);

/// A screen and what runs on it.
pub struct EndUser {
    pub marker: Marker,
    pub place: Place,
    pub desktop: Desktop,
    // Dropped last.
    pub screen: XServer,
}

impl EndUser {
    /// Starts the marker application on this screen.
    ///
    /// # Errors
    /// When its window does not come.
    pub fn arrive(screen: XServer) -> Result<Self> {
        let desktop = Desktop::open(screen.display())?;
        let marker = Marker::start(screen.display())?;
        desktop.window(marker::TITLE, PATIENCE)?;
        let mut user = Self {
            marker,
            place: Place { x: 0, y: 0 },
            desktop,
            screen,
        };
        user.find_marker()?;
        Ok(user)
    }

    /// Learns where the marker's content is now: a window manager that is just starting may have moved it.
    ///
    /// # Errors
    /// When it is gone.
    pub fn find_marker(&mut self) -> Result<()> {
        let (_, area) = self.desktop.window(marker::TITLE, PATIENCE)?;
        self.place = Place {
            x: u16::try_from(area.x).context("the marker begins on the screen")?,
            y: u16::try_from(area.y).context("the marker begins on the screen")?,
        };
        Ok(())
    }

    /// A place in the marker's window to click.
    #[must_use]
    pub fn middle(&self) -> (i16, i16) {
        let middle = |at: u16| i16::try_from(at + 400).unwrap_or(i16::MAX);
        (middle(self.place.x), middle(self.place.y))
    }
}

/// An end user with an agent that is in a session and allows everything.
pub struct Host {
    pub session: String,
    // Dropped in this order.
    pub agent: Agent,
    pub user: EndUser,
}

impl Host {
    /// Plays the job up to the grant. `how`: the session's name, and the agent's way to encode. `MAYDAY_AGENT_LOG=trace` in the environment
    /// lets the agent's log (beside the others) tell of every update.
    ///
    /// # Errors
    /// When a part does not do what it should.
    pub fn join(
        mut user: EndUser,
        gateway: &Gateway,
        owner: &Rest,
        how: (&str, &str),
        logs: &Path,
    ) -> Result<Self> {
        let (name, encode) = how;
        let session = owner.new_session(name)?;
        let address = gateway.for_agents();
        let level = std::env::var("MAYDAY_AGENT_LOG").unwrap_or_else(|_| "info".to_owned());
        let arguments = [
            "--gateway",
            &address,
            "--pin",
            &session.pin,
            "--encode",
            encode,
            "--log",
            &level,
        ];
        let agent = Agent::start(user.screen.display(), &arguments, logs)?;
        owner.session_until(&session.id, "the agent in its session", PATIENCE, |shown| {
            shown["status"] == "active"
        })?;
        let ask = format!("/sessions/{}/ask", session.id);
        owner.post(&ask, &json!({"rights": "control"}))?;
        agent::answer(&user.desktop, colour::ALLOW, PATIENCE)?;
        owner.session_until(&session.id, "the grant", PATIENCE, |shown| {
            let technicians = shown["technicians"].as_array();
            technicians.is_some_and(|all| all.iter().any(|one| one["consent"] == "granted"))
        })?;
        user.find_marker()?;
        Ok(Self {
            session: session.id,
            agent,
            user,
        })
    }
}
