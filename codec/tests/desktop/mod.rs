//! A real X server for one test (Xvfb on a free display, stopped by its id) and a client that paints on it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use mayday_codec::Rect;
use x11rb::connection::Connection;
use x11rb::protocol::randr::{ConnectionExt as _, ModeInfo, Rotation};
use x11rb::protocol::xproto::{
    ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, InputFocus,
    Rectangle, WindowClass,
};
use x11rb::rust_connection::RustConnection;

pub struct Desktop {
    pub display: String,
    pub connection: RustConnection,
    pub root: u32,
    window: u32,
    gc: u32,
    server: Child,
}

impl Desktop {
    pub fn start(size: &str) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", size, "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (`cargo xtask test` sets it up)");
        let mut number = String::new();
        let stdout = server.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("Xvfb names its display");
        let display = format!(":{}", number.trim());
        let (connection, screen) = RustConnection::connect(Some(&display)).expect("Xvfb answers");
        let root = connection.setup().roots[screen].root;
        let (window, gc) = (
            connection.generate_id().unwrap(),
            connection.generate_id().unwrap(),
        );
        let aux = CreateWindowAux::new()
            .background_pixel(0x00ff_ffff)
            .override_redirect(1)
            .event_mask(EventMask::EXPOSURE);
        connection
            .create_window(
                0,
                window,
                root,
                0,
                0,
                640,
                400,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &aux,
            )
            .unwrap();
        connection.map_window(window).unwrap();
        connection
            .create_gc(gc, window, &CreateGCAux::new())
            .unwrap();
        let desktop = Self {
            display,
            connection,
            root,
            window,
            gc,
            server,
        };
        desktop.settle();
        desktop
    }

    /// A window within `parent`, shown.
    pub fn open_window(&self, parent: u32, (x, y): (i16, i16), (width, height): (u16, u16)) -> u32 {
        let window = self.connection.generate_id().unwrap();
        let aux = CreateWindowAux::new().override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        let made = self
            .connection
            .create_window(0, window, parent, x, y, width, height, 0, class, 0, &aux);
        made.unwrap().check().unwrap();
        self.connection.map_window(window).unwrap();
        self.settle();
        window
    }

    pub fn give_keyboard(&self, window: u32) {
        let focus =
            self.connection
                .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME);
        focus.unwrap().check().unwrap();
    }

    /// Waits until the server has done everything asked for.
    pub fn settle(&self) {
        self.connection.get_input_focus().unwrap().reply().unwrap();
    }

    /// Paints in a window whose corner is the screen's.
    pub fn paint(&self, rect: Rect, rgb: u32) {
        let colour = ChangeGCAux::new().foreground(rgb);
        self.connection.change_gc(self.gc, &colour).unwrap();
        let rectangle = Rectangle {
            x: rect.x as i16,
            y: rect.y as i16,
            width: rect.width,
            height: rect.height,
        };
        self.connection
            .poly_fill_rectangle(self.window, self.gc, &[rectangle])
            .unwrap();
        self.settle();
    }

    /// Gives the screen another resolution, as a person would in the display settings.
    pub fn resize(&self, width: u16, height: u16) {
        let (connection, root) = (&self.connection, self.root);
        let resources = connection.randr_get_screen_resources(root).unwrap();
        let resources = resources.reply().unwrap();
        let (output, crtc) = (resources.outputs[0], resources.crtcs[0]);
        let name = format!("{width}x{height}");
        let info = ModeInfo {
            width,
            height,
            name_len: name.len() as u16,
            ..ModeInfo::default()
        };
        let mode = connection
            .randr_create_mode(root, info, name.as_bytes())
            .unwrap();
        let mode = mode.reply().unwrap().mode;
        connection.randr_add_output_mode(output, mode).unwrap();
        self.set_crtc(crtc, x11rb::NONE, &[]);
        let sized = connection.randr_set_screen_size(root, width, height, 300, 200);
        sized.unwrap().check().expect("Xvfb can be resized");
        self.set_crtc(crtc, mode, &[output]);
        self.settle();
    }

    fn set_crtc(&self, crtc: u32, mode: u32, outputs: &[u32]) {
        let set = self.connection.randr_set_crtc_config(
            crtc,
            x11rb::CURRENT_TIME,
            x11rb::CURRENT_TIME,
            0,
            0,
            mode,
            Rotation::ROTATE0,
            outputs,
        );
        set.unwrap().reply().expect("Xvfb knows the mode");
    }

    pub fn move_pointer(&self, x: i16, y: i16) {
        self.connection
            .warp_pointer(x11rb::NONE, self.root, 0, 0, 0, 0, x, y)
            .unwrap();
        self.settle();
    }

    /// Gives the window the cursor of this glyph of the X cursor font.
    pub fn set_cursor(&self, glyph: u16) {
        let (font, cursor) = (
            self.connection.generate_id().unwrap(),
            self.connection.generate_id().unwrap(),
        );
        self.connection.open_font(font, b"cursor").unwrap();
        self.connection
            .create_glyph_cursor(
                cursor,
                font,
                font,
                glyph,
                glyph + 1,
                0,
                0,
                0,
                0xffff,
                0xffff,
                0xffff,
            )
            .unwrap();
        let aux = x11rb::protocol::xproto::ChangeWindowAttributesAux::new().cursor(cursor);
        self.connection
            .change_window_attributes(self.window, &aux)
            .unwrap();
        self.settle();
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
