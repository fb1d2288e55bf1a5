//! The application that is worked with: it answers the n-th key press with the change which that key asks for, in rendered text, and
//! signs the change with a code for n. Owns the painting; what must be seen is `workload`'s.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, CreateGCAux,
    CreateWindowAux, Drawable, EventMask, Gcontext, KEY_PRESS_EVENT, KeyButMask, KeyPressEvent,
    MapState, Pixmap, PropMode, Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::code;
use super::film::{self, Switch};
use super::photograph;
use super::workload::{DRAGGED, HEIGHT, LINE, MENU, SCROLL, WIDTH, Workload, dragged, menu};

/// The window's title.
pub const TITLE: &str = "Marker";
/// After this a window is mapped once more.
const SHOWN: Duration = Duration::from_secs(2);
const TRIES: u32 = 10;
/// Characters that fit into the window's width.
const COLUMNS: usize = 230;
const PAPER: u32 = 0xff_ff_ff;
const GREY: u32 = 0xe4_e7_ec;

/// Where the window's content begins on its screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub x: u16,
    pub y: u16,
}

/// When the application got its last key, and when it had painted the answer.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub n: u32,
    pub got: Instant,
    pub painted: Instant,
}

/// The running application.
#[derive(Debug)]
pub struct Marker {
    answered: Arc<AtomicU32>,
    last: Arc<Mutex<Option<Answer>>>,
    display: String,
    window: Window,
    /// The way of [`Self::change`].
    asks: RustConnection,
    film: Option<Switch>,
    _thread: JoinHandle<()>,
}

impl Marker {
    /// Opens its window and answers keys until the X server goes.
    ///
    /// # Errors
    /// When there is no such display.
    pub fn start(display: &str) -> Result<Self> {
        let (x, screen) = RustConnection::connect(Some(display))
            .with_context(|| format!("cannot connect to display {display}"))?;
        let painter = Painter::open(x, screen)?;
        let (answered, window) = (painter.answered.clone(), painter.window);
        let last = painter.last.clone();
        let thread = std::thread::Builder::new()
            .name("marker".to_owned())
            .spawn(move || {
                // It ends with its X server.
                let _ = painter.answer_keys();
            })?;
        Ok(Self {
            answered,
            last,
            display: display.to_owned(),
            window,
            asks: RustConnection::connect(Some(display))?.0,
            film: None,
            _thread: thread,
        })
    }

    /// Key presses that it has got so far.
    #[must_use]
    pub fn answered(&self) -> u32 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Its last answer, once it is painted.
    #[must_use]
    pub fn last(&self) -> Option<Answer> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes it do one step of this work as if the key had been pressed, whoever has the keyboard.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn change(&self, workload: Workload) -> Result<()> {
        let root = self.asks.setup().roots[0].root;
        let press = KeyPressEvent {
            response_type: KEY_PRESS_EVENT,
            detail: keycode(workload),
            sequence: 0,
            time: x11rb::CURRENT_TIME,
            root,
            event: self.window,
            child: x11rb::NONE,
            root_x: 0,
            root_y: 0,
            event_x: 0,
            event_y: 0,
            state: KeyButMask::default(),
            same_screen: true,
        };
        let mask = EventMask::KEY_PRESS;
        self.asks.send_event(false, self.window, mask, press)?;
        Ok(self.asks.flush()?)
    }

    /// Starts or stops the film in the window's corner.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn play(&mut self, plays: bool) -> Result<()> {
        if let Some(film) = &self.film {
            film.set(plays);
        } else if plays {
            let switch = Switch::default();
            film::show(&self.display, self.window, switch.clone())?;
            switch.set(true);
            self.film = Some(switch);
        }
        Ok(())
    }
}

struct Painter {
    x: RustConnection,
    window: Window,
    /// The window that is dragged.
    child: Window,
    black: Gcontext,
    white: Gcontext,
    grey: Gcontext,
    text: Gcontext,
    /// Developed when the first is asked for.
    photographs: OnceCell<Vec<Pixmap>>,
    answered: Arc<AtomicU32>,
    last: Arc<Mutex<Option<Answer>>>,
}

