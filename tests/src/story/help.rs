//! Second act: an end user asks for help by an SOS Call, and the office works on it together, up to the rating and the report. Owns the
//! order of these scenes.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::caller::{self, Request};
use super::office::{ACCOUNTING, COLLEAGUE, COLLEAGUE_NAME, channel, text};
use super::work::click_remote;
use super::{Office, PATIENCE, Story, TECHNICIAN_NAME};
use crate::agent::{self, colour};
use crate::browser::Browser;
use crate::desktop::keysym;
use crate::gateway::PASSWORD;

const ISSUE: &str = "the invoice does not print";
const ROOM: &str = "12";
/// Typed by the technician who was invited and got the controls.
const HANDED_OVER: &str = "together we are quicker";
/// A person moves on to the next field.
const MOMENT: Duration = Duration::from_millis(300);
const STARS: u32 = 5;

impl Story {
    /// From the call for help to the report about it.
    pub(super) async fn second_act(&mut self) -> Result<()> {
        let office = Office::staff(&self.cast.company)?;
        office.work(&self.cast.company)?;
        // The end user of the first act goes.
        self.agent = None;
        self.call_enters_the_queue(&office).await?;
        self.taken_and_transferred().await?;
        let ben = self.colleague_arrives().await?;
        self.invited(&ben).await?;
        self.handed_over(&ben).await?;
        self.released_and_closed(&ben).await?;
        self.rated_and_reported().await?;
        Ok(())
    }

    async fn call_enters_the_queue(&mut self, office: &Office) -> Result<()> {
        self.begin("SOS Call enters the queue");
        let channel = channel(&self.cast.company.owner, ACCOUNTING)?;
        let gateway = self.cast.company.gateway.for_agents();
        let desktop = &self.cast.desktop;
        let request = Request {
            name: "rosa",
            issue: ISSUE,
            room: ROOM,
        };
        let agent = caller::fill_in(
            desktop,
            self.cast.screen.display(),
            (&gateway, &office.call),
            &request,
            &self.out.join("logs/call"),
        )?;
        let filled = desktop.screenshot()?;
        filled.save(&self.out.join("sos-call-form.png"))?;
        caller::send(desktop, &agent)?;
        self.agent = Some(agent);
        self.session = self.newest_with(ISSUE)?;
        let base = &self.cast.company.gateway.listening.http_loopback;
        self.browser
            .open(&format!("{base}/channels/{channel}"))
            .await?;
        self.row_until("in_queue").await?;
        self.done().await;
        Ok(())
    }

    /// The session that this end user asked for.
    fn newest_with(&self, issue: &str) -> Result<String> {
        let all = self.cast.company.owner.get("/sessions?sort=created")?;
        let all = all["items"].as_array().context("a list of sessions")?;
        let found = all.iter().find(|one| one["request"]["issue"] == issue);
        text(found.context("the request is not in the list")?, "id")
    }

    async fn taken_and_transferred(&mut self) -> Result<()> {
        self.begin("take and transfer");
        let row = format!("[data-testid=\"session-row-{}\"]", self.session);
        self.browser
            .click(&format!("{row} [data-testid=action-take]"))
            .await?;
        self.names_until(&[TECHNICIAN_NAME])?;
        self.browser.open(&self.page()).await?;
        choose(&self.browser, "transfer_user").await?;
        pick(&self.browser, COLLEAGUE_NAME).await?;
        self.names_until(&[COLLEAGUE_NAME])?;
        self.done().await;
        Ok(())
    }

    /// The colleague has a browser of their own.
    async fn colleague_arrives(&self) -> Result<Browser> {
        let browser = Browser::start(
            &self.out.join("colleague-profile"),
            &self.out.join("colleague-downloads"),
            &[],
            &self.out.join("logs/colleague"),
        )
        .await?;
        browser
            .open(&self.cast.company.gateway.listening.http_loopback)
            .await?;
        browser
            .fill("[data-testid=sign-in-email]", COLLEAGUE)
            .await?;
        browser
            .fill("[data-testid=sign-in-password]", PASSWORD)
            .await?;
        browser.click("[data-testid=sign-in-submit]").await?;
        browser.find("[data-testid=new-session]").await?;
        Ok(browser)
    }

    /// Two technicians at once, each granted by the end user.
    async fn invited(&mut self, ben: &Browser) -> Result<()> {
        self.begin("invite a second technician");
        ben.open(&self.page()).await?;
        choose(ben, "invite").await?;
        pick(ben, TECHNICIAN_NAME).await?;
        self.names_until(&[COLLEAGUE_NAME, TECHNICIAN_NAME])?;
        self.asks(ben).await?;
        agent::answer(&self.cast.desktop, colour::ALLOW, PATIENCE)?;
        live(ben).await?;
        self.asks(&self.browser).await?;
        self.done().await;
        self.cannot_allow(ben).await?;
        self.begin("allow the second technician");
        agent::answer(&self.cast.desktop, colour::ALLOW, PATIENCE)?;
        live(&self.browser).await?;
        ben.screenshot(self.out.join("two-technicians-colleague.png"))
            .await?;
        self.done().await;
        Ok(())
    }

    async fn asks(&self, browser: &Browser) -> Result<()> {
        browser.open(&format!("{}/remote", self.page())).await?;
        browser.click("[data-testid=remote-start]").await
    }

