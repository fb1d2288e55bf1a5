//! From a technician's packets to key presses and clicks on this computer. Owns which event may happen now: ordered, permitted, not on
//! the agent's own windows, never the stop key. How an event is made is the backend's.

mod enigo;
pub mod gate;
mod guard;
mod held;
mod keymap;
mod order;
mod xtest;

use mayday_protocol::input::{Event, Input, Pointer};
use mayday_protocol::{Epoch, Sequence};

use held::{Held, Press};
pub use order::{Order, Turn};

/// Why nothing can be injected.
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    #[error("the display cannot be reached for input: {0}")]
    Unreachable(String),
    #[error("the display has no XTEST extension: try `--input enigo`")]
    NoXtest,
    #[error("input is not possible here: {0}")]
    Failed(String),
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Yes,
    /// It would have hit one of the agent's own windows.
    Refused,
}

/// Whether the end user still lets this technician act, asked at every step: a Stop in the middle of a long text ends the text.
pub type Permitted<'a> = &'a dyn Fn() -> bool;

/// Characters typed between two questions whether it is still permitted. Each is at most four keys for the stop key to tell apart.
const PIECE: usize = 32;
/// Characters of one packet: more is nobody's paste, and the agent does nothing else meanwhile.
const MOST_TYPED: usize = 4000;

/// One way to make events. Places are screen pixels, keys Linux input event codes, wheels whole notches.
trait Backend {
    /// `Refused` for a press while the keyboard belongs to one of the agent's own windows.
    fn key(&mut self, code: u16, down: bool) -> Result<Done, InjectError>;
    /// `Refused` for a press on one of the agent's own windows.
    fn button(&mut self, button: u8, down: bool, x: u16, y: u16) -> Result<Done, InjectError>;
    fn wheel(&mut self, right: i32, down: i32, x: u16, y: u16) -> Result<Done, InjectError>;
    fn move_to(&mut self, x: u16, y: u16) -> Result<(), InjectError>;
    fn text(&mut self, text: &str) -> Result<Done, InjectError>;
    /// Returns once the system has done everything before: what a connection still holds when it closes may be lost.
    fn settle(&mut self) -> Result<(), InjectError>;
}

/// A technician's hands at this computer. Made only by [`gate::open`], from a grant.
pub struct Hands {
    backend: Box<dyn Backend>,
    held: Held,
    wheel: Wheel,
}

impl Hands {
    fn new(backend: Box<dyn Backend>) -> Self {
        Self {
            backend,
            held: Held::default(),
            wheel: Wheel::default(),
        }
    }

    /// Injects one turn; gives the sequence that is done now. `epoch` is what the screen shows: places on an older one are not meant.
    /// What comes after `permitted` said no is dropped.
    ///
    /// # Errors
    /// When the display refuses; the rest of the turn is lost.
    pub fn perform(
        &mut self,
        turn: Turn,
        epoch: Epoch,
        permitted: Permitted<'_>,
    ) -> Result<Option<Sequence>, InjectError> {
        match turn {
            Turn::Move(pointer) if permitted() => self.point(pointer, epoch).map(|()| None),
            Turn::Move(_) => Ok(None),
            Turn::Input(sequence, input) => {
                self.input(input, epoch, permitted)?;
                Ok(permitted().then_some(sequence))
            }
        }
    }

    /// Lets go of everything.
    pub fn release_all(&mut self) {
        let held = self.held.release_all();
        self.let_go(held);
    }

    fn let_go(&mut self, held: Vec<Press>) {
        if held.is_empty() {
            return;
        }
        for press in held {
            let released = match press {
                Press::Key(code) => self.backend.key(code, false),
                Press::Button { button, x, y } => self.backend.button(button, false, x, y),
            };
            if let Err(error) = released {
                tracing::warn!(%error, "something stays pressed");
            }
        }
        if let Err(error) = self.backend.settle() {
            tracing::warn!(%error, "something may stay pressed");
        }
    }

    fn point(&mut self, pointer: Pointer, epoch: Epoch) -> Result<(), InjectError> {
        if pointer.epoch == epoch {
            self.held.moved(pointer.x, pointer.y);
            self.backend.move_to(pointer.x, pointer.y)?;
        }
        Ok(())
    }

    fn input(
        &mut self,
        input: Input,
        epoch: Epoch,
        permitted: Permitted<'_>,
    ) -> Result<(), InjectError> {
        let here = input.epoch == epoch;
        let mut may_type = MOST_TYPED;
        for event in input.events {
            if !permitted() {
                return Ok(());
            }
            match event {
                Event::Key { code, down } => {
                    self.press(Press::Key(code), down, |backend| backend.key(code, down))?;
                }
                Event::Button { button, down, x, y } => {
                    if (here || !down) && is_button(button) {
                        let press = Press::Button { button, x, y };
                        self.press(press, down, |backend| backend.button(button, down, x, y))?;
                    }
                }
                Event::Wheel { dx, dy, x, y } => {
                    let (right, down) = self.wheel.notches(dx, dy);
                    if here && (right, down) != (0, 0) {
                        self.backend.wheel(right, down, x, y)?;
                    }
                }
                Event::Text(text) => {
                    let characters: Vec<char> = text.chars().take(may_type).collect();
                    may_type -= characters.len();
                    self.type_out(&characters, permitted)?;
                }
                Event::ReleaseAll => self.release_all(),
            }
        }
        Ok(())
    }

    /// A text is no shortcut: what the technician holds to make one goes up first, so that no character completes the stop key.
    fn type_out(&mut self, text: &[char], permitted: Permitted<'_>) -> Result<(), InjectError> {
        let modifiers = self.held.release_modifiers();
        self.let_go(modifiers);
        for piece in text.chunks(PIECE) {
            if !permitted() || self.backend.text(&String::from_iter(piece))? == Done::Refused {
                break;
            }
            // The server is done with this piece before the next, or a Stop would find the rest on its way.
            self.backend.settle()?;
        }
        Ok(())
    }

    fn press(
        &mut self,
        press: Press,
        down: bool,
        act: impl FnOnce(&mut dyn Backend) -> Result<Done, InjectError>,
    ) -> Result<(), InjectError> {
        if !self.held.take(press, down) {
            return Ok(());
        }
        let done = act(self.backend.as_mut())?;
        if down && done == Done::Refused {
            self.held.take(press, false);
        }
        Ok(())
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        self.release_all();
    }
}

fn is_button(button: u8) -> bool {
    matches!(button, 1..=3 | 8 | 9)
}

/// Turns of the wheel in 1/120 of a notch, until they make whole ones.
#[derive(Debug, Default)]
struct Wheel {
    right: i32,
    down: i32,
}

impl Wheel {
    const NOTCH: i32 = 120;
    /// More at once is nobody's finger.
    const MOST: i32 = 16;

    fn notches(&mut self, dx: i16, dy: i16) -> (i32, i32) {
        let whole = |rest: &mut i32, turn: i16| {
            *rest += i32::from(turn);
            let notches = *rest / Self::NOTCH;
            *rest -= notches * Self::NOTCH;
            notches.clamp(-Self::MOST, Self::MOST)
        };
        (whole(&mut self.right, dx), whole(&mut self.down, dy))
    }
}

#[cfg(test)]
mod tests;
