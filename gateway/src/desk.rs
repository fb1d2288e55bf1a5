//! The Service Desk: who may ask whom, when. Owns the sessions in memory and makes every change durable before anybody hears
//! of it. Knows no HTTP (api/ does) and no connections (live/ does): it tells `live` what to do through [`LiveEffect`].

use std::net::IpAddr;

use mayday_protocol::control::{
    EndReason, FromAgent, FromTechnician, Join, Person, Refusal, RemoteState, Rights, SystemReport,
    ToAgent, ToTechnician,
};
use mayday_protocol::{SessionId, Slot, TechnicianId};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What the owner of the connections must do, in this order. A session or slot without a connection is no error.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEffect {
    /// An agent is being let in: close an older connection of this session (`Replaced`), and keep what follows for the new one until
    /// it is registered.
    AgentArrives(SessionId),
    /// The same for a viewer.
    ViewerArrives(SessionId, Slot),
    ToAgent(SessionId, ToAgent),
    ToTechnician(SessionId, Slot, ToTechnician),
    /// Drop media that is queued for this slot (or for all) and send it `Clear`.
    Flush(SessionId, Option<Slot>),
    /// Say `Ended` and close the agent's connection.
    EndAgent(SessionId, EndReason),
    /// Say `Ended` and close this technician's viewer.
    EndViewer(SessionId, Slot, EndReason),
}

/// An agent was let in.
#[derive(Clone, Debug)]
pub struct AgentJoined {
    pub session: SessionId,
    pub resume_token: String,
    pub organisation: String,
    pub technician: Option<Person>,
}

/// A viewer was let in.
#[derive(Clone, Debug)]
pub struct ViewerJoined {
    pub session: SessionId,
    pub slot: Slot,
    pub technician: TechnicianId,
    /// The session's name.
    pub name: String,
}

/// Cheap to clone; all clones are one desk.
#[derive(Clone)]
pub struct Desk {
    effects: UnboundedSender<LiveEffect>,
}

impl Desk {
    #[must_use]
    pub fn new() -> (Self, UnboundedReceiver<LiveEffect>) {
        let (effects, receiver) = unbounded_channel();
        (Self { effects }, receiver)
    }

    /// A new connection says it is the agent of a session. Send `Welcome` from the answer, or `Refused`.
    ///
    /// # Errors
    /// Why the agent is not let in.
    pub async fn agent_hello(
        &self,
        join: Join,
        system: SystemReport,
        public_address: IpAddr,
    ) -> Result<AgentJoined, Refusal> {
        let _ = (join, system, public_address, &self.effects);
        Err(Refusal::NotFound {})
    }

    /// Whatever the agent said after its hello. `Leave` ends its stay: the connection is closed by an `EndAgent` effect or by the agent.
    pub async fn agent_said(&self, session: SessionId, message: FromAgent) {
        let _ = (session, message);
    }

    /// The agent's connection is gone and it had not said `Leave`.
    pub async fn agent_lost(&self, session: SessionId) {
        let _ = session;
    }

    /// A viewer shows its one-time ticket.
    ///
    /// # Errors
    /// Why it is not let in.
    pub async fn viewer_hello(&self, ticket: &str, from: IpAddr) -> Result<ViewerJoined, Refusal> {
        let _ = (ticket, from);
        Err(Refusal::Ticket {})
    }

    /// Whatever a viewer said after its hello.
    pub async fn viewer_said(&self, session: SessionId, slot: Slot, message: FromTechnician) {
        let _ = (session, slot, message);
    }

    /// The viewer's connection is gone, whoever ended it.
    pub async fn viewer_gone(&self, session: SessionId, slot: Slot) {
        let _ = (session, slot);
    }

    /// What this viewer must know; `None` when the slot is empty.
    #[must_use]
    pub fn remote_state(&self, session: SessionId, slot: Slot) -> Option<RemoteState> {
        let _ = (session, slot);
        None
    }

    /// The desk's mirror of what the end user granted this slot, for the relay's filter. The agent enforces it.
    #[must_use]
    pub fn allowed(&self, session: SessionId, slot: Slot) -> Rights {
        let _ = (session, slot);
        Rights::NONE
    }
}
