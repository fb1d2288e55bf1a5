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
    /// Technicians of a shared channel, by name.
    pub members: Vec<ChannelMember>,
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
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ChannelPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub expiration_s: Option<u32>,
    pub pin_valid_s: Option<u32>,
    pub default_rights: Option<RightsName>,
    pub max_open_sessions: Option<u32>,
}
