//! The invite: the link's token and the six-digit PIN. Owns their form, not their storage and not who may use them.

use std::fmt;
use std::str::FromStr;

use crate::base32;

/// Characters that carry the token's 128 bits.
const TOKEN_CHARS: usize = 26;
/// Characters that check them.
const CHECK_CHARS: usize = 6;
/// A whole token as it stands in a link or a file name, characters.
pub const TOKEN_TEXT: usize = TOKEN_CHARS + CHECK_CHARS;
/// Longer texts are not searched for a token, characters.
const SEARCHED: usize = 8 * 1024;

/// The token of a session's link: 128 random bits. Written as 26 characters of base32 and a checksum of 6, which finds up to four
/// wrong characters for certain (the code of BIP 173, section "Checksum design", over our alphabet).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token([u8; 16]);

/// Six digits. Never in a log: `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pin(u32);

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an invite; copy the link as a whole")]
pub struct NotAToken;

/// A text that is no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PIN has six digits")]
pub struct NotAPin;

impl Token {
    /// `random` comes from the system's source of randomness.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The first token anywhere in a text: in a link, or in the name of a downloaded file, to which browsers and people add
    /// ` (1)` and the like.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        find_checked(text, CHECKED).map(Self)
    }

    fn from_ascii(text: &[u8]) -> Option<Self> {
        read_checked(text, CHECKED).map(Self)
    }
}

/// The first 128 bits anywhere in a text that are written with this checksum.
pub(crate) fn find_checked(text: &str, checked: u32) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    bytes[..bytes.len().min(SEARCHED)]
        .windows(TOKEN_TEXT)
        .find_map(|window| read_checked(window, checked))
}

/// 128 bits from exactly the text that [`write_checked`] makes of them, in either case.
pub(crate) fn read_checked(text: &[u8], checked: u32) -> Option<[u8; 16]> {
    if text.len() != TOKEN_TEXT {
        return None;
    }
    let symbols: Option<Vec<u8>> = text.iter().map(|&one| base32::symbol(one)).collect();
    let symbols = symbols?;
    if polymod(symbols.iter().copied()) != checked {
        return None;
    }
    let bytes = base32::from_symbols(&symbols[..TOKEN_CHARS])?;
    bytes.try_into().ok()
}

/// 128 bits and their checksum, [`TOKEN_TEXT`] characters.
pub(crate) fn write_checked(bytes: &[u8; 16], checked: u32) -> String {
    let symbols = base32::to_symbols(bytes);
    let padded = symbols.iter().copied().chain([0; CHECK_CHARS]);
    let check = polymod(padded) ^ checked;
    let check = (0..CHECK_CHARS).map(|at| (check >> (5 * (CHECK_CHARS - 1 - at))) as u8 & 31);
    let symbols = symbols.iter().copied().chain(check);
    symbols.map(base32::character).collect()
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&write_checked(&self.0, CHECKED))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(hidden)")
    }
}

impl FromStr for Token {
    type Err = NotAToken;

    /// Exactly a token, in either case, with blanks around it forgiven.
    fn from_str(text: &str) -> Result<Self, NotAToken> {
        Self::from_ascii(text.trim().as_bytes()).ok_or(NotAToken)
    }
}

impl Pin {
    pub const DIGITS: usize = 6;
    const COUNT: u32 = 1_000_000;

    /// `None` for the few values that would make some PINs likelier than others: draw again.
    #[must_use]
    pub fn from_random(random: u32) -> Option<Self> {
        let fair = u32::MAX - u32::MAX % Self::COUNT;
        (random < fair).then_some(Self(random % Self::COUNT))
    }

    /// In two groups, as people read it out.
    #[must_use]
    pub fn grouped(&self) -> String {
        format!("{:03} {:03}", self.0 / 1000, self.0 % 1000)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:06}", self.0)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pin(hidden)")
    }
}

impl FromStr for Pin {
    type Err = NotAPin;

    /// Six digits; blanks and hyphens between them are forgiven.
    fn from_str(text: &str) -> Result<Self, NotAPin> {
        let mut value = 0;
        let mut digits = 0;
        for character in text
            .chars()
            .filter(|one| !matches!(one, ' ' | '-' | '\u{a0}'))
        {
            let digit = character.to_digit(10).ok_or(NotAPin)?;
            digits += 1;
            if digits > Self::DIGITS {
                return Err(NotAPin);
            }
            value = value * 10 + digit;
        }
        if digits == Self::DIGITS {
            Ok(Self(value))
        } else {
            Err(NotAPin)
        }
    }
}

