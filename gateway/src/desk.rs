//! The Service Desk: who may ask whom, when. Owns the sessions in memory and makes every change durable before anybody hears
//! of it. Knows no HTTP (api/ does) and no connections (live/ does): it tells `live` what to do through [`LiveEffect`].

mod agent;
mod annals;
mod archive;
mod audit;
mod chat;
mod codes;
mod command;
mod device;
mod earlier;
mod figures;
mod history;
mod index;
mod invite;
mod list;
mod load;
mod look_up;
mod notes;
mod perform;
mod pins;
mod queue;
mod rating;
mod record;
mod remote;
mod requests;
mod routing;
mod shelf;
mod stored;
mod timer;
mod transition;
mod viewer;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mayday_protocol::control::{
    EndReason, FromAgent, FromTechnician, Join, Person, Refusal, RemoteState, Rights, SystemReport,
    ToAgent, ToTechnician,
};
use mayday_protocol::{SessionId, Slot, TechnicianId};
use mayday_session::chat::ChatRefusal;
use mayday_session::desk::NotAllowed;
use mayday_session::permission::Action;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::calls::Calls;
use crate::clock::{Timestamp, now};
use crate::directory::{Account, Directory, Snapshot};
use crate::events::Events;
use crate::secrets::Keys;
use crate::settings::SystemSettings;
use crate::store::{Store, WriteError};

pub use annals::Annals;
pub use chat::Said;
pub use codes::{CodeShown, EnteredCode};
pub use command::NewSession;
pub use device::Device;
pub use history::HistoryLine;
pub use index::{Key, Page};
pub use invite::{InviteState, InviteView};
pub use list::{Filter, Sort, waiting_since};
pub use notes::Note;
pub use pins::PinView;
pub use rating::Rating;
pub use record::{Answered, Record, Request};

/// Names one stay of one connection: who was let in later has another. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay(pub u64);

/// What the owner of the connections must do, in this order. A session or slot without a connection is no error.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEffect {
    /// An agent is being let in: close an older connection of this session (`Replaced`), and keep what follows for the new one until
    /// it is registered.
    AgentArrives(SessionId, Stay),
    /// The same for a viewer.
    ViewerArrives(SessionId, Slot, Stay),
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
    pub stay: Stay,
    pub resume_token: String,
    pub organisation: String,
    pub technician: Option<Person>,
}

/// A viewer was let in.
#[derive(Clone, Debug)]
pub struct ViewerJoined {
    pub session: SessionId,
    pub slot: Slot,
    pub stay: Stay,
    pub technician: TechnicianId,
    /// The session's name.
    pub name: String,
    /// What the viewer may come back with after a lost connection.
    pub resume: String,
}

