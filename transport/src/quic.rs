//! A link over QUIC, native or as WebTransport (one type serves both). Owns its settings and the mapping of messages to streams and
//! datagrams.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use mayday_protocol::framing::{Ordered, split_ordered};
use mayday_protocol::{ClearHeader, Malformed};
use quinn::{AckFrequencyConfig, IdleTimeout, TransportConfig, VarInt};
use tokio::sync::Mutex;
use web_transport_quinn::{
    ReadError, RecvStream, SendStream, Session, SessionError, WebTransportError, WriteError,
};

use crate::congestion::Congestion;
use crate::link::{LinkError, Path, RawReceived};
use crate::push::Pusher;
use crate::stream::{self, OutgoingStream};

/// A lost network shows after this.
pub(crate) const IDLE: Duration = Duration::from_secs(10);
/// The server asks for a sign of life this often, when all is quiet.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Streams whose header is still on its way; more wait in the connection.
const PENDING_HEADERS: usize = 64;
const CHUNK: usize = 64 * 1024;
const ORDERED_PRIORITY: i32 = 50;
const ABANDONED: u32 = 1;
const UNWANTED: u32 = 2;

/// Settings of a connection, the same at both ends but for who keeps it alive.
pub(crate) fn transport_config(keep_alive: bool, congestion: Congestion) -> TransportConfig {
    let mut acks = AckFrequencyConfig::default();
    // An acknowledgement for every second packet would be sent before that packet is handed up: the timer below does it off the way
    // of a key. What is out of order is still acknowledged at once.
    acks.ack_eliciting_threshold(VarInt::from_u32(8));
    // A lost last packet is noticed 20 ms sooner than with the default 25 ms.
    acks.max_ack_delay(Some(Duration::from_millis(4)));
    let mut config = TransportConfig::default();
    config
        .max_concurrent_bidi_streams(VarInt::from_u32(8))
        .max_concurrent_uni_streams(VarInt::from_u32(1024))
        .max_idle_timeout(IdleTimeout::try_from(IDLE).ok())
        .keep_alive_interval(keep_alive.then_some(KEEP_ALIVE))
        .stream_receive_window(VarInt::from_u32(1024 * 1024))
        .receive_window(VarInt::from_u32(4 * 1024 * 1024))
        .send_window(1024 * 1024)
        .send_fairness(false)
        .initial_rtt(Duration::from_millis(100))
        .datagram_receive_buffer_size(Some(256 * 1024))
        .datagram_send_buffer_size(64 * 1024)
        .ack_frequency_config(Some(acks));
    congestion.apply(&mut config);
    config
}

/// One QUIC connection with its ordered stream open.
#[derive(Debug)]
pub(crate) struct Carrier {
    session: Session,
    kind: Path,
    ordered: Mutex<SendStream>,
    inbox: Mutex<Inbox>,
    /// At the client's end, whose runtime has nothing else to do.
    pusher: Option<Pusher>,
}

#[derive(Debug)]
struct Inbox {
    ordered: RecvStream,
    buffer: BytesMut,
    headers: FuturesUnordered<BoxFuture<'static, Result<(ClearHeader, Source), LinkError>>>,
}

impl Carrier {
    /// The client's end: opens the ordered stream.
    pub(crate) async fn client(
        connection: quinn::Connection,
        pusher: Pusher,
    ) -> Result<Self, LinkError> {
        let session = Session::raw(connection);
        let (send, recv) = session.open_bi().await.map_err(lost)?;
        Ok(Self::new(session, Path::Quic, (send, recv), Some(pusher)))
    }

    /// The server's end: waits until the client has opened the ordered stream.
    pub(crate) async fn server(session: Session, kind: Path) -> Result<Self, LinkError> {
        let (send, recv) = session.accept_bi().await.map_err(lost)?;
        Ok(Self::new(session, kind, (send, recv), None))
    }

