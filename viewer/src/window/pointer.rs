//! The pointers: the technician's own takes the remote shape and has no delay; the remote one is drawn only where somebody else moves it.
//! Also the wheel and the mouse's buttons in the protocol's numbers. Pure.

use std::time::{Duration, Instant};

use winit::event::{MouseButton, MouseScrollDelta};

/// The remote pointer is somebody else's when it is this far from where ours was sent,
const ELSEWHERE: f64 = 12.0;
/// and ours has been still for this long.
const STILL: Duration = Duration::from_millis(400);
/// A notch of the wheel, and the pixels of a touchpad that are one.
const NOTCH: f64 = 120.0;
const PIXELS_PER_NOTCH: f64 = 100.0;

/// Where the technician's pointer was sent last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    pub x: u16,
    pub y: u16,
    pub at: Instant,
}

/// Whether to draw the remote pointer beside the technician's.
#[must_use]
pub fn shows_remote(
    remote: (u16, u16),
    sent: Option<Sent>,
    has_controls: bool,
    now: Instant,
) -> bool {
    let (true, Some(sent)) = (has_controls, sent) else {
        return true;
    };
    let apart = |one: u16, other: u16| f64::from(one) - f64::from(other);
    let distance = apart(remote.0, sent.x).hypot(apart(remote.1, sent.y));
    distance > ELSEWHERE && now.duration_since(sent.at) > STILL
}

/// X's numbers.
#[must_use]
pub fn button(button: MouseButton) -> Option<u8> {
    match button {
        MouseButton::Left => Some(1),
        MouseButton::Middle => Some(2),
        MouseButton::Right => Some(3),
        MouseButton::Back => Some(8),
        MouseButton::Forward => Some(9),
        MouseButton::Other(_) => None,
    }
}

/// Turns of the wheel in 1/120 of a notch. Keeps the fraction that is left over.
#[derive(Debug, Default)]
pub struct Wheel {
    rest: (f64, f64),
}

impl Wheel {
    /// Whole units, positive is right and down; `None` when it is less than one.
    pub fn turn(&mut self, delta: MouseScrollDelta) -> Option<(i16, i16)> {
        let (x, y) = match delta {
            MouseScrollDelta::LineDelta(x, y) => (f64::from(x) * NOTCH, f64::from(y) * NOTCH),
            MouseScrollDelta::PixelDelta(by) => {
                let units = NOTCH / PIXELS_PER_NOTCH;
                (by.x * units, by.y * units)
            }
        };
        // winit tells how the content moves, which is the other way round.
        self.rest = (self.rest.0 - x, self.rest.1 - y);
        let whole = (self.rest.0 as i16, self.rest.1 as i16);
        self.rest = (
            self.rest.0 - f64::from(whole.0),
            self.rest.1 - f64::from(whole.1),
        );
        (whole != (0, 0)).then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notch_towards_the_person_is_120_down() {
        let mut wheel = Wheel::default();
        let notch = MouseScrollDelta::LineDelta(0.0, -1.0);
        assert_eq!(wheel.turn(notch), Some((0, 120)));
    }

    #[test]
    fn small_moves_of_a_touchpad_add_up() {
        let mut wheel = Wheel::default();
        let little = MouseScrollDelta::PixelDelta((0.0, 0.5).into());
        assert_eq!(wheel.turn(little), None);
        assert_eq!(wheel.turn(little), Some((0, -1)));
    }

    #[test]
    fn the_remote_pointer_is_drawn_when_it_is_somebody_elses() {
        let now = Instant::now();
        let sent = Some(Sent {
            x: 100,
            y: 100,
            at: now.checked_sub(Duration::from_secs(1)).unwrap(),
        });
        assert!(shows_remote((300, 100), sent, true, now));
        assert!(!shows_remote((104, 100), sent, true, now));
        assert!(shows_remote((104, 100), sent, false, now));
        let moving = sent.map(|sent| Sent { at: now, ..sent });
        assert!(!shows_remote((300, 100), moving, true, now));
    }
}
