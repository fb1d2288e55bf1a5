//! First part: sign in, new session, invite page, download, join, ask, allow.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{PATIENCE, Story, TECHNICIAN};
use crate::agent::{self, Agent, colour};
use crate::browser::Browser;
use crate::gateway::{ORGANISATION, PASSWORD};
use crate::wait;

/// Unoptimised agents are large, and unoptimised gateways send them slowly.
const DOWNLOAD: Duration = Duration::from_secs(90);

impl Story {
    pub(super) async fn sign_in(&mut self) -> Result<()> {
        self.begin("sign in");
        self.browser
            .open(&self.cast.company.gateway.listening.http_loopback.clone())
            .await?;
        self.browser
            .fill("[data-testid=sign-in-email]", TECHNICIAN)
            .await?;
        self.browser
            .fill("[data-testid=sign-in-password]", PASSWORD)
            .await?;
        self.browser.click("[data-testid=sign-in-submit]").await?;
        self.browser.find("[data-testid=new-session]").await?;
        self.done().await;
        Ok(())
    }

    pub(super) async fn new_session(&mut self) -> Result<()> {
        self.begin("new session");
        self.browser.click("[data-testid=new-session]").await?;
        self.browser
            .fill(
                "[data-testid=new-session-name]",
                "Printer on the second floor",
            )
            .await?;
        self.browser
            .click("[data-testid=new-session-create]")
            .await?;
        let link = self.text("[data-testid=session-link]").await?;
        let pin = self.browser.find("[data-testid=session-pin]").await?;
        let pin = pin.attr("data-pin").await?.unwrap_or_default();
        if !link.contains("/j/") || pin.len() != 6 {
            bail!("the dialog shows the link {link:?} and the PIN {pin:?}");
        }
        self.session = self.newest_session()?;
        self.link.clone_from(&link);
        let shown = self
            .cast
            .company
            .technician
            .get(&format!("/sessions/{}/link", self.session))?;
        if shown["link"] != json!(link) {
            bail!("the dialog shows {link}, the gateway says {shown}");
        }
        self.done().await;
        self.browser
            .click("[data-testid=new-session-close]")
            .await?;
        self.row_until("waiting").await
    }

    /// A session that expires in a minute, to be looked at when the rest is over.
    pub(super) async fn short_lived_session(&mut self) -> Result<()> {
        let owner = &self.cast.company.owner;
        let channel = owner.post(
            "/channels",
            &json!({"name": "One minute", "description": "", "expiration_s": 60}),
        )?;
        let created = owner.post(
            "/sessions",
            &json!({"name": "Nobody comes", "note": "", "channel_id": channel["id"]}),
        )?;
        let text = |key: &str| created[key].as_str().unwrap_or_default().to_owned();
        self.short_lived = (text("id"), text("link"));
        Ok(())
    }

    pub(super) async fn invite_page(&mut self) -> Result<()> {
        self.begin("invite page and download");
        let downloads = std::path::absolute(self.out.join("downloads"))?;
        let end_user = Browser::start(
            &self.out.join("end-user-profile"),
            &downloads,
            // The gateway's own certificate is not known here; a person would accept it once.
            &["--ignore-certificate-errors"],
            &self.out.join("logs/end-user"),
        )
        .await?;
        end_user.open(&self.link).await?;
        let words = end_user.find("body").await?.text().await?;
        for needed in [ORGANISATION, super::TECHNICIAN_NAME] {
            if !words.contains(needed) {
                bail!("the invite page does not name {needed}: {words}");
            }
        }
        end_user
            .screenshot(self.out.join("invite-page.png"))
            .await?;
        end_user.click("#download").await?;
        let file = wait::until("the download", DOWNLOAD, || finished_download(&downloads))?;
        drop(end_user);
        let mut permissions = file.metadata()?.permissions();
        permissions.set_mode(0o755);
        std::fs::set_permissions(&file, permissions)?;
        self.agent = Some(Agent::start_file(
            &file,
            self.cast.screen.display(),
            &["--log", "info"],
            &self.out.join("logs"),
        )?);
        self.done().await;
        Ok(())
    }

