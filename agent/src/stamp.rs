//! This agent's own stamp: whose it is, read from its own image. Owns the section and the check that it is whole; who runs that gateway,
//! only the connection shows.

use std::hint::black_box;

use mayday_protocol::stamp::{self, SECTION_BYTES, Section, StampFields};
use ring::signature::{ED25519, UnparsedPublicKey};

/// Filled in by the installer, inside the image that the operator signs. `#[used]` and a section of its own keep it whole.
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mayday"))]
#[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".mayday"))]
static SECTION: Section = Section(stamp::blank());

/// What the section says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// No gateway stamped this agent: the end user names one.
    Unstamped,
    Stamped(StampFields),
    /// Somebody changed it: this agent must not be used.
    Altered,
}

/// Reads this agent's stamp.
#[must_use]
pub fn read() -> Stamp {
    judge(&in_memory())
}

/// The section as it lies in memory, not as the compiler knew it.
fn in_memory() -> [u8; SECTION_BYTES] {
    let section: &[u8; SECTION_BYTES] = black_box(&SECTION.0);
    let mut copy = [0; SECTION_BYTES];
    // Byte by byte in a loop: a volatile read of the whole array becomes one instruction for each byte.
    for (to, from) in copy.iter_mut().zip(section) {
        // SAFETY: a reference to an initialised byte, which nobody writes to.
        *to = unsafe { std::ptr::read_volatile(from) };
    }
    copy
}

fn judge(section: &[u8; SECTION_BYTES]) -> Stamp {
    match stamp::read(section) {
        Ok(None) => Stamp::Unstamped,
        Ok(Some(stamp)) => {
            let key = UnparsedPublicKey::new(&ED25519, stamp.key);
            match key.verify(stamp::signed_part(section), &stamp.signature) {
                Ok(()) => Stamp::Stamped(stamp.fields),
                Err(_) => Stamp::Altered,
            }
        }
        Err(_) => Stamp::Altered,
    }
}
