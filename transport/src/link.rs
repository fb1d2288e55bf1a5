//! `Link`: one connection to a peer, whichever way it travels. Owns the one interface over the carriers; each carrier has its own file.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mayday_protocol::framing::Ordered;
use mayday_protocol::{ClearHeader, Malformed, Packet};
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::admission::Admission;
use crate::stream::{IncomingStream, OutgoingStream};
use crate::{quic, websocket};

/// Codes with which a connection is closed; a peer sees them in [`LinkError::ClosedByPeer`].
pub mod close_code {
    /// All is said.
    pub const DONE: u32 = 0;
    /// The other side sent something that is no message of this protocol.
    pub const MALFORMED: u32 = 1;
    /// The hello was refused; the reason was sent before.
    pub const REFUSED: u32 = 2;
    /// Another connection of the same peer took over.
    pub const REPLACED: u32 = 3;
    /// Too many connections, or a peer too slow for its messages.
    pub const BUSY: u32 = 4;
}

/// A connection. Cheap to clone; it is closed when the last clone goes.
#[derive(Clone, Debug)]
pub struct Link {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    carrier: Carrier,
    remote: SocketAddr,
    _admission: Option<Admission>,
}

#[derive(Debug)]
enum Carrier {
    Quic(Box<quic::Carrier>),
    WebSocket(websocket::Carrier),
}

/// The way a connection travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Path {
    Quic,
    WebTransport,
    WebSocket,
}

/// How a whole packet came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrival {
    Ordered,
    Datagram,
}

/// What came from the peer.
#[derive(Debug)]
pub enum Received {
    /// A control message, still encoded.
    Control(Bytes),
    /// A packet that came whole.
    Packet { packet: Packet, path: Arrival },
    /// A packet of which the header is here and the payload follows.
    Stream(IncomingStream),
}

/// Why a connection, or an operation on it, is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("the other side closed the connection (code {code}): {reason}")]
    ClosedByPeer { code: u32, reason: String },
    #[error("the connection is closed")]
    Closed,
    #[error("the connection was lost: {0}")]
    Lost(String),
    #[error("the other side broke the protocol: {0}")]
    Malformed(#[from] Malformed),
    #[error("the stream was abandoned")]
    Abandoned,
    #[error("the packet does not fit a datagram on this path")]
    TooLarge,
}

impl Link {
    pub(crate) fn quic(
        carrier: quic::Carrier,
        remote: SocketAddr,
        admission: Option<Admission>,
    ) -> Self {
        Self::new(Carrier::Quic(Box::new(carrier)), remote, admission)
    }

    pub(crate) fn websocket(carrier: websocket::Carrier, remote: SocketAddr) -> Self {
        Self::new(Carrier::WebSocket(carrier), remote, None)
    }

    fn new(carrier: Carrier, remote: SocketAddr, admission: Option<Admission>) -> Self {
        let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
        Self {
            inner: Arc::new(Inner {
                carrier,
                remote,
                _admission: admission,
            }),
        }
    }

