//! Which keys and buttons a technician holds down, and which presses are refused: those that would complete the stop key. Pure.

use std::collections::BTreeMap;

/// Something that goes down and up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// A Linux input event code.
    Key(u16),
    Button {
        button: u8,
        x: u16,
        y: u16,
    },
}

/// The same without the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    Key(u16),
    Button(u8),
}

impl Press {
    fn which(self) -> Which {
        match self {
            Self::Key(code) => Which::Key(code),
            Self::Button { button, .. } => Which::Button(button),
        }
    }
}

/// Ctrl+Alt+Shift+X, with either key of each pair (`input-event-codes.h`).
const STOP_KEY: [&[u16]; 4] = [&[29, 97], &[56, 100], &[42, 54], &[45]];

/// Ctrl, Alt, Shift and the system key, left and right.
const MODIFIERS: [u16; 8] = [29, 97, 56, 100, 42, 54, 125, 126];

#[derive(Debug, Default)]
pub struct Held(BTreeMap<Which, Press>);

impl Held {
    /// Whether to let a press or release through. A press that would complete the stop key is refused (only the person at this
    /// computer stops), and so is the release of what was never let down.
    pub fn take(&mut self, press: Press, down: bool) -> bool {
        if !down {
            return self.0.remove(&press.which()).is_some();
        }
        if let Press::Key(code) = press
            && self.completes_stop_key(code)
        {
            return false;
        }
        self.0.insert(press.which(), press);
        true
    }

    /// The pointer moved: what is held is dragged, and is let go there.
    pub fn moved(&mut self, to_x: u16, to_y: u16) {
        for press in self.0.values_mut() {
            if let Press::Button { x, y, .. } = press {
                (*x, *y) = (to_x, to_y);
            }
        }
    }

    /// Everything that is down, buttons before keys, and nothing is afterwards.
    pub fn release_all(&mut self) -> Vec<Press> {
        std::mem::take(&mut self.0).into_values().rev().collect()
    }

    /// The modifier keys that are down, and are not afterwards.
    pub fn release_modifiers(&mut self) -> Vec<Press> {
        let down = MODIFIERS.iter();
        down.filter_map(|code| self.0.remove(&Which::Key(*code)))
            .collect()
    }

    fn completes_stop_key(&self, code: u16) -> bool {
        let down = |key: &u16| *key == code || self.0.contains_key(&Which::Key(*key));
        let belongs = STOP_KEY.iter().any(|group| group.contains(&code));
        belongs && STOP_KEY.iter().all(|group| group.iter().any(down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stop_key_is_never_completed_in_whatever_order() {
        for order in [[29, 56, 42, 45], [45, 54, 100, 97], [42, 45, 29, 56]] {
            let mut held = Held::default();
            let taken: Vec<_> = order
                .iter()
                .map(|key| held.take(Press::Key(*key), true))
                .collect();
            assert_eq!(taken, [true, true, true, false]);
        }
    }

    #[test]
    fn the_same_keys_one_after_another_are_let_through() {
        let mut held = Held::default();
        for key in [29, 56, 42, 45] {
            assert!(held.take(Press::Key(key), true));
            assert!(held.take(Press::Key(key), false));
        }
    }

    #[test]
    fn a_key_held_down_repeats_and_is_released_once() {
        let mut held = Held::default();
        assert!(held.take(Press::Key(30), true));
        assert!(held.take(Press::Key(30), true));
        assert!(held.take(Press::Key(30), false));
        assert!(!held.take(Press::Key(30), false));
    }

    #[test]
    fn everything_held_goes_up_at_the_end() {
        let mut held = Held::default();
        held.take(Press::Key(42), true);
        held.take(
            Press::Button {
                button: 1,
                x: 5,
                y: 5,
            },
            true,
        );
        held.moved(7, 8);
        let button = Press::Button {
            button: 1,
            x: 7,
            y: 8,
        };
        assert_eq!(held.release_all(), [button, Press::Key(42)]);
        assert!(held.release_all().is_empty());
    }
}
