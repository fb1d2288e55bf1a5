//! What the pipeline wants from a screen, whatever the system: wait for a change, grab it, know the cursor.
//! `cfg` and the choice of a backend live here; how a system does it lives in the backend's file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::geometry::{Rect, Size};

mod scrap;
#[cfg(target_os = "linux")]
mod x11;
#[cfg(target_os = "linux")]
pub use x11::await_answer;

/// A screen that tells when it changes.
///
/// The whole screen is damaged when a capture is opened, so the first [`grab`](Capture::grab) has every pixel.
pub trait Capture: Send {
    fn size(&self) -> Size;

    /// Blocks until there is damage, the cursor moved or changed, the screen must be opened anew, a [`Waker`] was used, or
    /// `timeout` has passed (then nothing in [`Wake`] is set).
    ///
    /// # Errors
    /// When the display is gone.
    fn wait(&mut self, timeout: Duration) -> Result<Wake, CaptureError>;

    /// The damaged rectangles since the last grab, with fresh pixels. Without damage the frame's list is empty.
    ///
    /// # Errors
    /// When the display is gone. A resolution that changed meanwhile is no error: the list is then empty, and the next
    /// [`wait`](Capture::wait) says `reinit`.
    fn grab(&mut self) -> Result<Frame<'_>, CaptureError>;

    /// Marks the whole screen damaged; the next [`wait`](Capture::wait) returns at once.
    fn damage_all(&mut self);

    /// Where the cursor is, and its shape if that was not told before (or was told long ago: see [`CursorState::shape`]).
    ///
    /// # Errors
    /// When the display is gone.
    fn cursor(&mut self) -> Result<CursorState, CaptureError>;

    /// Where the window is that has the keyboard; `None` where the system does not say. Asks the system each time.
    fn focus(&mut self) -> Option<Rect>;

    /// Ends a [`wait`](Capture::wait) from another thread, now or the next one.
    fn waker(&self) -> Waker;
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wake {
    pub damage: bool,
    /// It moved or changed its shape.
    pub cursor: bool,
    /// The resolution changed: drop this capture and open anew. A normal outcome, and it stays set.
    pub reinit: bool,
    pub woken: bool,
}

impl Wake {
    #[must_use]
    pub fn any(self) -> bool {
        self.damage || self.cursor || self.reinit || self.woken
    }
}

/// The screen after a change.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// BGRX of the whole screen. Fresh inside `damage`; elsewhere as it was last grabbed.
    pub pixels: &'a [u8],
    /// Bytes from one row to the next.
    pub stride: usize,
    pub size: Size,
    /// Disjoint, inside the screen, at most [`crate::geometry::Damage::MAX_RECTS`].
    pub damage: &'a [Rect],
    /// When the oldest of the damage was noticed.
    pub noticed_at: Instant,
    /// What fetching the pixels took.
    pub grab: Duration,
}

/// The cursor as data; it is not in the pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CursorState {
    /// Where its hot spot is, in screen pixels.
    pub x: u16,
    pub y: u16,
    /// Names a shape; 0 when there is nothing to show.
    pub shape_id: u32,
    /// The shape that `shape_id` names, if it is not among the last [`CursorState::REMEMBERED`] told.
    pub shape: Option<CursorShape>,
}

impl CursorState {
    /// A capture tells a shape again when it told this many others since.
    pub const REMEMBERED: usize = 64;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorShape {
    pub id: u32,
    /// At most 256x256.
    pub size: Size,
    pub hot_x: u16,
    pub hot_y: u16,
    /// RGBA, not premultiplied, `width * height * 4` bytes.
    pub rgba: Vec<u8>,
}

/// Ends a wait from any thread.
#[derive(Clone)]
pub struct Waker(Arc<dyn Fn() + Send + Sync>);

impl Waker {
    pub(crate) fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    pub fn wake(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for Waker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Waker")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    #[error(
        "there is no display to show: DISPLAY is not set, so start this inside a desktop session"
    )]
    NoDisplay,
    #[error("the display cannot be reached ({reason}): check that this user may open it")]
    Unreachable { reason: String },
    #[error(
        "the display has no {extension} extension, which is needed to capture it: try `--capture scrap`"
    )]
    Missing { extension: &'static str },
    #[error("the display has a colour depth of {depth}, and only 24 is understood: set it to 24")]
    PixelFormat { depth: u8 },
    #[error("no memory could be shared with the display: {0}")]
    Memory(#[source] std::io::Error),
    #[error("the display closed the connection ({reason})")]
    Gone { reason: String },
    #[error("this system has no {0} capture")]
    Unsupported(&'static str),
}

/// The screen by X11: MIT-SHM, XDamage, XFixes and RandR. `display` is a name like `:1`; without one, DISPLAY is used.
///
/// # Errors
/// With a sentence for the person in front of it.
#[cfg(target_os = "linux")]
pub fn open_x11(display: Option<&str>) -> Result<Box<dyn Capture>, CaptureError> {
    Ok(Box::new(x11::X11::open(display)?))
}

/// # Errors
/// Always: there is no X11 here.
#[cfg(not(target_os = "linux"))]
pub fn open_x11(_display: Option<&str>) -> Result<Box<dyn Capture>, CaptureError> {
    Err(CaptureError::Unsupported("X11"))
}

/// The screen by the portable `scrap` crate: no notice of damage and no cursor, so it is polled and compared.
///
/// # Errors
/// With a sentence for the person in front of it.
pub fn open_scrap() -> Result<Box<dyn Capture>, CaptureError> {
    Ok(Box::new(scrap::Scrap::open()?))
}
