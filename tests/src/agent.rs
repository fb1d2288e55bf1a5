//! A real agent process on a display of ours, and the end user's hands on its window. Owns no rules.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::desktop::Desktop;
use crate::process::{Running, program};
use crate::wait;

/// The main window's title and the banner's.
pub const WINDOW: &str = "Mayday";
pub const BANNER: &str = "Mayday – connected";

/// The exact fill of each button in `agent/ui/colours.slint`, light scheme.
pub mod colour {
    pub const ALLOW: u32 = 0x0a_6a_66;
    pub const VIEW_ONLY: u32 = 0xe3_ea_e8;
    pub const REJECT: u32 = 0x2b_38_36;
    pub const BANNER_PAUSE: u32 = 0x1d_6e_6a;
    pub const BANNER_VIEW_ONLY: u32 = 0x1e_6f_6b;
    pub const BANNER_LEAVE: u32 = 0x1f_70_6c;
    pub const BANNER_STOP: u32 = 0xfd_ff_fe;
}

#[derive(Debug)]
pub struct Agent {
    pub process: Running,
}

impl Agent {
    /// Starts the agent that lies beside this program.
    ///
    /// # Errors
    /// When it is not built or cannot be started.
    pub fn start(display: &str, arguments: &[&str], logs: &Path) -> Result<Self> {
        Self::start_file(&program("mayday-sos")?, display, arguments, logs)
    }

    /// Starts an agent file, such as one that was downloaded.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_file(file: &Path, display: &str, arguments: &[&str], logs: &Path) -> Result<Self> {
        let mut command = Command::new(file);
        command
            .args(arguments)
            .env("DISPLAY", display)
            .env_remove("WAYLAND_DISPLAY")
            .env("LANG", "en_GB.UTF-8")
            .env("LC_ALL", "en_GB.UTF-8")
            .env("GTK_THEME", "Adwaita");
        Ok(Self {
            process: Running::start(command, "agent", logs)?,
        })
    }

    /// Waits until its log has this.
    ///
    /// # Errors
    /// When it does not within `limit`; with what it logged.
    pub fn said(&self, words: &str, limit: Duration) -> Result<()> {
        wait::until(&format!("the agent's “{words}”"), limit, || {
            Ok(self.process.complaints().contains(words).then_some(()))
        })
        .with_context(|| self.process.complaints())
    }
}

/// Waits for the prompt and its first deaf second, then clicks the button of this colour as a person does.
///
/// # Errors
/// When the prompt does not come within `limit`.
pub fn answer(desktop: &Desktop, button: u32, limit: Duration) -> Result<Instant> {
    desktop.see(WINDOW, button, limit)?;
    std::thread::sleep(Duration::from_millis(1100));
    let (x, y) = desktop.see(WINDOW, button, Duration::from_secs(5))?;
    desktop.move_to(x, y)?;
    std::thread::sleep(Duration::from_millis(50));
    let at = Instant::now();
    desktop.click(x, y)?;
    Ok(at)
}
