//! Groups of technicians.

use axum::http::StatusCode;
use axum::{Json, extract::State};

use super::extract::{JsonBody, PathOf, SignedIn};
use super::types::{ErrorBody, Group, GroupPatch, Id, NewGroup};
use super::{ApiError, access, show};
use crate::app::App;

/// All groups, by name. Everybody signed in may see them, as they see all technicians.
#[utoipa::path(get, path = "/groups", tag = "groups", responses((status = OK, body = Vec<Group>)))]
pub async fn list(State(app): State<App>, _me: SignedIn) -> Json<Vec<Group>> {
    let snapshot = app.directory.now();
    let mut groups: Vec<_> = snapshot
        .groups()
        .map(|group| show::group(&snapshot, group))
        .collect();
    groups.sort_by_cached_key(|one| (one.name.to_lowercase(), one.id));
    Json(groups)
}

/// Needs `technician.manage`.
#[utoipa::path(post, path = "/groups", tag = "groups", request_body = NewGroup, responses(
    (status = CREATED, body = Group),
    (status = FORBIDDEN, body = ErrorBody),
    (status = CONFLICT, description = "name_taken", body = ErrorBody),
))]
pub async fn create(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    JsonBody(body): JsonBody<NewGroup>,
) -> Result<(StatusCode, Json<Group>), ApiError> {
    let members = ids(&body.members);
    let id = app.groups.create(&me.account, &body.name, &members).await?;
    app.events.groups_changed();
    Ok((StatusCode::CREATED, shown(&app, id)?))
}

/// Needs `technician.manage`.
#[utoipa::path(patch, path = "/groups/{id}", tag = "groups", params(("id" = Id, Path)), request_body = GroupPatch, responses(
    (status = OK, body = Group),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "name_taken", body = ErrorBody),
))]
pub async fn change(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<GroupPatch>,
) -> Result<Json<Group>, ApiError> {
    let before = app.directory.now();
    let members = body.members.map(|members| ids(&members));
    app.groups
        .change(&me.account, id.0, body.name.as_deref(), members.as_deref())
        .await?;
    app.events.groups_changed();
    access::changed(&app, &before).await;
    shown(&app, id.0)
}

/// Needs `technician.manage`. It leaves all channels, with what they say about it.
#[utoipa::path(delete, path = "/groups/{id}", tag = "groups", params(("id" = Id, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn remove(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<StatusCode, ApiError> {
    let before = app.directory.now();
    app.groups.remove(&me.account, id.0).await?;
    app.events.groups_changed();
    access::changed(&app, &before).await;
    Ok(StatusCode::NO_CONTENT)
}

fn ids(ids: &[Id]) -> Vec<u64> {
    ids.iter().map(|id| id.0).collect()
}

fn shown(app: &App, id: u64) -> Result<Json<Group>, ApiError> {
    let snapshot = app.directory.now();
    let group = snapshot.group(id);
    let group = group.ok_or_else(|| ApiError::not_found("this group does not exist"))?;
    Ok(Json(show::group(&snapshot, group)))
}
