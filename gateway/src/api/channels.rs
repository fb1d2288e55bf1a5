//! Channels and their technicians.

use axum::http::StatusCode;
use axum::{Json, extract::State};

use super::extract::{JsonBody, PathOf, SignedIn};
use super::types::{Channel, ChannelPatch, ErrorBody, Id, NewChannel, Routing};
use super::{ApiError, access, show};
use crate::app::App;
use crate::channels::Settings;
use crate::directory::{Account, Kind, Snapshot};

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
        routing: body.routing.map(routing).transpose()?,
        skills: body.skills,
        verification: body.verification.map(show::verification_from),
        rating: body.rating,
        rating_question: body.rating_question,
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
        routing: body.routing.map(routing).transpose()?,
        skills: body.skills,
        verification: body.verification.map(show::verification_from),
        rating: body.rating,
        rating_question: body.rating_question,
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
    app.calls.reload().await.map_err(ApiError::internal)?;
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

/// All technicians of a group work in the channel from now on.
#[utoipa::path(put, path = "/channels/{id}/groups/{group_id}", tag = "channels",
    params(("id" = Id, Path), ("group_id" = Id, Path)),
    responses((status = OK, body = Channel), (status = FORBIDDEN, body = ErrorBody), (status = NOT_FOUND, body = ErrorBody)))]
pub async fn add_group(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, group)): PathOf<(Id, Id)>,
) -> Result<Json<Channel>, ApiError> {
    set_group(&app, &me.account, id, group, true).await?;
    shown(&app, &me.account, id.0)
}

/// They do not any more, unless they were added one by one or by another group.
#[utoipa::path(delete, path = "/channels/{id}/groups/{group_id}", tag = "channels",
    params(("id" = Id, Path), ("group_id" = Id, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, body = ErrorBody), (status = NOT_FOUND, body = ErrorBody)))]
pub async fn remove_group(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, group)): PathOf<(Id, Id)>,
) -> Result<StatusCode, ApiError> {
    set_group(&app, &me.account, id, group, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn routing(routing: Routing) -> Result<crate::directory::Routing, ApiError> {
    let lacking = || ApiError::field("routing", "say which technician or which group");
    show::routing_from(routing).ok_or_else(lacking)
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
    people_changed(app, &before, id.0).await;
    Ok(())
}

async fn set_group(
    app: &App,
    me: &Account,
    id: Id,
    group: Id,
    assigned: bool,
) -> Result<(), ApiError> {
    let before = app.directory.now();
    app.channels.set_group(me, id.0, group.0, assigned).await?;
    people_changed(app, &before, id.0).await;
    Ok(())
}

async fn people_changed(app: &App, before: &Snapshot, id: u64) {
    announce(app, id);
    access::changed(app, before).await;
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
