//! What never stands still on the end user's screen: a film over the whole screen, or text that scrolls, sixty times a second, each
//! picture signed with its number's code. Owns the painting and when each picture was painted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateGCAux, CreateWindowAux, Gcontext, Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use crate::latency::workload::{LINE, Mark};
use crate::latency::{code, film, marker};
use crate::peers::start::SCREEN;

const PACE: Duration = Duration::from_nanos(1_000_000_000 / 60);
const PICTURES: usize = 24;
/// The film is computed at this size: a film's detail, not a photograph's.
const COMPUTED: (u16, u16) = (960, 540);
/// Whole lines of the screen.
const TEXT: u16 = SCREEN.1 / LINE * LINE;
/// Characters of a line.
const COLUMNS: usize = 300;
/// Steps after which a line that has scrolled up is still looked for.
const LATER: u32 = 12;

/// What moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Every pixel of the screen changes.
    Film,
    /// A screen of text moves up by a line.
    Scroll,
}

impl Show {
    pub const ALL: [Self; 2] = [Self::Film, Self::Scroll];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Film => "film of 1920x1080, 60/s",
            Self::Scroll => "scrolling text, 60 lines/s",
        }
    }

    /// The codes that sign the `n`-th picture: it is shown when all are.
    #[must_use]
    pub fn marks(self, n: u32) -> Vec<Mark> {
        match self {
            Self::Film => {
                let places = [(150, 150), (1640, 150), (890, 960), (150, 960), (1640, 960)];
                places.map(|(x, y)| (x, y, n)).to_vec()
            }
            Self::Scroll => {
                let bottom = TEXT - LINE + 4;
                let then = bottom - LATER as u16 * LINE;
                let mut marks = vec![(150, bottom, n), (1640, bottom, n)];
                if n > LATER {
                    marks.extend([(150, then, n - LATER), (1640, then, n - LATER)]);
                }
                marks
            }
        }
    }
}

/// The film's pictures, made once for everybody.
pub struct Film(Vec<u8>);

impl Film {
    /// # Errors
    /// When there is no ffmpeg.
    pub fn make() -> Result<Self> {
        film::flight(COMPUTED, SCREEN, PICTURES).map(Self)
    }

    /// What the `n`-th picture shows, without its codes, as BGRX.
    #[must_use]
    pub fn picture(&self, n: u32) -> &[u8] {
        let size = self.0.len() / PICTURES;
        let at = size * Self::number(n);
        &self.0[at..at + size]
    }

    /// Forth and back, so that nothing jumps.
    fn number(n: u32) -> usize {
        let last = PICTURES - 1;
        let at = n as usize % (2 * last);
        at.min(2 * last - at)
    }
}

