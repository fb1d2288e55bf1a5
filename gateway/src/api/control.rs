//! Who has the controls in a session, and the device's earlier sessions.

use axum::Json;
use axum::extract::State;
use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::desk::{Baton, Command};

use super::extract::{JsonBody, PathOf, SignedIn};
use super::types::{ErrorBody, Id, Session, TechnicianBody};
use super::{ApiError, show};
use crate::app::App;
use crate::clock::now;
use crate::directory::Account;

/// Takes the controls; asks for them when a connected colleague has them and I am not the assigned technician.
#[utoipa::path(post, path = "/sessions/{id}/control/take", tag = "control", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the end user did not grant control, or a colleague is asking already", body = ErrorBody),
))]
pub async fn take(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    baton(&app, &me.account, id, Baton::Take).await
}

/// Hands the controls over; also the answer yes.
#[utoipa::path(post, path = "/sessions/{id}/control/give", tag = "control", params(("id" = Id, Path)), request_body = TechnicianBody,
    responses(
        (status = OK, body = Session),
        (status = FORBIDDEN, body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = CONFLICT, description = "I do not have them, or they may not control", body = ErrorBody),
))]
pub async fn give(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<TechnicianBody>,
) -> Result<Json<Session>, ApiError> {
    let technician = TechnicianId(body.technician_id.0);
    baton(&app, &me.account, id, Baton::Give { technician }).await
}

/// Keeps the controls: the answer no.
#[utoipa::path(post, path = "/sessions/{id}/control/keep", tag = "control", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "nobody asks", body = ErrorBody),
))]
pub async fn keep(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    baton(&app, &me.account, id, Baton::Keep).await
}

/// Asks for the controls no more.
#[utoipa::path(post, path = "/sessions/{id}/control/unask", tag = "control", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "I do not ask", body = ErrorBody),
))]
pub async fn unask(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    baton(&app, &me.account, id, Baton::Unask).await
}

/// Other sessions of the same computer that I may see, newest first; at most 50.
#[utoipa::path(get, path = "/sessions/{id}/earlier", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Vec<Session>),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn earlier(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Vec<Session>>, ApiError> {
    let found = app.desk.earlier(&me.account, SessionId(id.0)).await?;
    let (snapshot, at) = (app.directory.now(), now());
    let sessions = found
        .iter()
        .map(|record| show::session(&snapshot, &me.account, record, at));
    Ok(Json(sessions.collect()))
}

async fn baton(app: &App, me: &Account, id: Id, baton: Baton) -> Result<Json<Session>, ApiError> {
    let command = Command::Control { baton };
    let record = app.desk.command(me, SessionId(id.0), command).await?;
    let snapshot = app.directory.now();
    Ok(Json(show::session(&snapshot, me, &record, now())))
}
