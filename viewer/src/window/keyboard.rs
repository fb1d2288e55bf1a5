//! The keyboard by physical key: winit's names as Linux input event codes, the combinations that the technician's own system keeps,
//! and what is held down. Owns no connection.

use std::collections::BTreeSet;

use winit::keyboard::{KeyCode, NativeKeyCode, PhysicalKey};

/// Codes of `input-event-codes.h`.
pub mod code {
    pub const LEFT_CTRL: u16 = 29;
    pub const LEFT_SHIFT: u16 = 42;
    pub const LEFT_ALT: u16 = 56;
    pub const LEFT_META: u16 = 125;
    pub const ESCAPE: u16 = 1;
    pub const TAB: u16 = 15;
    pub const F4: u16 = 62;
    pub const F11: u16 = 87;
    pub const PRINT: u16 = 99;
    pub const DELETE: u16 = 111;
}

/// Offered in the menu: the name's key and what is pressed in this order.
pub const COMBINATIONS: [(&str, &[u16]); 7] = [
    (
        "keys.ctrl_alt_delete",
        &[code::LEFT_CTRL, code::LEFT_ALT, code::DELETE],
    ),
    ("keys.alt_tab", &[code::LEFT_ALT, code::TAB]),
    ("keys.super", &[code::LEFT_META]),
    ("keys.print", &[code::PRINT]),
    ("keys.alt_f4", &[code::LEFT_ALT, code::F4]),
    (
        "keys.ctrl_shift_escape",
        &[code::LEFT_CTRL, code::LEFT_SHIFT, code::ESCAPE],
    ),
    ("keys.f11", &[code::F11]),
];

/// Keys that went down at the end user's computer and not up again.
#[derive(Debug, Default)]
pub struct Held {
    keys: BTreeSet<u16>,
}

impl Held {
    /// Whether this is news for the other side: repeats are theirs to make.
    pub fn change(&mut self, code: u16, down: bool) -> bool {
        if down {
            self.keys.insert(code)
        } else {
            self.keys.remove(&code)
        }
    }

    /// Forgets all of them; whether there was any.
    pub fn clear(&mut self) -> bool {
        let any = !self.keys.is_empty();
        self.keys.clear();
        any
    }
}

/// The code of a physical key, or `None` when it has none.
#[must_use]
pub fn code_of(key: PhysicalKey) -> Option<u16> {
    match key {
        PhysicalKey::Code(code) => known(code),
        // X11's and Wayland's own numbers are 8 more.
        PhysicalKey::Unidentified(NativeKeyCode::Xkb(code)) => {
            u16::try_from(code.checked_sub(8)?).ok()
        }
        PhysicalKey::Unidentified(_) => None,
    }
}

