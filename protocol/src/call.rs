//! What leads to a session without an invite: the token of an SOS Call's link, and the nine digits of a session code. Owns their form,
//! not their storage and not who may use them.

use std::fmt;
use std::str::FromStr;

use crate::invite::{NotAToken, find_checked, read_checked, write_checked};

/// The token of an SOS Call's link: 128 random bits, written like an invite's [`Token`](crate::invite::Token) but with another
/// checksum, so that neither is ever taken for the other, in a link or in the name of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallToken([u8; 16]);

/// Nine digits that the end user reads out. Never in a log: `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionCode(u32);

/// A text that is no session code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session code has nine digits")]
pub struct NotACode;

/// What the checksum's polynomial makes of a token with its checksum.
const CHECKED: u32 = 0x0063_616c;

impl CallToken {
    /// `random` comes from the system's source of randomness.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The first one anywhere in a text: in a link, or in the name of a downloaded file.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        find_checked(text, CHECKED).map(Self)
    }
}

impl fmt::Display for CallToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&write_checked(&self.0, CHECKED))
    }
}

impl fmt::Debug for CallToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallToken(hidden)")
    }
}

impl FromStr for CallToken {
    type Err = NotAToken;

    /// Exactly a token, in either case, with blanks around it forgiven.
    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let bytes = read_checked(text.trim().as_bytes(), CHECKED);
        bytes.map(Self).ok_or(NotAToken)
    }
}

impl SessionCode {
    pub const DIGITS: usize = 9;
    const COUNT: u32 = 1_000_000_000;

    /// `None` for the few values that would make some codes likelier than others: draw again.
    #[must_use]
    pub fn from_random(random: u32) -> Option<Self> {
        let fair = u32::MAX - u32::MAX % Self::COUNT;
        (random < fair).then_some(Self(random % Self::COUNT))
    }

    /// In three groups, as people read it out.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (high, rest) = (self.0 / 1_000_000, self.0 % 1_000_000);
        format!("{high:03} {:03} {:03}", rest / 1000, rest % 1000)
    }
}

impl fmt::Display for SessionCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:09}", self.0)
    }
}

impl fmt::Debug for SessionCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionCode(hidden)")
    }
}

impl FromStr for SessionCode {
    type Err = NotACode;

    /// Nine digits; blanks and hyphens between them are forgiven.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let written = |one: &char| !matches!(one, ' ' | '-' | '\u{a0}');
        let mut digits = text.chars().filter(written);
        let mut value = 0;
        for _ in 0..Self::DIGITS {
            let digit = digits.next().and_then(|one| one.to_digit(10));
            value = value * 10 + digit.ok_or(NotACode)?;
        }
        match digits.next() {
            None => Ok(Self(value)),
            Some(_) => Err(NotACode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::Token;

    #[test]
    fn a_call_token_comes_back_and_is_no_invite() {
        let call = CallToken::new(*b"0123456789abcdef");
        let text = call.to_string();
        assert_eq!(text.parse(), Ok(call));
        assert_eq!(text.to_uppercase().parse(), Ok(call));
        let name = format!("mayday-sos-{text} (1).exe");
        assert_eq!(CallToken::find(&name), Some(call));
        assert_eq!(Token::find(&name), None);
        let invite = Token::new(*b"0123456789abcdef").to_string();
        assert_eq!(CallToken::find(&invite), None);
    }

    #[test]
    fn a_wrong_character_is_found() {
        let text = CallToken::new([7; 16]).to_string();
        for at in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'a' { b'b' } else { b'a' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(wrong.parse::<CallToken>(), Err(NotAToken));
        }
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        for text in ["012345678", "012 345 678", "012-345-678"] {
            let code: SessionCode = text.parse().unwrap();
            assert_eq!(code.to_string(), "012345678");
            assert_eq!(code.grouped(), "012 345 678");
        }
        for text in ["", "12345678", "1234567890", "12345678x", "١٢٣٤٥٦٧٨٩"] {
            assert_eq!(text.parse::<SessionCode>(), Err(NotACode), "{text}");
        }
    }

    #[test]
    fn every_code_is_equally_likely_and_none_shows_in_a_log() {
        assert_eq!(SessionCode::from_random(u32::MAX), None);
        assert_eq!(SessionCode::from_random(4_000_000_000), None);
        let largest = SessionCode::from_random(3_999_999_999).unwrap();
        assert_eq!(largest.to_string(), "999999999");
        let shown = format!("{largest:?} {:?}", CallToken::new([1; 16]));
        assert_eq!(shown, "SessionCode(hidden) CallToken(hidden)");
    }
}
