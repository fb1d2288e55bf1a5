//! Channels and their technicians.

use axum::http::StatusCode;
use axum::{Json, extract::State};

use super::extract::{JsonBody, PathOf, SignedIn};
use super::types::{Channel, ChannelPatch, ErrorBody, Id, NewChannel};
use super::{ApiError, show};
use crate::app::App;
use crate::channels::Settings;
use crate::directory::{Account, Kind};

/// The channels I see: the default one first, then mine, then the shared ones by name.
#[utoipa::path(get, path = "/channels", tag = "channels", responses((status = OK, body = Vec<Channel>)))]
pub async fn list(State(app): State<App>, SignedIn(me): SignedIn) -> Json<Vec<Channel>> {
    let snapshot = app.directory.now();
    let mut seen: Vec<_> = snapshot
        .channels()
        .filter(|channel| snapshot.sees(&me.account, channel))
        .collect();
    seen.sort_by_cached_key(|channel| {
        let place = match channel.kind {
            Kind::Default => 0,
            Kind::Private { .. } => 1,
            Kind::Shared => 2,
        };
        (place, channel.name.to_lowercase())
    });
    let open = app.desk.open_sessions();
    let shown = seen
        .into_iter()
        .map(|channel| show::channel(&snapshot, &me.account, channel, &open));
    Json(shown.collect())
}

/// Needs `channel.create`. I become its first technician.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = NewChannel, responses(
    (status = CREATED, body = Channel),
    (status = FORBIDDEN, body = ErrorBody),
    (status = CONFLICT, description = "name_taken", body = ErrorBody),
))]
pub async fn create(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    JsonBody(body): JsonBody<NewChannel>,
) -> Result<(StatusCode, Json<Channel>), ApiError> {
    let settings = Settings {
        name: Some(body.name),
        description: Some(body.description),
        expiration_s: body.expiration_s,
        pin_valid_s: body.pin_valid_s,
        default_rights: body.default_rights.map(show::rights_from),
        max_open_sessions: body.max_open_sessions,
    };
    let id = app.channels.create(&me.account, settings).await?;
    Ok((StatusCode::CREATED, shown(&app, &me.account, id)?))
}

#[utoipa::path(patch, path = "/channels/{id}", tag = "channels", params(("id" = Id, Path)), request_body = ChannelPatch, responses(
    (status = OK, body = Channel),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "name_taken", body = ErrorBody),
))]
pub async fn change(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<ChannelPatch>,
) -> Result<Json<Channel>, ApiError> {
    let settings = Settings {
        name: body.name,
        description: body.description,
        expiration_s: body.expiration_s,
        pin_valid_s: body.pin_valid_s,
        default_rights: body.default_rights.map(show::rights_from),
        max_open_sessions: body.max_open_sessions,
    };
    app.channels.change(&me.account, id.0, settings).await?;
    shown(&app, &me.account, id.0)
}

/// Its sessions move to the default channel.
#[utoipa::path(delete, path = "/channels/{id}", tag = "channels", params(("id" = Id, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn remove(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<StatusCode, ApiError> {
    let channel = app.channels.may_remove(&me.account, id.0)?;
    let before = app.directory.now();
    app.desk.move_all(&me.account, &channel).await?;
    let home = before.default_channel().id;
    app.channels.remove(&me.account, &channel, home).await?;
    app.events.channel_gone(&before, id.0);
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(put, path = "/channels/{id}/members/{technician_id}", tag = "channels",
    params(("id" = Id, Path), ("technician_id" = Id, Path)),
    responses((status = OK, body = Channel), (status = FORBIDDEN, body = ErrorBody), (status = NOT_FOUND, body = ErrorBody)))]
pub async fn add_member(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, technician)): PathOf<(Id, Id)>,
) -> Result<Json<Channel>, ApiError> {
    set_member(&app, &me.account, id, technician, true).await?;
    shown(&app, &me.account, id.0)
}

#[utoipa::path(delete, path = "/channels/{id}/members/{technician_id}", tag = "channels",
    params(("id" = Id, Path), ("technician_id" = Id, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, body = ErrorBody), (status = NOT_FOUND, body = ErrorBody)))]
pub async fn remove_member(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, technician)): PathOf<(Id, Id)>,
) -> Result<StatusCode, ApiError> {
    set_member(&app, &me.account, id, technician, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_member(
    app: &App,
    me: &Account,
    id: Id,
    technician: Id,
    member: bool,
) -> Result<(), ApiError> {
    let before = app.directory.now();
    app.channels
        .set_member(me, id.0, technician.0, member)
        .await?;
    app.events
        .membership_changed(&before, &app.directory.now(), id.0);
    announce(app, id.0);
    Ok(())
}

/// The channel as I see it, after everybody else heard of it.
fn shown(app: &App, me: &Account, id: u64) -> Result<Json<Channel>, ApiError> {
    announce(app, id);
    let snapshot = app.directory.now();
    let channel = snapshot
        .channel(id)
        .ok_or_else(|| ApiError::not_found("this channel does not exist"))?;
    let open = app.desk.open_sessions();
    Ok(Json(show::channel(&snapshot, me, channel, &open)))
}

fn announce(app: &App, id: u64) {
    app.events.channel_changed(&app.directory.now(), id);
}