/// Why the desk does not do what a technician wants.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("there is no such session")]
    NotFound,
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error("{message}")]
    Invalid {
        field: &'static str,
        message: &'static str,
    },
    #[error("this channel has as many open sessions as it takes; close some")]
    ChannelFull,
    #[error("this technician does not exist or cannot sign in")]
    NoTechnician,
    #[error("no agent shows this code; let the end user read it out again, or show a new one")]
    WrongCode,
    #[error("too many tries; try again later")]
    TryLater { seconds: u64 },
    #[error(transparent)]
    Chat(#[from] ChatRefusal),
    #[error(transparent)]
    Store(#[from] WriteError),
    #[error("the database cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

/// Cheap to clone; all clones are one desk.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    directory: Directory,
    events: Events,
    calls: Calls,
    keys: Arc<Keys>,
    system: SystemSettings,
    public_url: String,
    shelf: shelf::Shelf,
    archive: archive::Archive,
    look_ups: look_up::LookUps,
    tickets: viewer::Tickets,
    meters: chat::Meters,
    pins: pins::PinCounts,
    requests: requests::RequestCounts,
    codes: codes::Codes,
    queue: queue::Queue,
    timer: timer::Timer,
    given: routing::Given,
    stays: AtomicU64,
    effects: UnboundedSender<LiveEffect>,
}

/// What a desk needs.
pub struct Parts {
    pub store: Store,
    pub directory: Directory,
    pub events: Events,
    pub calls: Calls,
    pub keys: Arc<Keys>,
    pub system: SystemSettings,
    /// Where links lead, without a slash at the end.
    pub public_url: String,
}

impl Desk {
    /// Loads the open sessions; no connection of theirs survived, so their agents have 60 s to come back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(parts: Parts) -> anyhow::Result<(Self, UnboundedReceiver<LiveEffect>)> {
        let (effects, receiver) = unbounded_channel();
        let pins = pins::PinCounts::load(&parts.store).await?;
        let requests = requests::RequestCounts::load(&parts.store).await?;
        let given = routing::Given::load(&parts.store).await?;
        let records = load::records(&parts.store, now()).await?;
        let (over, records): (Vec<_>, Vec<_>) = records.into_iter().partition(archive::is_over);
        archive::take_over(&parts.store, &over).await?;
        let archive = archive::Archive::open(&parts.store).await?;
        let desk = Self {
            inner: Arc::new(Inner {
                store: parts.store,
                directory: parts.directory,
                events: parts.events,
                calls: parts.calls,
                keys: parts.keys,
                system: parts.system,
                public_url: parts.public_url,
                shelf: shelf::Shelf::default(),
                archive,
                look_ups: look_up::LookUps::default(),
                tickets: viewer::Tickets::default(),
                meters: chat::Meters::default(),
                pins,
                requests,
                codes: codes::Codes::default(),
                queue: queue::Queue::default(),
                timer: timer::Timer::default(),
                given,
                stays: AtomicU64::default(),
                effects,
            }),
        };
        for record in records {
            let entry = desk.inner.shelf.insert(record);
            desk.schedule(&entry, &entry.current());
            desk.keep_queue(&entry.current(), false);
        }
        tokio::spawn(desk.clone().keep_time());
        Ok((desk, receiver))
    }

    /// A new connection says it is the agent of a session. Send `Welcome` from the answer, or `Refused`.
    /// [`LiveEffect::AgentArrives`] is on its way before this returns.
    ///
    /// # Errors
    /// Why the agent is not let in.
    pub async fn agent_hello(
        &self,
        join: Join,
        system: SystemReport,
        public_address: IpAddr,
    ) -> Result<AgentJoined, Refusal> {
        self.let_agent_in(join, system, public_address).await
    }

    /// Whatever the agent said after its hello. After `Leave` close the connection; do not call [`Desk::agent_lost`].
    pub async fn agent_said(&self, session: SessionId, message: FromAgent) {
        self.hear_agent(session, message).await;
    }

    /// The newest agent's connection is gone and it had not said `Leave`. Not for one that was replaced.
    pub async fn agent_lost(&self, session: SessionId) {
        self.lose_agent(session).await;
    }

    /// A viewer shows its one-time ticket. [`LiveEffect::ViewerArrives`] is on its way before this returns.
    ///
    /// # Errors
    /// Why it is not let in.
    pub async fn viewer_hello(&self, ticket: &str, _from: IpAddr) -> Result<ViewerJoined, Refusal> {
        self.let_viewer_in(ticket).await
    }

    /// Whatever the viewer of `technician` said after its hello; nothing, if the slot is another's by now. After `Bye` close the
    /// connection.
    pub async fn viewer_said(
        &self,
        session: SessionId,
        slot: Slot,
        technician: TechnicianId,
        message: FromTechnician,
    ) {
        self.hear_viewer(session, slot, technician, message).await;
    }

    /// The newest viewer's connection of this slot is gone, whoever ended it. Not for one that was replaced.
    pub async fn viewer_gone(&self, session: SessionId, slot: Slot, technician: TechnicianId) {
        self.lose_viewer(session, slot, technician).await;
    }

    fn next_stay(&self) -> Stay {
        Stay(self.inner.stays.fetch_add(1, Ordering::Relaxed))
    }

    /// What this viewer must know; `None` when the slot is empty.
    #[must_use]
    pub fn remote_state(&self, session: SessionId, slot: Slot) -> Option<RemoteState> {
        let record = self.inner.shelf.get(session)?.current();
        self.state_of(&record, slot, now())
    }

    /// The desk's mirror of what the end user granted this slot, for the relay's filter. The agent enforces it.
    #[must_use]
    pub fn allowed(&self, session: SessionId, slot: Slot) -> Rights {
        let entry = self.inner.shelf.get(session);
        let record = entry.map(|entry| entry.current());
        record.map_or(Rights::NONE, |record| record.facts().allowed(slot, now()))
    }
}

/// Whether this session exists for `account`.
#[must_use]
pub fn sees(record: &Record, snapshot: &Snapshot, account: &Account, at: Timestamp) -> bool {
    let actor = record.actor(snapshot, account);
    record.session.allowed_now(actor, Action::See, at).is_ok()
}
