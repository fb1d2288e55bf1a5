//! An end user's busy desktop by chance: a page that scrolls, a window that is dragged, words, photographs, films, menus. The same seed
//! paints the same. Owns what is painted, and expects nothing.

use std::fmt;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ChangeGCAux, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, CreateGCAux,
    CreateWindowAux, Gcontext, ImageFormat, Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use crate::desktop::Area;

/// Odd places and sides, so that no edge lies on the grid of any coding.
const PAGE: Area = Area {
    x: 37,
    y: 91,
    width: 733,
    height: 461,
};
const CARD: Area = Area {
    x: 803,
    y: 243,
    width: 251,
    height: 187,
};
/// One line of the X servers' font "fixed".
const LINE: u16 = 13;
const LETTER: u16 = 6;
const WHITE: u32 = 0xff_ff_ff;
/// A film's picture stands this long.
const FRAME: Duration = Duration::from_millis(33);
/// Between the parts of one movement.
const TURN: [u64; 4] = [0, 4, 16, 35];

/// Numbers by chance, the same ones for the same seed (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// 0 to `below`, which is not included.
    pub fn below(&mut self, below: u16) -> u16 {
        (self.next() % u64::from(below.max(1))) as u16
    }

    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.next() as usize % of.len()]
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

/// What was painted.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The page moved by so many rows and columns, so often.
    Scroll {
        rows: i16,
        columns: i16,
        times: u16,
    },
    Drag {
        x: i16,
        y: i16,
    },
    Words {
        lines: u16,
    },
    Page,
    Menu,
    Photograph {
        width: u16,
        height: u16,
    },
    Film {
        pictures: u16,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

pub struct Painter {
    x: RustConnection,
    page: Window,
    card: Window,
    pen: Gcontext,
    random: Random,
}

impl Painter {
    /// Opens its windows, above others and unmoved by the window manager.
    ///
    /// # Errors
    /// When there is no such display.
    pub fn start(display: &str, seed: u64) -> Result<Self> {
        let (x, screen) = RustConnection::connect(Some(display))
            .with_context(|| format!("cannot connect to display {display}"))?;
        let root = x.setup().roots[screen].root;
        let page = open(&x, root, PAGE)?;
        let card = open(&x, root, CARD)?;
        let (pen, font) = (x.generate_id()?, x.generate_id()?);
        x.open_font(font, b"fixed")?;
        let ink = CreateGCAux::new().font(font).background(WHITE);
        x.create_gc(pen, page, &ink)?;
        let mut painter = Self {
            x,
            page,
            card,
            pen,
            random: Random(seed),
        };
        painter.hang_card()?;
        painter.page()?;
        painter.done()?;
        Ok(painter)
    }

    /// Paints something.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn step(&mut self) -> Result<Step> {
        let step = match self.random.below(16) {
            0..=5 => self.scroll()?,
            6..=7 => self.drag()?,
            8..=10 => self.words()?,
            11 => self.page()?,
            12 => self.menu()?,
            13..=14 => self.photograph()?,
            _ => self.film()?,
        };
        self.done()?;
        Ok(step)
    }

    /// Paints the page anew, as an application does whose window the X server cleared.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn repaint(&mut self) -> Result<()> {
        self.page()?;
        self.done()
    }

    /// Moves the page's content as applications do. What is uncovered is filled with text, at once or later, or left as it is.
    fn scroll(&mut self) -> Result<Step> {
        let far = self.random.below(6) == 0;
        let mut way = |side: u16, small: u16| {
            let most = if far { side - 20 } else { small };
            1 + self.random.below(most) as i16
        };
        let (mut rows, mut columns) = (way(PAGE.height, 3 * LINE), way(PAGE.width, 40));
        match self.random.below(8) {
            0 => rows = 0,
            1 => {}
            _ => columns = 0,
        }
        if self.random.below(2) == 0 {
            rows = -rows;
        }
        let times = if far { 1 } else { 1 + self.random.below(8) };
        for _ in 0..times {
            self.shift(rows, columns)?;
            if columns == 0 && self.random.below(4) > 0 {
                let height = rows.unsigned_abs();
                let top = if rows > 0 { PAGE.height - height } else { 0 };
                self.text(0, top, PAGE.width, height)?;
            }
            self.done()?;
            self.turn();
        }
        Ok(Step::Scroll {
            rows,
            columns,
            times,
        })
    }

    /// Up by so many rows, and to the left.
    fn shift(&self, rows: i16, columns: i16) -> Result<()> {
        let (from_x, to_x) = (columns.max(0), (-columns).max(0));
        let (from_y, to_y) = (rows.max(0), (-rows).max(0));
        self.x.copy_area(
            self.page,
            self.page,
            self.pen,
            from_x,
            from_y,
            to_x,
            to_y,
            PAGE.width - columns.unsigned_abs(),
            PAGE.height - rows.unsigned_abs(),
        )?;
        Ok(())
    }

    /// The card moves in one or several pulls, over the page and beyond the screen's edge.
    fn drag(&mut self) -> Result<Step> {
        let (mut x, mut y) = (0, 0);
        for _ in 0..1 + self.random.below(6) {
            x = self.random.below(1200) as i16 - 100;
            y = self.random.below(800) as i16 - 80;
            let place = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y));
            self.x.configure_window(self.card, &place)?;
            self.done()?;
            self.turn();
        }
        Ok(Step::Drag { x, y })
    }

    fn words(&mut self) -> Result<Step> {
        let lines = 1 + self.random.below(3);
        for _ in 0..lines {
            let count = 1 + self.random.below(30);
            let text = self.letters(count);
            let (x, y) = self.place(LETTER, LINE);
            self.ink(0x20_20_20)?;
            self.x
                .image_text8(self.page, self.pen, x, y + 11, text.as_bytes())?;
            self.done()?;
            self.turn();
        }
        Ok(Step::Words { lines })
    }

    fn page(&mut self) -> Result<Step> {
        self.text(0, 0, PAGE.width, PAGE.height)?;
        Ok(Step::Page)
    }

    /// Opens over the page and is taken away again, with what was below.
    fn menu(&mut self) -> Result<Step> {
        let (width, height) = (60 + self.random.below(200), 40 + self.random.below(200));
        let (x, y) = self.place(width, height);
        let below = self.x.generate_id()?;
        self.x.create_pixmap(24, below, self.page, width, height)?;
        self.x
            .copy_area(self.page, below, self.pen, x, y, 0, 0, width, height)?;
        self.fill(0xd8_e4_e2, x, y, width, height)?;
        for line in 0..height / 20 {
            let text = self.letters(width / LETTER / 2);
            let at = y + 14 + (line * 20) as i16;
            self.ink(0)?;
            self.x
                .image_text8(self.page, self.pen, x + 8, at, text.as_bytes())?;
        }
        self.done()?;
        sleep(Duration::from_millis(
            self.random.one_of(&[20, 80, 200, 350]),
        ));
        self.x
            .copy_area(below, self.page, self.pen, 0, 0, x, y, width, height)?;
        self.x.free_pixmap(below)?;
        Ok(Step::Menu)
    }

    fn photograph(&mut self) -> Result<Step> {
        let (width, height) = (20 + self.random.below(300), 20 + self.random.below(220));
        let (x, y) = self.place(width, height);
        let phase = self.random.below(1000);
        self.put(self.page, x, y, &picture(width, height, phase))?;
        Ok(Step::Photograph { width, height })
    }

    fn film(&mut self) -> Result<Step> {
        let (width, height) = (60 + self.random.below(220), 40 + self.random.below(160));
        let (x, y) = self.place(width, height);
        let pictures = 4 + self.random.below(16);
        for phase in 0..pictures {
            self.put(self.page, x, y, &picture(width, height, 40 * phase))?;
            self.done()?;
            sleep(FRAME);
        }
        Ok(Step::Film { pictures })
    }

    /// The card's content is its background, so that the X server itself paints it whenever it is uncovered.
    fn hang_card(&self) -> Result<()> {
        let pixmap = self.x.generate_id()?;
        self.x
            .create_pixmap(24, pixmap, self.card, CARD.width, CARD.height)?;
        self.put(pixmap, 0, 0, &picture(CARD.width, CARD.height, 500))?;
        self.ink(0x10_20_80)?;
        let bar = Rectangle {
            x: 0,
            y: 0,
            width: CARD.width,
            height: 2 * LINE,
        };
        self.x.poly_fill_rectangle(pixmap, self.pen, &[bar])?;
        let look = ChangeWindowAttributesAux::new().background_pixmap(pixmap);
        self.x.change_window_attributes(self.card, &look)?;
        self.x.clear_area(false, self.card, 0, 0, 0, 0)?;
        Ok(())
    }

    /// Fills a part of the page with lines of text.
    fn text(&mut self, x: i16, top: u16, width: u16, height: u16) -> Result<()> {
        self.fill(WHITE, x, top as i16, width, height)?;
        for line in 0..height.div_ceil(LINE) {
            let letters = self.random.below(width / LETTER);
            let text = self.letters(letters.min(120));
            let y = (top + line * LINE) as i16 + 11;
            self.ink(0x20_20_20)?;
            self.x
                .image_text8(self.page, self.pen, x + 4, y, text.as_bytes())?;
        }
        Ok(())
    }

    fn letters(&mut self, count: u16) -> String {
        (0..count)
            .map(|_| char::from(b' ' + self.random.below(90) as u8))
            .collect()
    }

    /// Where something of this size begins, somewhere in the page.
    fn place(&mut self, width: u16, height: u16) -> (i16, i16) {
        (
            self.random.below(PAGE.width - width) as i16,
            self.random.below(PAGE.height - height) as i16,
        )
    }

    fn put(&self, to: u32, x: i16, y: i16, picture: &Picture) -> Result<()> {
        self.x.put_image(
            ImageFormat::Z_PIXMAP,
            to,
            self.pen,
            picture.width,
            picture.height,
            x,
            y,
            0,
            24,
            &picture.bgrx,
        )?;
        Ok(())
    }

    fn fill(&self, colour: u32, x: i16, y: i16, width: u16, height: u16) -> Result<()> {
        self.ink(colour)?;
        let area = Rectangle {
            x,
            y,
            width,
            height,
        };
        self.x.poly_fill_rectangle(self.page, self.pen, &[area])?;
        Ok(())
    }

    fn ink(&self, colour: u32) -> Result<()> {
        let ink = ChangeGCAux::new().foreground(colour);
        self.x.change_gc(self.pen, &ink)?;
        Ok(())
    }

    /// Waits until the X server has painted all of it.
    fn done(&self) -> Result<()> {
        self.x.get_input_focus()?.reply()?;
        Ok(())
    }

    fn turn(&mut self) {
        sleep(Duration::from_millis(self.random.one_of(&TURN)));
    }
}

