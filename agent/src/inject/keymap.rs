//! Which keys type a text. Characters that the end user's layout has are typed with their keys; others borrow keycodes that nothing
//! uses, each character its own, and give them back at the end.

use std::collections::HashMap;
use std::time::Duration;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, GetKeyboardMappingReply};
use x11rb::rust_connection::RustConnection;

use super::InjectError;
use super::guard::failed;

/// Applications hear of a new mapping by an event; until they have handled it they would type something else.
const SETTLE: Duration = Duration::from_millis(20);
const SHIFT_L: u32 = 0xffe1;
/// X11's evdev keycode of the left shift key.
const USUAL_SHIFT: u8 = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    pub keycode: u8,
    pub shifted: bool,
}

#[derive(Debug, Default)]
pub struct Keymap {
    /// Characters' keysyms on borrowed keycodes, in the order of borrowing.
    borrowed: Vec<(u8, u32)>,
    shift: Option<u8>,
}

impl Keymap {
    #[must_use]
    pub fn shift(&self) -> u8 {
        self.shift.unwrap_or(USUAL_SHIFT)
    }

    /// The strokes that type `text`, after borrowing keycodes for what the layout lacks.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn strokes(
        &mut self,
        connection: &RustConnection,
        text: &str,
    ) -> Result<Vec<Stroke>, InjectError> {
        let first = connection.setup().min_keycode;
        let count = connection.setup().max_keycode - first + 1;
        let mapping = connection
            .get_keyboard_mapping(first, count)
            .map_err(failed)?;
        let mapping = mapping.reply().map_err(failed)?;
        let known = keys(&mapping, first);
        self.shift = known.get(&SHIFT_L).map(|stroke| stroke.keycode);
        let mut spare = spare(&mapping, first);
        spare.retain(|keycode| self.borrowed.iter().all(|(taken, _)| taken != keycode));
        let mut borrowed_any = false;
        let mut strokes = Vec::new();
        for keysym in text.chars().filter_map(keysym) {
            if let Some(stroke) = known.get(&keysym) {
                strokes.push(*stroke);
                continue;
            }
            let lent = self.borrowed.iter().find(|(_, lent)| *lent == keysym);
            let keycode = match (lent, spare.pop()) {
                (Some((keycode, _)), _) => *keycode,
                (None, Some(keycode)) => {
                    borrowed_any = true;
                    self.borrow(connection, keycode, keysym)?
                }
                // More different characters than spare keycodes: the rest is left out.
                (None, None) => continue,
            };
            strokes.push(Stroke {
                keycode,
                shifted: false,
            });
        }
        if borrowed_any {
            connection
                .get_input_focus()
                .map_err(failed)?
                .reply()
                .map_err(failed)?;
            std::thread::sleep(SETTLE);
        }
        Ok(strokes)
    }

    /// Gives borrowed keycodes back.
    pub fn restore(&mut self, connection: &RustConnection) {
        for (keycode, _) in self.borrowed.drain(..) {
            let _gone_with_the_display = connection.change_keyboard_mapping(1, keycode, 1, &[0]);
        }
        let _gone_with_the_display = connection.flush();
    }

    fn borrow(
        &mut self,
        connection: &RustConnection,
        keycode: u8,
        keysym: u32,
    ) -> Result<u8, InjectError> {
        connection
            .change_keyboard_mapping(1, keycode, 2, &[keysym, keysym])
            .map_err(failed)?;
        self.borrowed.push((keycode, keysym));
        Ok(keycode)
    }
}

/// Every keysym that a key types alone or with shift.
fn keys(mapping: &GetKeyboardMappingReply, first: u8) -> HashMap<u32, Stroke> {
    let mut keys = HashMap::new();
    let per_key = usize::from(mapping.keysyms_per_keycode).max(1);
    for (keycode, keysyms) in (first..=u8::MAX).zip(mapping.keysyms.chunks(per_key)) {
        for (level, keysym) in keysyms.iter().take(2).enumerate() {
            if *keysym != 0 {
                let stroke = Stroke {
                    keycode,
                    shifted: level == 1,
                };
                keys.entry(*keysym).or_insert(stroke);
            }
        }
    }
    keys
}

fn spare(mapping: &GetKeyboardMappingReply, first: u8) -> Vec<u8> {
    let per_key = usize::from(mapping.keysyms_per_keycode).max(1);
    (first..=u8::MAX)
        .zip(mapping.keysyms.chunks(per_key))
        .filter(|(_, keysyms)| keysyms.iter().all(|keysym| *keysym == 0))
        .map(|(keycode, _)| keycode)
        .collect()
}

/// The keysym of a character (X11 protocol, appendix A); control characters but line end and tab have none.
fn keysym(character: char) -> Option<u32> {
    match character {
        '\n' | '\r' => Some(0xff0d),
        '\t' => Some(0xff09),
        ' '..='~' | '\u{a0}'..='\u{ff}' => Some(u32::from(character)),
        '\u{100}'.. => Some(0x0100_0000 | u32::from(character)),
        _ => None,
    }
}
