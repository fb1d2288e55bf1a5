//! Base32 as people can read, type and say it: RFC 4648 section 6's alphabet in lower case, without padding.

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The bytes in base32: `ceil(8 * bytes / 5)` characters, the last one filled up with zero bits.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    to_symbols(bytes).into_iter().map(character).collect()
}

/// The bytes of a text in base32, in either case. `None` when a character is none of the alphabet, or when it is not what
/// [`encode`] makes of any bytes.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let symbols: Option<Vec<u8>> = text.bytes().map(symbol).collect();
    from_symbols(&symbols?)
}

/// The five-bit value of a character, in either case.
pub(crate) fn symbol(character: u8) -> Option<u8> {
    let lower = character.to_ascii_lowercase();
    match lower {
        b'a'..=b'z' => Some(lower - b'a'),
        b'2'..=b'7' => Some(lower - b'2' + 26),
        _ => None,
    }
}

pub(crate) fn character(symbol: u8) -> char {
    char::from(ALPHABET[usize::from(symbol & 31)])
}

pub(crate) fn to_symbols(bytes: &[u8]) -> Vec<u8> {
    let mut symbols = Vec::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut held, mut bits) = (0_u16, 0);
    for &byte in bytes {
        held = held << 8 | u16::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            symbols.push((held >> bits) as u8 & 31);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        symbols.push((held << (5 - bits)) as u8 & 31);
    }
    symbols
}

pub(crate) fn from_symbols(symbols: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(symbols.len() * 5 / 8);
    let (mut held, mut bits) = (0_u16, 0);
    for &symbol in symbols {
        held = held << 5 | u16::from(symbol);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
        held &= (1 << bits) - 1;
    }
    // What is left are zero bits that fill up, and fewer than a whole character.
    (bits < 5 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4648_section_10_hold() {
        for (bytes, text) in [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(
                decode(&text.to_uppercase()).as_deref(),
                Some(bytes.as_bytes())
            );
        }
    }

    #[test]
    fn one_text_for_one_value_and_no_other() {
        // Foreign characters, fill bits that are not zero, a character too many.
        for text in ["m1", "mz=", "mz", "mzxw6ytbo", "mzxr", "m", "ä"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
