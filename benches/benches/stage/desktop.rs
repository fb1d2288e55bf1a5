//! The screen to measure on: an X server in memory (Xvfb) and a client that paints what support work consists of, with the server's
//! own font.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, ImageFormat, Rectangle,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// The font "fixed": characters of 6x13 pixels.
const COLUMN: usize = 6;
const LINE: u16 = 16;
/// The pane that scrolls.
const PANE: Rectangle = Rectangle {
    x: 96,
    y: 64,
    width: 1200,
    height: 896,
};
/// Pictures of the film.
const PICTURES: usize = 12;
const MENU: (u16, u16) = (300, 400);
const DRAGGED: (u16, u16) = (420, 300);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// One character.
    Typing,
    /// A menu of 300x400 opens at another place, and the one before closes.
    Menu,
    /// A pane of text moves up by one line.
    Scroll,
    /// A window of 420x300 moves by some pixels.
    Drag,
    /// A whole screen of other text.
    NewPage,
    /// A whole screen of motion.
    Video,
}

impl Content {
    pub const ALL: [Self; 6] = [
        Self::Typing,
        Self::Menu,
        Self::Scroll,
        Self::Drag,
        Self::NewPage,
        Self::Video,
    ];
    /// What is measured on a screen of four times the pixels.
    pub const ON_4K: [Self; 2] = [Self::Typing, Self::Video];
}

pub struct Desktop {
    display: String,
    width: u16,
    height: u16,
    connection: RustConnection,
    window: u32,
    /// The window that is dragged.
    child: u32,
    black: u32,
    white: u32,
    film: Vec<u32>,
    server: Child,
}

impl Desktop {
    pub fn start(width: u16, height: u16) -> Self {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{width}x{height}x24"),
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        let stdout = server.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("Xvfb names its display");
        let display = format!(":{}", number.trim());
        let (connection, screen) = RustConnection::connect(Some(&display)).expect("Xvfb answers");
        let root = connection.setup().roots[screen].root;
        let id = || connection.generate_id().expect("ids left");
        let (window, child, font, black, white) = (id(), id(), id(), id(), id());
        let aux = CreateWindowAux::new()
            .background_pixel(0x00ff_ffff)
            .override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        let sent = || -> Result<(), x11rb::errors::ConnectionError> {
            connection.create_window(0, window, root, 0, 0, width, height, 0, class, 0, &aux)?;
            connection.map_window(window)?;
            connection.open_font(font, b"fixed")?;
            let colours = |ink, paper| {
                CreateGCAux::new()
                    .foreground(ink)
                    .background(paper)
                    .font(font)
                    .graphics_exposures(0)
            };
            connection.create_gc(black, window, &colours(0x0020_2020, 0x00ff_ffff))?;
            connection.create_gc(white, window, &colours(0x00ff_ffff, 0))?;
            Ok(())
        };
        sent().expect("Xvfb listens");
        let mut desktop = Self {
            display,
            width,
            height,
            connection,
            window,
            child,
            black,
            white,
            film: Vec::new(),
            server,
        };
        desktop.film = (0..PICTURES).map(|n| desktop.picture(n)).collect();
        desktop.make_child();
        desktop.settle();
        desktop
    }

    pub fn display(&self) -> &str {
        &self.display
    }

    /// Paints the next step of `content` and waits until the server has done it.
    pub fn paint(&self, content: Content, step: usize) {
        match content {
            Content::Typing => {
                let (column, line) = (step % 180, step / 180 % 50);
                let letter = [b'a' + (step * 7 % 26) as u8];
                let (x, y) = (104 + column * COLUMN, 80 + line * usize::from(LINE));
                self.write(x as i16, y as i16, &letter);
            }
            Content::Scroll => {
                let (left, top, window) = (PANE.x, PANE.y, self.window);
                let rest = PANE.height - LINE;
                let last = top + rest as i16;
                let moved = self.connection.copy_area(
                    window,
                    window,
                    self.black,
                    left,
                    top + LINE as i16,
                    left,
                    top,
                    PANE.width,
                    rest,
                );
                moved.expect("Xvfb listens");
                self.clear(Rectangle {
                    y: last,
                    height: LINE,
                    ..PANE
                });
                self.write(
                    left,
                    last + 12,
                    &line(step, usize::from(PANE.width) / COLUMN),
                );
            }
            Content::Menu => self.open_menu(step),
            Content::Drag => self.drag(step),
            Content::NewPage => self.paint_page(step + 1),
            Content::Video => {
                let picture = self.film[step % self.film.len()];
                let shown = self.connection.copy_area(
                    picture,
                    self.window,
                    self.black,
                    0,
                    0,
                    0,
                    0,
                    self.width,
                    self.height,
                );
                shown.expect("Xvfb listens");
            }
        }
        self.settle();
    }