/// The running show.
pub struct Player {
    painted: Arc<Mutex<Vec<Instant>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Player {
    /// Covers the whole display.
    ///
    /// # Errors
    /// When there is no such display.
    pub fn start(display: &str, show: Show, film: &Film) -> Result<Self> {
        let stage = Stage::open(display, show, film)?;
        let (painted, ends) = (
            Arc::<Mutex<Vec<_>>>::default(),
            Arc::new(AtomicBool::new(false)),
        );
        let (times, end) = (painted.clone(), ends.clone());
        let thread = std::thread::Builder::new()
            .name("player".to_owned())
            .spawn(move || stage.play(show, &times, &end))?;
        Ok(Self {
            painted,
            ends,
            thread: Some(thread),
        })
    }

    /// The number of the last picture that was painted; the first is 1.
    #[must_use]
    pub fn last(&self) -> u32 {
        let painted = self.painted.lock();
        painted.unwrap_or_else(PoisonError::into_inner).len() as u32
    }

    #[must_use]
    pub fn painted(&self, n: u32) -> Option<Instant> {
        let painted = self.painted.lock();
        let painted = painted.unwrap_or_else(PoisonError::into_inner);
        painted.get(n.checked_sub(1)? as usize).copied()
    }

    /// The curtain.
    ///
    /// # Errors
    /// When it ended before.
    pub fn end(mut self) -> Result<()> {
        self.ends.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        thread.join().map_err(|_| anyhow!("the player failed"))?
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
    }
}

struct Stage {
    x: RustConnection,
    window: Window,
    black: Gcontext,
    white: Gcontext,
    text: Gcontext,
    pictures: Vec<u32>,
}

impl Stage {
    fn open(display: &str, show: Show, film: &Film) -> Result<Self> {
        let (x, screen) = RustConnection::connect(Some(display))?;
        let root = x.setup().roots[screen].root;
        let (width, height) = SCREEN;
        let window = x.generate_id()?;
        let look = CreateWindowAux::new()
            .background_pixel(0xff_ff_ff)
            .override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        x.create_window(0, window, root, 0, 0, width, height, 0, class, 0, &look)?;
        let font = x.generate_id()?;
        x.open_font(font, b"fixed")?;
        let pen = |ink| -> Result<Gcontext> {
            let pen = x.generate_id()?;
            let look = CreateGCAux::new()
                .foreground(ink)
                .background(0xff_ff_ff)
                .font(font)
                .graphics_exposures(0);
            x.create_gc(pen, window, &look)?;
            Ok(pen)
        };
        let (black, white, text) = (pen(0)?, pen(0xff_ff_ff)?, pen(0x20_20_20)?);
        let pictures = match show {
            Show::Film => film::keep(&x, window, black, &film.0, SCREEN)?,
            Show::Scroll => Vec::new(),
        };
        x.map_window(window)?;
        let stage = Self {
            x,
            window,
            black,
            white,
            text,
            pictures,
        };
        for row in 0..TEXT / LINE {
            stage.write(row * LINE, usize::from(row))?;
        }
        stage.x.get_input_focus()?.reply()?;
        Ok(stage)
    }

    fn play(&self, show: Show, painted: &Mutex<Vec<Instant>>, ends: &AtomicBool) -> Result<()> {
        let mut next = Instant::now();
        for n in 1.. {
            if ends.load(Ordering::Relaxed) {
                break;
            }
            match show {
                Show::Film => self.picture(n)?,
                Show::Scroll => self.line(n)?,
            }
            let new = show.marks(n).into_iter().filter(|(.., of)| *of == n);
            for (x, y, n) in new {
                for (pen, white) in [(self.black, false), (self.white, true)] {
                    let squares = code::squares(x, y, n, white);
                    self.x.poly_fill_rectangle(self.window, pen, &squares)?;
                }
            }
            self.x.flush()?;
            let times = painted.lock();
            times
                .unwrap_or_else(PoisonError::into_inner)
                .push(Instant::now());
            next += PACE;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }

    fn picture(&self, n: u32) -> Result<()> {
        let (width, height) = SCREEN;
        let picture = self.pictures[Film::number(n)];
        let (window, pen) = (self.window, self.black);
        self.x
            .copy_area(picture, window, pen, 0, 0, 0, 0, width, height)?;
        Ok(())
    }

    fn line(&self, n: u32) -> Result<()> {
        let (width, rest) = (SCREEN.0, TEXT - LINE);
        let (window, pen, line) = (self.window, self.black, LINE as i16);
        self.x
            .copy_area(window, window, pen, 0, line, 0, 0, width, rest)?;
        let area = Rectangle {
            x: 0,
            y: rest as i16,
            width,
            height: LINE,
        };
        self.x.poly_fill_rectangle(window, self.white, &[area])?;
        self.write(rest, n as usize + 1000)
    }

    fn write(&self, y: u16, number: usize) -> Result<()> {
        let text = marker::line(number, COLUMNS);
        for (at, part) in text.chunks(250).enumerate() {
            let x = 10 + at as i16 * 250 * 6;
            self.x
                .image_text8(self.window, self.text, x, y as i16 + 12, part)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_film_goes_forth_and_back_without_a_jump() {
        for n in 1..200 {
            let (this, next) = (Film::number(n), Film::number(n + 1));
            assert!(this < PICTURES && this.abs_diff(next) == 1);
        }
    }

    #[test]
    fn every_mark_lies_on_the_screen() {
        for show in Show::ALL {
            for n in 1..100 {
                for (x, y, _) in show.marks(n) {
                    assert!(x + code::WIDTH < SCREEN.0 && y + code::SQUARE < TEXT);
                }
            }
        }
    }
}
