//! When the stop key is pressed: a pure machine over presses and releases by keycode. Owns neither where the events come from nor what
//! stopping means.

use std::collections::BTreeSet;

/// Keysyms (X11/keysymdef.h) of the parts of Ctrl+Alt+Shift+X.
const CONTROL: [u32; 2] = [0xffe3, 0xffe4];
const SHIFT: [u32; 2] = [0xffe1, 0xffe2];
const ALT: [u32; 4] = [0xffe9, 0xffea, 0xffe7, 0xffe8];
const X: [u32; 2] = [0x78, 0x58];

/// Where X is on keyboards without a Latin layout (evdev's KEY_X + 8).
const X_WITHOUT_LATIN: u8 = 53;

/// Which keycodes make the combination, on this keyboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys {
    control: BTreeSet<u8>,
    shift: BTreeSet<u8>,
    alt: BTreeSet<u8>,
    x: BTreeSet<u8>,
}

impl Keys {
    /// From the keyboard map: `per_keycode` keysyms for each keycode from `first` on.
    pub(super) fn from_map(first: u8, per_keycode: u8, keysyms: &[u32]) -> Self {
        let of = |wanted: &[u32]| -> BTreeSet<u8> {
            (first..=u8::MAX)
                .zip(keysyms.chunks(usize::from(per_keycode.max(1))))
                .filter(|(_, syms)| syms.iter().any(|sym| wanted.contains(sym)))
                .map(|(keycode, _)| keycode)
                .collect()
        };
        let mut keys = Self {
            control: of(&CONTROL),
            shift: of(&SHIFT),
            alt: of(&ALT),
            x: of(&X),
        };
        if keys.x.is_empty() {
            keys.x.insert(X_WITHOUT_LATIN);
        }
        keys
    }
}

/// What is held down, by anybody but the agent itself.
#[derive(Debug, Default)]
pub(super) struct Combination {
    held: BTreeSet<u8>,
}

impl Combination {
    /// Takes one event; whether it completes the combination.
    pub(super) fn handle_key(&mut self, keys: &Keys, keycode: u8, pressed: bool) -> bool {
        if !pressed {
            self.held.remove(&keycode);
            return false;
        }
        self.held.insert(keycode);
        let holds = |part: &BTreeSet<u8>| !part.is_disjoint(&self.held);
        keys.x.contains(&keycode) && holds(&keys.control) && holds(&keys.alt) && holds(&keys.shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CTRL_L: u8 = 37;
    const SHIFT_R: u8 = 62;
    const ALT_L: u8 = 64;
    const KEY_X: u8 = 53;

    fn keys() -> Keys {
        let mut map = vec![0_u32; 2 * 248];
        for (keycode, keysym) in [
            (CTRL_L, 0xffe3),
            (SHIFT_R, 0xffe2),
            (ALT_L, 0xffe9),
            (KEY_X, 0x78),
        ] {
            map[2 * usize::from(keycode - 8)] = keysym;
        }
        Keys::from_map(8, 2, &map)
    }

    fn presses(combination: &mut Combination, order: &[u8]) -> Vec<bool> {
        order
            .iter()
            .map(|key| combination.handle_key(&keys(), *key, true))
            .collect()
    }

    #[test]
    fn all_four_keys_stop() {
        assert_eq!(
            presses(
                &mut Combination::default(),
                &[SHIFT_R, CTRL_L, ALT_L, KEY_X]
            ),
            [false, false, false, true]
        );
    }

    #[test]
    fn three_keys_do_nothing() {
        assert!(!presses(&mut Combination::default(), &[CTRL_L, ALT_L, KEY_X]).contains(&true));
        let mut combination = Combination::default();
        presses(&mut combination, &[CTRL_L, ALT_L, SHIFT_R]);
        combination.handle_key(&keys(), SHIFT_R, false);
        assert!(!combination.handle_key(&keys(), KEY_X, true));
    }

    #[test]
    fn a_keyboard_without_latin_letters_stops_by_position() {
        let keys = Keys::from_map(8, 1, &[0x6c1; 248]);
        assert_eq!(keys.x, BTreeSet::from([X_WITHOUT_LATIN]));
    }
}
