//! HTTP: what is served where, with which headers, over which connections. Owns no content.

mod console;
mod headers;
mod health;
mod loopback;
mod metrics;
mod serve;
mod stream;

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::{
    CompressionLayer, Predicate, predicate::DefaultPredicate, predicate::NotForContentType,
};
use tower_http::limit::RequestBodyLimitLayer;

pub use loopback::LoopbackOnly;
pub use serve::{serve_loopback, serve_tls};

use crate::api::Peer;
use crate::app::App;
use crate::live::Live;
use crate::{api, invite, origin};

/// Larger than any request of ours.
const BODY_BYTES: usize = 64 * 1024;
/// For a request that changes something, its body included.
const IN_TIME: Duration = Duration::from_secs(30);

/// Everything that the gateway serves over HTTP.
pub fn router(app: &App, live: Live) -> Router {
    let content = Router::new()
        .merge(api::router(app.clone()))
        .merge(invite::router(app.clone()))
        .merge(health::router(app.clone()))
        .merge(metrics::router(live.metrics()))
        .fallback(get(console::serve))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(middleware::from_fn(finish))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(middleware::from_fn_with_state(
            headers::Policy::new(&app.site),
            headers::add,
        ));
    Router::new().merge(stream::router(live)).merge(content)
}

/// What changes something runs to its end, also when the browser goes away in the middle.
async fn finish(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let from = peer.map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
    let work = tokio::spawn(origin::at(from, next.run(request)));
    match tokio::time::timeout(IN_TIME, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// Words are; the agent is not, and its length must be known for a progress bar.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::new("application/octet-stream"))
}
