//! The invite: the link's token and the six-digit PIN. Owns their purpose, not their form, their storage or who may use them.

use crate::digits::{Digits, Spoken};
use crate::token::{CheckedToken, Purpose};

/// The token of a session's link.
pub type Token = CheckedToken<Invite>;

/// Six digits.
pub type Pin = Digits<PinOfInvite>;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Invite {}

impl Purpose for Invite {
    const NAME: &'static str = "Token";
    const CHECKED: u32 = 0x0061_7964;
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PinOfInvite {}

impl Spoken for PinOfInvite {
    const NAME: &'static str = "Pin";
    const DIGITS: usize = 6;
    const WRONG: &'static str = "a PIN has six digits";
}