impl Painter {
    fn open(x: RustConnection, screen: usize) -> Result<Self> {
        let root = x.setup().roots[screen].root;
        let [window, child, black, white, grey, text] = [(); 6].map(|()| x.generate_id());
        let window = window?;
        let look = CreateWindowAux::new()
            .background_pixel(PAPER)
            .event_mask(EventMask::KEY_PRESS);
        let class = WindowClass::INPUT_OUTPUT;
        x.create_window(0, window, root, 200, 150, WIDTH, HEIGHT, 0, class, 0, &look)?;
        let (name, string) = (AtomEnum::WM_NAME, AtomEnum::STRING);
        x.change_property8(PropMode::REPLACE, window, name, string, TITLE.as_bytes())?;
        let painter = Self {
            x,
            window,
            child: child?,
            black: black?,
            white: white?,
            grey: grey?,
            text: text?,
            photographs: OnceCell::new(),
            answered: Arc::default(),
            last: Arc::default(),
        };
        painter.pens()?;
        let page = painter.picture(WIDTH, HEIGHT)?;
        painter.page(page, 0)?;
        let look = ChangeWindowAttributesAux::new().background_pixmap(page);
        painter.x.change_window_attributes(window, &look)?;
        painter.child()?;
        painter.show()?;
        Ok(painter)
    }

    fn pens(&self) -> Result<()> {
        let font = self.x.generate_id()?;
        self.x.open_font(font, b"fixed")?;
        for (pen, ink) in [
            (self.black, 0),
            (self.white, PAPER),
            (self.grey, GREY),
            (self.text, 0x20_20_20),
        ] {
            let look = CreateGCAux::new()
                .foreground(ink)
                .background(PAPER)
                .font(font)
                .graphics_exposures(0);
            self.x.create_gc(pen, self.window, &look)?;
        }
        Ok(())
    }

    fn picture(&self, width: u16, height: u16) -> Result<Pixmap> {
        let pixmap = self.x.generate_id()?;
        self.x
            .create_pixmap(24, pixmap, self.window, width, height)?;
        Ok(pixmap)
    }

    /// The window that is dragged, out of sight until then; its own picture is its background, so that the server can move it.
    fn child(&self) -> Result<()> {
        let (width, height) = DRAGGED;
        let picture = self.picture(width, height)?;
        self.fill(picture, self.grey, 0, 0, width, height)?;
        for row in 2..height / LINE - 1 {
            self.write(picture, 10, row * LINE, &line(usize::from(row) + 700, 66))?;
        }
        let look = CreateWindowAux::new()
            .background_pixmap(picture)
            .border_pixel(0x40_40_40);
        let class = WindowClass::INPUT_OUTPUT;
        self.x.create_window(
            0,
            self.child,
            self.window,
            0,
            0,
            width,
            height,
            1,
            class,
            0,
            &look,
        )?;
        Ok(())
    }

    /// Maps the window until it is there: a window manager that is just starting forgets some.
    fn show(&self) -> Result<()> {
        for _ in 0..TRIES {
            self.x.map_window(self.window)?;
            self.x.flush()?;
            let shown = mayday_tests::wait::until("the marker's window", SHOWN, || {
                let state = self.x.get_window_attributes(self.window)?.reply()?;
                Ok((state.map_state == MapState::VIEWABLE).then_some(()))
            });
            if shown.is_ok() {
                return Ok(());
            }
            self.x.unmap_window(self.window)?;
        }
        bail!("the window manager does not show the marker's window")
    }

    fn answer_keys(&self) -> Result<()> {
        let mut before = Workload::Type;
        loop {
            if let Event::KeyPress(press) = self.x.wait_for_event()? {
                let got = Instant::now();
                let n = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
                let workload = Workload::of_key(u16::from(press.detail).saturating_sub(8));
                let loads = [before, workload].contains(&Workload::TypeWhilePage);
                if before != workload && !loads {
                    self.tidy_up()?;
                }
                before = workload;
                self.change(workload, n)?;
                for (x, y, n) in workload.marks(n, 0) {
                    self.code(workload, x, y, n)?;
                }
                self.x.flush()?;
                let painted = Instant::now();
                let answer = Answer { n, got, painted };
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            }
        }
    }

    /// Before another kind of work.
    fn tidy_up(&self) -> Result<()> {
        self.x.unmap_window(self.child)?;
        self.x.clear_area(false, self.window, 0, 0, 0, 0)?;
        Ok(())
    }

