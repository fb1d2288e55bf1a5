//! Debian's Firefox with a window on a display of its own, driven through Marionette, Firefox's own remote protocol: Debian has no
//! geckodriver. Owns no knowledge of the console.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::desktop::{Area, Desktop};
use crate::process::Running;
use crate::wait;
use crate::xserver::XServer;

const PATIENCE: Duration = Duration::from_secs(60);
/// No answer is longer; a mistaken length must not be waited for.
const LONGEST: usize = 16 << 20;
/// How Marionette names an element in its answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Nothing is fetched and nothing asked; Marionette listens on a port that the system picks, and says it in a file.
const PREFERENCES: &str = r#"
user_pref("marionette.port", 0);
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("signon.rememberSignons", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
"#;

pub struct Firefox {
    wire: TcpStream,
    commands: u32,
    pub desktop: Desktop,
    pub process: Running,
    // Dropped last: Firefox draws on it.
    _screen: XServer,
}

impl Firefox {
    /// Starts it with a window that fills a fresh display; its profile and logs go to `folder`.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(folder: &Path) -> Result<Self> {
        let screen = XServer::start(1920, 1080, &folder.join("technician"))?;
        let desktop = Desktop::open(screen.display())?;
        let profile = std::path::absolute(folder.join("profile"))?;
        std::fs::create_dir_all(&profile)?;
        std::fs::write(profile.join("user.js"), PREFERENCES)?;
        let mut command = Command::new("firefox-esr");
        command
            .args(["--marionette", "--no-remote", "--kiosk", "--profile"])
            .arg(&profile)
            .arg("about:blank")
            .env("DISPLAY", screen.display())
            .env("HOME", &profile)
            .env("LC_ALL", "en_GB.UTF-8")
            .env_remove("WAYLAND_DISPLAY");
        let mut process = Running::start(command, "firefox", folder)?;
        let wire = wait::until("Firefox's remote protocol", PATIENCE, || {
            if let Some(status) = process.ended()? {
                bail!("Firefox ended ({status}): {}", process.complaints());
            }
            let port = std::fs::read_to_string(profile.join("MarionetteActivePort"));
            let port: Option<u16> = port.ok().and_then(|port| port.trim().parse().ok());
            Ok(port.and_then(|port| TcpStream::connect(("127.0.0.1", port)).ok()))
        })?;
        wire.set_read_timeout(Some(PATIENCE))?;
        let mut firefox = Self {
            wire,
            commands: 0,
            desktop,
            process,
            _screen: screen,
        };
        let greeting = firefox.read()?;
        ensure!(
            greeting["marionetteProtocol"] == 3,
            "Firefox said {greeting}"
        );
        firefox.say("WebDriver:NewSession", &json!({"capabilities": {}}))?;
        Ok(firefox)
    }

    /// "Firefox 153.7.0".
    ///
    /// # Errors
    /// When Firefox is gone.
    pub fn version(&mut self) -> Result<String> {
        let agent = self.script("return navigator.userAgent")?;
        let name = agent.as_str().and_then(|agent| agent.rsplit(' ').next());
        Ok(name.unwrap_or_default().replace('/', " "))
    }

    /// # Errors
    /// When the page cannot be opened.
    pub fn open(&mut self, url: &str) -> Result<()> {
        self.say("WebDriver:Navigate", &json!({"url": url}))?;
        Ok(())
    }

    /// # Errors
    /// When the script throws; with what it threw.
    pub fn script(&mut self, script: &str) -> Result<Value> {
        let asked = json!({"script": script, "args": [], "sandbox": null});
        Ok(self.say("WebDriver:ExecuteScript", &asked)?["value"].take())
    }

    /// Waits until the script's value satisfies `ready`.
    ///
    /// # Errors
    /// When it does not within `limit`; with the last value.
    pub fn script_until(
        &mut self,
        what: &str,
        script: &str,
        limit: Duration,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let mut last = Value::Null;
        wait::until(what, limit, || {
            last = self.script(script)?;
            Ok(ready(&last).then(|| last.clone()))
        })
        .with_context(|| format!("last seen: {last}"))
    }

    /// Types into the field, once it is there.
    ///
    /// # Errors
    /// When it does not appear.
    pub fn fill(&mut self, css: &str, text: &str) -> Result<()> {
        let id = self.find(css)?;
        self.say(
            "WebDriver:ElementSendKeys",
            &json!({"id": id, "text": text}),
        )?;
        Ok(())
    }

    /// # Errors
    /// When it does not appear or cannot be clicked.
    pub fn click(&mut self, css: &str) -> Result<()> {
        let id = self.find(css)?;
        self.say("WebDriver:ElementClick", &json!({"id": id}))?;
        Ok(())
    }

    /// Waits for an element by CSS.
    ///
    /// # Errors
    /// When it does not appear.
    pub fn find(&mut self, css: &str) -> Result<String> {
        let asked = json!({"using": "css selector", "value": css});
        wait::until(&format!("an element {css}"), PATIENCE, || {
            let Ok(found) = self.say("WebDriver:FindElement", &asked) else {
                return Ok(None);
            };
            Ok(found["value"][ELEMENT].as_str().map(str::to_owned))
        })
    }

    /// Where an element is on the display.
    ///
    /// # Errors
    /// When it does not appear.
    pub fn area(&mut self, css: &str) -> Result<Area> {
        self.find(css)?;
        let numbers = self.script(&format!(
            "const box = document.querySelector({css:?}).getBoundingClientRect();
             return [box.left + mozInnerScreenX, box.top + mozInnerScreenY, box.width, box.height].map(Math.round)"
        ))?;
        let number = |at: usize| numbers[at].as_i64().with_context(|| numbers.to_string());
        Ok(Area {
            x: i16::try_from(number(0)?)?,
            y: i16::try_from(number(1)?)?,
            width: u16::try_from(number(2)?)?,
            height: u16::try_from(number(3)?)?,
        })
    }

    /// One command and its answer.
    fn say(&mut self, command: &str, parameters: &Value) -> Result<Value> {
        self.commands += 1;
        let message = json!([0, self.commands, command, parameters]).to_string();
        write!(self.wire, "{}:{message}", message.len())?;
        let mut answer = self.read()?;
        ensure!(
            answer[1] == self.commands,
            "an answer to another command: {answer}"
        );
        if !answer[2].is_null() {
            bail!("{command}: {}", answer[2]["message"]);
        }
        Ok(answer[3].take())
    }

    /// A length in digits, a colon, JSON.
    fn read(&mut self) -> Result<Value> {
        let mut length = 0;
        loop {
            let mut byte = [0];
            self.wire.read_exact(&mut byte)?;
            match byte[0] {
                b':' => break,
                digit @ b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
                other => bail!("Firefox sent {other:#x} where a length belongs"),
            }
            ensure!(length <= LONGEST, "Firefox announces {length} bytes");
        }
        let mut text = vec![0; length];
        self.wire.read_exact(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }
}
