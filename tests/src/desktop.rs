//! A person at a display: sees the screen, finds windows, moves the mouse, presses keys. Uses XTEST on a connection of its own.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConfigureWindowAux, ConnectionExt as _,
    ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::image::Image;
use crate::wait;

/// A person's pace between the parts of one click or key press.
const PACE: Duration = Duration::from_millis(15);

#[derive(Debug)]
pub struct Desktop {
    x: RustConnection,
    root: Window,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: i16,
    pub y: i16,
    pub width: u16,
    pub height: u16,
}

impl Desktop {
    /// # Errors
    /// When there is no X server at `display`.
    pub fn open(display: &str) -> Result<Self> {
        let (x, screen) = x11rb::connect(Some(display))?;
        let root = x.setup().roots[screen].root;
        Ok(Self { x, root })
    }

    /// The whole screen, without the pointer.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn screenshot(&self) -> Result<Image> {
        let size = self.x.get_geometry(self.root)?.reply()?;
        self.picture(Area {
            x: 0,
            y: 0,
            width: size.width,
            height: size.height,
        })
    }

    /// The whole screen as the X server keeps it: width, height, and BGRX, of which X is anything.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn raw(&self) -> Result<(u16, u16, Vec<u8>)> {
        let size = self.x.get_geometry(self.root)?.reply()?;
        let (width, height) = (size.width, size.height);
        let all = ImageFormat::Z_PIXMAP;
        let image = self.x.get_image(all, self.root, 0, 0, width, height, !0)?;
        Ok((width, height, image.reply()?.data))
    }

    /// A part of the screen, clipped to it.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn picture(&self, area: Area) -> Result<Image> {
        let size = self.x.get_geometry(self.root)?.reply()?;
        let (left, top) = (area.x.max(0), area.y.max(0));
        let right = (i32::from(area.x) + i32::from(area.width)).min(i32::from(size.width));
        let bottom = (i32::from(area.y) + i32::from(area.height)).min(i32::from(size.height));
        let (width, height) = (right - i32::from(left), bottom - i32::from(top));
        if width <= 0 || height <= 0 {
            bail!("{area:?} is not on the screen");
        }
        let reply = self
            .x
            .get_image(
                ImageFormat::Z_PIXMAP,
                self.root,
                left,
                top,
                u16::try_from(width)?,
                u16::try_from(height)?,
                !0,
            )?
            .reply()?;
        let rgb = reply
            .data
            .chunks_exact(4)
            .flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]])
            .collect();
        Ok(Image {
            width: usize::try_from(width)?,
            height: usize::try_from(height)?,
            rgb,
        })
    }

    /// The place on the screen of the mapped window whose title starts with `title`, waiting for it.
    ///
    /// # Errors
    /// When it does not appear within `limit`.
    pub fn window(&self, title: &str, limit: Duration) -> Result<(Window, Area)> {
        wait::until(&format!("a window “{title}”"), limit, || {
            self.find(title)
        })
    }

    /// As [`Self::window`], without waiting.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn find(&self, title: &str) -> Result<Option<(Window, Area)>> {
        let utf8 = self.x.intern_atom(false, b"_NET_WM_NAME")?.reply()?.atom;
        let mut todo = vec![self.root];
        while let Some(window) = todo.pop() {
            let Ok(tree) = self.x.query_tree(window)?.reply() else {
                continue;
            };
            todo.extend(tree.children);
            let named = [utf8, AtomEnum::WM_NAME.into()].into_iter().any(|atom| {
                self.x
                    .get_property(false, window, atom, AtomEnum::ANY, 0, 64)
                    .ok()
                    .and_then(|cookie| cookie.reply().ok())
                    .is_some_and(|name| String::from_utf8_lossy(&name.value).starts_with(title))
            });
            if !named {
                continue;
            }
            let Ok(attributes) = self.x.get_window_attributes(window)?.reply() else {
                continue;
            };
            if attributes.map_state == MapState::VIEWABLE {
                return Ok(Some((window, self.area(window)?)));
            }
        }
        Ok(None)
    }

    /// # Errors
    /// When the window is gone.
    pub fn area(&self, window: Window) -> Result<Area> {
        let size = self.x.get_geometry(window)?.reply()?;
        let place = self
            .x
            .translate_coordinates(window, self.root, 0, 0)?
            .reply()?;
        Ok(Area {
            x: place.dst_x,
            y: place.dst_y,
            width: size.width,
            height: size.height,
        })
    }

    /// Waits until something of this exact colour (0xRRGGBB), at least 200 pixels of it, shows in a window, and gives its middle on the screen.
    ///
    /// # Errors
    /// When it does not show within `limit`.
    pub fn see(&self, title: &str, colour: u32, limit: Duration) -> Result<(i16, i16)> {
        wait::until(
            &format!("something coloured #{colour:06x} in “{title}”"),
            limit,
            || self.sees(title, colour),
        )
    }

    /// As [`Self::see`], without waiting.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn sees(&self, title: &str, colour: u32) -> Result<Option<(i16, i16)>> {
        let Some((_, area)) = self.find(title)? else {
            return Ok(None);
        };
        let Ok(picture) = self.picture(area) else {
            return Ok(None);
        };
        Ok(picture
            .find_colour(colour)
            .filter(|(_, _, count)| *count >= 200)
            .map(|(x, y, _)| (area.x.max(0) + x as i16, area.y.max(0) + y as i16)))
    }

    /// # Errors
    /// When the X server does not answer.
    pub fn move_to(&self, x: i16, y: i16) -> Result<()> {
        self.x
            .xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, self.root, x, y, 0)?;
        self.x.flush()?;
        Ok(())
    }

    /// Moves there and clicks the left button.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn click(&self, x: i16, y: i16) -> Result<()> {
        self.move_to(x, y)?;
        sleep(PACE);
        for event in [BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT] {
            self.x.xtest_fake_input(event, 1, 0, self.root, 0, 0, 0)?;
            self.x.flush()?;
            sleep(PACE);
        }
        Ok(())
    }

    /// Turns the wheel by so many notches: towards the person, which moves the text up, or away when negative.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn wheel(&self, notches: i32) -> Result<()> {
        let button = if notches < 0 { 4 } else { 5 };
        for _ in 0..notches.abs() {
            for event in [BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT] {
                self.x
                    .xtest_fake_input(event, button, 0, self.root, 0, 0, 0)?;
            }
            self.x.flush()?;
            sleep(PACE);
        }
        Ok(())
    }

    /// Gives a window another size, by way of its window manager.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn resize(&self, window: Window, width: u16, height: u16) -> Result<()> {
        let size = ConfigureWindowAux::new()
            .width(u32::from(width))
            .height(u32::from(height));
        self.x.configure_window(window, &size)?;
        self.x.flush()?;
        Ok(())
    }

    /// Moves a window to (x, y) and gives it a size, by way of its window manager.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn place(&self, window: Window, (x, y, width, height): (u16, u16, u16, u16)) -> Result<()> {
        let place = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y));
        self.x.configure_window(window, &place)?;
        self.resize(window, width, height)
    }

    /// Clicks what has this colour in the window, once it shows.
    ///
    /// # Errors
    /// When it does not show within `limit`.
    pub fn click_colour(&self, title: &str, colour: u32, limit: Duration) -> Result<Instant> {
        let (x, y) = self.see(title, colour, limit)?;
        self.click(x, y)?;
        Ok(Instant::now())
    }

    /// Presses keys together and lets them go, named as X keysyms ("a", "Return", "Control_L").
    ///
    /// # Errors
    /// When the keyboard has no such key.
    pub fn chord(&self, keysyms: &[u32]) -> Result<()> {
        let codes = keysyms
            .iter()
            .map(|keysym| self.keycode(*keysym))
            .collect::<Result<Vec<_>>>()?;
        for code in &codes {
            self.key(KEY_PRESS_EVENT, *code)?;
        }
        for code in codes.iter().rev() {
            self.key(KEY_RELEASE_EVENT, *code)?;
        }
        Ok(())
    }

    /// Types small letters, digits and blanks, as a person does.
    ///
    /// # Errors
    /// When the keyboard has no such key.
    pub fn type_text(&self, text: &str) -> Result<()> {
        text.chars()
            .try_for_each(|character| self.chord(&[u32::from(character)]))
    }

    fn key(&self, event: u8, code: u8) -> Result<()> {
        self.x
            .xtest_fake_input(event, code, 0, self.root, 0, 0, 0)?;
        self.x.flush()?;
        sleep(PACE);
        Ok(())
    }

    fn keycode(&self, keysym: u32) -> Result<u8> {
        let setup = self.x.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let map = self.x.get_keyboard_mapping(first, count)?.reply()?;
        let width = usize::from(map.keysyms_per_keycode);
        map.keysyms
            .chunks(width)
            .position(|syms| syms.contains(&keysym))
            .map(|index| first + index as u8)
            .with_context(|| format!("no key for keysym {keysym:#x}"))
    }

    /// The X key codes of all keys that are down now, whoever pressed them.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn keys_held(&self) -> Result<Vec<u8>> {
        let keys = self.x.query_keymap()?.reply()?.keys;
        let is_down = |code: &u8| keys[usize::from(code / 8)] >> (code % 8) & 1 == 1;
        Ok((0..=u8::MAX).filter(is_down).collect())
    }

    /// What a client owns of the text selection is not asked; this reads a window's title.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn title(&self, window: Window) -> Result<String> {
        let name = self
            .x
            .get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 256)?
            .reply()?;
        Ok(String::from_utf8_lossy(&name.value).into_owned())
    }
}

/// Keysyms that the tests press (X11/keysymdef.h).
pub mod keysym {
    pub const TAB: u32 = 0xff09;
    pub const RETURN: u32 = 0xff0d;
    pub const ESCAPE: u32 = 0xff1b;
    pub const SPACE: u32 = 0x20;
    pub const SHIFT: u32 = 0xffe1;
    pub const CONTROL: u32 = 0xffe3;
    pub const ALT: u32 = 0xffe9;
    pub const X: u32 = 0x78;
    pub const F11: u32 = 0xffc8;
}
