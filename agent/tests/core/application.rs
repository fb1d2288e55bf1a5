//! An application of the end user's: it is painted and takes keys.

use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event as XEvent;
use x11rb::protocol::xproto::{
    ChangeGCAux, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask,
    ImageFormat, InputFocus, Rectangle, SubwindowMode, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// The window's sides.
const WIDTH: u16 = 480;
const HEIGHT: u16 = 400;
/// Rows that scroll at the window's top.
pub const PANE: u16 = 200;

pub struct Application {
    connection: RustConnection,
    root: u32,
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
                WIDTH,
                HEIGHT,
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
        let font = connection.generate_id().unwrap();
        connection.open_font(font, b"fixed").unwrap();
        let ink = ChangeGCAux::new().font(font).background(0x00ff_ffff);
        connection.change_gc(gc, &ink).unwrap();
        connection.get_input_focus().unwrap().reply().unwrap();
        Self {
            connection,
            root,
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
        self.fill(8, 8, 30, 20, colour);
    }

    /// Writes a line of real text, from this row of the window on.
    pub fn write(&self, x: i16, y: i16, text: &str) {
        let ink = ChangeGCAux::new().foreground(0x0020_2020);
        self.connection.change_gc(self.gc, &ink).unwrap();
        self.connection
            .image_text8(self.window, self.gc, x, y, text.as_bytes())
            .unwrap();
        self.connection.flush().unwrap();
    }

    /// Moves what is in the window's top rows up by some.
    pub fn scroll(&self, rows: i16, of: u16) {
        let (window, gc) = (self.window, self.gc);
        let height = of - rows as u16;
        self.connection
            .copy_area(window, window, gc, 0, rows, 0, 0, WIDTH, height)
            .unwrap();
        self.connection.flush().unwrap();
    }

    /// Pulls what is in the window's top rows to the right and up.
    pub fn pull(&self, right: i16, rows: i16, of: u16) {
        let (window, gc) = (self.window, self.gc);
        let (width, height) = (WIDTH - right as u16, of - rows as u16);
        self.connection
            .copy_area(window, window, gc, 0, rows, right, 0, width, height)
            .unwrap();
        self.connection.flush().unwrap();
    }

    /// Drags the whole window to this place of the screen.
    pub fn drag(&self, x: i16, y: i16) {
        let place = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y));
        self.connection
            .configure_window(self.window, &place)
            .unwrap();
        self.connection.flush().unwrap();
    }

    /// All of the window is text of this number, from this row on.
    pub fn page(&self, number: usize, from: i16, rows: u16) {
        self.fill(0, from, WIDTH, rows, 0x00ff_ffff);
        for line in 0..rows as i16 / 13 {
            let text: String = (0..78)
                .map(|at| {
                    char::from(b' ' + ((number * 31 + line as usize * 17 + at * at * 7) % 90) as u8)
                })
                .collect();
            self.write(4, from + 11 + line * 13, &text);
        }
    }

    pub fn fill(&self, x: i16, y: i16, width: u16, height: u16, colour: u32) {
        let ink = ChangeGCAux::new().foreground(colour);
        self.connection.change_gc(self.gc, &ink).unwrap();
        let place = Rectangle {
            x,
            y,
            width,
            height,
        };
        self.connection
            .poly_fill_rectangle(self.window, self.gc, &[place])
            .unwrap();
        self.connection.flush().unwrap();
    }

    /// Something like a photograph: no two pixels are alike.
    pub fn photograph(&self) {
        self.photograph_at(50);
    }

    pub fn photograph_at(&self, x: i16) {
        let mut state = 1u32;
        let pixels: Vec<u8> = (0..100 * 100)
            .flat_map(|at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let light = ((at % 100) + (at / 100)) as u8;
                let noise = (state >> 28) as u8;
                [light + noise, light / 2 + noise, 200 - light, 0]
            })
            .collect();
        let (window, gc) = (self.window, self.gc);
        self.connection
            .put_image(
                ImageFormat::Z_PIXMAP,
                window,
                gc,
                100,
                100,
                x,
                90,
                0,
                24,
                &pixels,
            )
            .unwrap();
        self.connection.flush().unwrap();
    }

    /// A picture of a film fills all of the screen, over every window.
    pub fn whole_screen(&self, number: u32) {
        let (width, height) = (800_u32, 600_u32);
        let pixels: Vec<u8> = (0..width * height)
            .flat_map(|at| {
                let (x, y) = (at % width + number * 9, at / width + number * 5);
                let wave = (x * y / 97 + number * 3) as u8;
                [x as u8 ^ wave, (x + y) as u8, wave, 0]
            })
            .collect();
        let over = CreateGCAux::new().subwindow_mode(SubwindowMode::INCLUDE_INFERIORS);
        let gc = self.connection.generate_id().unwrap();
        self.connection.create_gc(gc, self.root, &over).unwrap();
        let (depth, format) = (24, ImageFormat::Z_PIXMAP);
        let (width, height) = (width as u16, height as u16);
        let put = self.connection.put_image(
            format, self.root, gc, width, height, 0, 0, 0, depth, &pixels,
        );
        put.unwrap();
        self.connection.free_gc(gc).unwrap();
        self.connection.flush().unwrap();
    }

    /// The whole screen as the end user sees it: BGRX.
    pub fn screen(&self, width: u16, height: u16) -> Vec<u8> {
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, !0)
            .unwrap();
        image.reply().unwrap().data
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
