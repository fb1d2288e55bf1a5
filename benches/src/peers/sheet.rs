//! A sheet of text over the whole of the end user's screen, turned over at once: every pixel is drawn aside, as toolkits do, and then
//! shown by one copy. Owns the painting and when the sheet was turned.

use std::time::Instant;

use anyhow::Result;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateGCAux, CreateWindowAux, Drawable, Gcontext, Pixmap, Rectangle,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::start::SCREEN;
use crate::latency::workload::{LINE, Mark};
use crate::latency::{code, marker};

/// Characters of a line: six pixels each.
const COLUMNS: usize = 320;
/// As many as one request takes.
const PART: usize = 250;
/// Where the codes begin: corners, middles of the edges, middle.
const ACROSS: [u16; 3] = [9, 896, SCREEN.0 - code::WIDTH - 9];
const DOWN: [u16; 3] = [7, 535, SCREEN.1 - code::SQUARE - 7];

/// A window of its own over everything else, gone when dropped.
pub struct Sheet {
    x: RustConnection,
    window: Window,
    aside: Pixmap,
    black: Gcontext,
    white: Gcontext,
    text: Gcontext,
    n: u32,
}

impl Sheet {
    /// Covers the whole display with a first page.
    ///
    /// # Errors
    /// When there is no such display.
    pub fn lay(display: &str) -> Result<Self> {
        let (x, screen) = RustConnection::connect(Some(display))?;
        let root = x.setup().roots[screen].root;
        let (width, height) = SCREEN;
        let [window, aside, font, black, white, text] = [(); 6].map(|()| x.generate_id());
        let (window, aside, font) = (window?, aside?, font?);
        let look = CreateWindowAux::new()
            .background_pixel(0xff_ff_ff)
            .override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        x.create_window(0, window, root, 0, 0, width, height, 0, class, 0, &look)?;
        x.create_pixmap(24, aside, window, width, height)?;
        x.open_font(font, b"fixed")?;
        let sheet = Self {
            window,
            aside,
            black: black?,
            white: white?,
            text: text?,
            n: 0,
            x,
        };
        for (pen, ink) in [
            (sheet.black, 0),
            (sheet.white, 0xff_ff_ff),
            (sheet.text, 0x20_20_20),
        ] {
            let look = CreateGCAux::new()
                .foreground(ink)
                .background(0xff_ff_ff)
                .font(font)
                .graphics_exposures(0);
            sheet.x.create_gc(pen, window, &look)?;
        }
        sheet.x.map_window(window)?;
        sheet.x.get_input_focus()?.reply()?;
        Ok(sheet)
    }

    /// Draws the next page aside; the codes that sign it.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn draw(&mut self) -> Result<Vec<Mark>> {
        self.n += 1;
        let (width, height) = SCREEN;
        let area = Rectangle {
            x: 0,
            y: 0,
            width,
            height,
        };
        self.x
            .poly_fill_rectangle(self.aside, self.white, &[area])?;
        for row in 0..height.div_ceil(LINE) {
            let number = self.n as usize * 100 + usize::from(row);
            self.write(self.aside, row * LINE + 12, number)?;
        }
        let marks = marks(self.n);
        for (x, y, n) in &marks {
            for (pen, white) in [(self.black, false), (self.white, true)] {
                let squares = code::squares(*x, *y, *n, white);
                self.x.poly_fill_rectangle(self.aside, pen, &squares)?;
            }
        }
        // The drawing is done when this is answered.
        self.x.get_input_focus()?.reply()?;
        Ok(marks)
    }

    /// Shows the page that was drawn; when.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn turn(&self) -> Result<Instant> {
        let (width, height) = SCREEN;
        let (from, to) = (self.aside, self.window);
        self.x
            .copy_area(from, to, self.black, 0, 0, 0, 0, width, height)?;
        self.x.flush()?;
        Ok(Instant::now())
    }

    fn write(&self, to: Drawable, y: u16, number: usize) -> Result<()> {
        let text = marker::line(number, COLUMNS);
        for (at, part) in text.chunks(PART).enumerate() {
            let x = (at * PART * 6) as i16;
            self.x.image_text8(to, self.text, x, y as i16, part)?;
        }
        Ok(())
    }
}

/// What must be seen of the `n`-th page.
fn marks(n: u32) -> Vec<Mark> {
    let all = DOWN.iter().flat_map(|y| ACROSS.iter().map(|x| (*x, *y, n)));
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_reach_from_corner_to_corner_and_lie_on_the_screen() {
        let marks = marks(7);
        assert_eq!(marks.len(), 9);
        for (x, y, _) in &marks {
            assert!(x + code::WIDTH < SCREEN.0 && y + code::SQUARE < SCREEN.1);
        }
        let last = marks.last().unwrap();
        assert!(SCREEN.0 - (last.0 + code::WIDTH) < 16 && SCREEN.1 - (last.1 + code::SQUARE) < 16);
    }
}
