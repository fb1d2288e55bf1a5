//! Chat, notes and ratings as JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Id, Moment, SessionPerson};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChatAudience {
    /// The end user and the technicians.
    EndUser,
    /// The technicians among themselves.
    Technicians,
}

/// Control and bidirectional characters in the text are visible already.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChatMessage {
    /// Grows within the session, over both chats.
    pub number: u32,
    /// Null: the end user.
    #[schema(required)]
    pub author: Option<SessionPerson>,
    pub client_id: String,
    pub at: Moment,
    pub text: String,
}

/// `chat`: somebody wrote.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChatNews {
    pub session_id: Id,
    pub audience: ChatAudience,
    pub message: ChatMessage,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChatPage {
    /// Oldest first.
    pub messages: Vec<ChatMessage>,
    /// Whether there are older ones: ask again with `before`.
    pub more: bool,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChatQuery {
    /// Only messages with a smaller number.
    pub before: Option<u32>,
    /// 1 to 500; 200 when absent.
    pub limit: Option<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMessage {
    /// The console's own name of the message, 1 to 64 letters, digits and hyphens: sent again after a lost connection, it is the
    /// same message.
    pub client_id: String,
    /// 1 to 2000 characters.
    pub text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ReadBody {
    pub upto: u32,
}

/// A session's chats in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Talk {
    /// Messages of the chat with the end user that I have not read.
    pub unread: u32,
    /// The same among technicians.
    pub unread_whispers: u32,
    /// The newest message that has arrived at the end user's computer.
    pub delivered: u32,
    /// The newest message that the end user has read.
    pub read: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionRating {
    /// 1 to 5.
    pub stars: u8,
    pub words: String,
    pub at: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Note {
    pub id: Id,
    pub author: SessionPerson,
    pub at: Moment,
    #[schema(required)]
    pub edited_at: Option<Moment>,
    pub text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NoteBody {
    /// 1 to 2000 characters.
    pub text: String,
}

/// Who asks for the controls.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ControlAsk {
    pub technician_id: Id,
    /// Without an answer until then the controls stay where they are.
    pub until: Moment,
}
