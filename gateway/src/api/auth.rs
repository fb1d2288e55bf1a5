//! Signing in and out, oneself, set-up links.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Json, extract::State};

use super::extract::{Browser, JsonBody, PathOf, Peer, SignedIn};
use super::types::{ErrorBody, Me, MePatch, PasswordChange, SetupInfo, SetupPassword, SignIn};
use super::{ApiError, show};
use crate::accounts::{NewSignIn, SignInFrom};
use crate::app::App;

/// Sets the cookie `__Host-mayday_session` for as long as a sign-in lasts (a setting).
#[utoipa::path(post, path = "/auth/sign-in", tag = "account", request_body = SignIn, responses(
    (status = OK, body = Me),
    (status = UNAUTHORIZED, description = "wrong_credentials", body = ErrorBody),
    (status = TOO_MANY_REQUESTS, description = "try_later", body = ErrorBody),
))]
pub async fn sign_in(
    State(app): State<App>,
    peer: Peer,
    browser: Browser,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<Response, ApiError> {
    let from = from(peer, browser);
    let sign_in = app.accounts.sign_in(&body.email, &body.password, &from);
    let sign_in = sign_in.await?;
    app.events.sign_ins_changed(sign_in.account.id);
    Ok(signed_in(peer, &sign_in))
}

#[utoipa::path(post, path = "/auth/sign-out", tag = "account", responses((status = NO_CONTENT)))]
pub async fn sign_out(
    State(app): State<App>,
    peer: Peer,
    SignedIn(session): SignedIn,
) -> Result<Response, ApiError> {
    app.accounts.sign_out(&session).await?;
    app.events.end_sign_in(&session.hash);
    app.desk.sign_in_ended(&session.hash).await;
    app.events.sign_ins_changed(session.account.id);
    Ok(with_cookie(peer, "", 0, StatusCode::NO_CONTENT))
}

/// Ends all sign-ins of mine, on every device.
#[utoipa::path(post, path = "/auth/sign-out-everywhere", tag = "account", responses((status = NO_CONTENT)))]
pub async fn sign_out_everywhere(
    State(app): State<App>,
    peer: Peer,
    SignedIn(session): SignedIn,
) -> Result<Response, ApiError> {
    app.accounts.sign_out_everywhere(&session.account).await?;
    app.events.end_account(session.account.id);
    app.desk.sign_ins_ended(session.account.id).await;
    Ok(with_cookie(peer, "", 0, StatusCode::NO_CONTENT))
}

#[utoipa::path(get, path = "/me", tag = "account", responses(
    (status = OK, body = Me),
    (status = UNAUTHORIZED, description = "signed_out", body = ErrorBody),
))]
pub async fn me(SignedIn(session): SignedIn) -> Json<Me> {
    Json(show::me(&session.account))
}

#[utoipa::path(patch, path = "/me", tag = "account", request_body = MePatch, responses((status = OK, body = Me)))]
pub async fn change_me(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    JsonBody(body): JsonBody<MePatch>,
) -> Result<Json<Me>, ApiError> {
    let (name, language) = (body.name.as_deref(), body.language.as_deref());
    let account = app
        .accounts
        .change_own(&session.account, name, language)
        .await?;
    app.events
        .technician_changed(&app.directory.now(), account.id);
    Ok(Json(show::me(&account)))
}

/// All other sign-ins of mine end.
#[utoipa::path(post, path = "/me/password", tag = "account", request_body = PasswordChange, responses(
    (status = NO_CONTENT),
    (status = UNPROCESSABLE_ENTITY, description = "the current password is wrong, or the new one too short", body = ErrorBody),
    (status = TOO_MANY_REQUESTS, description = "try_later", body = ErrorBody),
))]
pub async fn change_password(
    State(app): State<App>,
    peer: Peer,
    SignedIn(session): SignedIn,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    app.accounts
        .change_password(&session, &body.current, &body.new, peer.ip())
        .await?;
    app.events.end_others(session.account.id, &session.hash);
    app.desk.sign_ins_ended(session.account.id).await;
    app.events.sign_ins_changed(session.account.id);
    Ok(StatusCode::NO_CONTENT)
}

/// Whom a set-up link is for.
#[utoipa::path(get, path = "/setup/{token}", tag = "account", params(("token" = String, Path)), responses(
    (status = OK, body = SetupInfo),
    (status = GONE, description = "setup_link", body = ErrorBody),
))]
pub async fn setup_info(
    State(app): State<App>,
    PathOf(token): PathOf<String>,
) -> Result<Json<SetupInfo>, ApiError> {
    let account = app.accounts.setup_account(&token).await?;
    Ok(Json(SetupInfo {
        name: account.name,
        email: account.email,
        organisation: app.settings.now().organisation.to_string(),
    }))
}

/// Uses a set-up link once: sets the password and signs in.
#[utoipa::path(post, path = "/setup/{token}", tag = "account", params(("token" = String, Path)), request_body = SetupPassword,
    responses(
        (status = OK, body = Me),
        (status = GONE, description = "setup_link", body = ErrorBody),
        (status = UNPROCESSABLE_ENTITY, description = "the password is too short", body = ErrorBody),
        (status = TOO_MANY_REQUESTS, description = "try_later", body = ErrorBody),
))]
pub async fn set_up(
    State(app): State<App>,
    peer: Peer,
    browser: Browser,
    PathOf(token): PathOf<String>,
    JsonBody(body): JsonBody<SetupPassword>,
) -> Result<Response, ApiError> {
    let from = from(peer, browser);
    let sign_in = app.accounts.set_up(&token, &body.password, &from).await?;
    let id = sign_in.account.id;
    app.events.end_account(id);
    app.desk.sign_ins_ended(id).await;
    app.events.technician_changed(&app.directory.now(), id);
    Ok(signed_in(peer, &sign_in))
}

fn from(peer: Peer, browser: Browser) -> SignInFrom {
    SignInFrom {
        address: peer.ip(),
        browser: browser.0,
    }
}

fn signed_in(peer: Peer, sign_in: &NewSignIn) -> Response {
    let me = Json(show::me(&sign_in.account));
    with_cookie(peer, &sign_in.token, sign_in.lasts_s, me)
}

/// An empty token with no age removes the cookie.
fn with_cookie(peer: Peer, token: &str, age: u32, body: impl IntoResponse) -> Response {
    let name = peer.cookie();
    let secure = if peer.secure { "; Secure" } else { "" };
    // The prefix `__Host-` asks for this path, for Secure, and for no Domain.
    let cookie =
        format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}");
    let value = HeaderValue::from_str(&cookie);
    let header = value.map(|value| (header::SET_COOKIE, value));
    (AppendHeaders(header.ok()), body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_cookie(secure: bool, token: &str, age: u32) -> String {
        let address = "127.0.0.1:1".parse().unwrap();
        let answer = with_cookie(Peer { address, secure }, token, age, StatusCode::OK);
        let value = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        value.to_owned()
    }

    #[test]
    fn over_tls_browsers_keep_the_cookie_to_this_host() {
        assert_eq!(
            set_cookie(true, "t", 604_800),
            "__Host-mayday_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure"
        );
        assert_eq!(
            set_cookie(false, "", 0),
            "mayday_session_loopback=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
        );
    }
}
