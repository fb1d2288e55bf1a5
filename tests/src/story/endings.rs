//! Third part: everything that ends: view only, stop key, reject, close, a cut network, an expired session.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{PATIENCE, Story};
use crate::agent::{self, Agent, colour};
use crate::desktop::keysym;
use crate::link::Link;

/// A person presses Stop and looks whether it worked.
const MOMENT: Duration = Duration::from_millis(600);

impl Story {
    /// The end user takes the mouse and keyboard back, and keeps showing the screen.
    pub(super) async fn view_only(&mut self) -> Result<()> {
        self.begin("view only");
        self.cast
            .desktop
            .click_colour(agent::BANNER, colour::BANNER_VIEW_ONLY, PATIENCE)?;
        self.session_until("view only at the desk", |session| {
            session["technicians"][0]["rights"] == "view"
        })?;
        let (_, editor) = self.editor()?;
        self.click_remote(editor.x + 200, editor.y + 150).await?;
        self.browser.keys("this must not arrive").await?;
        sleep(MOMENT);
        self.cast.desktop.click(editor.x + 200, editor.y + 150)?;
        self.cast
            .desktop
            .chord(&[keysym::CONTROL, u32::from('s')])?;
        sleep(MOMENT);
        if std::fs::read_to_string(&self.cast.note)?.contains("must not arrive") {
            bail!("a technician with view only typed into the editor");
        }
        self.remote_until("live").await?;
        self.done().await;
        Ok(())
    }

    pub(super) async fn stop_key(&mut self) -> Result<()> {
        self.begin("stop key");
        let keys = [keysym::CONTROL, keysym::ALT, keysym::SHIFT, keysym::X];
        self.cast.desktop.chord(&keys)?;
        self.session_until("no grant at the desk", |session| {
            session["technicians"][0]["consent"] == "idle"
        })?;
        self.remote_not_live().await?;
        self.done().await;
        Ok(())
    }

    pub(super) async fn reject(&mut self) -> Result<()> {
        self.begin("reject");
        self.browser.click("[data-testid=remote-start]").await?;
        agent::answer(&self.cast.desktop, colour::REJECT, PATIENCE)?;
        self.remote_until("rejected").await?;
        self.session_until("rejected at the desk", |session| {
            session["technicians"][0]["consent"] == "rejected"
        })?;
        self.done().await;
        Ok(())
    }

    pub(super) async fn close(&mut self) -> Result<()> {
        self.begin("close");
        let base = self.cast.company.gateway.listening.http_loopback.clone();
        self.browser.open(&base).await?;
        let row = format!("[data-testid=\"session-row-{}\"]", self.session);
        self.browser.find(&row).await?;
        self.cast.company.technician.post(
            &format!("/sessions/{}/close", self.session),
            &serde_json::json!({}),
        )?;
        // The list shows open sessions; a closed one leaves it without a reload.
        let script = format!("return document.querySelector('{row}') === null");
        self.browser
            .script_until("the row to leave the list", &script, PATIENCE, |gone| {
                gone == true
            })
            .await?;
        self.session_until("closed", |session| session["status"] == "closed")?;
        let agent = self.agent.take().context("the agent runs")?;
        agent.said("scene=ended", PATIENCE)?;
        self.done().await;
        let (_, page) = crate::rest::Rest::anonymous(&base).page(&path_of(&self.link))?;
        if page.contains("id=\"download\"") {
            bail!("the link of a closed session still offers the agent");
        }
        Ok(())
    }

    /// A second session over a wire that is cut for some seconds while the technician is connected.
    pub(super) async fn reconnect(&mut self) -> Result<()> {
        self.begin("network cut and back");
        let gateway = self.cast.company.gateway.listening.clone();
        let wire = Link::to(gateway.address.parse()?)?;
        let created = self.cast.company.technician.new_session("Wobbly network")?;
        self.session = created.id;
        let address = format!("{}#{}", wire.address(), gateway.pin);
        self.agent = Some(Agent::start(
            self.cast.screen.display(),
            &[
                "--gateway",
                &address,
                "--pin",
                &created.pin,
                "--log",
                "info",
            ],
            &self.out.join("logs/second"),
        )?);
        self.session_until("active", |session| session["status"] == "active")?;
        self.open_remote().await?;
        self.browser.click("[data-testid=remote-start]").await?;
        agent::answer(&self.cast.desktop, colour::ALLOW, PATIENCE)?;
        self.remote_until("live").await?;
        wire.cut();
        self.remote_until("lost").await?;
        self.browser
            .screenshot(self.out.join("network-cut-console.png"))
            .await?;
        wire.mend();
        self.remote_until("live").await?;
        self.session_until("connected again without a new question", |session| {
            session["technicians"][0]["consent"] == "connected"
        })?;
        self.done().await;
        Ok(())
    }

    /// The session of one minute, which nobody looked at.
    pub(super) async fn expired(&mut self) -> Result<()> {
        self.begin("expired");
        let (id, link) = self.short_lived.clone();
        self.cast.company.owner.session_until(
            &id,
            "expired",
            Duration::from_secs(90),
            |session| session["status"] == "expired",
        )?;
        let base = self.cast.company.gateway.listening.http_loopback.clone();
        let (_, page) = crate::rest::Rest::anonymous(&base).page(&path_of(&link))?;
        if page.contains("id=\"download\"") {
            bail!("the link of an expired session still offers the agent");
        }
        self.browser
            .open(&format!("{base}{}", path_of(&link)))
            .await?;
        self.done().await;
        Ok(())
    }

    async fn remote_not_live(&self) -> Result<()> {
        self.browser
            .script_until(
                "the picture to be cleared",
                "return document.querySelector('[data-testid=remote-view]').dataset.state",
                PATIENCE,
                |value| value != "live",
            )
            .await?;
        Ok(())
    }
}

/// A link's path, for asking on the plain loopback address.
fn path_of(link: &str) -> String {
    link.splitn(4, '/')
        .nth(3)
        .map_or_else(String::new, |path| format!("/{path}"))
}
