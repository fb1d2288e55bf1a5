//! The page behind a session's link, for end users: who invites, the download, and the way out. Looking at it consumes nothing.

mod download;
mod html;
mod page;
mod texts;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub fn router(app: App) -> Router {
    Router::new()
        .route("/j/{token}", get(page::show))
        .route("/j/{token}/not-me", post(page::not_me))
        .route("/j/{token}/{file}", get(download::agent))
        .with_state(app)
}
