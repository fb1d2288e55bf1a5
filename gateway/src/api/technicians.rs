//! The list of technicians, and managing it.

use axum::http::StatusCode;
use axum::{Json, extract::State};
use mayday_session::permission::Permission;

use super::extract::{JsonBody, PathOf, SignedIn};
use super::types::{
    ErrorBody, Id, NewTechnician, SetupLink, Technician, TechnicianCreated, TechnicianPatch,
};
use super::{ApiError, access, show};
use crate::accounts::AccountPatch;
use crate::app::App;

/// All technicians, by name. Everybody signed in may see them, to assign and invite.
#[utoipa::path(get, path = "/technicians", tag = "technicians", responses((status = OK, body = Vec<Technician>)))]
pub async fn list(State(app): State<App>, _me: SignedIn) -> Json<Vec<Technician>> {
    let snapshot = app.directory.now();
    let mut all: Vec<_> = snapshot
        .accounts()
        .map(|account| show::technician(account, app.events.is_online(account.id)))
        .collect();
    all.sort_by_cached_key(|one| (one.name.to_lowercase(), one.id));
    Json(all)
}

/// Needs `technician.manage`; only an owner makes owners.
#[utoipa::path(post, path = "/technicians", tag = "technicians", request_body = NewTechnician, responses(
    (status = CREATED, body = TechnicianCreated),
    (status = CONFLICT, description = "email_taken", body = ErrorBody),
    (status = FORBIDDEN, body = ErrorBody),
))]
pub async fn create(
    State(app): State<App>,
    me: SignedIn,
    JsonBody(body): JsonBody<NewTechnician>,
) -> Result<(StatusCode, Json<TechnicianCreated>), ApiError> {
    me.need(Permission::TechnicianManage)?;
    let role = show::role_from(body.role);
    app.accounts.may_give(&me.0.account, role)?;
    let (account, token) = app
        .accounts
        .create(&body.name, &body.email, role, &me.actor())
        .await?;
    app.events
        .technician_changed(&app.directory.now(), account.id);
    let created = TechnicianCreated {
        technician: show::technician(&account, false),
        setup_link: setup_link(&app, &token),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// A new set-up link, for somebody who lost theirs or their password.
#[utoipa::path(post, path = "/technicians/{id}/setup-link", tag = "technicians", params(("id" = Id, Path)), responses(
    (status = OK, body = SetupLink),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn new_setup_link(
    State(app): State<App>,
    me: SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<SetupLink>, ApiError> {
    me.need(Permission::TechnicianManage)?;
    let token = app.accounts.new_setup_link(&me.0.account, id.0).await?;
    Ok(Json(SetupLink {
        setup_link: setup_link(&app, &token),
    }))
}

#[utoipa::path(patch, path = "/technicians/{id}", tag = "technicians", params(("id" = Id, Path)), request_body = TechnicianPatch,
    responses(
        (status = OK, body = Technician),
        (status = FORBIDDEN, body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = CONFLICT, description = "last_owner", body = ErrorBody),
))]
pub async fn change(
    State(app): State<App>,
    me: SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<TechnicianPatch>,
) -> Result<Json<Technician>, ApiError> {
    me.need(Permission::TechnicianManage)?;
    let patch = AccountPatch {
        name: body.name,
        role: body.role.map(show::role_from),
        disabled: body.disabled,
        skills: body.skills,
    };
    let before = app.directory.now();
    let account = app.accounts.change(&me.0.account, id.0, patch).await?;
    if account.disabled {
        app.events.end_account(account.id);
        app.desk.technician_left(account.id).await;
    }
    access::changed(&app, &before).await;
    app.events
        .technician_changed(&app.directory.now(), account.id);
    let online = app.events.is_online(account.id);
    Ok(Json(show::technician(&account, online)))
}

/// Their sessions go back to the queue; what they did stays in the audit.
#[utoipa::path(delete, path = "/technicians/{id}", tag = "technicians", params(("id" = Id, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "last_owner", body = ErrorBody),
))]
pub async fn remove(
    State(app): State<App>,
    me: SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<StatusCode, ApiError> {
    me.need(Permission::TechnicianManage)?;
    app.accounts.remove(&me.0.account, id.0).await?;
    app.events.end_account(id.0);
    app.desk.technician_left(id.0).await;
    app.events.technician_changed(&app.directory.now(), id.0);
    Ok(StatusCode::NO_CONTENT)
}

fn setup_link(app: &App, token: &str) -> String {
    format!("{}/setup/{token}", app.site.public_url)
}
