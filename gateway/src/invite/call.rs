//! The page behind an SOS Call's link: what it is called, and the download. Looking at it asks nobody for anything.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::call_texts::CallTexts;
use super::page::{Asked, Page};
use super::reader::Reader;
use super::texts::Language;
use super::{download, page};
use crate::app::App;
use crate::desk::DeskError;

pub async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = Language::choose(asked.lang.as_deref(), &headers);
    let mut page = Page::new(&app, language);
    let texts = CallTexts::of(language);
    match app.calls.by_token(&token) {
        Some(call) if call.paused => page.message(
            StatusCode::SERVICE_UNAVAILABLE,
            texts.paused_title,
            texts.paused,
        ),
        Some(call) => {
            page.call(&call.name, texts.promise, &token, Reader::of(&headers));
            page.finish(StatusCode::OK)
        }
        None => page.message(StatusCode::NOT_FOUND, texts.gone_title, texts.gone),
    }
}

/// The agent under a name that leads to this SOS Call. A paused one gives it too: what it takes is decided when it starts.
pub async fn agent(
    State(app): State<App>,
    Path((token, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let known = app.calls.by_token(&token).is_some() && file.starts_with("mayday-sos");
    match app.agents.file().filter(|_| known) {
        Some(agent) => download::send(agent, &token.to_lowercase()).await,
        None => page::nothing_here(&app, &headers, Err(DeskError::NotFound)),
    }
}