fn open(x: &RustConnection, root: Window, area: Area) -> Result<Window> {
    let window = x.generate_id()?;
    let look = CreateWindowAux::new()
        .background_pixel(WHITE)
        .override_redirect(1);
    let class = WindowClass::INPUT_OUTPUT;
    let Area {
        x: left,
        y: top,
        width,
        height,
    } = area;
    x.create_window(
        0, window, root, left, top, width, height, 0, class, 0, &look,
    )?;
    x.map_window(window)?;
    Ok(window)
}

struct Picture {
    width: u16,
    height: u16,
    bgrx: Vec<u8>,
}

/// Soft shapes with the grain of a sensor.
fn picture(width: u16, height: u16, phase: u16) -> Picture {
    let mut random = u32::from(phase).wrapping_mul(2_654_435_761) | 1;
    // Parabolas, as a debug build computes thousands of sines slowly.
    let wave = |at: u16, long: u16| {
        let turn = u32::from(at % long) * 512 / u32::from(long);
        let side = turn.abs_diff(256);
        (side * side / 256).min(255) as u8
    };
    let mut bgrx = Vec::with_capacity(usize::from(width) * usize::from(height) * 4);
    for y in 0..height {
        let across = wave(y + phase, 211) / 2;
        for x in 0..width {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (random >> 29) as u8;
            let along = wave(x + phase, 173) / 2;
            let light = across.saturating_add(along).saturating_add(grain);
            bgrx.extend([light, along.saturating_add(grain), 255 - light, 0]);
        }
    }
    Picture {
        width,
        height,
        bgrx,
    }
}
