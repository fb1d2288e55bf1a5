//! The screen that the banner belongs on, as it is now. Owns the question to the X server: winit asks it once and never hears of a change,
//! because Xlib drops RandR's events where libXrandr is not loaded (winit #3405).

use std::cell::OnceCell;

use slint::winit_030::winit::monitor::MonitorHandle;
use slint::winit_030::winit::window::Window;
use x11rb::connection::Connection;
use x11rb::protocol::randr::ConnectionExt;
use x11rb::rust_connection::RustConnection;

use super::own_windows::x11_id;

/// Where a screen is, in the desktop's pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub left: i32,
    pub top: i32,
    pub width: u32,
}

impl Area {
    fn of(monitor: &MonitorHandle) -> Self {
        Self {
            left: monitor.position().x,
            top: monitor.position().y,
            width: monitor.size().width,
        }
    }
}

/// Connected when it is first asked, and only where the desktop is X11: winit's own list is right on Wayland.
#[derive(Default)]
pub(super) struct Screen(OnceCell<Option<Server>>);

impl Screen {
    /// The primary screen, or the first, or the one that the window is on.
    pub(super) fn area(&self, window: &Window) -> Option<Area> {
        let server = self
            .0
            .get_or_init(|| x11_id(window).and_then(|_| Server::connect()));
        let asked = server.as_ref().and_then(Server::area);
        asked.or_else(|| {
            let listed = window.primary_monitor();
            listed
                .or_else(|| window.current_monitor())
                .map(|monitor| Area::of(&monitor))
        })
    }
}

struct Server {
    connection: RustConnection,
    root: u32,
}

impl Server {
    fn connect() -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        Some(Self { connection, root })
    }

    /// `None` where the server is older than RandR 1.5 or shows nothing at all.
    fn area(&self) -> Option<Area> {
        // The server tells everybody of new keyboard maps; here they would pile up.
        while let Ok(Some(_)) = self.connection.poll_for_event() {}
        let asked = self.connection.randr_get_monitors(self.root, true).ok()?;
        let monitors = asked.reply().ok()?.monitors;
        let primary = monitors.iter().find(|monitor| monitor.primary);
        let monitor = primary.or_else(|| monitors.first())?;
        Some(Area {
            left: monitor.x.into(),
            top: monitor.y.into(),
            width: monitor.width.into(),
        })
    }
}