/// What [`polymod`] makes of a token with its checksum; other than bech32's 1, so that neither is taken for the other.
const CHECKED: u32 = 0x0061_7964;

/// BIP 173: the remainder of the symbols, as a polynomial over GF(32), by the generator of a BCH code of degree 6.
fn polymod(symbols: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    symbols.fold(1, |rest, symbol| {
        let top = rest >> 25;
        let shifted = (rest & 0x01ff_ffff) << 5 ^ u32::from(symbol);
        (0..5)
            .filter(|bit| top >> bit & 1 == 1)
            .fold(shifted, |rest, bit| rest ^ GENERATOR[bit])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token::new(*b"0123456789abcdef")
    }

    #[test]
    fn the_checksum_is_bip_173s() {
        // A valid bech32 string of BIP 173 ("A12UEL5L"): human-readable part expanded, then data and checksum, gives 1.
        let charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let data = "2uel5l".chars().map(|one| charset.find(one).unwrap() as u8);
        assert_eq!(polymod([3, 0, 1].into_iter().chain(data)), 1);
    }

    #[test]
    fn a_token_is_32_characters_and_comes_back() {
        let text = token().to_string();
        assert_eq!(text, "gaytemzugu3doobzmfrggzdfmyzf2cvx");
        assert_eq!(text.len(), TOKEN_TEXT);
        assert_eq!(text.parse(), Ok(token()));
        assert_eq!(format!(" {}\n", text.to_uppercase()).parse(), Ok(token()));
    }

    #[test]
    fn one_or_two_wrong_characters_are_always_found() {
        let text = token().to_string();
        let others = |was: u8| {
            (0..32)
                .map(base32::character)
                .filter(move |&one| one as u8 != was)
        };
        for first in 0..TOKEN_TEXT {
            for one in others(text.as_bytes()[first]) {
                let mut wrong = text.clone().into_bytes();
                wrong[first] = one as u8;
                assert_eq!(Token::from_ascii(&wrong), None);
                for second in first + 1..TOKEN_TEXT {
                    let mut twice = wrong.clone();
                    twice.swap(first, second);
                    if twice != text.as_bytes() {
                        assert_eq!(Token::from_ascii(&twice), None);
                    }
                }
            }
        }
    }

    #[test]
    fn it_is_found_in_whatever_a_browser_makes_of_the_file_name() {
        let text = token().to_string();
        for name in [
            format!("mayday-sos-{text}"),
            format!("mayday-sos-{text} (1).exe"),
            format!("mayday-sos-{text}(2)"),
            format!("Kopie von mayday-sos_{}.AppImage", text.to_uppercase()),
            format!("/home/ada/Загрузки/{text}"),
            format!("2{text}7"),
        ] {
            assert_eq!(Token::find(&name), Some(token()), "{name}");
        }
    }

    #[test]
    fn it_is_found_in_a_link_and_not_where_none_is() {
        let link = format!("https://help.example.com:8443/j/{}?lang=de", token());
        assert_eq!(Token::find(&link), Some(token()));
        let no_token = "https://help.example.com/j/gaytemzugu3doobzmfrggzdfmyaaaaaa";
        for text in ["", "mayday-sos", no_token] {
            assert_eq!(Token::find(text), None, "{text}");
        }
    }

    #[test]
    fn a_pin_is_read_as_people_write_it() {
        for text in ["042917", "042 917", "042-917", " 0 4 2 9 1 7 "] {
            let pin: Pin = text.parse().unwrap();
            assert_eq!(pin.to_string(), "042917");
            assert_eq!(pin.grouped(), "042 917");
        }
        for text in [
            "",
            "12345",
            "1234567",
            "12345x",
            "١٢٣٤٥٦",
            "-1 23456789012345",
        ] {
            assert_eq!(text.parse::<Pin>(), Err(NotAPin), "{text}");
        }
    }

    #[test]
    fn every_pin_is_equally_likely_and_none_shows_in_a_log() {
        assert_eq!(Pin::from_random(u32::MAX), None);
        let largest = 4_293_999_999;
        assert_eq!(Pin::from_random(largest).unwrap().to_string(), "999999");
        assert_eq!(Pin::from_random(largest + 1), None);
        let shown = format!("{:?} {:?}", Pin::from_random(5), token());
        assert_eq!(shown, "Some(Pin(hidden)) Token(hidden)");
    }
}
