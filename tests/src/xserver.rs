//! An X server of our own with a window manager, on a display number that the system picks. Owns no windows.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};

use crate::process::Running;
use crate::wait;

/// How long the parts of a desktop may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct XServer {
    display: String,
    // Dropped in this order: the window manager before its server.
    _window_manager: Option<Running>,
    server: Running,
}

impl XServer {
    /// Starts Xvfb at `width` x `height`, and openbox in it.
    ///
    /// # Errors
    /// When one of them is not installed or does not start.
    pub fn start(width: u16, height: u16, logs: &Path) -> Result<Self> {
        Self::bare(width, height, logs)?.managed(logs)
    }

    /// The same, with the pixels in the file `Xvfb_screen0` of `framebuffer` (an X window dump), for whoever must not ask for them.
    ///
    /// # Errors
    /// When it does not start.
    pub fn in_file(width: u16, height: u16, framebuffer: &Path, logs: &Path) -> Result<Self> {
        std::fs::create_dir_all(framebuffer)?;
        let mut command = xvfb(width, height);
        command.arg("-fbdir").arg(framebuffer);
        Self::run(command, "xvfb", logs)?.managed(logs)
    }

    /// Any X server that says its display's number as Xvfb does after `-displayfd 1`, with openbox in it.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn other(command: Command, name: &str, logs: &Path) -> Result<Self> {
        Self::run(command, name, logs)?.managed(logs)
    }

    fn managed(mut self, logs: &Path) -> Result<Self> {
        let mut command = Command::new("openbox");
        command.env("DISPLAY", &self.display);
        self._window_manager = Some(Running::start(command, "openbox", logs)?);
        self.wait_until_managed()?;
        Ok(self)
    }

    /// A window that is mapped while openbox starts may be forgotten by it.
    fn wait_until_managed(&self) -> Result<()> {
        let (x, screen) = x11rb::connect(Some(&self.display))?;
        let root = x.setup().roots[screen].root;
        let atom = x.intern_atom(false, b"_NET_CLIENT_LIST")?.reply()?.atom;
        wait::until("the window manager's list of windows", PATIENCE, || {
            let list = x
                .get_property(false, root, atom, AtomEnum::ANY, 0, 1)?
                .reply()?;
            Ok((list.type_ != x11rb::NONE).then_some(()))
        })
    }

    /// Starts Xvfb alone.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn bare(width: u16, height: u16, logs: &Path) -> Result<Self> {
        Self::run(xvfb(width, height), "xvfb", logs)
    }

    fn run(command: Command, name: &str, logs: &Path) -> Result<Self> {
        let mut server = Running::start(command, name, logs)?;
        let number: u32 = server.line(PATIENCE, |line| line.trim().parse().ok())?;
        Ok(Self {
            display: format!(":{number}"),
            _window_manager: None,
            server,
        })
    }

    /// Gives the screen a resolution that it had not before, as a person does in the display settings. Xvfb knows only the size it
    /// started with; others are added as modes without timings.
    ///
    /// # Errors
    /// When the server refuses; with its sentence.
    pub fn resolution(&self, width: u16, height: u16) -> Result<()> {
        let mode = format!("mayday-{width}x{height}");
        let (w, h) = (width.to_string(), height.to_string());
        let timings = ["0", &w, "0", "0", &w, &h, "0", "0", &h];
        let mut new_mode = vec!["--newmode", &mode];
        new_mode.extend(timings);
        self.xrandr(&new_mode)?;
        self.xrandr(&["--addmode", "screen", &mode])?;
        self.xrandr(&["--output", "screen", "--mode", &mode])
    }

    fn xrandr(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new("xrandr");
        let done = command
            .args(["--display", &self.display])
            .args(arguments)
            .output()?;
        if !done.status.success() {
            bail!("xrandr: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(())
    }

    /// The server's process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// As in the variable `DISPLAY`.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }
}

fn xvfb(width: u16, height: u16) -> Command {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"]);
    command.args(["-screen", "0", &format!("{width}x{height}x24")]);
    command
}
