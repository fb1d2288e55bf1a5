//! Numbers that people read out: a fixed count of digits, each value equally likely. Owns their form, not what one opens.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// What a number is for.
pub trait Spoken {
    /// As `Debug` names it.
    const NAME: &'static str;
    /// At most nine.
    const DIGITS: usize;
    /// What somebody reads whose text is none.
    const WRONG: &'static str;
}

/// A number of as many digits as its purpose says. Never in a log: `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digits<P>(u32, PhantomData<P>);

/// A text that is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongDigits(&'static str);

impl<P: Spoken> Digits<P> {
    pub const DIGITS: usize = P::DIGITS;
    const COUNT: u32 = 10_u32.pow(P::DIGITS as u32);

    /// `None` for the few values that would make some numbers likelier than others: draw again.
    #[must_use]
    pub fn from_random(random: u32) -> Option<Self> {
        let fair = u32::MAX - u32::MAX % Self::COUNT;
        (random < fair).then_some(Self(random % Self::COUNT, PhantomData))
    }

    /// In groups of three, as people read it out.
    #[must_use]
    pub fn grouped(&self) -> String {
        let all = self.to_string();
        let groups: Vec<&str> = (0..all.len())
            .step_by(3)
            .map(|at| &all[at..all.len().min(at + 3)])
            .collect();
        groups.join(" ")
    }
}

impl<P: Spoken> fmt::Display for Digits<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:0digits$}", self.0, digits = P::DIGITS)
    }
}

impl<P: Spoken> fmt::Debug for Digits<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(hidden)", P::NAME)
    }
}

impl<P: Spoken> FromStr for Digits<P> {
    type Err = WrongDigits;

    /// Blanks and hyphens between the digits are forgiven.
    fn from_str(text: &str) -> Result<Self, WrongDigits> {
        let wrong = WrongDigits(P::WRONG);
        let written = |one: &char| !matches!(one, ' ' | '-' | '\u{a0}');
        let mut digits = text.chars().filter(written);
        let mut value = 0;
        for _ in 0..P::DIGITS {
            let digit = digits.next().and_then(|one| one.to_digit(10));
            value = value * 10 + digit.ok_or(wrong)?;
        }
        match digits.next() {
            None => Ok(Self(value, PhantomData)),
            Some(_) => Err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::call::SessionCode;
    use crate::invite::Pin;

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
            let wrong = text.parse::<Pin>().unwrap_err();
            assert_eq!(wrong.to_string(), "a PIN has six digits", "{text}");
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
            let wrong = text.parse::<SessionCode>().unwrap_err();
            assert_eq!(
                wrong.to_string(),
                "a session code has nine digits",
                "{text}"
            );
        }
    }

    #[test]
    fn every_value_is_equally_likely_and_none_shows_in_a_log() {
        assert_eq!(Pin::from_random(u32::MAX), None);
        let largest = 4_293_999_999;
        assert_eq!(Pin::from_random(largest).unwrap().to_string(), "999999");
        assert_eq!(Pin::from_random(largest + 1), None);
        assert_eq!(SessionCode::from_random(4_000_000_000), None);
        let code = SessionCode::from_random(3_999_999_999).unwrap();
        assert_eq!(code.to_string(), "999999999");
        let shown = format!("{:?} {code:?}", Pin::from_random(5));
        assert_eq!(shown, "Some(Pin(hidden)) SessionCode(hidden)");
    }
}