    pub(super) async fn agent_joins(&mut self) -> Result<()> {
        self.begin("agent joins");
        self.row_until("active").await?;
        let session = self
            .cast
            .company
            .technician
            .get(&format!("/sessions/{}", self.session))?;
        for field in ["host_name", "os_name", "os_version", "public_address"] {
            if session["device"][field].as_str().is_none_or(str::is_empty) {
                bail!("the session's device has no {field}: {}", session["device"]);
            }
        }
        self.done().await;
        Ok(())
    }

    pub(super) async fn ask_and_allow(&mut self) -> Result<()> {
        self.begin("ask and allow");
        self.open_remote().await?;
        self.browser.click("[data-testid=remote-start]").await?;
        self.remote_until("asking").await?;
        self.cast
            .desktop
            .see(agent::WINDOW, colour::ALLOW, PATIENCE)?;
        self.done().await;
        self.begin("first picture");
        let clicked = agent::answer(&self.cast.desktop, colour::ALLOW, PATIENCE)?;
        self.picture_after(clicked).await?;
        self.done().await;
        Ok(())
    }

    /// Waits for the first drawn update, and keeps how long after the click it was drawn.
    async fn picture_after(&mut self, clicked: Instant) -> Result<()> {
        let first = self
            .browser
            .script_until(
                "the first picture",
                "const r = window.__mayday_remote; return r?.firstDrawnAtMs != null ? Date.now() - (performance.timeOrigin + r.firstDrawnAtMs) : null",
                PATIENCE,
                |value| !value.is_null(),
            )
            .await?;
        let ago = first.as_f64().context("a number of milliseconds")?;
        let since_click = clicked.elapsed().as_secs_f64() * 1e3;
        self.report.allow_to_first_picture_ms = Some((since_click - ago).max(0.0));
        self.remote_until("live").await
    }

    pub(super) async fn open_remote(&self) -> Result<()> {
        let base = &self.cast.company.gateway.listening.http_loopback;
        self.browser
            .open(&format!("{base}/sessions/{}/remote", self.session))
            .await?;
        self.browser.find("[data-testid=remote-view]").await?;
        Ok(())
    }

    /// Waits until the remote view says it is in this state.
    pub(super) async fn remote_until(&self, state: &str) -> Result<()> {
        self.browser
            .script_until(
                &format!("the remote view's state {state}"),
                "return document.querySelector('[data-testid=remote-view]')?.dataset.state ?? null",
                PATIENCE,
                |value| value == state,
            )
            .await?;
        Ok(())
    }

    /// Waits until the list in the open page shows this status, without a reload.
    pub(super) async fn row_until(&self, status: &str) -> Result<()> {
        let script = format!(
            "return document.querySelector('[data-testid=\"session-row-{}\"]')?.dataset.status ?? null",
            self.session
        );
        self.browser
            .script_until(
                &format!("the row's status {status}"),
                &script,
                PATIENCE,
                |value| value == status,
            )
            .await?;
        Ok(())
    }

    async fn text(&self, css: &str) -> Result<String> {
        Ok(self
            .browser
            .find(css)
            .await?
            .text()
            .await?
            .trim()
            .to_owned())
    }

    fn newest_session(&self) -> Result<String> {
        let sessions = self.cast.company.technician.get("/sessions?sort=created")?;
        sessions["items"][0]["id"]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("no session in {sessions}"))
    }

    pub(super) fn session_until(
        &self,
        what: &str,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        self.cast.company.technician.session_until(
            &self.session,
            what,
            Duration::from_secs(20),
            ready,
        )
    }
}

/// The one file in the folder, once Chromium has finished it.
fn finished_download(folder: &std::path::Path) -> Result<Option<PathBuf>> {
    let mut files = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("mayday-sos") && !name.ends_with(".crdownload")
    });
    Ok(files.pop())
}
