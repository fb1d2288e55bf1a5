//! Events by the portable `enigo` crate. It cannot be asked and told in one step, so the guard looks right before each event.

use enigo::{Axis, Button, Coordinate, Direction, Enigo, Keyboard as _, Mouse as _, Settings};

use super::guard::Guard;
use super::xtest::keycode;
use super::{Backend, Done, InjectError};
use crate::stop_key::InjectedKeys;

pub struct Portable {
    enigo: Enigo,
    guard: Guard,
    ledger: InjectedKeys,
}

impl Portable {
    /// # Errors
    /// When there is no way to inject here.
    pub fn new(guard: Guard, ledger: InjectedKeys) -> Result<Self, InjectError> {
        Self::on(None, guard, ledger)
    }

    /// On another display than the usual one.
    pub fn on(
        display: Option<&str>,
        guard: Guard,
        ledger: InjectedKeys,
    ) -> Result<Self, InjectError> {
        // The default delays cost 12 ms a click.
        let settings = Settings {
            linux_delay: 0,
            x11_display: display.map(str::to_owned),
            ..Settings::default()
        };
        let enigo =
            Enigo::new(&settings).map_err(|error| InjectError::Unreachable(error.to_string()))?;
        Ok(Self {
            enigo,
            guard,
            ledger,
        })
    }

    fn at(&mut self, x: u16, y: u16) -> Result<Done, InjectError> {
        self.move_to(x, y)?;
        let ours = self.guard.is_pointer_ours()?;
        Ok(if ours { Done::Refused } else { Done::Yes })
    }
}

impl Backend for Portable {
    fn key(&mut self, code: u16, down: bool) -> Result<Done, InjectError> {
        let Some(keycode) = keycode(code) else {
            return Ok(Done::Refused);
        };
        if down && self.guard.is_keyboard_ours()? {
            return Ok(Done::Refused);
        }
        self.ledger.about_to(keycode, down);
        self.enigo
            .raw(keycode.into(), direction(down))
            .map_err(failed)?;
        Ok(Done::Yes)
    }

    fn button(&mut self, button: u8, down: bool, x: u16, y: u16) -> Result<Done, InjectError> {
        let button = match button {
            1 => Button::Left,
            2 => Button::Middle,
            3 => Button::Right,
            8 => Button::Back,
            9 => Button::Forward,
            _ => return Ok(Done::Refused),
        };
        if self.at(x, y)? == Done::Refused && down {
            return Ok(Done::Refused);
        }
        self.enigo.button(button, direction(down)).map_err(failed)?;
        Ok(Done::Yes)
    }

    fn wheel(&mut self, right: i32, down: i32, x: u16, y: u16) -> Result<Done, InjectError> {
        if self.at(x, y)? == Done::Refused {
            return Ok(Done::Refused);
        }
        for (notches, axis) in [(down, Axis::Vertical), (right, Axis::Horizontal)] {
            if notches != 0 {
                self.enigo.scroll(notches, axis).map_err(failed)?;
            }
        }
        Ok(Done::Yes)
    }

    fn move_to(&mut self, x: u16, y: u16) -> Result<(), InjectError> {
        self.enigo
            .move_mouse(x.into(), y.into(), Coordinate::Abs)
            .map_err(failed)
    }

    fn text(&mut self, text: &str) -> Result<Done, InjectError> {
        if self.guard.is_keyboard_ours()? {
            return Ok(Done::Refused);
        }
        self.enigo.text(text).map_err(failed)?;
        Ok(Done::Yes)
    }

    fn settle(&mut self) -> Result<(), InjectError> {
        // A question on enigo's own connection: the answer comes after everything it sent.
        self.enigo.location().map(drop).map_err(failed)
    }
}

fn direction(down: bool) -> Direction {
    if down {
        Direction::Press
    } else {
        Direction::Release
    }
}

fn failed(error: impl ToString) -> InjectError {
    InjectError::Failed(error.to_string())
}
