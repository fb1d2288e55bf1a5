//! The relay: forwards packets between one agent and its technicians by their clear headers, as they come. Knows no media: it
//! reassembles nothing, decodes nothing, and holds a bounded number of bytes. Who is connected is told by live/; who may see or do
//! what is asked of [`Grants`].

mod from_agent;
mod from_technician;
mod place;
mod room;

use mayday_protocol::control::Rights;
use mayday_protocol::{SessionId, Slot};

pub use from_agent::FromAgentRelay;
pub use place::{AgentPlace, TechnicianPlace};
pub use room::Room;

/// The desk's mirror of what the end user granted. The agent enforces it; the relay filters by it, too.
pub trait Grants: Send + Sync + 'static {
    fn allowed(&self, session: SessionId, slot: Slot) -> Rights;
}

/// A packet that this peer may not send: the connection is closed because of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packet of another session, or of a kind that this side does not send")]
pub struct Misplaced;