    fn new(
        session: Session,
        kind: Path,
        (send, recv): (SendStream, RecvStream),
        pusher: Option<Pusher>,
    ) -> Self {
        let _ = send.set_priority(ORDERED_PRIORITY);
        Self {
            session,
            kind,
            ordered: Mutex::new(send),
            inbox: Mutex::new(Inbox {
                ordered: recv,
                buffer: BytesMut::new(),
                headers: FuturesUnordered::new(),
            }),
            pusher,
        }
    }

    pub(crate) async fn recv(&self) -> Result<RawReceived, LinkError> {
        let mut inbox = self.inbox.lock().await;
        let Inbox {
            ordered,
            buffer,
            headers,
        } = &mut *inbox;
        loop {
            if let Some(message) = split_ordered(buffer)? {
                return Ok(RawReceived::Ordered(message));
            }
            tokio::select! {
                biased;
                chunk = ordered.read_chunk(CHUNK, true) => match chunk {
                    Ok(Some(chunk)) => buffer.extend_from_slice(&chunk.bytes),
                    Ok(None) if buffer.is_empty() => return Err(LinkError::Closed),
                    Ok(None) => return Err(Malformed::Truncated.into()),
                    Err(error) => return Err(read_error(error)),
                },
                datagram = self.session.read_datagram() => {
                    return Ok(RawReceived::Datagram(datagram.map_err(lost)?));
                }
                Some(header) = headers.next(), if !headers.is_empty() => match header {
                    Ok((header, source)) => {
                        return Ok(RawReceived::Stream(header, stream::Source::Quic(source)));
                    }
                    Err(LinkError::Abandoned) => {}
                    Err(error) => return Err(error),
                },
                stream = self.session.accept_uni(), if headers.len() < PENDING_HEADERS => {
                    headers.push(Box::pin(read_header(stream.map_err(lost)?)));
                }
            }
        }
    }

    pub(crate) async fn send(&self, message: Ordered) -> Result<(), LinkError> {
        let mut stream = self.ordered.lock().await;
        stream
            .write_chunk(message.encode())
            .await
            .map_err(write_error)
    }

    pub(crate) fn send_datagram(&self, bytes: Bytes) -> Result<(), LinkError> {
        match self.session.send_datagram(bytes) {
            Ok(()) => Ok(()),
            Err(SessionError::SendDatagramError(quinn::SendDatagramError::ConnectionLost(
                error,
            ))) => Err(lost(error.into())),
            Err(SessionError::SendDatagramError(_)) => Err(LinkError::TooLarge),
            Err(error) => Err(lost(error)),
        }
    }

    /// As [`Self::send_datagram`], from a thread that is not the runtime's.
    pub(crate) fn push_datagram(&self, bytes: Bytes) -> Result<(), LinkError> {
        match &self.pusher {
            Some(pusher) => pusher.push(|| self.send_datagram(bytes)),
            None => self.send_datagram(bytes),
        }
    }

    pub(crate) async fn open_stream(
        &self,
        header: ClearHeader,
    ) -> Result<OutgoingStream, LinkError> {
        let stream = self.session.open_uni().await.map_err(lost)?;
        let _ = stream.set_priority(header.class.priority());
        Ok(OutgoingStream::new(stream::Sink::Quic(Sink {
            stream,
            header: Some(Bytes::copy_from_slice(&header.encode())),
        })))
    }

    pub(crate) fn close(&self, code: u32, reason: &str) {
        self.session.close(code, reason.as_bytes());
    }

    /// Ends the ordered stream and waits until the peer has all of it.
    pub(crate) async fn delivered(&self) {
        let mut stream = self.ordered.lock().await;
        if stream.finish().is_ok() {
            let _ = stream.stopped().await;
        }
    }

    pub(crate) async fn closed(&self) -> LinkError {
        lost(self.session.closed().await)
    }

    pub(crate) fn rtt(&self) -> Duration {
        self.session.rtt()
    }

