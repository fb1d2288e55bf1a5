//! Where I am signed in, and signing out there.

use axum::http::StatusCode;
use axum::{Json, extract::State};

use super::ApiError;
use super::extract::{PathOf, SignedIn};
use super::types::{ErrorBody, Moment, MySignIn};
use crate::app::App;

/// My sign-ins, the last one used first.
#[utoipa::path(get, path = "/me/sign-ins", tag = "account", responses((status = OK, body = Vec<MySignIn>)))]
pub async fn list(
    State(app): State<App>,
    SignedIn(me): SignedIn,
) -> Result<Json<Vec<MySignIn>>, ApiError> {
    let found = app.accounts.signed_in_at(me.account.id).await?;
    let shown = found.into_iter().map(|one| MySignIn {
        id: one.name().to_owned(),
        this: one.hash == me.hash,
        open: app.events.is_open(&one.hash),
        browser: one.browser,
        address: one.source,
        since: Moment(one.since),
        used_at: Moment(one.used_at),
    });
    Ok(Json(shown.collect()))
}

/// Signs out there: its consoles and remote views end.
#[utoipa::path(delete, path = "/me/sign-ins/{id}", tag = "account", params(("id" = String, Path)), responses(
    (status = NO_CONTENT),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn end(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<String>,
) -> Result<StatusCode, ApiError> {
    let ended = app.accounts.end_sign_in(&me, &id).await?;
    ends(&app, me.account.id, &[ended]).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs out everywhere but here.
#[utoipa::path(post, path = "/me/sign-ins/end-others", tag = "account", responses((status = NO_CONTENT)))]
pub async fn end_others(
    State(app): State<App>,
    SignedIn(me): SignedIn,
) -> Result<StatusCode, ApiError> {
    let ended = app.accounts.end_other_sign_ins(&me).await?;
    ends(&app, me.account.id, &ended).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn ends(app: &App, account: u64, ended: &[String]) {
    for sign_in in ended {
        app.events.end_sign_in(sign_in);
        app.desk.sign_in_ended(sign_in).await;
    }
    app.events.sign_ins_changed(account);
}