/// Rows of keys whose codes follow each other.
const RUNS: [(u16, &[KeyCode]); 12] = {
    use KeyCode as K;
    [
        (
            1,
            &[
                K::Escape,
                K::Digit1,
                K::Digit2,
                K::Digit3,
                K::Digit4,
                K::Digit5,
                K::Digit6,
                K::Digit7,
                K::Digit8,
                K::Digit9,
                K::Digit0,
                K::Minus,
                K::Equal,
                K::Backspace,
                K::Tab,
                K::KeyQ,
                K::KeyW,
                K::KeyE,
                K::KeyR,
                K::KeyT,
                K::KeyY,
                K::KeyU,
                K::KeyI,
                K::KeyO,
                K::KeyP,
                K::BracketLeft,
                K::BracketRight,
                K::Enter,
                K::ControlLeft,
                K::KeyA,
                K::KeyS,
                K::KeyD,
                K::KeyF,
                K::KeyG,
                K::KeyH,
                K::KeyJ,
                K::KeyK,
                K::KeyL,
                K::Semicolon,
                K::Quote,
                K::Backquote,
                K::ShiftLeft,
                K::Backslash,
                K::KeyZ,
                K::KeyX,
                K::KeyC,
                K::KeyV,
                K::KeyB,
                K::KeyN,
                K::KeyM,
                K::Comma,
                K::Period,
                K::Slash,
                K::ShiftRight,
                K::NumpadMultiply,
                K::AltLeft,
                K::Space,
                K::CapsLock,
                K::F1,
                K::F2,
                K::F3,
                K::F4,
                K::F5,
                K::F6,
                K::F7,
                K::F8,
                K::F9,
                K::F10,
                K::NumLock,
                K::ScrollLock,
                K::Numpad7,
                K::Numpad8,
                K::Numpad9,
                K::NumpadSubtract,
                K::Numpad4,
                K::Numpad5,
                K::Numpad6,
                K::NumpadAdd,
                K::Numpad1,
                K::Numpad2,
                K::Numpad3,
                K::Numpad0,
                K::NumpadDecimal,
            ],
        ),
        (
            85,
            &[
                K::Lang5,
                K::IntlBackslash,
                K::F11,
                K::F12,
                K::IntlRo,
                K::Lang3,
                K::Lang4,
            ],
        ),
        (92, &[K::Convert, K::KanaMode, K::NonConvert]),
        (
            96,
            &[
                K::NumpadEnter,
                K::ControlRight,
                K::NumpadDivide,
                K::PrintScreen,
                K::AltRight,
            ],
        ),
        (
            102,
            &[
                K::Home,
                K::ArrowUp,
                K::PageUp,
                K::ArrowLeft,
                K::ArrowRight,
                K::End,
                K::ArrowDown,
                K::PageDown,
                K::Insert,
                K::Delete,
            ],
        ),
        (
            113,
            &[
                K::AudioVolumeMute,
                K::AudioVolumeDown,
                K::AudioVolumeUp,
                K::Power,
                K::NumpadEqual,
            ],
        ),
        (119, &[K::Pause]),
        (
            121,
            &[
                K::NumpadComma,
                K::Lang1,
                K::Lang2,
                K::IntlYen,
                K::SuperLeft,
                K::SuperRight,
                K::ContextMenu,
                K::BrowserStop,
                K::Again,
                K::Props,
                K::Undo,
                K::Select,
                K::Copy,
                K::Open,
                K::Paste,
                K::Find,
                K::Cut,
                K::Help,
            ],
        ),
        (142, &[K::Sleep, K::WakeUp, K::LaunchApp1]),
        (
            163,
            &[
                K::MediaTrackNext,
                K::MediaPlayPause,
                K::MediaTrackPrevious,
                K::MediaStop,
            ],
        ),
        (172, &[K::BrowserHome, K::BrowserRefresh]),
        (
            183,
            &[
                K::F13,
                K::F14,
                K::F15,
                K::F16,
                K::F17,
                K::F18,
                K::F19,
                K::F20,
                K::F21,
                K::F22,
                K::F23,
                K::F24,
            ],
        ),
    ]
};

fn known(key: KeyCode) -> Option<u16> {
    RUNS.iter().find_map(|(first, run)| {
        let at = run.iter().position(|known| *known == key)?;
        Some(first + at as u16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_codes_of_input_event_codes_h() {
        for (key, code) in [
            (KeyCode::Escape, 1),
            (KeyCode::Digit0, 11),
            (KeyCode::Enter, 28),
            (KeyCode::KeyA, 30),
            (KeyCode::Backslash, 43),
            (KeyCode::KeyZ, 44),
            (KeyCode::Space, 57),
            (KeyCode::F10, 68),
            (KeyCode::NumpadDecimal, 83),
            (KeyCode::IntlBackslash, 86),
            (KeyCode::F12, 88),
            (KeyCode::NumpadEnter, 96),
            (KeyCode::AltRight, 100),
            (KeyCode::Delete, 111),
            (KeyCode::IntlYen, 124),
            (KeyCode::SuperLeft, 125),
            (KeyCode::ContextMenu, 127),
            (KeyCode::Help, 138),
            (KeyCode::F24, 194),
        ] {
            assert_eq!(code_of(PhysicalKey::Code(key)), Some(code), "{key:?}");
        }
        let native = PhysicalKey::Unidentified(NativeKeyCode::Xkb(8 + 148));
        assert_eq!(code_of(native), Some(148));
        let unknown = PhysicalKey::Unidentified(NativeKeyCode::Unidentified);
        assert_eq!(code_of(unknown), None);
    }

    #[test]
    fn a_repeat_is_no_news_and_letting_go_of_what_is_not_held_neither() {
        let mut held = Held::default();
        assert!(held.change(30, true));
        assert!(!held.change(30, true));
        assert!(held.change(30, false));
        assert!(!held.change(30, false));
        held.change(42, true);
        assert!(held.clear());
        assert!(!held.clear());
    }
}
