//! The headers that keep browsers on the safe side.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::site::Site;

/// The console's content security policy, fixed at start.
#[derive(Clone)]
pub struct Policy {
    console: HeaderValue,
}

impl Policy {
    /// # Panics
    /// Never: a public URL's host and port are plain ASCII.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        let authority = site.public_url.authority();
        let policy = format!(
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
             img-src 'self' data: blob:; font-src 'self'; worker-src 'self' blob:; \
             connect-src 'self' https://{authority} wss://{authority}; object-src 'none'; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        Self {
            console: HeaderValue::from_str(&policy).expect("a public URL is plain ASCII"),
        }
    }
}

/// Adds what a response has not set itself.
pub async fn add(State(policy): State<Policy>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    set(header::CONTENT_SECURITY_POLICY, policy.console);
    let fixed = HeaderValue::from_static;
    set(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    set(header::X_FRAME_OPTIONS, fixed("DENY"));
    // A link's token is in the path.
    set(header::REFERRER_POLICY, fixed("no-referrer"));
    set(header::CACHE_CONTROL, fixed("no-store"));
    set(COOP, fixed("same-origin"));
    set(COEP, fixed("require-corp"));
    set(CORP, fixed("same-origin"));
    set(
        PERMISSIONS,
        fixed("camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    );
    response
}

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const COEP: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// `HOST[:PORT]` that the client asked for.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}
