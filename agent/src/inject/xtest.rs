//! Events by the XTEST extension: keys by keycode, so that the end user's layout decides. About 15 us each.

use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::{ConnectionExt as _, X11_EXTENSION_NAME};

use super::guard::{Guard, failed};
use super::keymap::Keymap;
use super::{Backend, Done, InjectError};
use crate::stop_key::InjectedKeys;

pub struct Xtest {
    guard: Guard,
    ledger: InjectedKeys,
    keymap: Keymap,
}

impl Xtest {
    /// # Errors
    /// When the display has no XTEST.
    pub fn new(guard: Guard, ledger: InjectedKeys) -> Result<Self, InjectError> {
        let extension = guard.connection.extension_information(X11_EXTENSION_NAME);
        if extension.map_err(failed)?.is_none() {
            return Err(InjectError::NoXtest);
        }
        Ok(Self {
            guard,
            ledger,
            keymap: Keymap::default(),
        })
    }

    fn fake(&self, kind: u8, detail: u8, x: u16, y: u16) -> Result<(), InjectError> {
        let place = |side: u16| i16::try_from(side).unwrap_or(i16::MAX);
        self.guard
            .connection
            .xtest_fake_input(kind, detail, 0, self.guard.root, place(x), place(y), 0)
            .map_err(failed)?;
        Ok(())
    }

    fn fake_key(&self, keycode: u8, down: bool) -> Result<(), InjectError> {
        self.ledger.about_to(keycode, down);
        self.fake(
            if down {
                KEY_PRESS_EVENT
            } else {
                KEY_RELEASE_EVENT
            },
            keycode,
            0,
            0,
        )
    }

    fn move_pointer(&self, x: u16, y: u16) -> Result<(), InjectError> {
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y)
    }

    fn flush(&self) -> Result<(), InjectError> {
        self.guard.connection.flush().map_err(failed)
    }

    /// Moves, looks what is there, and only then acts; nobody can put a window in between.
    fn at(
        &mut self,
        x: u16,
        y: u16,
        act: impl FnOnce(&Self) -> Result<(), InjectError>,
    ) -> Result<Done, InjectError> {
        self.guard.connection.grab_server().map_err(failed)?;
        let done = self.move_pointer(x, y).and_then(|()| {
            if self.guard.is_pointer_ours()? {
                return Ok(Done::Refused);
            }
            act(self).map(|()| Done::Yes)
        });
        self.guard.connection.ungrab_server().map_err(failed)?;
        self.flush()?;
        done
    }

    /// Looks who has the keyboard, and only then acts.
    fn typed(
        &mut self,
        act: impl FnOnce(&Self) -> Result<(), InjectError>,
    ) -> Result<Done, InjectError> {
        self.guard.connection.grab_server().map_err(failed)?;
        let done = self.guard.is_keyboard_ours().and_then(|ours| {
            if ours {
                return Ok(Done::Refused);
            }
            act(self).map(|()| Done::Yes)
        });
        self.guard.connection.ungrab_server().map_err(failed)?;
        self.flush()?;
        done
    }
}

impl Backend for Xtest {
    fn key(&mut self, code: u16, down: bool) -> Result<Done, InjectError> {
        let Some(keycode) = keycode(code) else {
            return Ok(Done::Refused);
        };
        if down {
            return self.typed(|this| this.fake_key(keycode, true));
        }
        self.fake_key(keycode, false)?;
        self.flush()?;
        Ok(Done::Yes)
    }

    fn button(&mut self, button: u8, down: bool, x: u16, y: u16) -> Result<Done, InjectError> {
        if down {
            return self.at(x, y, |this| this.fake(BUTTON_PRESS_EVENT, button, 0, 0));
        }
        self.move_pointer(x, y)?;
        self.fake(BUTTON_RELEASE_EVENT, button, 0, 0)?;
        self.flush()?;
        Ok(Done::Yes)
    }

    fn wheel(&mut self, right: i32, down: i32, x: u16, y: u16) -> Result<Done, InjectError> {
        self.at(x, y, |this| {
            for (notches, forward, back) in [(down, 5, 4), (right, 7, 6)] {
                let button = if notches > 0 { forward } else { back };
                for _ in 0..notches.abs() {
                    this.fake(BUTTON_PRESS_EVENT, button, 0, 0)?;
                    this.fake(BUTTON_RELEASE_EVENT, button, 0, 0)?;
                }
            }
            Ok(())
        })
    }

    fn move_to(&mut self, x: u16, y: u16) -> Result<(), InjectError> {
        self.move_pointer(x, y)?;
        self.flush()
    }

    fn text(&mut self, text: &str) -> Result<Done, InjectError> {
        let strokes = self.keymap.strokes(&self.guard.connection, text)?;
        let shift = self.keymap.shift();
        self.typed(|this| {
            for stroke in &strokes {
                if stroke.shifted {
                    this.fake_key(shift, true)?;
                }
                this.fake_key(stroke.keycode, true)?;
                this.fake_key(stroke.keycode, false)?;
                if stroke.shifted {
                    this.fake_key(shift, false)?;
                }
            }
            Ok(())
        })
    }

    fn settle(&mut self) -> Result<(), InjectError> {
        self.guard.settle()
    }
}

impl Drop for Xtest {
    fn drop(&mut self) {
        self.keymap.restore(&self.guard.connection);
        // The display may be gone, and the borrowed keys with it.
        let _ = self.guard.settle();
    }
}

/// X11's keycode of a Linux input event code: 8 more, if there is room for it.
pub fn keycode(code: u16) -> Option<u8> {
    u8::try_from(code).ok()?.checked_add(8)
}
