//! Which keys type a character on a US keyboard, as Linux input event codes. Only for sending text from a command line or a test; a
//! person's keyboard sends its own codes.

/// Left shift.
pub const SHIFT: u16 = 42;
pub const ENTER: u16 = 28;

const ROWS: [(u16, &str, &str); 4] = [
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
];

/// The key and whether shift is held, or `None` when no key types it.
#[must_use]
pub fn key_of(character: char) -> Option<(u16, bool)> {
    match character {
        ' ' => return Some((57, false)),
        '\n' => return Some((ENTER, false)),
        '\t' => return Some((15, false)),
        _ => {}
    }
    ROWS.iter().find_map(|(first, plain, shifted)| {
        let code = |row: &str| {
            let at = row.chars().position(|known| known == character)?;
            Some(first + at as u16)
        };
        code(plain)
            .map(|code| (code, false))
            .or_else(|| code(shifted).map(|code| (code, true)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_found_where_input_event_codes_h_has_them() {
        for (character, expected) in [
            ('1', (2, false)),
            ('q', (16, false)),
            ('A', (30, true)),
            ('`', (41, false)),
            ('\\', (43, false)),
            ('z', (44, false)),
            ('?', (53, true)),
        ] {
            assert_eq!(key_of(character), Some(expected), "{character}");
        }
        assert_eq!(key_of('é'), None);
    }
}
