//! An X server of our own with a window manager, on a display number that the system picks. Owns no windows.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process::Running;

#[derive(Debug)]
pub struct XServer {
    display: String,
    // Dropped in this order: the window manager before its server.
    _window_manager: Option<Running>,
    _server: Running,
}

impl XServer {
    /// Starts Xvfb at `width` x `height`, and openbox in it.
    ///
    /// # Errors
    /// When one of them is not installed or does not start.
    pub fn start(width: u16, height: u16, logs: &Path) -> Result<Self> {
        let mut server = Self::bare(width, height, logs)?;
        let mut command = Command::new("openbox");
        command.env("DISPLAY", &server.display);
        server._window_manager = Some(Running::start(command, "openbox", logs)?);
        Ok(server)
    }

    /// Starts Xvfb alone.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn bare(width: u16, height: u16, logs: &Path) -> Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-noreset",
            "-nolisten",
            "tcp",
            "-screen",
            "0",
        ]);
        command.arg(format!("{width}x{height}x24"));
        let mut server = Running::start(command, "xvfb", logs)?;
        let number: u32 = server.line(Duration::from_secs(20), |line| line.trim().parse().ok())?;
        Ok(Self {
            display: format!(":{number}"),
            _window_manager: None,
            _server: server,
        })
    }

    /// As in the variable `DISPLAY`.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }
}
