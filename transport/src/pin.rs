//! A key pin: the hash of a gateway's public key, as people and stamps carry it. Owns the text form, not the check.

use std::fmt;
use std::str::FromStr;

/// SHA-256 of a `SubjectPublicKeyInfo` (DER). As text: 52 characters of RFC 4648 base32 in lower case, without padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyPin(pub [u8; 32]);

/// A text that is no key pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key pin has 52 characters out of a-z and 2-7")]
pub struct NotAPin;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const CHARACTERS: usize = 52;

impl KeyPin {
    /// The pin of a public key in DER.
    #[must_use]
    pub fn of_public_key(spki: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, spki);
        let mut pin = [0; 32];
        pin.copy_from_slice(digest.as_ref());
        Self(pin)
    }
}

impl fmt::Display for KeyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(CHARACTERS);
        let (mut bits, mut held) = (0u32, 0u32);
        for byte in self.0 {
            bits = bits << 8 | u32::from(byte);
            held += 8;
            while held >= 5 {
                held -= 5;
                text.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
            }
        }
        text.push(char::from(ALPHABET[(bits << (5 - held) & 31) as usize]));
        f.pad(&text)
    }
}

impl fmt::Debug for KeyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPin({self})")
    }
}

impl FromStr for KeyPin {
    type Err = NotAPin;

    fn from_str(text: &str) -> Result<Self, NotAPin> {
        if text.len() != CHARACTERS {
            return Err(NotAPin);
        }
        let mut pin = [0; 32];
        let (mut bits, mut held, mut at) = (0u32, 0u32, 0);
        for character in text.bytes() {
            let value = ALPHABET
                .iter()
                .position(|known| known.eq_ignore_ascii_case(&character))
                .ok_or(NotAPin)?;
            bits = bits << 5 | value as u32;
            held += 5;
            if held >= 8 {
                held -= 8;
                *pin.get_mut(at).ok_or(NotAPin)? = (bits >> held) as u8;
                at += 1;
            }
        }
        let left = bits & ((1 << held) - 1);
        if left == 0 {
            Ok(Self(pin))
        } else {
            Err(NotAPin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_comes_back_from_its_text() {
        let pin = KeyPin::of_public_key(b"some key");
        let text = pin.to_string();
        assert_eq!(text.len(), 52);
        assert_eq!(text.parse(), Ok(pin));
        assert_eq!(text.to_uppercase().parse(), Ok(pin));
    }

    #[test]
    fn the_text_is_rfc_4648_base32() {
        assert_eq!(KeyPin([0; 32]).to_string(), "a".repeat(52));
        let mut pin = [0; 32];
        pin[..5].copy_from_slice(b"hello");
        assert!(KeyPin(pin).to_string().starts_with("nbswy3dp"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "abc", &"a".repeat(51), &"1".repeat(52), &"b".repeat(52)] {
            assert_eq!(text.parse::<KeyPin>(), Err(NotAPin), "{text}");
        }
    }
}
