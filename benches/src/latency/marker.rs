//! The application that is typed into: it answers the n-th key press with a code for n at a changing place, among rendered text. Owns
//! how a code looks, so that painting it and reading it off a decoded picture cannot disagree.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use mayday_codec::Canvas;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Gcontext, MapState,
    PropMode, Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// The window's title.
pub const TITLE: &str = "Marker";
const WIDTH: u16 = 1400;
const HEIGHT: u16 = 800;
/// A code is eight bits and the same bits inverted, as squares of this side.
const SQUARE: u16 = 8;
const BITS: u16 = 16;
/// A prime number of places: a place's code differs from the one it had before.
const PLACES: u32 = 37;
/// After this a window is mapped once more.
const SHOWN: Duration = Duration::from_secs(2);
const TRIES: u32 = 10;
const LINE: u16 = 20;
const WORDS: &str = "The quick brown fox jumps over the lazy dog; 0123456789 (and back again) -- ";

/// Where the window's content begins on its screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub x: u16,
    pub y: u16,
}

/// Whether the code for `n` can be read off the picture.
#[must_use]
pub fn shows(canvas: &Canvas, window: Place, n: u32) -> bool {
    let (left, top) = place(n);
    let (pixels, stride) = (canvas.pixels(), canvas.stride());
    (0..BITS).all(|bit| {
        let x = usize::from(window.x + left + bit * SQUARE + SQUARE / 2);
        let y = usize::from(window.y + top + SQUARE / 2);
        // Green stands for brightness.
        pixels
            .get(y * stride + x * 4 + 1)
            .is_some_and(|green| (*green > 128) == is_white(n, bit))
    })
}

/// Where the code for `n` is in the window.
fn place(n: u32) -> (u16, u16) {
    let at = (n % PLACES) as u16;
    let (column, row) = (at % 5, at / 5);
    // Odd numbers, so that codes lie anyhow on the grid of macroblocks.
    (37 + column * 271, 41 + row * 93)
}

fn is_white(n: u32, bit: u16) -> bool {
    let plain = n >> (bit % 8) & 1 == 1;
    plain == (bit < 8)
}

/// The running application.
#[derive(Debug)]
pub struct Marker {
    answered: Arc<AtomicU32>,
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
        let answered = painter.answered.clone();
        let thread = std::thread::Builder::new()
            .name("marker".to_owned())
            .spawn(move || {
                // It ends with its X server.
                let _ = painter.answer_keys();
            })?;
        Ok(Self {
            answered,
            _thread: thread,
        })
    }

    /// Key presses that it has got so far.
    #[must_use]
    pub fn answered(&self) -> u32 {
        self.answered.load(Ordering::Relaxed)
    }
}

struct Painter {
    x: RustConnection,
    window: Window,
    black: Gcontext,
    white: Gcontext,
    text: Gcontext,
    answered: Arc<AtomicU32>,
}

impl Painter {
    fn open(x: RustConnection, screen: usize) -> Result<Self> {
        let root = x.setup().roots[screen].root;
        let [window, black, white, text, font] = [(); 5].map(|()| x.generate_id());
        let (window, font) = (window?, font?);
        let look = CreateWindowAux::new()
            .background_pixel(0xff_ff_ff)
            .event_mask(EventMask::KEY_PRESS | EventMask::EXPOSURE);
        x.create_window(
            0,
            window,
            root,
            200,
            150,
            WIDTH,
            HEIGHT,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &look,
        )?;
        x.change_property8(
            PropMode::REPLACE,
            window,
            AtomEnum::WM_NAME,
            AtomEnum::STRING,
            TITLE.as_bytes(),
        )?;
        x.open_font(font, b"fixed")?;
        let painter = Self {
            x,
            window,
            black: black?,
            white: white?,
            text: text?,
            answered: Arc::default(),
        };
        painter.pen(painter.black, 0)?;
        painter.pen(painter.white, 0xff_ff_ff)?;
        let look = CreateGCAux::new()
            .foreground(0x20_20_20)
            .background(0xff_ff_ff)
            .font(font);
        painter.x.create_gc(painter.text, window, &look)?;
        painter.show()?;
        Ok(painter)
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

    fn pen(&self, pen: Gcontext, colour: u32) -> Result<()> {
        let look = CreateGCAux::new().foreground(colour);
        self.x.create_gc(pen, self.window, &look)?;
        Ok(())
    }

    fn answer_keys(&self) -> Result<()> {
        loop {
            match self.x.wait_for_event()? {
                Event::Expose(_) => self.page()?,
                Event::KeyPress(_) => {
                    let n = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
                    self.code(n)?;
                }
                _ => {}
            }
            self.x.flush()?;
        }
    }

    /// Fills the window with text.
    fn page(&self) -> Result<()> {
        let line = WORDS.repeat(3);
        for row in 0..HEIGHT / LINE {
            let shifted: Vec<u8> = line.bytes().skip(usize::from(row % 23)).take(200).collect();
            let y = (row * LINE + 14) as i16;
            self.x.image_text8(self.window, self.text, 5, y, &shifted)?;
        }
        Ok(())
    }

    fn code(&self, n: u32) -> Result<()> {
        let (left, top) = place(n);
        for (pen, white) in [(self.black, false), (self.white, true)] {
            let squares: Vec<_> = (0..BITS)
                .filter(|bit| is_white(n, *bit) == white)
                .map(|bit| Rectangle {
                    x: (left + bit * SQUARE) as i16,
                    y: top as i16,
                    width: SQUARE,
                    height: SQUARE,
                })
                .collect();
            self.x.poly_fill_rectangle(self.window, pen, &squares)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_codes_and_codes_of_one_place_differ() {
        let code = |n| (0..BITS).map(|bit| is_white(n, bit)).collect::<Vec<_>>();
        for n in 1..1000 {
            assert_ne!(place(n), place(n + 1));
            assert_eq!(place(n), place(n + PLACES));
            assert_ne!(code(n), code(n + PLACES));
            assert_eq!(code(n).iter().filter(|white| **white).count(), 8);
        }
    }

    #[test]
    fn codes_do_not_overlap_and_lie_in_the_window() {
        for n in 0..PLACES {
            let (x, y) = place(n);
            assert!(x + BITS * SQUARE < WIDTH && y + SQUARE < HEIGHT);
            for other in 0..n {
                let (x2, y2) = place(other);
                assert!(y != y2 || x.abs_diff(x2) > BITS * SQUARE);
            }
        }
    }
}
