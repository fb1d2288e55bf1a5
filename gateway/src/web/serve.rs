//! From accepted connections to the router: TLS on the one port, plain HTTP on loopback.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::middleware;
use axum::serve::IncomingStream;
use mayday_transport::{Listener, SecureStream};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::loopback::require_local_name;
use crate::api::Peer;

struct Tls(Arc<Listener>);

impl axum::serve::Listener for Tls {
    type Io = SecureStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (SecureStream, SocketAddr) {
        match self.0.accept_tcp().await {
            Some(accepted) => accepted,
            // The listener is gone: nobody comes any more, and the server ends by its signal.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.0.local_addr())
    }
}

struct Plain(TcpListener);

impl axum::serve::Listener for Plain {
    type Io = tokio::net::TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.0).await;
        // Without it small answers wait for the peer's acknowledgement; an error changes only that.
        let _ = stream.set_nodelay(true);
        (stream, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Tls>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Tls>) -> Self {
        Self {
            address: *stream.remote_addr(),
            secure: true,
        }
    }
}

impl Connected<IncomingStream<'_, Plain>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Plain>) -> Self {
        Self {
            address: *stream.remote_addr(),
            secure: false,
        }
    }
}

/// Serves over TLS until `stop`, then lets requests under way end.
pub async fn serve_tls(listener: Arc<Listener>, router: Router, stop: CancellationToken) {
    let service = router.into_make_service_with_connect_info::<Peer>();
    let served = axum::serve(Tls(listener), service).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = served.await {
        tracing::error!(%error, "the HTTPS server ended");
    }
}

/// Serves plain HTTP on loopback until `stop`.
pub async fn serve_loopback(listener: TcpListener, router: Router, stop: CancellationToken) {
    let router = router.layer(middleware::from_fn(require_local_name));
    let service = router.into_make_service_with_connect_info::<Peer>();
    let served =
        axum::serve(Plain(listener), service).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = served.await {
        tracing::error!(%error, "the loopback HTTP server ended");
    }
}
