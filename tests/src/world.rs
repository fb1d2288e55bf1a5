//! A small world for one test: a gateway, a display, and people who join. Owns no expectation.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::agent::{self, Agent, colour};
use crate::desktop::Desktop;
use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::rest::{Created, Rest};
use crate::template::agent_template;
use crate::xserver::XServer;

/// How long anything may take before a test calls it a failure.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct World {
    pub gateway: Gateway,
    pub owner: Rest,
    pub desktop: Desktop,
    // Dropped last: the agents draw on it, and everybody writes into the folder.
    pub screen: XServer,
    pub folder: Folder,
}

impl World {
    /// Everything fresh in a folder of its own. Its invite pages offer no download.
    ///
    /// # Errors
    /// When a part is missing or does not start.
    pub fn new(name: &str) -> Result<Self> {
        Self::make(name, None)
    }

    /// As [`Self::new`], with an agent to download.
    ///
    /// # Errors
    /// When a part is missing or does not start.
    pub fn with_download(name: &str) -> Result<Self> {
        Self::make(name, Some(&agent_template()?))
    }

    fn make(name: &str, template: Option<&Path>) -> Result<Self> {
        let folder = Folder::new(name)?;
        let logs = folder.join("logs");
        let screen = XServer::start(1280, 800, &logs)?;
        let desktop = Desktop::open(screen.display())?;
        let gateway = Gateway::start(&folder.join("gateway"), &logs, template)?;
        let owner = gateway.owner()?;
        Ok(Self {
            gateway,
            owner,
            desktop,
            screen,
            folder,
        })
    }

    /// Starts an agent with these arguments; its log tells what happened.
    ///
    /// # Errors
    /// When it is not built.
    pub fn agent(&self, name: &str, arguments: &[&str]) -> Result<Agent> {
        let mut all = vec!["--log", "info", "--lang", "en"];
        all.extend(arguments);
        Agent::start(
            self.screen.display(),
            &all,
            &self.folder.join("logs").join(name),
        )
    }

    /// A new session and an agent that joined it by PIN.
    ///
    /// # Errors
    /// When it does not become active.
    pub fn joined(&self, name: &str) -> Result<(Created, Agent)> {
        let created = self.owner.new_session(name)?;
        let agent = self.agent(
            name,
            &[
                "--gateway",
                &self.gateway.for_agents(),
                "--pin",
                &created.pin,
            ],
        )?;
        self.until(&created.id, "active", |session| {
            session["status"] == "active"
        })?;
        Ok((created, agent))
    }

    /// Asks for control, and the end user clicks Allow.
    ///
    /// # Errors
    /// When the grant does not arrive.
    pub fn allowed(&self, session: &str) -> Result<()> {
        self.owner.post(
            &format!("/sessions/{session}/ask"),
            &json!({"rights": "control"}),
        )?;
        agent::answer(&self.desktop, colour::ALLOW, PATIENCE)?;
        self.until(session, "granted", |session| {
            session["technicians"][0]["consent"] == "granted"
        })?;
        Ok(())
    }

    /// A one-time link for the native viewer.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub fn viewer_link(&self, session: &str) -> Result<String> {
        let answer = self
            .owner
            .post(&format!("/sessions/{session}/connect"), &json!({}))?;
        Ok(answer["native_link"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Waits for a state of the session at the desk.
    ///
    /// # Errors
    /// When it does not come.
    pub fn until(
        &self,
        session: &str,
        what: &str,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        self.owner.session_until(session, what, PATIENCE, ready)
    }
}
