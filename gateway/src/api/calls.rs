//! SOS Calls of a channel, and entering the session code that an end user reads out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mayday_session::form::{Field, Kind};

use super::extract::{JsonBody, PathOf, SignedIn};
use super::types::{
    self, CallPatch, ErrorBody, FieldKind, FormField, Id, Moment, NewCall, Session,
    SessionCodeBody, SessionPerson,
};
use super::{ApiError, show};
use crate::app::App;
use crate::calls::{Call, CallSettings};
use crate::clock::now;
use crate::desk::EnteredCode;
use crate::directory::Account;

/// The SOS Calls of a channel, by name.
#[utoipa::path(get, path = "/channels/{id}/calls", tag = "calls", params(("id" = Id, Path)), responses(
    (status = OK, body = Vec<types::Call>),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn list(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Vec<types::Call>>, ApiError> {
    let calls = app.calls.of_channel(&me.account, id.0)?;
    let shown = calls.iter().map(|call| shown(&app, &me.account, call));
    Ok(Json(shown.collect()))
}

/// Needs `soscall.manage` in the channel.
#[utoipa::path(post, path = "/channels/{id}/calls", tag = "calls", params(("id" = Id, Path)), request_body = NewCall, responses(
    (status = CREATED, body = types::Call),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "full, or a private channel", body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn create(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<NewCall>,
) -> Result<(StatusCode, Json<types::Call>), ApiError> {
    let settings = CallSettings {
        name: Some(body.name),
        technician: Some(body.technician_id.map(|id| id.0)),
        fields: Some(body.fields.into_iter().map(field_from).collect()),
    };
    let call = app.calls.create(&me.account, id.0, settings).await?;
    announce(&app, call.channel);
    Ok((StatusCode::CREATED, Json(shown(&app, &me.account, &call))))
}

#[utoipa::path(patch, path = "/calls/{id}", tag = "calls", params(("id" = Id, Path)), request_body = CallPatch, responses(
    (status = OK, body = types::Call),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn change(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<CallPatch>,
) -> Result<Json<types::Call>, ApiError> {
    let fields = body.fields;
    let settings = CallSettings {
        name: body.name,
        technician: body.technician_id.map(technician).transpose()?,
        fields: fields.map(|fields| fields.into_iter().map(field_from).collect()),
    };
    let call = app.calls.change(&me.account, id.0, settings).await?;
    announce(&app, call.channel);
    Ok(Json(shown(&app, &me.account, &call)))
}

/// Its link and its agents take no requests until it is resumed.
#[utoipa::path(post, path = "/calls/{id}/pause", tag = "calls", params(("id" = Id, Path)), responses(
    (status = OK, body = types::Call),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn pause(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<types::Call>, ApiError> {
    set_paused(&app, &me.account, id, true).await
}

#[utoipa::path(post, path = "/calls/{id}/resume", tag = "calls", params(("id" = Id, Path)), responses(
    (status = OK, body = types::Call),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn resume(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<types::Call>, ApiError> {
    set_paused(&app, &me.account, id, false).await
}

/// Its link is dead from now on; sessions that came through it stay.
#[utoipa::path(delete, path = "/calls/{id}", tag = "calls", params(("id" = Id, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn delete(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<StatusCode, ApiError> {
    let channel = app.calls.delete(&me.account, id.0).await?;
    announce(&app, channel);
    Ok(StatusCode::NO_CONTENT)
}

/// The session of the end user who reads this code out, assigned to me. All wrong codes are answered alike, and only a few are taken.
#[utoipa::path(post, path = "/session-codes", tag = "calls", request_body = SessionCodeBody, responses(
    (status = CREATED, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = CONFLICT, description = "channel_full", body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, description = "wrong_code", body = ErrorBody),
    (status = TOO_MANY_REQUESTS, description = "try_later", body = ErrorBody),
))]
pub async fn enter_code(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    JsonBody(body): JsonBody<SessionCodeBody>,
) -> Result<(StatusCode, Json<Session>), ApiError> {
    let entered = EnteredCode {
        code: body.code,
        name: body.name,
        channel: body.channel_id.map(|id| id.0),
    };
    let record = app.desk.enter_code(&me.account, entered).await?;
    let snapshot = app.directory.now();
    let session = show::session(&snapshot, &me.account, &record, now());
    Ok((StatusCode::CREATED, Json(session)))
}

async fn set_paused(
    app: &App,
    me: &Account,
    id: Id,
    paused: bool,
) -> Result<Json<types::Call>, ApiError> {
    let call = app.calls.pause(me, id.0, paused).await?;
    announce(app, call.channel);
    Ok(Json(shown(app, me, &call)))
}

/// Consoles fetch a channel's SOS Calls again when they hear of the channel.
fn announce(app: &App, channel: u64) {
    app.events.channel_changed(&app.directory.now(), channel);
}

fn technician(text: String) -> Result<Option<u64>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let id: Result<Id, _> = text.parse();
    let id = id.map_err(|error| ApiError::field("technician_id", error))?;
    Ok(Some(id.0))
}

fn field_from(field: FormField) -> Field {
    Field {
        id: field.id.unwrap_or(0),
        label: field.label,
        required: field.required,
        kind: match field.kind {
            FieldKind::Text => Kind::Text,
            FieldKind::LongText => Kind::LongText,
            FieldKind::Choice => Kind::Choice(field.options),
        },
    }
}

fn field(field: &Field) -> FormField {
    let (kind, options) = match &field.kind {
        Kind::Text => (FieldKind::Text, Vec::new()),
        Kind::LongText => (FieldKind::LongText, Vec::new()),
        Kind::Choice(options) => (FieldKind::Choice, options.clone()),
    };
    FormField {
        id: Some(field.id),
        label: field.label.clone(),
        required: field.required,
        kind,
        options,
    }
}

fn shown(app: &App, me: &Account, call: &Call) -> types::Call {
    let snapshot = app.directory.now();
    let technician = call.technician.and_then(|id| snapshot.account(id));
    let token = app.calls.token(me, call);
    types::Call {
        id: Id(call.id),
        channel_id: Id(call.channel),
        name: call.name.clone(),
        technician: technician.map(|account| SessionPerson {
            id: Id(account.id),
            name: account.name.clone(),
        }),
        paused: call.paused,
        fields: call.form.own().iter().map(field).collect(),
        created_at: Moment(call.created_at),
        link: token.map(|token| format!("{}/c/{token}", app.site.public_url)),
        may_manage: app.calls.may_manage(me, call.channel),
    }
}
