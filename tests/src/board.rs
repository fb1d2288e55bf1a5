//! An application on a shared screen that paints numbered pictures and counts the keys it gets. Owns how a number looks, so that
//! painting it and reading it off a technician's picture cannot disagree.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Gcontext,
    ImageFormat, InputFocus, PropMode, Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::desktop::{Area, Desktop};

/// The window's title.
pub const TITLE: &str = "Board";
/// A number is sixteen squares of this side in the window's first rows.
const SQUARE: u16 = 16;
const BITS: u16 = 16;
/// Grey, so that the colours' half resolution is no difference.
const SPOT: u16 = 24;

/// The running application.
pub struct Board {
    x: Arc<RustConnection>,
    window: Window,
    pen: Gcontext,
    area: Area,
    keys: Arc<Mutex<Vec<u8>>>,
}

impl Board {
    /// Opens its window at `area`, above others and unmoved by the window manager.
    ///
    /// # Errors
    /// When there is no such display.
    pub fn start(display: &str, area: Area) -> Result<Self> {
        let (x, screen) = RustConnection::connect(Some(display))
            .with_context(|| format!("cannot connect to display {display}"))?;
        let root = x.setup().roots[screen].root;
        let (window, pen) = (x.generate_id()?, x.generate_id()?);
        let look = CreateWindowAux::new()
            .background_pixel(0xff_ff_ff)
            .override_redirect(1)
            .event_mask(EventMask::KEY_PRESS | EventMask::BUTTON_PRESS);
        x.create_window(
            0,
            window,
            root,
            area.x,
            area.y,
            area.width,
            area.height,
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
        x.create_gc(pen, window, &CreateGCAux::new())?;
        x.map_window(window)?;
        x.flush()?;
        let board = Self {
            x: Arc::new(x),
            window,
            pen,
            area,
            keys: Arc::default(),
        };
        board.count_keys()?;
        Ok(board)
    }

    /// The end user clicks it, so that keys go there.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn take_focus(&self, desktop: &Desktop) -> Result<()> {
        let middle = |start: i16, length: u16| start + i16::try_from(length / 2).unwrap_or(0);
        desktop.click(
            middle(self.area.x, self.area.width),
            middle(self.area.y, self.area.height),
        )?;
        crate::wait::until("the board's focus", crate::world::PATIENCE, || {
            let focus = self.x.get_input_focus()?.reply()?.focus;
            Ok((focus == self.window).then_some(()))
        })
    }

    /// How often the key of this X key code was pressed.
    #[must_use]
    pub fn pressed(&self, code: u8) -> usize {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().filter(|key| **key == code).count()
    }

    /// Paints picture `number`, and everything new with it.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn paint(&self, number: u16) -> Result<()> {
        let mut random = u32::from(number).wrapping_mul(2_654_435_761) | 1;
        let columns = self.area.width / SPOT;
        let rows = self.area.height.saturating_sub(2 * SQUARE) / SPOT;
        for row in 0..rows {
            for column in 0..columns {
                random = xorshift(random);
                let grey = random % 0x100;
                let (x, y) = (column * SPOT, 2 * SQUARE + row * SPOT);
                self.fill(grey * 0x01_01_01, x, y, SPOT)?;
            }
        }
        self.number(number)
    }

    /// Paints picture `number` as noise, which no coding makes small.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn paint_noise(&self, number: u16) -> Result<()> {
        let (width, height) = (self.area.width, self.area.height.saturating_sub(2 * SQUARE));
        let mut random = u32::from(number).wrapping_mul(2_654_435_761) | 1;
        let pixels: Vec<u8> = (0..usize::from(width) * usize::from(height))
            .flat_map(|_| {
                random = xorshift(random);
                let grey = random.to_le_bytes()[0];
                [grey, grey, grey, 0]
            })
            .collect();
        self.x.put_image(
            ImageFormat::Z_PIXMAP,
            self.window,
            self.pen,
            width,
            height,
            0,
            i16::try_from(2 * SQUARE)?,
            0,
            24,
            &pixels,
        )?;
        self.number(number)
    }

    /// Paints a picture's number and nothing else: a small change.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn mark(&self, number: u16) -> Result<()> {
        self.number(number)
    }

    /// Last: who sees the number sees the rest.
    fn number(&self, number: u16) -> Result<()> {
        for bit in 0..BITS {
            let colour = if number >> bit & 1 == 1 {
                0xff_ff_ff
            } else {
                0
            };
            self.fill(colour, bit * SQUARE, 0, SQUARE)?;
        }
        self.x.get_input_focus()?.reply()?;
        Ok(())
    }

    /// Where it is on the screen.
    #[must_use]
    pub fn area(&self) -> Area {
        self.area
    }

    fn fill(&self, colour: u32, x: u16, y: u16, side: u16) -> Result<()> {
        let look = ChangeGCAux::new().foreground(colour);
        self.x.change_gc(self.pen, &look)?;
        let rectangle = Rectangle {
            x: i16::try_from(x)?,
            y: i16::try_from(y)?,
            width: side,
            height: side,
        };
        self.x
            .poly_fill_rectangle(self.window, self.pen, &[rectangle])?;
        Ok(())
    }

    fn count_keys(&self) -> Result<()> {
        let (x, keys, window) = (self.x.clone(), self.keys.clone(), self.window);
        std::thread::Builder::new()
            .name("board".to_owned())
            .spawn(move || {
                // It ends with its X server.
                while let Ok(event) = x.wait_for_event() {
                    match event {
                        Event::KeyPress(key) => {
                            let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
                            keys.push(key.detail);
                        }
                        Event::ButtonPress(press) => {
                            let _ = x.set_input_focus(InputFocus::POINTER_ROOT, window, press.time);
                            let _ = x.flush();
                        }
                        _ => {}
                    }
                }
            })?;
        Ok(())
    }
}

/// The same number paints the same picture.
fn xorshift(mut random: u32) -> u32 {
    random ^= random << 13;
    random ^= random >> 17;
    random ^ random << 5
}

/// The number that a board at `area` shows in a picture of BGRX rows of `width` pixels.
#[must_use]
pub fn number_at(area: Area, width: u16, pixels: &[u8]) -> Option<u16> {
    let (left, top) = (usize::try_from(area.x).ok()?, usize::try_from(area.y).ok()?);
    let y = top + usize::from(SQUARE / 2);
    let mut number = 0;
    for bit in 0..BITS {
        let x = left + usize::from(bit * SQUARE + SQUARE / 2);
        // Green stands for brightness.
        let green = *pixels.get((y * usize::from(width) + x) * 4 + 1)?;
        number |= u16::from(green > 128) << bit;
    }
    Some(number)
}
