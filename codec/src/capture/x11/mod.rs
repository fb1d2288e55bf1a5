//! The X11 backend: one connection on which everything is noticed and grabbed. Owns the order of events;
//! shared memory, damage and the cursor have files of their own.

use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ConnectError, ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, ImageOrder,
};
use x11rb::rust_connection::RustConnection;

use self::cursor::Cursor;
use self::damage::DamageTracker;
use self::shm::SharedScreen;
pub use self::soon::await_answer;
use self::wake::EventFd;
use super::{Capture, CaptureError, CursorState, Frame, Wake, Waker};
use crate::geometry::{Rect, Size};

mod cursor;
mod damage;
mod focus;
mod shm;
mod soon;
mod wake;

pub(crate) struct X11 {
    connection: RustConnection,
    root: u32,
    screen: SharedScreen,
    damage: DamageTracker,
    cursor: Cursor,
    waker: EventFd,
    /// What was noticed and not yet told.
    pending: Wake,
    noticed_at: Instant,
    grabbed: Vec<Rect>,
}

impl X11 {
    pub(crate) fn open(display: Option<&str>) -> Result<Self, CaptureError> {
        if display.is_none() && std::env::var_os("DISPLAY").is_none_or(|name| name.is_empty()) {
            return Err(CaptureError::NoDisplay);
        }
        let (connection, screen) = RustConnection::connect(display).map_err(unreachable)?;
        let root = connection.setup().roots[screen].root;
        let depth = connection.setup().roots[screen].root_depth;
        let bits = connection
            .setup()
            .pixmap_formats
            .iter()
            .find(|format| format.depth == depth)
            .map_or(0, |format| format.bits_per_pixel);
        let little = connection.setup().image_byte_order == ImageOrder::LSB_FIRST;
        if bits != 32 || !matches!(depth, 24 | 32) || !little {
            return Err(CaptureError::PixelFormat { depth });
        }
        // Notices of a new size are asked for before the size is read, so none is missed.
        let structure = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        connection
            .change_window_attributes(root, &structure)
            .map_err(gone)?;
        if has(&connection, randr::X11_EXTENSION_NAME)? {
            connection
                .randr_select_input(root, randr::NotifyMask::SCREEN_CHANGE)
                .map_err(gone)?;
        }
        let geometry = connection.get_geometry(root).map_err(gone)?;
        let geometry = geometry.reply().map_err(gone)?;
        let size = Size::new(geometry.width, geometry.height);
        let screen = SharedScreen::new(&connection, size)?;
        let damage = DamageTracker::new(&connection, root, size)?;
        let cursor = Cursor::new(&connection, root)?;
        Ok(Self {
            connection,
            root,
            screen,
            damage,
            cursor,
            waker: EventFd::new().map_err(CaptureError::Memory)?,
            pending: Wake {
                damage: true,
                cursor: true,
                ..Wake::default()
            },
            noticed_at: Instant::now(),
            grabbed: Vec::new(),
        })
    }

    /// Takes the events that have arrived, buffered ones included, without blocking.
    fn notice_events(&mut self) -> Result<(), CaptureError> {
        while let Some(event) = self.connection.poll_for_event().map_err(gone)? {
            self.notice(&event);
        }
        Ok(())
    }

    fn notice(&mut self, event: &Event) {
        match event {
            Event::DamageNotify(_) => {
                if !self.pending.damage {
                    self.noticed_at = Instant::now();
                }
                self.damage.notified();
                self.pending.damage = true;
            }
            Event::XfixesCursorNotify(notify) => {
                self.cursor.changed(notify.cursor_serial);
                self.pending.cursor = true;
            }
            Event::XinputRawMotion(_) => self.pending.cursor = true,
            Event::RandrScreenChangeNotify(_) => self.pending.reinit |= self.size_changed(),
            Event::ConfigureNotify(notify) if notify.window == self.root => {
                self.pending.reinit |= Size::new(notify.width, notify.height) != self.size();
            }
            _ => {} // other clients' business, and answers to requests whose failure is harmless
        }
    }

    /// Asks, as RandR's own notice gives the sides before rotation.
    fn size_changed(&self) -> bool {
        self.connection
            .get_geometry(self.root)
            .ok()
            .and_then(|cookie| cookie.reply().ok())
            .is_some_and(|now| Size::new(now.width, now.height) != self.size())
    }

    /// Tells what is pending. Damage stays pending until it is grabbed, a reinit for good.
    fn tell(&mut self) -> Wake {
        let wake = self.pending;
        self.pending.cursor = false;
        self.pending.woken = false;
        wake
    }
}

impl Capture for X11 {
    fn size(&self) -> Size {
        self.screen.size()
    }

    fn wait(&mut self, timeout: Duration) -> Result<Wake, CaptureError> {
        let until = Instant::now() + timeout;
        loop {
            self.connection.flush().map_err(gone)?;
            self.notice_events()?;
            self.pending.woken |= self.waker.take();
            if self.pending.any() {
                return Ok(self.tell());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Wake::default());
            }
            self.waker
                .wait_with(self.connection.stream().as_fd().as_raw_fd(), left)
                .map_err(|error| CaptureError::Gone {
                    reason: error.to_string(),
                })?;
        }
    }

    fn grab(&mut self) -> Result<Frame<'_>, CaptureError> {
        let started = Instant::now();
        self.grabbed.clear();
        if self.pending.damage && !self.pending.reinit {
            self.damage.take(&self.connection, &mut self.grabbed)?;
            match self
                .screen
                .fetch(&self.connection, self.root, &self.grabbed)
            {
                Ok(()) => self.pending.damage = false,
                Err(ReplyError::X11Error(_)) => {
                    // The screen became smaller than what was asked for.
                    self.grabbed.clear();
                    self.damage.all();
                    self.pending.reinit = true;
                }
                Err(ReplyError::ConnectionError(error)) => return Err(gone(error)),
            }
        }
        Ok(Frame {
            pixels: self.screen.pixels(),
            stride: self.screen.stride(),
            size: self.screen.size(),
            damage: &self.grabbed,
            noticed_at: self.noticed_at,
            grab: started.elapsed(),
        })
    }

    fn damage_all(&mut self) {
        if !self.pending.damage {
            self.noticed_at = Instant::now();
        }
        self.damage.all();
        self.pending.damage = true;
    }

    fn cursor(&mut self) -> Result<CursorState, CaptureError> {
        self.cursor
            .state(&self.connection, self.root, self.screen.size())
    }

    fn focus(&mut self) -> Option<Rect> {
        focus::focus(&self.connection, self.root, self.screen.size())
    }

    fn waker(&self) -> Waker {
        self.waker.waker()
    }
}

fn has(connection: &RustConnection, extension: &'static str) -> Result<bool, CaptureError> {
    Ok(connection
        .extension_information(extension)
        .map_err(gone)?
        .is_some())
}

fn require(connection: &RustConnection, extension: &'static str) -> Result<(), CaptureError> {
    match has(connection, extension)? {
        true => Ok(()),
        false => Err(CaptureError::Missing { extension }),
    }
}

fn unreachable(error: ConnectError) -> CaptureError {
    CaptureError::Unreachable {
        reason: error.to_string(),
    }
}

fn gone(error: impl Into<ReplyError>) -> CaptureError {
    CaptureError::Gone {
        reason: match error.into() {
            ReplyError::ConnectionError(ConnectionError::IoError(error)) => error.to_string(),
            other => other.to_string(),
        },
    }
}
