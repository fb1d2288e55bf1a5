//! What leads to a session without an invite: the token of an SOS Call's link, and the nine digits of a session code. Owns their
//! purpose, not their form, their storage or who may use them.

use crate::digits::{Digits, Spoken};
use crate::token::{CheckedToken, Purpose};

/// The token of an SOS Call's link.
pub type CallToken = CheckedToken<Call>;

/// Nine digits that the end user reads out.
pub type SessionCode = Digits<CodeOfSession>;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {}

impl Purpose for Call {
    const NAME: &'static str = "CallToken";
    const CHECKED: u32 = 0x0063_616c;
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodeOfSession {}

impl Spoken for CodeOfSession {
    const NAME: &'static str = "SessionCode";
    const DIGITS: usize = 9;
    const WRONG: &'static str = "a session code has nine digits";
}
