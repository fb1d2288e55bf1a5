//! Sessions as JSON: the list's row, what a technician sees before connecting, and the bodies of the actions.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ControlAsk, Id, Moment, SessionRating, SessionRequest, Talk};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Status)]
pub enum StatusName {
    Waiting,
    Active,
    InQueue,
    Expired,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Rights)]
pub enum RightsName {
    View,
    /// Includes `view`.
    Control,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubStateKind {
    Offline,
    Ready,
    Asking,
    /// Nobody answered in time.
    Unanswered,
    Rejected,
    Granted,
    Connected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentPresence {
    /// Not started yet, or left.
    Away,
    /// Its connection was lost less than 60 s ago.
    Lost,
    Here,
}

/// The most advanced of what the technicians have reached.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubState {
    pub kind: SubStateKind,
    /// With `granted` and `connected`.
    #[schema(required)]
    pub rights: Option<RightsName>,
    /// With `connected`: how many are.
    pub count: u32,
    pub agent: AgentPresence,
    pub paused: bool,
    /// With `ready`: the end user has stopped what was granted.
    pub stopped: bool,
    /// With `offline`: the end user was there and left, on purpose.
    pub left: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentName {
    Idle,
    Asking,
    Granted,
    Connected,
    Rejected,
    /// Nobody answered in time; it counts as a rejection.
    Unanswered,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionTechnician {
    pub id: Id,
    pub name: String,
    pub slot: u8,
    /// The session is theirs; the others were invited.
    pub assigned: bool,
    pub consent: ConsentName,
    /// What was granted, or is asked for.
    #[schema(required)]
    pub rights: Option<RightsName>,
    /// With `asking`: when it runs out.
    #[schema(required)]
    pub asks_left_until: Option<Moment>,
    /// With `idle`: the end user has stopped what was granted.
    pub stopped: bool,
    /// With `rejected` and `unanswered`: when asking again is possible. Null: only the end user can invite again.
    #[schema(required)]
    pub reject_until: Option<Moment>,
    /// With my own `asking`, where the channel wants it: the code by which the end user knows me.
    #[schema(required)]
    pub verification: Option<AskVerification>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskVerificationMode {
    /// The end user sees the same code and confirms it.
    Compare,
    /// I read the code out and the end user types it.
    Type,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AskVerification {
    pub mode: AskVerificationMode,
    /// Four digits.
    pub code: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionChannel {
    pub id: Id,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DisplayInfo {
    pub name: String,
    pub width: u32,
    pub height: u32,
}

/// What the agent told, made harmless: control and bidirectional characters are visible. `public_address` is the gateway's own observation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Device {
    pub host_name: String,
    pub os: String,
    pub os_name: String,
    pub os_version: String,
    pub cpu: String,
    pub cpu_cores: u32,
    pub memory_mb: u64,
    pub user_name: String,
    pub local_addresses: Vec<String>,
    pub public_address: String,
    pub displays: Vec<DisplayInfo>,
    pub agent_version: String,
    pub language: String,
}

/// What I may do now, exactly: everything absent is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionAction {
    Ask,
    Withdraw,
    Connect,
    Take,
    Release,
    Close,
    Delete,
    NewPin,
    ShowPin,
    CopyLink,
    Extend,
    Edit,
    Assign,
    TransferUser,
    TransferChannel,
    Invite,
    /// End the part of an invited technician.
    Remove,
    /// Write to the end user.
    Chat,
    /// Write to the other technicians.
    Whisper,
    /// Add a note.
    Note,
    /// Take, ask for or hand over the controls.
    Control,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Session {
    pub id: Id,
    pub name: String,
    pub note: String,
    pub channel: SessionChannel,
    pub status: StatusName,
    pub sub_state: SubState,
    pub technicians: Vec<SessionTechnician>,
    pub created_at: Moment,
    #[schema(required)]
    pub created_by: Option<SessionPerson>,
    /// Since when it waits to be taken or started; null when it does not.
    #[schema(required)]
    pub waiting_since: Option<Moment>,
    pub expires_at: Moment,
    #[schema(required)]
    pub closed_at: Option<Moment>,
    #[schema(required)]
    pub device: Option<Device>,
    /// Null when a technician made it.
    #[schema(required)]
    pub request: Option<SessionRequest>,
    pub talk: Talk,
    #[schema(required)]
    pub rating: Option<SessionRating>,
    /// The technician who has the controls.
    #[schema(required)]
    pub controller_id: Option<Id>,
    #[schema(required)]
    pub control_ask: Option<ControlAsk>,
    pub actions: Vec<SessionAction>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionPerson {
    pub id: Id,
    pub name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionPage {
    pub items: Vec<Session>,
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// All that match, not only this page.
    pub total: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionSort {
    /// Newest first.
    #[default]
    Created,
    Name,
    Status,
    /// Longest waiting first.
    Waiting,
    Expires,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// A channel's id, or `home`: all sessions assigned to me. Absent: all I may see.
    pub channel: Option<String>,
    /// Statuses, separated by commas.
    pub status: Option<String>,
    /// Found in name, note, technicians' names, host and user name, addresses, and what the end user wrote into a form.
    pub q: Option<String>,
    pub sort: Option<SessionSort>,
    /// 1 to 500; 100 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewSession {
    /// 1 to 64 characters.
    pub name: String,
    #[serde(default)]
    pub note: String,
    /// Absent: the default channel.
    pub channel_id: Option<Id>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionCreated {
    #[serde(flatten)]
    pub session: Session,
    pub link: String,
    pub pin: String,
    pub pin_expires_at: Moment,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SessionPatch {
    pub name: Option<String>,
    pub note: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionLink {
    pub link: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionPin {
    /// Null when it has expired: make a new one.
    #[schema(required)]
    pub pin: Option<String>,
    #[schema(required)]
    pub expires_at: Option<Moment>,
    /// Too many wrong PINs were tried at this gateway: until then only links work.
    #[schema(required)]
    pub locked_until: Option<Moment>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct AskBody {
    /// Absent: the channel's default.
    pub rights: Option<RightsName>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ExtendBody {
    /// Added to what is left of its time (to now, when it has expired); 60 to 604800.
    pub seconds: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct TechnicianBody {
    pub technician_id: Id,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ChannelBody {
    pub channel_id: Id,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Connection {
    /// Works once, for 60 seconds.
    pub ticket: String,
    pub webtransport_url: String,
    /// SHA-256 of the certificates that WebTransport may show, hexadecimal. Empty: a public authority's certificate.
    pub certificate_hashes: Vec<String>,
    pub websocket_url: String,
    /// Opens the native viewer.
    pub native_link: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    pub at: Moment,
    /// Who: a technician's name, `end_user`, or `gateway`.
    pub actor: String,
    /// What, as a stable word, for example `asked`.
    pub what: String,
    /// More words, may be empty.
    pub detail: String,
}