    /// The server's end of a WebSocket whose upgrade was answered already (see [`crate::websocket_accept_key`]).
    pub async fn from_upgraded<S>(io: S, remote: SocketAddr) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self::websocket(websocket::accept(io).await, remote)
    }

    /// The next thing from the peer. For one task at a time; safe to cancel.
    ///
    /// # Errors
    /// When the connection is over. Bytes that are no message end it.
    pub async fn recv(&self) -> Result<Received, LinkError> {
        let received = match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.recv().await,
            Carrier::WebSocket(carrier) => carrier.recv().await,
        };
        match received {
            Ok(RawReceived::Ordered(Ordered::Control(bytes))) => Ok(Received::Control(bytes)),
            Ok(RawReceived::Ordered(Ordered::Packet(bytes))) => {
                self.packet(&bytes, Arrival::Ordered)
            }
            Ok(RawReceived::Datagram(bytes)) => self.packet(&bytes, Arrival::Datagram),
            Ok(RawReceived::Stream(header, source)) => Ok(Received::Stream(IncomingStream::new(
                header,
                source,
                self.clone(),
            ))),
            Err(LinkError::Malformed(why)) => Err(self.blame(why)),
            Err(error) => Err(error),
        }
    }

    fn packet(&self, bytes: &Bytes, path: Arrival) -> Result<Received, LinkError> {
        match Packet::decode(bytes) {
            Ok(packet) => Ok(Received::Packet { packet, path }),
            Err(why) => Err(self.blame(why)),
        }
    }

    /// Ends the connection because of what the peer sent.
    pub(crate) fn blame(&self, why: Malformed) -> LinkError {
        self.close(close_code::MALFORMED, &why.to_string());
        LinkError::Malformed(why)
    }

    /// Sends a control message, in order with all others and with ordered packets.
    ///
    /// # Errors
    /// When it is too large, or the connection is over.
    pub async fn send_control<M: Serialize + Sync>(&self, message: &M) -> Result<(), LinkError> {
        let bytes = mayday_protocol::control::encode(message)?;
        self.send_encoded_control(bytes).await
    }

    /// Sends a control message that was encoded before.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn send_encoded_control(&self, bytes: Bytes) -> Result<(), LinkError> {
        self.send(Ordered::Control(bytes)).await
    }

    /// Sends a packet in order with the control messages.
    ///
    /// # Errors
    /// When it is too large, or the connection is over.
    pub async fn send_ordered(&self, packet: &Packet) -> Result<(), LinkError> {
        let bytes = packet.encode();
        let limit = mayday_protocol::limits::ORDERED_BYTES;
        if bytes.len() > limit {
            return Err(Malformed::TooLarge { limit }.into());
        }
        self.send(Ordered::Packet(bytes)).await
    }

    async fn send(&self, message: Ordered) -> Result<(), LinkError> {
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.send(message).await,
            Carrier::WebSocket(carrier) => carrier.send(message).await,
        }
    }

    /// Sends a packet that may be lost, at once.
    ///
    /// # Errors
    /// When it does not fit, or the connection is over.
    pub fn send_datagram(&self, packet: &Packet) -> Result<(), LinkError> {
        let bytes = packet.encode();
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.send_datagram(bytes),
            Carrier::WebSocket(carrier) => carrier.send_datagram(bytes),
        }
    }

    /// As [`Self::send_datagram`], for a thread that is not the runtime's: it need not wake that first.
    ///
    /// # Errors
    /// When it does not fit, or the connection is over.
    pub fn push_datagram(&self, packet: &Packet) -> Result<(), LinkError> {
        let bytes = packet.encode();
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.push_datagram(bytes),
            Carrier::WebSocket(carrier) => carrier.send_datagram(bytes),
        }
    }

    /// Sends a packet of any size on a stream of its own. Returns when the last byte is with the carrier, not when it arrived.
    ///
    /// # Errors
    /// When the connection is over or the peer does not want the stream.
    pub async fn send_stream(&self, packet: &Packet) -> Result<(), LinkError> {
        let mut stream = self.open_stream(packet.header).await?;
        stream.write(packet.payload.clone()).await?;
        stream.finish();
        Ok(())
    }

    /// Opens a stream for a packet whose payload comes bit by bit. The header goes with the first bytes.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn open_stream(&self, header: ClearHeader) -> Result<OutgoingStream, LinkError> {
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.open_stream(header).await,
            Carrier::WebSocket(carrier) => carrier.open_stream(header),
        }
    }

    /// Ends the connection at once; what was not sent yet is not sent.
    pub fn close(&self, code: u32, reason: &str) {
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.close(code, reason),
            Carrier::WebSocket(carrier) => carrier.close(code, reason),
        }
    }

    /// Ends the connection after the ordered messages have arrived at the peer, or after a second.
    pub async fn close_after_delivery(&self, code: u32, reason: &str) {
        let delivered = async {
            match &self.inner.carrier {
                Carrier::Quic(carrier) => carrier.delivered().await,
                Carrier::WebSocket(carrier) => carrier.delivered().await,
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), delivered).await;
        self.close(code, reason);
    }

    /// Waits until the connection is over and says why.
    pub async fn closed(&self) -> LinkError {
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.closed().await,
            Carrier::WebSocket(carrier) => carrier.closed().await,
        }
    }

    /// The peer's address (never an IPv4 address in IPv6 clothes).
    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        self.inner.remote
    }

    /// The round trip's current estimate.
    #[must_use]
    pub fn rtt(&self) -> Duration {
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.rtt(),
            Carrier::WebSocket(carrier) => carrier.rtt(),
        }
    }

    #[must_use]
    pub fn kind(&self) -> Path {
        match &self.inner.carrier {
            Carrier::Quic(carrier) => carrier.kind(),
            Carrier::WebSocket(_) => Path::WebSocket,
        }
    }
}

/// What a carrier hands up.
pub(crate) enum RawReceived {
    Ordered(Ordered),
    Datagram(Bytes),
    Stream(ClearHeader, crate::stream::Source),
}