    pub(crate) fn kind(&self) -> Path {
        self.kind
    }
}

async fn read_header(mut stream: RecvStream) -> Result<(ClearHeader, Source), LinkError> {
    let mut start = BytesMut::new();
    loop {
        let Some(chunk) = stream.read_chunk(CHUNK, true).await.map_err(read_error)? else {
            return Err(Malformed::Truncated.into());
        };
        // Nearly always the first chunk holds the header, and its rest is passed on without a copy.
        let mut bytes = if start.is_empty() {
            chunk.bytes
        } else {
            start.extend_from_slice(&chunk.bytes);
            start.split().freeze()
        };
        if bytes.len() < ClearHeader::BYTES {
            start = BytesMut::from(&bytes[..]);
            continue;
        }
        let header = ClearHeader::decode(&bytes)?;
        let first = bytes.split_off(ClearHeader::BYTES);
        return Ok((
            header,
            Source {
                stream,
                first,
                ended: false,
            },
        ));
    }
}

#[derive(Debug)]
pub(crate) struct Source {
    stream: RecvStream,
    first: Bytes,
    ended: bool,
}

impl Source {
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, LinkError> {
        if !self.first.is_empty() {
            return Ok(Some(std::mem::take(&mut self.first)));
        }
        match self.stream.read_chunk(CHUNK, true).await {
            Ok(Some(chunk)) => Ok(Some(chunk.bytes)),
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(error) => {
                self.ended = true;
                Err(read_error(error))
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.stream.stop(UNWANTED);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Sink {
    stream: SendStream,
    header: Option<Bytes>,
}

impl Sink {
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), LinkError> {
        let written = match self.header.take() {
            Some(header) => self.stream.write_all_chunks(&mut [header, bytes]).await,
            None => self.stream.write_chunk(bytes).await,
        };
        written.map_err(write_error)
    }

    pub(crate) fn finish(mut self) {
        if self.header.is_some() {
            let _ = self.stream.reset(ABANDONED);
        } else {
            let _ = self.stream.finish();
        }
    }

    pub(crate) async fn deliver(&mut self) -> Result<(), LinkError> {
        if self.header.is_some() {
            self.write(Bytes::new()).await?;
        }
        self.stream.finish().map_err(|_| LinkError::Abandoned)?;
        match self.stream.stopped().await {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(LinkError::Abandoned),
            Err(error) => Err(lost(error)),
        }
    }

    pub(crate) fn abandon(mut self) {
        let _ = self.stream.reset(ABANDONED);
    }
}

fn read_error(error: ReadError) -> LinkError {
    match error {
        ReadError::SessionError(error) => lost(error),
        ReadError::Reset(_) | ReadError::InvalidReset(_) => LinkError::Abandoned,
        ReadError::ClosedStream | ReadError::IllegalOrderedRead => LinkError::Closed,
    }
}

fn write_error(error: WriteError) -> LinkError {
    match error {
        WriteError::SessionError(error) => lost(error),
        WriteError::Stopped(_) | WriteError::InvalidStopped(_) => LinkError::Abandoned,
        WriteError::ClosedStream => LinkError::Closed,
    }
}

pub(crate) fn lost(error: SessionError) -> LinkError {
    match error {
        SessionError::WebTransportError(WebTransportError::Closed(code, reason)) => {
            LinkError::ClosedByPeer { code, reason }
        }
        SessionError::ConnectionError(quinn::ConnectionError::ApplicationClosed(close)) => {
            LinkError::ClosedByPeer {
                code: u32::try_from(close.error_code.into_inner()).unwrap_or(u32::MAX),
                reason: String::from_utf8_lossy(&close.reason).into_owned(),
            }
        }
        SessionError::ConnectionError(quinn::ConnectionError::LocallyClosed) => LinkError::Closed,
        other => LinkError::Lost(other.to_string()),
    }
}
