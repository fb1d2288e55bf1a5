//! Everybody and everything on stage: a desktop with real applications, a gateway, an owner, a technician, a channel.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::desktop::Desktop;
use crate::gateway::Gateway;
use crate::process::Running;
use crate::rest::Rest;
use crate::template::agent_template;
use crate::xserver::XServer;

pub const TECHNICIAN: &str = "tina@example.com";
pub const TECHNICIAN_NAME: &str = "Tina Technician";
pub const CHANNEL: &str = "Front desk";

/// The exit code of the dialog when its button was really pressed.
pub(super) const BUTTON_PRESSED: i32 = 7;

pub struct Cast {
    pub desktop: Desktop,
    pub company: Company,
    /// The file that the editor on the shared desktop has open.
    pub note: PathBuf,
    pub(super) dialog: Running,
    _editor: Running,
    _clock: Running,
    // Dropped last: the others draw on it.
    pub screen: XServer,
}

impl Cast {
    /// Starts them all, with their files under `out`.
    ///
    /// # Errors
    /// When a part is missing or does not start.
    pub fn gather(out: &Path) -> Result<Self> {
        let logs = out.join("logs");
        let screen = XServer::start(2560, 1440, &logs)?;
        let desktop = Desktop::open(screen.display())?;
        paint_background(screen.display());
        let note = out.join("note.txt");
        std::fs::write(&note, "")?;
        let editor = {
            let mut command = Command::new("mousepad");
            command.arg("--disable-server").arg(&note);
            application(command, screen.display(), "editor", &logs)?
        };
        let dialog = {
            let mut command = Command::new("xmessage");
            command.args(["-geometry", "520x120+1500+320", "-title", "Printer"]);
            command.args(["-buttons", &format!("Print a test page:{BUTTON_PRESSED}")]);
            command.arg("The printer on the second floor does not answer.");
            application(command, screen.display(), "dialog", &logs)?
        };
        let clock = {
            let mut command = Command::new("xterm");
            command.args(["-geometry", "90x24+1400+700", "-title", "Terminal", "-e"]);
            command.args([
                "sh",
                "-c",
                "ls --color /usr/bin | head -20; exec sleep 100000",
            ]);
            application(command, screen.display(), "terminal", &logs)?
        };
        desktop.window("Printer", Duration::from_secs(20))?;
        let company = Company::found(out)?;
        Ok(Self {
            desktop,
            company,
            note,
            dialog,
            _editor: editor,
            _clock: clock,
            screen,
        })
    }
}

/// The gateway's side alone: for a machine that has a desktop of its own.
pub struct Company {
    pub gateway: Gateway,
    pub owner: Rest,
    pub technician: Rest,
}

impl Company {
    /// Starts a gateway with its files under `out`, an owner, a technician and a channel.
    ///
    /// # Errors
    /// When the gateway is not built or does not start.
    pub fn found(out: &Path) -> Result<Self> {
        let logs = out.join("logs");
        let gateway = Gateway::start(&out.join("gateway"), &logs, Some(&agent_template()?))?;
        let owner = gateway.owner()?;
        let technician = hire(&gateway, &owner)?;
        Ok(Self {
            gateway,
            owner,
            technician,
        })
    }
}

/// A technician, and a channel for them.
fn hire(gateway: &Gateway, owner: &Rest) -> Result<Rest> {
    let (_, technician) = gateway.hire(owner, TECHNICIAN_NAME, TECHNICIAN, "technician_manager")?;
    owner.post(
        "/channels",
        &json!({"name": CHANNEL, "description": "Printers, passwords, first aid", "expiration_s": 86400}),
    )?;
    Ok(technician)
}

fn application(mut command: Command, display: &str, name: &str, logs: &Path) -> Result<Running> {
    command
        .env("DISPLAY", display)
        .env_remove("WAYLAND_DISPLAY")
        .env("NO_AT_BRIDGE", "1");
    Running::start(command, name, logs)
}

/// A calm background; without one the screen is black, which looks broken.
fn paint_background(display: &str) {
    let _ = Command::new("xsetroot")
        .args(["-solid", "#3b5566"])
        .env("DISPLAY", display)
        .status();
}