    /// Who has the controls sees the other one's prompt, and neither the mouse nor a key of theirs presses Allow.
    async fn cannot_allow(&mut self, ben: &Browser) -> Result<()> {
        self.begin("technician cannot press Allow");
        let desktop = &self.cast.desktop;
        desktop.see(agent::WINDOW, colour::ALLOW, PATIENCE)?;
        // The prompt is deaf to everybody in its first second.
        sleep(Duration::from_millis(1200));
        let (x, y) = desktop.see(agent::WINDOW, colour::ALLOW, PATIENCE)?;
        for _ in 0..3 {
            click_remote(ben, x, y).await?;
        }
        ben.keys(" \u{e007}a").await?;
        sleep(MOMENT);
        let session = self
            .cast
            .company
            .owner
            .get(&format!("/sessions/{}", self.session))?;
        let asks = session["technicians"][1]["consent"] == "asking";
        if !asks || session["technicians"][0]["consent"] != "connected" {
            bail!(
                "a technician answered the prompt: {}",
                session["technicians"]
            );
        }
        self.done().await;
        Ok(())
    }

    /// Who was asked first controls, and hands over; what the other types arrives.
    async fn handed_over(&mut self, ben: &Browser) -> Result<()> {
        self.begin("hand over control");
        ben.click("[data-testid=remote-controls]").await?;
        ben.press(TECHNICIAN_NAME).await?;
        self.browser
            .script_until(
                "the controls",
                "return document.querySelector('[data-testid=remote-take-controls]') === null",
                PATIENCE,
                |mine| mine == true,
            )
            .await?;
        let (_, editor) = self.editor()?;
        self.click_remote(editor.x + 200, editor.y + 150).await?;
        self.browser.keys(HANDED_OVER).await?;
        self.save_until(HANDED_OVER).await?;
        self.done().await;
        Ok(())
    }

    /// The invited one goes; the assigned one closes.
    async fn released_and_closed(&mut self, ben: &Browser) -> Result<()> {
        self.begin("release and close");
        self.browser.open(&self.page()).await?;
        choose(&self.browser, "release").await?;
        self.browser.click("[data-testid=confirm]").await?;
        self.names_until(&[COLLEAGUE_NAME])?;
        ben.open(&self.page()).await?;
        choose(ben, "close").await?;
        ben.click("[data-testid=confirm]").await?;
        self.request_until("closed", |session| session["status"] == "closed")?;
        self.done().await;
        Ok(())
    }

    async fn rated_and_reported(&mut self) -> Result<()> {
        self.begin("rating and report");
        let agent = self.agent.take().context("the agent runs")?;
        agent.said("scene=rating", PATIENCE)?;
        sleep(MOMENT);
        let desktop = &self.cast.desktop;
        // Five stars, then on to the field for words, where Return sends.
        desktop.type_text(&STARS.to_string())?;
        for _ in 0..5 {
            desktop.chord(&[keysym::TAB])?;
        }
        desktop.type_text("thank you")?;
        desktop.screenshot()?.save(&self.out.join("rating.png"))?;
        desktop.chord(&[keysym::RETURN])?;
        let session = self.request_until("rated", |session| session["rating"]["stars"] == STARS)?;
        let today = text(&session, "created_at")?[..10].to_owned();
        let technician = &self.cast.company.technician;
        let report = technician.get(&format!("/reports?from={today}&to={today}"))?;
        if report["ratings"][STARS as usize - 1] != 1 {
            bail!("the report does not have the rating: {}", report["ratings"]);
        }
        let base = &self.cast.company.gateway.listening.http_loopback;
        self.browser.open(&format!("{base}/reports")).await?;
        self.browser.find("[data-testid=report-export]").await?;
        self.done().await;
        Ok(())
    }

    fn page(&self) -> String {
        let base = &self.cast.company.gateway.listening.http_loopback;
        format!("{base}/sessions/{}", self.session)
    }

    fn names_until(&self, names: &[&str]) -> Result<Value> {
        self.request_until(&names.join(" and "), |session| {
            let there = session["technicians"].as_array();
            there.is_some_and(|there| there.iter().map(|one| &one["name"]).eq(names))
        })
    }

    /// As the owner sees it: technicians come and go.
    fn request_until(&self, what: &str, ready: impl Fn(&Value) -> bool) -> Result<Value> {
        let owner = &self.cast.company.owner;
        owner.session_until(&self.session, what, PATIENCE, ready)
    }
}

/// From the session's page, which is open.
async fn choose(browser: &Browser, action: &str) -> Result<()> {
    browser.click("[data-testid=action-menu]").await?;
    browser
        .click(&format!("[data-testid=action-{action}]"))
        .await
}

/// In the dialog that asks for a person.
async fn pick(browser: &Browser, name: &str) -> Result<()> {
    let field = browser.find("[data-testid=destination]").await?;
    field.click().await?;
    field.send_keys(name).await?;
    let option = format!("//*[@role='option'][normalize-space(.)='{name}']");
    browser.find_xpath(&option).await?.click().await?;
    browser.click("[data-testid=confirm]").await
}

async fn live(browser: &Browser) -> Result<()> {
    let state = "return document.querySelector('[data-testid=remote-view]')?.dataset.state ?? null";
    browser
        .script_until("a live picture", state, PATIENCE, |state| state == "live")
        .await?;
    Ok(())
}
