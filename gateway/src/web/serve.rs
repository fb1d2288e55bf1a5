//! From accepted connections to the router: TLS on the one port, plain HTTP on loopback. Owns the time that a client may take to ask.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::middleware;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mayday_transport::Listener;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::loopback::require_local_name;
use crate::api::Peer;

/// From the end of one request (or the connection's beginning) to the end of the next one's headers.
const TO_ASK: Duration = Duration::from_secs(60);
/// After an accept failed, for example because there are too many open files.
const BREATHER: Duration = Duration::from_millis(500);

/// Serves over TLS until `stop`, then lets requests under way end.
pub async fn serve_tls(listener: Arc<Listener>, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept_tcp() => accepted,
            () = stop.cancelled() => break,
        };
        let Some((io, address)) = accepted else { break };
        let peer = Peer {
            address,
            secure: true,
        };
        connections.spawn(serve(io, peer, router.clone(), stop.clone()));
    }
    connections.close();
    connections.wait().await;
}

/// Serves plain HTTP on loopback until `stop`.
pub async fn serve_loopback(listener: TcpListener, router: Router, stop: CancellationToken) {
    let router = router.layer(middleware::from_fn(require_local_name));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((io, address)) => {
                // Without it small answers wait for the peer's acknowledgement; an error changes only that.
                let _ = io.set_nodelay(true);
                connections.spawn(serve(io, plain(address), router.clone(), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
}

fn plain(address: SocketAddr) -> Peer {
    Peer {
        address,
        secure: false,
    }
}

async fn serve<I>(io: I, peer: Peer, router: Router, stop: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        // A router is always ready.
        router.clone().call(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(TO_ASK)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