    /// The window that is dragged, out of sight until then: grey, with text.
    fn make_child(&self) {
        let (width, height) = DRAGGED;
        let picture = self.connection.generate_id().expect("ids left");
        let made = self
            .connection
            .create_pixmap(24, picture, self.window, width, height);
        made.expect("Xvfb listens");
        let all = Rectangle {
            x: 0,
            y: 0,
            width,
            height,
        };
        let filled = self
            .connection
            .poly_fill_rectangle(picture, self.white, &[all]);
        filled.expect("Xvfb listens");
        for row in 1..height / LINE {
            let text = line(usize::from(row) + 700, 66);
            self.write_on(picture, 10, (row * LINE) as i16, &text);
        }
        let look = CreateWindowAux::new()
            .background_pixmap(picture)
            .border_pixel(0x0040_4040);
        let (window, class) = (self.window, WindowClass::INPUT_OUTPUT);
        self.connection
            .create_window(
                0, self.child, window, 0, 0, width, height, 1, class, 0, &look,
            )
            .expect("Xvfb listens");
    }

    /// The other way round when it comes to the edge.
    fn drag(&self, step: usize) {
        let back_and_forth = |way: usize, room: usize| {
            let at = way % (2 * room);
            at.min(2 * room - at) as i32
        };
        let place = ConfigureWindowAux::new()
            .x(back_and_forth(
                step * 24,
                usize::from(self.width - DRAGGED.0) - 2,
            ))
            .y(back_and_forth(
                step * 16,
                usize::from(self.height - DRAGGED.1) - 2,
            ));
        self.connection
            .configure_window(self.child, &place)
            .expect("Xvfb listens");
        self.connection
            .map_window(self.child)
            .expect("Xvfb listens");
    }

    fn open_menu(&self, step: usize) {
        let (width, height) = MENU;
        let place = |step: usize| {
            (
                (51 + step * 271 % 1013) as i16,
                (21 + step * 93 % 353) as i16,
            )
        };
        let (x, y) = place(step.saturating_sub(1));
        self.clear(Rectangle {
            x,
            y,
            width,
            height,
        });
        let (x, y) = place(step);
        self.clear(Rectangle {
            x,
            y,
            width,
            height,
        });
        for row in 1..height / LINE {
            let text = line(usize::from(row) + 40, 46);
            self.write(x + 12, y + (row * LINE) as i16, &text);
        }
    }

    pub fn paint_page(&self, page: usize) {
        // Nothing of the work before.
        self.connection
            .unmap_window(self.child)
            .expect("Xvfb listens");
        self.clear(Rectangle {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        });
        for number in 0..usize::from(self.height / LINE) - 2 {
            let y = (number as i16 + 2) * LINE as i16;
            self.write(96, y, &line(page * 100 + number, 140));
            self.write(1100, y, &line(page * 100 + number + 50, 120));
        }
        self.settle();
    }

    fn settle(&self) {
        let answer = self.connection.get_input_focus().expect("Xvfb listens");
        answer.reply().expect("Xvfb answers");
    }

    fn clear(&self, area: Rectangle) {
        self.connection
            .poly_fill_rectangle(self.window, self.white, &[area])
            .expect("Xvfb listens");
    }

    fn write(&self, x: i16, y: i16, text: &[u8]) {
        self.write_on(self.window, x, y, text);
    }

    fn write_on(&self, to: u32, x: i16, y: i16, text: &[u8]) {
        for (at, part) in text.chunks(200).enumerate() {
            let x = x + (at * 200 * COLUMN) as i16;
            self.connection
                .image_text8(to, self.black, x, y, part)
                .expect("Xvfb listens");
        }
    }

    /// A picture of the film: soft colours and grain that move.
    fn picture(&self, number: usize) -> u32 {
        let pixmap = self.connection.generate_id().expect("ids left");
        self.connection
            .create_pixmap(24, pixmap, self.window, self.width, self.height)
            .expect("Xvfb listens");
        let time = number as f32 * 4.0;
        let mut grain = 1 + number as u32;
        for top in (0..self.height).step_by(40) {
            let mut rows = Vec::with_capacity(usize::from(self.width) * 40 * 4);
            let bottom = (top + 40).min(self.height);
            for (x, y) in (top..bottom).flat_map(|y| (0..self.width).map(move |x| (x, y))) {
                grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let (x, y) = (f32::from(x) + time, f32::from(y) + time / 2.0);
                let wave = (x / 37.0).sin() + (y / 23.0).cos() + ((x + y) / 61.0).sin();
                let shade = 128.0 + 30.0 * wave + (grain >> 29) as f32;
                rows.extend([shade as u8, (shade * 0.8) as u8, (255.0 - shade) as u8, 0]);
            }
            let (black, form) = (self.black, ImageFormat::Z_PIXMAP);
            self.connection
                .put_image(
                    form,
                    pixmap,
                    black,
                    self.width,
                    bottom - top,
                    0,
                    top as i16,
                    0,
                    24,
                    &rows,
                )
                .expect("Xvfb listens");
        }
        pixmap
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Words that differ from line to line.
fn line(number: usize, columns: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "the", "session", "printer", "has", "Settings", "network", "42", "is", "of", "driver",
        "(v2.1)", "please", "restart", "and", "WINDOW", "error:",
    ];
    let mut text = Vec::with_capacity(columns + 12);
    let mut state = number.wrapping_mul(2_654_435_761) ^ 0x5bd1;
    while text.len() < columns {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.extend_from_slice(WORDS[state >> 33 & 15].as_bytes());
        text.push(b' ');
    }
    text.truncate(columns);
    text
}
