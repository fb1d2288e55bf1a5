//! What a handler takes from a request: the body, the path, who is signed in, where from. All refusals have one shape.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, Method, header, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use mayday_session::permission::Permission;

use super::ApiError;
use crate::accounts::WebSession;
use crate::app::App;

/// With this prefix browsers take it from this host only, and only over TLS: no other host of the same domain can set it.
const COOKIE: &str = "__Host-mayday_session";
/// Browsers do not let plain HTTP replace a cookie that TLS on the same name has set.
const COOKIE_LOOPBACK: &str = "mayday_session_loopback";

#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct JsonBody<T>(pub T);

#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct PathOf<T>(pub T);

#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct QueryOf<T>(pub T);

/// The connection that a request came over.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    pub address: SocketAddr,
    /// Over TLS; only the loopback console is not.
    pub secure: bool,
}

impl Peer {
    /// The name of the cookie on this kind of connection.
    #[must_use]
    pub fn cookie(&self) -> &'static str {
        if self.secure { COOKIE } else { COOKIE_LOOPBACK }
    }

    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let info = parts.extensions.get::<ConnectInfo<Self>>();
        let missing = || ApiError::internal("a connection without an address");
        info.map(|info| info.0).ok_or_else(missing)
    }
}

/// What the browser calls itself, short enough to keep; empty when it does not say.
pub struct Browser(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Browser {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        const LONGEST: usize = 256;
        let said = parts.headers.get(header::USER_AGENT);
        let said = said
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Self(said.chars().take(LONGEST).collect()))
    }
}

/// Somebody is signed in; without that the request ends with 401.
pub struct SignedIn(pub WebSession);

impl SignedIn {
    /// Refuses unless the role gives `permission`.
    pub fn need(&self, permission: Permission) -> Result<(), ApiError> {
        if self.0.account.role.preset().contains(permission) {
            return Ok(());
        }
        let name = permission.name();
        Err(ApiError::not_allowed(format!(
            "you need the permission {name} for this"
        )))
    }

    /// The audit's name for them.
    pub fn actor(&self) -> String {
        format!("technician:{}", self.0.account.id)
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let name = Peer::from_request_parts(parts, app).await?.cookie();
        let token = cookie(&parts.headers, name)?.ok_or_else(ApiError::signed_out)?;
        let session = app.accounts.signed_in(token).await?;
        session.map(Self).ok_or_else(ApiError::signed_out)
    }
}

/// The only cookie of this name. Of two, one is somebody else's, and nobody can tell which.
fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Result<Option<&'a str>, ApiError> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == wanted)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (token, None) => Ok(token),
        (_, Some(_)) => Err(ApiError {
            message: "two sign-ins came at once; delete this site's cookies and sign in".to_owned(),
            ..ApiError::signed_out()
        }),
    }
}

/// A form of another site can send the cookie's owner here, but not with a header of its own: without it nothing is changed.
pub async fn require_header(request: Request, next: Next) -> Result<Response, ApiError> {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let has = request
        .headers()
        .get("x-mayday")
        .is_some_and(|value| value == "1");
    if reads || has {
        Ok(next.run(request).await)
    } else {
        Err(ApiError::new(
            axum::http::StatusCode::FORBIDDEN,
            "header_missing",
            "send the header x-mayday: 1 with everything but GET",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cookies: &[&str]) -> Result<Option<String>, ApiError> {
        let mut headers = HeaderMap::new();
        for value in cookies {
            headers.append(header::COOKIE, value.parse().unwrap());
        }
        cookie(&headers, COOKIE).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn two_cookies_of_this_name_are_refused_and_others_do_not_matter() {
        assert_eq!(found(&["mayday_session=old; a=b"]), Ok(None));
        let one = ["a=b; __Host-mayday_session=t", "mayday_session=old"];
        assert_eq!(found(&one), Ok(Some("t".to_owned())));
        assert!(found(&["__Host-mayday_session=t; __Host-mayday_session=u"]).is_err());
        assert!(found(&["__Host-mayday_session=t", "__Host-mayday_session=t"]).is_err());
    }
}
