//! Groups of technicians as JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChannelMember, Id};

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Group {
    pub id: Id,
    pub name: String,
    /// By name.
    pub members: Vec<ChannelMember>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewGroup {
    /// 1 to 64 characters, unique.
    pub name: String,
    #[serde(default)]
    pub members: Vec<Id>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct GroupPatch {
    pub name: Option<String>,
    /// All of them, at most 1000; who is not named leaves.
    pub members: Option<Vec<Id>>,
}
