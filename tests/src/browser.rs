//! A real Chromium as the technician's browser, driven through WebDriver. Owns no knowledge of the console.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use crate::process::Running;

/// How long an element may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct Browser {
    pub client: Client,
    /// Chromedriver's address of this browser.
    session: String,
    // Dropped after the browser was told to end.
    _driver: Running,
}

impl Drop for Browser {
    /// Also where a test fails or forgets: a driver that is stopped leaves its browser running.
    fn drop(&mut self) {
        let end = ureq::delete(&self.session).config();
        // It is gone already when somebody closed it.
        let _ = end.timeout_global(Some(PATIENCE)).build().call();
    }
}

impl Browser {
    /// Starts chromedriver on a free port and Chromium without a window, with downloads going to `downloads` and `more` arguments.
    ///
    /// # Errors
    /// When they are not installed or do not start.
    pub async fn start(
        profile: &Path,
        downloads: &Path,
        more: &[&str],
        logs: &Path,
    ) -> Result<Self> {
        let mut arguments = vec!["--headless=new", "--window-size=1440,900"];
        arguments.extend(more);
        Self::run(chromedriver(), profile, downloads, &arguments, logs).await
    }

    /// As [`Self::start`], with a window that fills this display.
    ///
    /// # Errors
    /// When they are not installed or do not start.
    pub async fn start_on(display: &str, profile: &Path, logs: &Path) -> Result<Self> {
        let mut command = chromedriver();
        command
            .env("DISPLAY", display)
            .env_remove("WAYLAND_DISPLAY");
        let downloads = profile.with_extension("downloads");
        Self::run(command, profile, &downloads, &["--kiosk"], logs).await
    }

    async fn run(
        command: Command,
        profile: &Path,
        downloads: &Path,
        more: &[&str],
        logs: &Path,
    ) -> Result<Self> {
        let mut driver = Running::start(command, "chromedriver", logs)?;
        let port: u16 = driver.line(Duration::from_secs(20), |line| {
            line.split_once("started successfully on port ")?
                .1
                .trim_end_matches('.')
                .parse()
                .ok()
        })?;
        std::fs::create_dir_all(downloads)?;
        let downloads = downloads.canonicalize()?;
        let profile = format!("--user-data-dir={}", profile.display());
        let mut arguments = vec![
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=en",
            &profile,
        ];
        arguments.extend(more);
        let capabilities = json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"intl.accept_languages": "en"},
            },
            "acceptInsecureCerts": true,
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("the literal above is an object");
        };
        let client = ClientBuilder::new(hyper_connector())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("Chromium did not start")?;
        let session = client.session_id().await?;
        let session = session.context("a session was made")?;
        let browser = Self {
            client,
            session: format!("http://127.0.0.1:{port}/session/{session}"),
            _driver: driver,
        };
        // A browser without a window keeps nothing unless it is told where.
        let allowed = json!({"behavior": "allow", "downloadPath": downloads});
        browser
            .devtools("Browser.setDownloadBehavior", allowed)
            .await?;
        Ok(browser)
    }

    /// Says something in Chromium's own words.
    ///
    /// # Errors
    /// When Chromium refuses.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<()> {
        ureq::post(format!("{}/goog/cdp/execute", self.session))
            .send_json(json!({"cmd": command, "params": parameters}))?;
        Ok(())
    }

    /// A screen of this size, as a phone has it.
    ///
    /// # Errors
    /// When Chromium refuses.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", screen)
            .await
    }

    /// # Errors
    /// When the page cannot be opened.
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// Waits for an element by CSS.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn find(&self, css: &str) -> Result<Element> {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await
            .with_context(|| format!("no element {css}"))
    }

    /// Waits for an element by XPath.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn find_xpath(&self, path: &str) -> Result<Element> {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::XPath(path))
            .await
            .with_context(|| format!("no element {path}"))
    }

    /// # Errors
    /// When it does not appear or cannot be clicked.
    pub async fn click(&self, css: &str) -> Result<()> {
        Ok(self.find(css).await?.click().await?)
    }

    /// Clicks the button with exactly this text or accessible name.
    ///
    /// # Errors
    /// When it does not appear or cannot be clicked.
    pub async fn press(&self, label: &str) -> Result<()> {
        let path = format!(
            "(//button|//a|//*[@role='menuitem'])[normalize-space(.)='{label}' or @aria-label='{label}'][not(@disabled)]"
        );
        Ok(self.find_xpath(&path).await?.click().await?)
    }

    /// # Errors
    /// When the field does not appear.
    pub async fn fill(&self, css: &str, text: &str) -> Result<()> {
        let field = self.find(css).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Types real key events into whatever has the focus.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn keys(&self, text: &str) -> Result<()> {
        let mut actions = KeyActions::new("keyboard".into());
        for value in text.chars() {
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value })
                .then(KeyAction::Pause {
                    duration: Duration::from_millis(60),
                });
        }
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Moves the real pointer to a place in the window and clicks.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn click_at(&self, x: f64, y: f64) -> Result<()> {
        let actions = MouseActions::new("mouse".into())
            .then(PointerAction::MoveTo {
                duration: Some(Duration::from_millis(40)),
                x,
                y,
            })
            .then(PointerAction::Down { button: 0 })
            .then(PointerAction::Pause {
                duration: Duration::from_millis(30),
            })
            .then(PointerAction::Up { button: 0 });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// # Errors
    /// When the script throws.
    pub async fn script(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Waits until the script's value satisfies `ready`.
    ///
    /// # Errors
    /// When it does not within `limit`; with the last value.
    pub async fn script_until(
        &self,
        what: &str,
        script: &str,
        limit: Duration,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let end = std::time::Instant::now() + limit;
        loop {
            let value = self.script(script).await?;
            if ready(&value) {
                return Ok(value);
            }
            if std::time::Instant::now() > end {
                anyhow::bail!("{what} did not happen within {limit:?}; last seen: {value}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// # Errors
    /// When the browser is gone or the file cannot be written.
    pub async fn screenshot(&self, path: PathBuf) -> Result<()> {
        let png = self.client.screenshot().await?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, png).with_context(|| path.display().to_string())?;
        Ok(())
    }
}

fn chromedriver() -> Command {
    let mut command = Command::new("chromedriver");
    command.args(["--port=0", "--allowed-ips=127.0.0.1"]);
    command
}

fn hyper_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
