//! The console on plain HTTP for the same machine only. Owns the check that a page of another site cannot reach it by a name of its own.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::headers;

/// A loopback address, checked once.
#[derive(Clone, Copy, Debug)]
pub struct LoopbackOnly(SocketAddr);

/// Why plain HTTP is refused there.
#[derive(Debug, thiserror::Error)]
#[error(
    "--http-loopback {0} is not on this machine only; use 127.0.0.1:PORT, others reach the console over TLS"
)]
pub struct NotLoopback(SocketAddr);

impl LoopbackOnly {
    /// # Errors
    /// When others could reach the address.
    pub fn new(address: SocketAddr) -> Result<Self, NotLoopback> {
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err(NotLoopback(address))
        }
    }

    #[must_use]
    pub fn address(self) -> SocketAddr {
        self.0
    }
}

/// A name that leads to 127.0.0.1 only by somebody's DNS is refused.
pub async fn require_local_name(request: Request, next: Next) -> Response {
    let host = headers::host(request.headers()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    if matches!(name, "localhost" | "127.0.0.1" | "[::1]") {
        next.run(request).await
    } else {
        let words = "open this as http://localhost or http://127.0.0.1\n";
        (StatusCode::MISDIRECTED_REQUEST, words).into_response()
    }
}
