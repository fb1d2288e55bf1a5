//! The viewer's window: shows the end user's screen at once when it changes, sends what is typed and clicked, says in words why there is no
//! picture. Owns the window; connection, order and decoding are the library's.

mod action;
mod app;
mod area;
mod bar;
mod figures;
mod input;
mod keyboard;
mod letters;
mod paint;
mod pointer;
mod scale;
mod shapes;
mod sheet;
mod situation;
mod stay;
mod surface;
mod texts;
mod theme;
mod words;

use anyhow::{Context as _, Result};
use mayday_viewer::NativeLink;
use winit::event_loop::EventLoop;

use crate::choice::Decoding;
use app::App;
use letters::Letters;
use texts::Texts;

/// How the window begins.
pub struct Options {
    /// A language of the catalogue; else the desktop's.
    pub language: Option<String>,
    pub full_screen: bool,
    pub decoding: Decoding,
}

/// Shows the session of this link until the person closes the window.
///
/// # Errors
/// When there is no display to open a window on, or no font to write with.
pub fn run(link: NativeLink, options: &Options) -> Result<()> {
    let letters = Letters::find()?;
    let texts = Texts::new(options.language.as_deref());
    let event_loop = EventLoop::with_user_event().build().context(
        "no window can be opened here: start the viewer on a desktop (DISPLAY or WAYLAND_DISPLAY), or with --headless",
    )?;
    let mut app = App::new(link, event_loop.create_proxy(), letters, texts, options);
    event_loop.run_app(&mut app)?;
    app.outcome()
}
