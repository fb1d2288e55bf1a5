//! What a channel says about permissions, as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Id, RoleName};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    Technician,
    Group,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefinementName {
    On,
    Off,
}

/// A technician or group about whom a channel says something.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RefinedSubject {
    pub kind: SubjectKind,
    pub id: Id,
    pub name: String,
    /// How many permissions are on, and how many off.
    pub on: u32,
    pub off: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BecauseName {
    /// An owner may do everything.
    Owner,
    /// They do not work in this channel.
    NotInChannel,
    Role,
    /// The channel says so for this technician.
    Technician,
    /// The channel says so for the group in `by_group`.
    Group,
}

/// Off, if it is off for any of the groups; and for which.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GroupSetting {
    pub name: String,
    pub setting: RefinementName,
}

/// What one technician may do in one channel, and what decides it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PermissionLine {
    /// For example `session.take`.
    pub permission: String,
    /// What the channel says about this technician or group alone; null: inherit.
    #[schema(required)]
    pub setting: Option<RefinementName>,
    /// What comes of it; null for a group, whose technicians have roles of their own.
    #[schema(required)]
    pub allowed: Option<bool>,
    #[schema(required)]
    pub because: Option<BecauseName>,
    /// What the channel says about the technician's groups together.
    #[schema(required)]
    pub by_group: Option<GroupSetting>,
    /// What the role alone gives; null for a group.
    #[schema(required)]
    pub by_role: Option<bool>,
    /// Whether I may switch it on: nobody gives what they do not have.
    pub can_give: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelPermissions {
    pub kind: SubjectKind,
    pub id: Id,
    pub name: String,
    /// Null for a group.
    #[schema(required)]
    pub role: Option<RoleName>,
    /// Whether I may change them: not my own, and not those of a role above mine.
    pub editable: bool,
    pub lines: Vec<PermissionLine>,
}

/// All that the channel says about one technician or group: `{"session.delete": "on"}`; what is not named is inherited.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PermissionSettings {
    pub settings: BTreeMap<String, RefinementName>,
}
