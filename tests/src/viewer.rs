//! The native viewer's window on a display of its own, and the technician in front of it. Owns no expectation.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::desktop::{Area, Desktop};
use crate::image::Image;
use crate::process::{Running, program};
use crate::wait;
use crate::xserver::XServer;

/// The bar's height above the picture, in a window that is not full screen.
pub const BAR: i16 = 40;
const PATIENCE: Duration = Duration::from_secs(20);

pub struct ViewerWindow {
    pub process: Running,
    pub desktop: Desktop,
    title: String,
    // Dropped last: the viewer draws on it.
    _screen: XServer,
}

impl ViewerWindow {
    /// Opens `link` on a fresh display, and waits for the window of the session named `title`.
    ///
    /// # Errors
    /// When the viewer is not built, or its window does not come.
    pub fn open(link: &str, title: &str, arguments: &[&str], logs: &Path) -> Result<Self> {
        let screen = XServer::start(1920, 1080, &logs.join("technician"))?;
        let desktop = Desktop::open(screen.display())?;
        let mut command = Command::new(program("mayday-viewer")?);
        command
            .args(["--open", link, "--lang", "en"])
            .args(arguments)
            .env("DISPLAY", screen.display())
            .env_remove("WAYLAND_DISPLAY");
        let process = Running::start(command, "viewer", logs)?;
        let viewer = Self {
            process,
            desktop,
            title: title.to_owned(),
            _screen: screen,
        };
        viewer.desktop.window(title, PATIENCE)?;
        Ok(viewer)
    }

    /// The window's place on the technician's screen.
    ///
    /// # Errors
    /// When it is gone.
    pub fn area(&self) -> Result<Area> {
        Ok(self.desktop.window(&self.title, PATIENCE)?.1)
    }

    /// What lies below the bar.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn picture_area(&self) -> Result<Area> {
        let all = self.area()?;
        Ok(Area {
            y: all.y + BAR,
            height: all.height - BAR.unsigned_abs(),
            ..all
        })
    }

    /// Makes the window as large as a screen of this size needs, as a person does at its corner.
    ///
    /// # Errors
    /// When the window is gone, or does not become so large.
    pub fn resize(&self, width: u16, height: u16) -> Result<()> {
        let (window, _) = self.desktop.window(&self.title, PATIENCE)?;
        let height = height + BAR.unsigned_abs();
        self.desktop.resize(window, width, height)?;
        wait::until("the window's new size", PATIENCE, || {
            let area = self.area()?;
            Ok(((area.width, area.height) == (width, height)).then_some(()))
        })
    }

    /// # Errors
    /// When the window is gone.
    pub fn picture(&self) -> Result<Image> {
        self.desktop.picture(self.picture_area()?)
    }

    /// Clicks where the end user's pixel (`x`, `y`) is shown at 1:1.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn click(&self, x: i16, y: i16) -> Result<()> {
        let area = self.picture_area()?;
        self.desktop.click(area.x + x, area.y + y)
    }
}
