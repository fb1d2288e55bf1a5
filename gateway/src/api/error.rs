//! How a refusal looks: one shape for all, with the status that fits.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use mayday_session::chat::ChatRefusal;
use mayday_session::desk::NotAllowed;
use mayday_session::permission::Denied;

use super::types::{ErrorBody, ErrorDetail};
use crate::accounts::AccountError;
use crate::calls::CallError;
use crate::channels::ChannelError;
use crate::desk::DeskError;
use crate::groups::GroupError;
use crate::settings::SettingsError;
use crate::store::WriteError;

#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub field: Option<&'static str>,
    pub retry_after_s: Option<u64>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl ToString) -> Self {
        Self {
            status,
            code,
            message: message.to_string(),
            field: None,
            retry_after_s: None,
        }
    }

    pub fn field(field: &'static str, message: impl ToString) -> Self {
        Self {
            field: Some(field),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
        }
    }

    pub fn not_found(message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub fn not_allowed(message: impl ToString) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", message)
    }

    pub fn conflict(code: &'static str, message: impl ToString) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed_out", "sign in first")
    }

    /// The cause goes to the log, not to the browser.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the gateway could not do this; its log says why",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: ErrorDetail {
                code: self.code.to_owned(),
                message: self.message,
                field: self.field.map(str::to_owned),
                retry_after_s: self.retry_after_s,
            },
        };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

pub async fn no_such_route() -> ApiError {
    ApiError::not_found("there is nothing at this address")
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        use AccountError as E;
        match error {
            E::WrongCredentials => Self::new(StatusCode::UNAUTHORIZED, "wrong_credentials", error),
            E::TryLater { seconds } => Self {
                retry_after_s: Some(seconds),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "try_later", error)
            },
            E::WrongPassword => Self::field("current", error),
            E::PasswordLength => Self::field("password", error),
            E::Name => Self::field("name", error),
            E::Email(_) => Self::field("email", error),
            E::EmailTaken => Self {
                field: Some("email"),
                ..Self::conflict("email_taken", error)
            },
            E::Skills => Self::field("skills", error),
            E::Language => Self::field("language", error),
            E::SetupLink => Self::new(StatusCode::GONE, "setup_link", error),
            E::NotFound | E::NoSignIn => Self::not_found(error),
            E::NotAllowed => Self::not_allowed(error),
            E::LastOwner => Self::conflict("last_owner", error),
            E::Store(store) => store.into(),
            E::Read(_) => Self::internal(error),
        }
    }
}

impl From<ChannelError> for ApiError {
    fn from(error: ChannelError) -> Self {
        use ChannelError as E;
        match error {
            E::NotFound => Self::not_found(error),
            E::Missing(_) => Self::not_allowed(error),
            E::Name => Self::field("name", error),
            E::Description => Self::field("description", error),
            E::NameTaken => Self {
                field: Some("name"),
                ..Self::conflict("name_taken", error)
            },
            E::Expiration => Self::field("expiration_s", error),
            E::PinValidity => Self::field("pin_valid_s", error),
            E::MaxOpenSessions => Self::field("max_open_sessions", error),
            E::Routing => Self::field("routing", error),
            E::Skills => Self::field("skills", error),
            E::RatingQuestion => Self::field("rating_question", error),
            E::NotOfAChannel(_) => Self::field("settings", error),
            E::NotYours => Self::not_allowed(error),
            E::Fixed => Self::conflict("fixed", error),
            E::NoTechnician | E::NoGroup => Self::not_found(error),
            E::Full | E::FullOfGroups => Self::conflict("full", error),
            E::Store(store) => store.into(),
            E::Read(_) => Self::internal(error),
        }
    }
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        use SettingsError as E;
        match error {
            E::Organisation => Self::field("organisation", error),
            E::SignIn => Self::field("sign_in_s", error),
            E::Expiration => Self::field("expiration_s", error),
            E::PinValidity => Self::field("pin_valid_s", error),
            E::Store(store) => store.into(),
        }
    }
}

