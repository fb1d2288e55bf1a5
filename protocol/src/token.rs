//! Checked tokens: 128 random bits as links and file names carry them, with a checksum that tells their kinds apart. Owns their form,
//! not what one opens.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use crate::base32;

/// Characters that carry the token's 128 bits.
const TOKEN_CHARS: usize = 26;
/// Characters that check them.
const CHECK_CHARS: usize = 6;
/// A whole token as it stands in a link or a file name, characters.
const TOKEN_TEXT: usize = TOKEN_CHARS + CHECK_CHARS;
/// Longer texts are not searched for a token, characters.
const SEARCHED: usize = 8 * 1024;

/// What a token leads to.
pub trait Purpose {
    /// As `Debug` names the token.
    const NAME: &'static str;
    /// What [`polymod`] makes of a token with its checksum: another for each purpose, and other than bech32's 1, so that none is
    /// ever taken for another.
    const CHECKED: u32;
}

/// 128 random bits. Written as 26 characters of base32 and a checksum of 6, which finds up to four wrong characters for certain (the
/// code of BIP 173, section "Checksum design", over our alphabet). Never in a log: `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CheckedToken<P>([u8; 16], PhantomData<P>);

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an invite; copy the link as a whole")]
pub struct NotAToken;

impl<P: Purpose> CheckedToken<P> {
    /// `random` comes from the system's source of randomness.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random, PhantomData)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The first one anywhere in a text: in a link, or in the name of a downloaded file, to which browsers and people add ` (1)` and
    /// the like.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        bytes[..bytes.len().min(SEARCHED)]
            .windows(TOKEN_TEXT)
            .find_map(Self::from_ascii)
    }

    /// From exactly the text that `Display` makes, in either case.
    fn from_ascii(text: &[u8]) -> Option<Self> {
        if text.len() != TOKEN_TEXT {
            return None;
        }
        let symbols: Option<Vec<u8>> = text.iter().map(|&one| base32::symbol(one)).collect();
        let symbols = symbols?;
        if polymod(symbols.iter().copied()) != P::CHECKED {
            return None;
        }
        let bytes = base32::from_symbols(&symbols[..TOKEN_CHARS])?;
        bytes.try_into().ok().map(Self::new)
    }
}

impl<P: Purpose> fmt::Display for CheckedToken<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbols = base32::to_symbols(&self.0);
        let padded = symbols.iter().copied().chain([0; CHECK_CHARS]);
        let check = polymod(padded) ^ P::CHECKED;
        let check = (0..CHECK_CHARS).map(|at| (check >> (5 * (CHECK_CHARS - 1 - at))) as u8 & 31);
        let symbols = symbols.iter().copied().chain(check);
        let text: String = symbols.map(base32::character).collect();
        formatter.write_str(&text)
    }
}

impl<P: Purpose> fmt::Debug for CheckedToken<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(hidden)", P::NAME)
    }
}

impl<P: Purpose> FromStr for CheckedToken<P> {
    type Err = NotAToken;

    /// Exactly a token, in either case, with blanks around it forgiven.
    fn from_str(text: &str) -> Result<Self, NotAToken> {
        Self::from_ascii(text.trim().as_bytes()).ok_or(NotAToken)
    }
}

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
    use crate::call::CallToken;
    use crate::invite::Token;

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
    fn one_purpose_is_never_taken_for_another() {
        let call = CallToken::new(*b"0123456789abcdef");
        let text = call.to_string();
        assert_eq!(text.parse(), Ok(call));
        assert_eq!(text.to_uppercase().parse(), Ok(call));
        let name = format!("mayday-sos-{text} (1).exe");
        assert_eq!(CallToken::find(&name), Some(call));
        assert_eq!(Token::find(&name), None);
        assert_eq!(CallToken::find(&token().to_string()), None);
    }

    #[test]
    fn none_shows_in_a_log() {
        let shown = format!("{:?} {:?}", token(), CallToken::new([1; 16]));
        assert_eq!(shown, "Token(hidden) CallToken(hidden)");
    }
}
