//! The verification code: four digits by which technician and end user know that they mean each other. Owns its form and what is
//! right; where it is needed, the channel says, and where a grant comes of it, the two state machines do.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use mayday_protocol::control;

/// How long the end user has to answer a question with a code, at the desk and in the agent: it has to be said on the phone first, and
/// heard, and compared or typed.
pub const ANSWERING: Duration = Duration::from_secs(90);
/// After so many wrong codes the question counts as rejected.
pub const WRONG_CODES: u8 = 3;

/// Four digits. Never in a log: `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerificationCode(u16);

/// A text that is no verification code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a verification code has four digits")]
pub struct NotAVerificationCode;

/// What the end user does with the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerificationMode {
    /// Both see it; the end user confirms that the technician has the same.
    Compare,
    /// The technician sees it and reads it out; the end user types it.
    Type,
}

/// A question's code, where its channel wants one: no yes counts without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verification {
    pub mode: VerificationMode,
    pub code: VerificationCode,
}

impl VerificationCode {
    pub const DIGITS: usize = 4;
    const COUNT: u16 = 10_000;

    /// `None` for the few values that would make some codes likelier than others: draw again.
    #[must_use]
    pub fn from_random(random: u16) -> Option<Self> {
        let fair = u16::MAX - u16::MAX % Self::COUNT;
        (random < fair).then_some(Self(random % Self::COUNT))
    }
}

impl fmt::Display for VerificationCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.0)
    }
}

impl fmt::Debug for VerificationCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("VerificationCode(hidden)")
    }
}

impl FromStr for VerificationCode {
    type Err = NotAVerificationCode;

    /// Four digits; blanks between them are forgiven.
    fn from_str(text: &str) -> Result<Self, NotAVerificationCode> {
        let digits: String = text.chars().filter(|one| *one != ' ').take(5).collect();
        let plain = digits.len() == Self::DIGITS && digits.bytes().all(|one| one.is_ascii_digit());
        let value = plain.then(|| digits.parse().ok()).flatten();
        value.map(Self).ok_or(NotAVerificationCode)
    }
}

impl Verification {
    #[must_use]
    pub fn to_wire(self) -> control::Verification {
        control::Verification {
            mode: match self.mode {
                VerificationMode::Compare => control::VerificationMode::Compare,
                VerificationMode::Type => control::VerificationMode::Type,
            },
            code: self.code.to_string(),
        }
    }

    /// What a gateway sent. A mode from a later version is the stricter of ours.
    ///
    /// # Errors
    /// When the code is none.
    pub fn from_wire(sent: &control::Verification) -> Result<Self, NotAVerificationCode> {
        Ok(Self {
            mode: match sent.mode {
                control::VerificationMode::Compare => VerificationMode::Compare,
                control::VerificationMode::Type | control::VerificationMode::Unknown => {
                    VerificationMode::Type
                }
            },
            code: sent.code.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_and_nothing_else() {
        for text in ["0471", "04 71", " 0 4 7 1"] {
            let code: VerificationCode = text.parse().unwrap();
            assert_eq!(code.to_string(), "0471");
        }
        for text in ["", "471", "04711", "047a", "-471", "+471", "٠٤٧١"] {
            let read = text.parse::<VerificationCode>();
            assert_eq!(read, Err(NotAVerificationCode), "{text}");
        }
    }

    #[test]
    fn every_code_is_equally_likely_and_none_shows_in_a_log() {
        assert_eq!(VerificationCode::from_random(u16::MAX), None);
        let largest = VerificationCode::from_random(59_999).unwrap();
        assert_eq!(largest.to_string(), "9999");
        assert_eq!(VerificationCode::from_random(60_000), None);
        assert_eq!(format!("{largest:?}"), "VerificationCode(hidden)");
    }

    #[test]
    fn a_mode_of_a_later_version_is_the_stricter_one() {
        let sent = control::Verification {
            mode: control::VerificationMode::Unknown,
            code: "1234".to_owned(),
        };
        let read = Verification::from_wire(&sent).unwrap();
        assert_eq!(read.mode, VerificationMode::Type);
    }
}
