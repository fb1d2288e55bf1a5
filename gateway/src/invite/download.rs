//! The agent's download: one prepared file for everybody; the invite travels in the file name only.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mayday_protocol::invite::Token;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::page;
use crate::app::App;
use crate::desk::{DeskError, InviteState};

/// How much of the file is read at a time, bytes.
const CHUNK: usize = 256 * 1024;

pub async fn agent(
    State(app): State<App>,
    Path((token, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let looked = app.desk.look_at_invite(&token).await;
    let open = matches!(&looked, Ok(view) if view.state == InviteState::Open);
    let known = token.parse::<Token>().ok().filter(|_| open);
    let Some(token) = known else {
        return page::nothing_here(&app, &headers, looked);
    };
    match app.agents.file() {
        Some(agent) if file.starts_with("mayday-sos") => send(agent, &token.to_string()).await,
        Some(_) | None => page::nothing_here(&app, &headers, Err(DeskError::NotFound)),
    }
}

/// The prepared agent, under a name with this token.
pub async fn send(agent: &std::path::Path, token: &str) -> Response {
    let opened = File::open(agent).await;
    let (file, length) = match opened {
        Ok(file) => {
            let length = file.metadata().await.map(|about| about.len());
            (file, length.ok())
        }
        Err(error) => {
            tracing::error!(%error, "the prepared agent cannot be read");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = Body::from_stream(ReaderStream::with_capacity(file, CHUNK)).into_response();
    let answer = response.headers_mut();
    let name = format!("attachment; filename=\"mayday-sos-{token}\"");
    for (header, value) in [
        (
            header::CONTENT_TYPE,
            Some("application/octet-stream".to_owned()),
        ),
        (header::CONTENT_DISPOSITION, Some(name)),
        (
            header::CONTENT_LENGTH,
            length.map(|length| length.to_string()),
        ),
    ] {
        if let Some(value) = value.and_then(|value| value.parse().ok()) {
            answer.insert(header, value);
        }
    }
    response
}
