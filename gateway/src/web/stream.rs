//! The WebSocket way into the stream: takes the connection over from HTTP and hands it to live/.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::rt::TokioIo;
use mayday_transport::{Link, STREAM_PATH, WEBSOCKET_PROTOCOL, websocket_accept_key};

use super::headers;
use crate::api::Peer;
use crate::live::Live;

pub fn router(live: Live) -> Router {
    Router::new()
        .route(STREAM_PATH, get(upgrade))
        .with_state(live)
}

async fn upgrade(State(live): State<Live>, peer: Peer, mut request: Request) -> Response {
    let asked = request.headers();
    if !is_welcome(&live, peer, asked) {
        return (StatusCode::FORBIDDEN, "this page may not open a stream\n").into_response();
    }
    let Some(accept) = accept(asked) else {
        let words = "this address speaks WebSocket with the protocol mayday.1\n";
        return (StatusCode::UPGRADE_REQUIRED, words).into_response();
    };
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgraded.await {
            Ok(io) => {
                let link = Link::from_upgraded(TokioIo::new(io), peer.address).await;
                live.websocket(link);
            }
            Err(error) => tracing::debug!(%error, "a WebSocket was not taken over"),
        }
    });
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
        (
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(WEBSOCKET_PROTOCOL),
        ),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// The answer's key, if this is a WebSocket handshake for our protocol.
fn accept(asked: &HeaderMap) -> Option<HeaderValue> {
    let has = |name, word: &str| {
        let values = asked.get_all(name).iter();
        let mut texts = values.filter_map(|value| value.to_str().ok());
        texts.any(|text| {
            text.split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(word))
        })
    };
    let key = asked.get(header::SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    let ours = has(header::UPGRADE, "websocket")
        && has(header::CONNECTION, "upgrade")
        && has(header::SEC_WEBSOCKET_PROTOCOL, WEBSOCKET_PROTOCOL)
        && asked
            .get(header::SEC_WEBSOCKET_VERSION)
            .is_some_and(|version| version == "13");
    let accept = HeaderValue::from_str(&websocket_accept_key(key)).ok()?;
    ours.then_some(accept)
}

/// Agents and native viewers name no origin; a browser's page must be ours, by the public name or by the one it was opened with.
fn is_welcome(live: &Live, peer: Peer, asked: &HeaderMap) -> bool {
    let Some(origin) = asked.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let scheme = if peer.secure { "https" } else { "http" };
    let own = headers::host(asked).map(|host| format!("{scheme}://{host}"));
    own.as_deref() == Some(origin) || live.is_welcome(Some(origin))
}
