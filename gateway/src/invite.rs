//! The pages behind a session's link and an SOS Call's, for end users: who invites, the download, and the way out. Looking at them
//! consumes nothing.

mod call;
mod call_texts;
mod download;
mod html;
mod page;
mod reader;
mod texts;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub fn router(app: App) -> Router {
    Router::new()
        .route("/j/{token}", get(page::show))
        .route("/j/{token}/not-me", post(page::not_me))
        .route("/j/{token}/{file}", get(download::agent))
        .route("/c/{token}", get(call::show))
        .route("/c/{token}/{file}", get(call::agent))
        .with_state(app)
}