    fn change(&self, workload: Workload, n: u32) -> Result<()> {
        match workload {
            Workload::Type | Workload::Video => {
                let letter = [b'a' + (n * 7 % 26) as u8];
                let (column, row) = ((n % 100) as u16, (n / 100 % 40) as u16);
                self.write(self.window, 40 + column * 6, (row + 2) * LINE, &letter)
            }
            Workload::Menu => self.open_menu(n),
            Workload::Scroll => self.scroll(n),
            Workload::Drag => {
                let (x, y) = dragged(n);
                let place = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y));
                self.x.configure_window(self.child, &place)?;
                self.x.map_window(self.child)?;
                Ok(())
            }
            Workload::NewPage | Workload::TypeWhilePage => self.page(self.window, n as usize),
            Workload::Photograph => self.photograph(n),
        }
    }

    fn open_menu(&self, n: u32) -> Result<()> {
        let (width, height) = MENU;
        let (x, y) = menu(n.saturating_sub(1));
        self.x
            .clear_area(false, self.window, x as i16, y as i16, width, height)?;
        let (x, y) = menu(n);
        self.fill(self.window, self.black, x, y, width, height)?;
        self.fill(self.window, self.grey, x + 1, y + 1, width - 2, height - 2)?;
        for row in 2..height / LINE - 1 {
            let text = line(usize::from(row) + 40, 30);
            self.write(self.window, x + 14, y + row * LINE, &text)?;
        }
        Ok(())
    }

    fn scroll(&self, n: u32) -> Result<()> {
        let (window, rest) = (self.window, HEIGHT - SCROLL);
        self.x.copy_area(
            window,
            window,
            self.black,
            0,
            SCROLL as i16,
            0,
            0,
            WIDTH,
            rest,
        )?;
        self.fill(window, self.white, 0, rest, WIDTH, SCROLL)?;
        for row in 0..SCROLL / LINE {
            let text = line(n as usize * 3 + usize::from(row), COLUMNS);
            self.write(window, 5, rest + row * LINE + 12, &text)?;
        }
        Ok(())
    }

    /// Fills a drawable of the window's size with the text of one page.
    fn page(&self, to: Drawable, number: usize) -> Result<()> {
        self.fill(to, self.white, 0, 0, WIDTH, HEIGHT)?;
        for row in 0..HEIGHT / LINE {
            let text = line(number * 100 + usize::from(row), COLUMNS);
            self.write(to, 5, row * LINE + 12, &text)?;
        }
        Ok(())
    }

    fn photograph(&self, n: u32) -> Result<()> {
        let ((x, y), (width, height)) = (photograph::PLACE, photograph::SIZE);
        let (window, pen) = (self.window, self.black);
        if self.photographs.get().is_none() {
            let all = film::keep(&self.x, window, pen, &photograph::all(), (width, height))?;
            let _ = self.photographs.set(all);
        }
        let all = self.photographs.get().context("they were developed")?;
        let one = all[n as usize % all.len()];
        self.x
            .copy_area(one, window, pen, 0, 0, x as i16, y as i16, width, height)?;
        Ok(())
    }

    fn code(&self, workload: Workload, x: u16, y: u16, n: u32) -> Result<()> {
        let (window, x, y) = match workload {
            Workload::Drag => {
                let (left, top) = dragged(n);
                (self.child, x - left, y - top)
            }
            _ => (self.window, x, y),
        };
        for (pen, white) in [(self.black, false), (self.white, true)] {
            let squares = code::squares(x, y, n, white);
            self.x.poly_fill_rectangle(window, pen, &squares)?;
        }
        Ok(())
    }

    fn fill(
        &self,
        to: Drawable,
        pen: Gcontext,
        x: u16,
        y: u16,
        width: u16,
        height: u16,
    ) -> Result<()> {
        let area = Rectangle {
            x: x as i16,
            y: y as i16,
            width,
            height,
        };
        self.x.poly_fill_rectangle(to, pen, &[area])?;
        Ok(())
    }

    fn write(&self, to: Drawable, x: u16, y: u16, text: &[u8]) -> Result<()> {
        self.x
            .image_text8(to, self.text, x as i16, y as i16, text)?;
        Ok(())
    }
}

/// The key of this work as X numbers keys.
#[must_use]
pub fn keycode(workload: Workload) -> u8 {
    u8::try_from(workload.key() + 8).unwrap_or_default()
}

/// Words that differ from line to line.
#[must_use]
pub fn line(number: usize, columns: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "the", "session", "printer", "has", "Settings", "network", "42", "is", "of", "driver",
        "(v2.1)", "please", "restart", "and", "WINDOW", "error:",
    ];
    let mut text = Vec::with_capacity(columns + 12);
    let mut state = (number as u64).wrapping_mul(2_654_435_761) ^ 0x5bd1;
    while text.len() < columns {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.extend_from_slice(WORDS[(state >> 60) as usize].as_bytes());
        text.push(b' ');
    }
    text.truncate(columns);
    text
}
