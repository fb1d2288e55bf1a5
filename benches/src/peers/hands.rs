//! The technician's hands on the keyboard and mouse of their own X screen (XTEST).

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Between the parts of a click.
const PACE: Duration = Duration::from_millis(60);

pub struct Hands {
    x: RustConnection,
}

impl Hands {
    /// # Errors
    /// When there is no such display.
    pub fn at(display: &str) -> Result<Self> {
        let (x, _) = RustConnection::connect(Some(display))?;
        Ok(Self { x })
    }

    /// Presses a key and lets it go; when it went down.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn press(&self, keycode: u8) -> Result<Instant> {
        let began = Instant::now();
        self.fake(KEY_PRESS_EVENT, keycode, (0, 0))?;
        self.fake(KEY_RELEASE_EVENT, keycode, (0, 0))?;
        Ok(began)
    }

    /// Clicks somewhere, then takes the pointer out of the way.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn click(&self, place: (i16, i16), away: (i16, i16)) -> Result<()> {
        self.point(place)?;
        for event in [BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT] {
            self.fake(event, 1, place)?;
            sleep(PACE);
        }
        self.point(away)
    }

    fn point(&self, place: (i16, i16)) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, place)?;
        sleep(PACE);
        Ok(())
    }

    fn fake(&self, event: u8, detail: u8, (x, y): (i16, i16)) -> Result<()> {
        let root = self.x.setup().roots[0].root;
        self.x.xtest_fake_input(event, detail, 0, root, x, y, 0)?;
        Ok(self.x.flush()?)
    }
}
