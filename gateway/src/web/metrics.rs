//! `/metrics`, for who is on this machine: only the plain loopback address serves it, so that nobody outside learns how much goes on.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::api::Peer;
use crate::metrics::Metrics;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub fn router(metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .with_state(metrics)
}

async fn show(State(metrics): State<Arc<Metrics>>, peer: Peer) -> Response {
    if peer.secure {
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(header::CONTENT_TYPE, TEXT)], metrics.render()).into_response()
}
