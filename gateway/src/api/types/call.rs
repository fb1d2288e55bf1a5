//! SOS Calls, session codes and what end users filled in, as JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Id, Moment, SessionPerson};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line, at most 200 characters.
    Text,
    /// Several lines, at most 1000 characters.
    LongText,
    /// One of `options`.
    Choice,
}

/// A field that a form has beside the end user's name and the issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FormField {
    /// Stays when the form is edited; without it the field is new.
    pub id: Option<u32>,
    /// 1 to 64 characters, unique in the form.
    pub label: String,
    #[serde(default)]
    pub required: bool,
    pub kind: FieldKind,
    /// With `choice`: 2 to 20 different answers of 1 to 64 characters.
    #[serde(default)]
    pub options: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Call {
    pub id: Id,
    pub channel_id: Id,
    pub name: String,
    /// Who gets its requests; null: whom the channel's routing names, or the queue.
    #[schema(required)]
    pub technician: Option<SessionPerson>,
    /// Takes no requests, also from agents that were downloaded before.
    pub paused: bool,
    /// The form asks for name and issue first, then for these.
    pub fields: Vec<FormField>,
    pub created_at: Moment,
    /// Null for those who may not hand it out.
    #[schema(required)]
    pub link: Option<String>,
    /// Whether I may edit, pause and delete it.
    pub may_manage: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewCall {
    /// 1 to 64 characters: end users see it.
    pub name: String,
    pub technician_id: Option<Id>,
    /// At most 10.
    #[serde(default)]
    pub fields: Vec<FormField>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct CallPatch {
    pub name: Option<String>,
    /// An empty text: nobody.
    pub technician_id: Option<String>,
    pub fields: Option<Vec<FormField>>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SessionCodeBody {
    /// Nine digits; blanks and hyphens between them are forgiven.
    pub code: String,
    /// Empty: the name of the end user's computer.
    #[serde(default)]
    pub name: String,
    pub channel_id: Option<Id>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    Name,
    Issue,
    /// A field of the form's own.
    Own,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RequestAnswer {
    pub kind: AnswerKind,
    /// As it was when it was filled in; empty for name and issue.
    pub label: String,
    pub value: String,
}

/// How the end user began the session. Everything in it was typed by a stranger; invisible characters are made visible.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionRequest {
    /// The SOS Call's name as it was then; null: by a session code.
    #[schema(required)]
    pub call: Option<String>,
    #[schema(required)]
    pub issue: Option<String>,
    pub answers: Vec<RequestAnswer>,
}
