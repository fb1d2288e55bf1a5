//! An application of the end user's: it is painted and takes keys.

use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event as XEvent;
use x11rb::protocol::xproto::{
    ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, InputFocus,
    Rectangle, WindowClass,
};
use x11rb::rust_connection::RustConnection;

pub struct Application {
    connection: RustConnection,
    window: u32,
    gc: u32,
}

impl Application {
    pub fn open(x: i16, y: i16) -> Self {
        let (connection, screen) = RustConnection::connect(None).unwrap();
        let root = connection.setup().roots[screen].root;
        let (window, gc) = (
            connection.generate_id().unwrap(),
            connection.generate_id().unwrap(),
        );
        let how = CreateWindowAux::new()
            .background_pixel(0x00ff_ffff)
            .event_mask(EventMask::KEY_PRESS | EventMask::KEY_RELEASE)
            .override_redirect(1);
        connection
            .create_window(
                24,
                window,
                root,
                x,
                y,
                200,
                200,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &how,
            )
            .unwrap();
        connection.map_window(window).unwrap();
        connection
            .create_gc(gc, window, &CreateGCAux::new())
            .unwrap();
        connection.get_input_focus().unwrap().reply().unwrap();
        Self {
            connection,
            window,
            gc,
        }
    }

    pub fn take_focus(&self) {
        let focus = self
            .connection
            .set_input_focus(InputFocus::PARENT, self.window, 0u32);
        focus.unwrap().check().unwrap();
    }

    pub fn paint(&self, colour: u32) {
        let colour = ChangeGCAux::new().foreground(colour);
        self.connection.change_gc(self.gc, &colour).unwrap();
        let place = Rectangle {
            x: 8,
            y: 8,
            width: 30,
            height: 20,
        };
        self.connection
            .poly_fill_rectangle(self.window, self.gc, &[place])
            .unwrap();
        self.connection.flush().unwrap();
    }

    pub fn keys(&self, count: usize, limit: Duration) -> Vec<String> {
        let until = Instant::now() + limit;
        let mut keys = Vec::new();
        while keys.len() < count && Instant::now() < until {
            match self.connection.poll_for_event().unwrap() {
                Some(XEvent::KeyPress(key)) => keys.push(format!("{} down", key.detail)),
                Some(XEvent::KeyRelease(key)) => keys.push(format!("{} up", key.detail)),
                Some(_) => {}
                None => thread::sleep(Duration::from_millis(2)),
            }
        }
        keys
    }
}
