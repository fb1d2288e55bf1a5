//! The native viewer's window on a display of its own, and the technician in front of it. Owns no expectation.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::desktop::{Area, Desktop};
use crate::image::Image;
use crate::process::{Running, program};
use crate::wait;
use crate::xserver::XServer;

/// What a button of the bar looks like under the pointer, and when it is on.
const LIT: [[u8; 3]; 2] = [[0x33, 0x3b, 0x46], [0x1f, 0x4d, 0x8f]];
/// Between two buttons.
const GAP: u16 = 4;
/// A row of the bar that goes through the buttons above their words.
const ABOVE_WORDS: i16 = 9;
/// A menu's first row below the bar, and the height of each.
const MENU: (i16, i16) = (6, 30);

/// The bar's buttons, from the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Disconnect,
    FullScreen,
    Figures,
    Keys,
    Actual,
    Fit,
}

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
            .env("RUST_LOG", "mayday_viewer=info")
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

    /// Presses a button of the bar, and gives the place it has in the window's picture.
    ///
    /// # Errors
    /// When it does not light up under the pointer.
    pub fn press(&self, button: Button) -> Result<Area> {
        let mut right = self.area()?.width;
        for _ in 0..button as u8 {
            right = self.button_left_of(right)?.x.unsigned_abs();
        }
        let place = self.button_left_of(right)?;
        let window = self.area()?;
        self.desktop
            .click(window.x + place.x + 12, window.y + BAR / 2)?;
        Ok(place)
    }

    /// Presses a row, counted from 0, of the menu that a button of the bar has opened.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn press_in_menu(&self, opener: Area, row: i16) -> Result<()> {
        let window = self.area()?;
        let x = opener.x + i16::try_from(opener.width)? - 20;
        let y = BAR + MENU.0 + row * MENU.1 + MENU.1 / 2;
        self.desktop.click(window.x + x, window.y + y)
    }

    /// The button that ends left of here, found with the pointer, under which it lights up.
    fn button_left_of(&self, right: u16) -> Result<Area> {
        let window = self.area()?;
        let at = usize::from(right - GAP - 12);
        let (x, y) = (window.x + i16::try_from(at)?, window.y + BAR / 2);
        self.desktop.move_to(x, y)?;
        wait::until("a button under the pointer", PATIENCE, || {
            let row = self.desktop.picture(Area {
                y: window.y + ABOVE_WORDS,
                height: 1,
                ..window
            })?;
            let is_lit = |x: &usize| LIT.contains(&row.pixel(*x, 0));
            let left = (0..=at).rev().take_while(is_lit).last();
            let end = (at..row.width).take_while(is_lit).last();
            let (Some(left), Some(end)) = (left, end) else {
                return Ok(None);
            };
            Ok(Some(Area {
                x: i16::try_from(left)?,
                y: 0,
                width: u16::try_from(end + 1 - left)?,
                height: BAR.unsigned_abs(),
            }))
        })
    }

    /// Waits until the viewer has said something like this in its log.
    ///
    /// # Errors
    /// When it does not.
    pub fn says(&self, words: &str) -> Result<()> {
        let said = wait::until(words, PATIENCE, || {
            Ok(self.process.complaints().contains(words).then_some(()))
        });
        said.with_context(|| self.process.complaints())
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