impl From<GroupError> for ApiError {
    fn from(error: GroupError) -> Self {
        use GroupError as E;
        match error {
            E::NotFound => Self::not_found(error),
            E::NotAllowed => Self::not_allowed(error),
            E::Name => Self::field("name", error),
            E::NameTaken => Self {
                field: Some("name"),
                ..Self::conflict("name_taken", error)
            },
            E::NoTechnician => Self::field("members", error),
            E::Full | E::TooMany => Self::conflict("full", error),
            E::Store(store) => store.into(),
            E::Read(_) => Self::internal(error),
        }
    }
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        use DeskError as E;
        match error {
            E::NotFound => Self::not_found(error),
            E::NotAllowed(why) => why.into(),
            E::Invalid { field, message } => Self::field(field, message),
            E::ChannelFull => Self::conflict("channel_full", error),
            E::NoTechnician => Self::field("technician_id", error),
            E::WrongCode => Self {
                field: Some("code"),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_code", error)
            },
            E::TryLater { seconds } => Self {
                retry_after_s: Some(seconds),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "try_later", error)
            },
            E::Chat(why) => why.into(),
            E::Store(store) => store.into(),
            E::Read(_) => Self::internal(error),
        }
    }
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        use CallError as E;
        match error {
            E::NotFound | E::NoChannel => Self::not_found(error),
            E::Missing(_) => Self::not_allowed(error),
            E::Name => Self::field("name", error),
            E::Technician => Self::field("technician_id", error),
            E::Form(_) => Self::field("fields", error),
            E::TooMany => Self::conflict("full", error),
            E::Private => Self::conflict("fixed", error),
            E::Store(store) => store.into(),
            E::Read(_) => Self::internal(error),
        }
    }
}

impl From<ChatRefusal> for ApiError {
    fn from(why: ChatRefusal) -> Self {
        match why {
            ChatRefusal::Empty | ChatRefusal::TooLong => Self::field("text", why),
            ChatRefusal::TooFast { again } => Self {
                retry_after_s: Some(again.as_secs().max(1)),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_fast", why)
            },
            ChatRefusal::Full => Self::conflict("chat_full", why),
        }
    }
}

impl From<NotAllowed> for ApiError {
    fn from(why: NotAllowed) -> Self {
        use NotAllowed as N;
        let code = match why {
            N::Denied(Denied::NotFound) | N::Deleted => return Self::not_found(why),
            N::Denied(Denied::Missing(_)) | N::NoAccessToChannel => return Self::not_allowed(why),
            N::Denied(Denied::NotYours) => {
                return Self::new(StatusCode::FORBIDDEN, "not_yours", why);
            }
            N::Closed => "closed",
            N::Expired => "expired",
            N::AlreadyAssigned => "already_assigned",
            N::NobodyAssigned => "nobody_assigned",
            N::AlreadyMember => "already_member",
            N::NotMember => "not_member",
            N::Full => "full",
            N::AgentNotHere => "agent_not_here",
            N::AlreadyAsking => "already_asking",
            N::AlreadyGranted => "already_granted",
            N::NotAsking => "not_asking",
            N::RejectPause { .. } => "reject_pause",
            N::OnlyInvited => "only_invited",
            N::NotGranted => "not_granted",
            N::AgentInUse => "agent_in_use",
            N::ResumeLate => "resume_late",
            N::NoControl => "no_control",
            N::SomebodyAsks => "somebody_asks",
            N::NobodyAsks => "nobody_asks",
            N::SameChannel => "same_channel",
        };
        Self::conflict(code, why)
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Exists => Self::conflict("exists", error),
            WriteError::Stale => Self::conflict("stale", error),
            WriteError::Failed(_) => Self::internal(error),
            WriteError::Stopping => Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", error),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), "invalid", rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        Self::not_found("there is nothing at this address")
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "invalid", rejection.body_text())
    }
}
