//! The wire: ids, messages, headers and their limits. Pure: knows no clock, no async, no operating system.

pub mod base32;
pub mod call;
pub mod control;
pub mod cursor;
pub mod digits;
pub mod feedback;
pub mod framing;
pub mod header;
pub mod ids;
pub mod input;
pub mod invite;
pub mod limits;
#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
mod reader;
pub mod stamp;
pub mod token;
pub mod update;

pub use header::{Audience, Class, ClearHeader, Packet};
pub use ids::{AskId, Epoch, Sequence, SessionId, Slot, TechnicianId};
pub use reader::Malformed;

/// The version of the wire that this build speaks; both ends send it in their hello.
pub const VERSION: u8 = 1;

/// ALPN of agents and native viewers, on QUIC and on the TCP port.
pub const ALPN: &[u8] = b"mayday/1";
