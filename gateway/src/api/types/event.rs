//! What the live stream of the lists says. Each is one server-sent event, named as said at the type.

use serde::Serialize;
use utoipa::ToSchema;

use super::Id;

/// `session_gone`, `channel_gone`: it was removed, or I may not see it any more.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Gone {
    pub id: Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The end user pressed "I don't know this person"; the session is closed.
    NotMe,
    /// Too many wrong PINs: only links work for a while.
    PinsLocked,
}

/// `alert`: somebody should look.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Alert {
    pub kind: AlertKind,
    #[schema(required)]
    pub session_id: Option<Id>,
}

/// `hello`: the stream begins; everything known before may be old, so fetch it again.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Hello {
    pub version: String,
}
