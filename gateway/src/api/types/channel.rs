//! Channels as JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Id, RightsName};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Exists always and takes what has no other channel.
    Default,
    /// Seen by its owner only.
    Private,
    Shared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelAction {
    CreateSession,
    Edit,
    Remove,
    ManageMembers,
    /// Make and change its SOS Calls.
    ManageCalls,
    ManagePermissions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoutingRule {
    /// Nobody is assigned; somebody takes it.
    Queue,
    /// `technician_id`, while online.
    Technician,
    /// The technicians of `group_id` in turn, those who are online.
    RoundRobin,
    /// Whoever is online and has the fewest open sessions.
    LeastBusy,
}

/// To whom incoming requests go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Routing {
    pub rule: RoutingRule,
    #[serde(default)]
    pub technician_id: Option<Id>,
    #[serde(default)]
    pub group_id: Option<Id>,
}

/// A short code on both screens before the first question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    Off,
    /// Both people compare it.
    Compare,
    /// The technician types what the end user reads out.
    Type,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelGroup {
    pub id: Id,
    pub name: String,
    /// How many technicians are in it.
    pub members: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelMember {
    pub id: Id,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Channel {
    pub id: Id,
    pub name: String,
    pub description: String,
    pub kind: ChannelKind,
    /// After this long a session is Expired; 60 to 604800 seconds.
    pub expiration_s: u32,
    /// How long a PIN works; 60 to 86400 seconds.
    pub pin_valid_s: u32,
    /// What is asked for when the technician does not choose.
    pub default_rights: RightsName,
    /// Sessions that are neither closed nor expired.
    pub open_sessions: u32,
    pub max_open_sessions: u32,
    pub routing: Routing,
    /// What a technician must know to be given this channel's requests: tags.
    pub skills: Vec<String>,
    pub verification: Verification,
    /// Whether the end user is asked for a rating at the end.
    pub rating: bool,
    /// The channel's own question; empty: the usual one.
    pub rating_question: String,
    /// Technicians who were added one by one to a shared channel, by name.
    pub members: Vec<ChannelMember>,
    /// Groups whose technicians work in a shared channel, by name.
    pub groups: Vec<ChannelGroup>,
    /// What I may do with it.
    pub actions: Vec<ChannelAction>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewChannel {
    /// 1 to 64 characters, unique.
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub expiration_s: Option<u32>,
    pub pin_valid_s: Option<u32>,
    pub default_rights: Option<RightsName>,
    pub max_open_sessions: Option<u32>,
    pub routing: Option<Routing>,
    /// At most 20 of 1 to 32 characters.
    pub skills: Option<Vec<String>>,
    pub verification: Option<Verification>,
    pub rating: Option<bool>,
    /// At most 200 characters.
    pub rating_question: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ChannelPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub expiration_s: Option<u32>,
    pub pin_valid_s: Option<u32>,
    pub default_rights: Option<RightsName>,
    pub max_open_sessions: Option<u32>,
    pub routing: Option<Routing>,
    /// At most 20 of 1 to 32 characters.
    pub skills: Option<Vec<String>>,
    pub verification: Option<Verification>,
    pub rating: Option<bool>,
    /// At most 200 characters.
    pub rating_question: Option<String>,
}
