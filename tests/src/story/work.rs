//! Second part: the technician works on the shared desktop, and what that costs. Owns no measurement method but this one.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::cast::BUTTON_PRESSED;
use super::report::Spread;
use super::{PATIENCE, Story};
use crate::agent;
use crate::browser::Browser;
use crate::wait;

/// Typed into the editor through browser, gateway, agent and X server.
const SENTENCE: &str = "mayday was here";
const SAMPLES: usize = 60;
const IDLE: Duration = Duration::from_secs(5);

impl Story {
    pub(super) async fn type_and_click(&mut self) -> Result<()> {
        self.begin("type into the editor");
        let (_, editor) = self.editor()?;
        self.click_remote(editor.x + 200, editor.y + 150).await?;
        self.browser.keys(SENTENCE).await?;
        self.save_until(SENTENCE).await?;
        self.done().await;
        self.begin("press a real button");
        let (_, dialog) = self.cast.desktop.window("Printer", PATIENCE)?;
        let button = dialog.y + i16::try_from(dialog.height)? - 22;
        self.click_remote(dialog.x + 60, button).await?;
        let status = self.cast.dialog.wait(PATIENCE)?;
        if status.code() != Some(BUTTON_PRESSED) {
            bail!("the dialog ended with {status} instead of its button");
        }
        self.done().await;
        Ok(())
    }

    /// The technician sees the banner but cannot press anything on it.
    pub(super) async fn technician_cannot_stop(&mut self) -> Result<()> {
        self.begin("technician cannot press Stop");
        let (_, banner) = self.cast.desktop.window(agent::BANNER, PATIENCE)?;
        for part in [5, 6, 7, 8, 9] {
            let x = banner.x + i16::try_from(u32::from(banner.width) * part / 10)?;
            self.click_remote(x, banner.y + i16::try_from(banner.height / 2)?)
                .await?;
        }
        sleep(Duration::from_millis(500));
        let session = self.session_until("still connected with control", |session| {
            session["technicians"][0]["consent"] == "connected"
        })?;
        if session["technicians"][0]["rights"] != "control" {
            bail!(
                "the technician changed the grant: {}",
                session["technicians"]
            );
        }
        self.remote_until("live").await?;
        self.done().await;
        Ok(())
    }

    pub(super) async fn measure(&mut self) -> Result<()> {
        self.begin("measure");
        let (_, editor) = self.editor()?;
        self.click_remote(editor.x + 200, editor.y + 150).await?;
        let mut samples = Vec::with_capacity(SAMPLES);
        for number in 0..SAMPLES {
            let before = self.inputs_seen().await?;
            self.browser
                .keys(if number % 12 == 11 { "\u{e007}" } else { "m" })
                .await?;
            let value = self
                .browser
                .script_until(
                    "the key's pixel",
                    "const r = window.__mayday_remote; return {count: r.inputToPixelMs.length, lastMs: r.lastInputToPixelMs}",
                    PATIENCE,
                    |value| value["count"].as_u64().unwrap_or(0) > before,
                )
                .await?;
            samples.push(
                value["lastMs"]
                    .as_f64()
                    .context("a number of milliseconds")?,
            );
            sleep(Duration::from_millis(20 + (number as u64 * 37) % 90));
        }
        self.report.key_to_pixel_browser_ms = Spread::of(samples);
        self.measure_idle()?;
        self.done().await;
        Ok(())
    }

    /// The editor's caret blinks, so the focus goes to the empty desktop first.
    fn measure_idle(&mut self) -> Result<()> {
        self.cast.desktop.click(2500, 1400)?;
        sleep(Duration::from_secs(2));
        let id = self.agent.as_ref().context("the agent runs")?.process.id();
        let before = cpu_nanoseconds(id)?;
        sleep(IDLE);
        let used = cpu_nanoseconds(id)? - before;
        self.report.agent_idle_cpu_percent = Some(used as f64 / IDLE.as_nanos() as f64 * 100.0);
        self.report.agent_rss_mb = Some(resident_megabytes(id)?);
        Ok(())
    }

    /// The screen gets smaller and large again; the picture follows each time.
    pub(super) async fn resolution_changes(&mut self) -> Result<()> {
        self.begin("resolution changes");
        for (width, height) in [(1280, 720), (2560, 1440)] {
            self.cast.screen.resolution(width, height)?;
            self.browser
                .script_until(
                    "a picture of the new size",
                    "const c = document.querySelector('[data-testid=remote-canvas]'); return [c.width, c.height, document.querySelector('[data-testid=remote-view]').dataset.state]",
                    PATIENCE,
                    |value| value[0] == width && value[1] == height && value[2] == "live",
                )
                .await?;
        }
        self.done().await;
        Ok(())
    }

    /// Saves with Ctrl+S through the remote view, and waits until the file holds `text`.
    pub(super) async fn save_until(&self, text: &str) -> Result<()> {
        self.control_s().await?;
        wait::until(
            &format!("“{text}” in the editor's file"),
            PATIENCE,
            || {
                let found = std::fs::read_to_string(&self.cast.note)?;
                Ok(found.contains(text).then_some(()))
            },
        )
    }

    async fn control_s(&self) -> Result<()> {
        use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
        use fantoccini::key::Key;
        let control = char::from(Key::Control);
        let actions = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: control })
            .then(KeyAction::Down { value: 's' })
            .then(KeyAction::Up { value: 's' })
            .then(KeyAction::Up { value: control });
        Ok(self.browser.client.perform_actions(actions).await?)
    }

    pub(super) fn editor(&self) -> Result<(u32, crate::desktop::Area)> {
        wait::until("the editor's window", PATIENCE, || {
            for title in ["*note.txt", "note.txt", "*/", "/"] {
                if let Some(found) = self.cast.desktop.find(title)? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        })
    }

    /// Clicks a place of the shared desktop in the technician's browser.
    pub(super) async fn click_remote(&self, x: i16, y: i16) -> Result<()> {
        click_remote(&self.browser, x, y).await
    }

    pub(super) async fn inputs_seen(&self) -> Result<u64> {
        let value: Value = self
            .browser
            .script("return window.__mayday_remote.inputToPixelMs.length")
            .await?;
        Ok(value.as_u64().unwrap_or(0))
    }
}

/// Clicks a place of the shared desktop in this technician's browser.
pub(super) async fn click_remote(browser: &Browser, x: i16, y: i16) -> Result<()> {
    let place = browser
        .script(&format!(
            "const c = document.querySelector('[data-testid=remote-canvas]'); const r = c.getBoundingClientRect(); return [r.left + ({x} + 0.5) * r.width / c.width, r.top + ({y} + 0.5) * r.height / c.height]"
        ))
        .await?;
    let at = |index: usize| place[index].as_f64().context("a place on the canvas");
    browser.click_at(at(0)?, at(1)?).await
}

/// All threads' time on a core, from the scheduler's own account (rusage counts ticks and misses short work).
pub fn cpu_nanoseconds(process: u32) -> Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let Ok(text) = std::fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next().unwrap_or("0");
        sum += first.parse::<u64>()?;
    }
    Ok(sum)
}

fn resident_megabytes(process: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .context("VmRSS in /proc status")?;
    Ok(kilobytes.parse::<f64>()? / 1024.0)
}
