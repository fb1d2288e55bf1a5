//! A link over WebSocket, for networks that block UDP: one pipe, so that our own priorities and small frames keep urgent things
//! from waiting behind large ones. Owns both ends of the handshake and the two tasks that serve a connection.

mod inbox;
mod outbox;
mod streams;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use mayday_protocol::framing::Ordered;
use mayday_protocol::{ClearHeader, Malformed};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use self::inbox::{Inbox, Waiting};
use self::outbox::Outbox;
pub(crate) use self::streams::{Sink, Source};
use crate::link::{LinkError, RawReceived, close_code};
use crate::quic::{IDLE, KEEP_ALIVE};
use crate::stream::{self, OutgoingStream};

/// The subprotocol, named by the client and by the server's answer.
pub const PROTOCOL: &str = "mayday.1";

/// Our codes as WebSocket's private ones.
const CLOSE_CODES: u32 = 4000;
/// For our close frame to leave, and for the peer's to be read after nothing can be written any more.
const LAST_WORDS: Duration = Duration::from_secs(1);
const MESSAGE_BYTES: usize = mayday_protocol::limits::CONTROL_BYTES + 64;

/// The answer to a client's `Sec-WebSocket-Key`.
#[must_use]
pub fn accept_key(key: &str) -> String {
    derive_accept_key(key.as_bytes())
}

/// One WebSocket connection.
#[derive(Debug)]
pub(crate) struct Carrier {
    shared: Arc<Shared>,
    received: tokio::sync::Mutex<mpsc::UnboundedReceiver<Waiting<RawReceived>>>,
}

#[derive(Debug)]
struct Shared {
    outbox: Mutex<Outbox>,
    /// Something is to be sent.
    filled: Notify,
    /// Something was sent.
    emptied: Notify,
    over: watch::Sender<Option<Over>>,
    rtt_us: AtomicU64,
    began: Instant,
}

/// How a connection ended.
#[derive(Clone, Debug)]
struct Over {
    error: LinkError,
    /// What to tell the peer, if it can still hear.
    farewell: Option<(u32, String)>,
}

/// The server's end, after the upgrade was answered.
pub(crate) async fn accept<S>(io: S) -> Carrier
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config())).await;
    serve(socket)
}

/// The client's end: asks for the upgrade and waits for the answer.
pub(crate) async fn connect<S>(io: S, host: &str) -> Result<Carrier, tungstenite::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut request = format!("wss://{host}{}", crate::STREAM_PATH).into_client_request()?;
    request
        .headers_mut()
        .insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
    let (socket, _) =
        tokio_tungstenite::client_async_with_config(request, io, Some(config())).await?;
    Ok(serve(socket))
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES))
        .read_buffer_size(32 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * MESSAGE_BYTES)
}

fn serve<S>(socket: WebSocketStream<S>) -> Carrier
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sink, source) = socket.split();
    let (up, received) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        outbox: Mutex::default(),
        filled: Notify::new(),
        emptied: Notify::new(),
        over: watch::Sender::new(None),
        rtt_us: AtomicU64::new(0),
        began: Instant::now(),
    });
    tokio::spawn(write(shared.clone(), sink));
    tokio::spawn(read(shared.clone(), source, Inbox::new(up)));
    Carrier {
        shared,
        received: tokio::sync::Mutex::new(received),
    }
}

impl Carrier {
    pub(crate) async fn recv(&self) -> Result<RawReceived, LinkError> {
        match self.received.lock().await.recv().await {
            Some(waiting) => Ok(waiting.thing),
            None => Err(self.closed().await),
        }
    }

    pub(crate) async fn send(&self, message: Ordered) -> Result<(), LinkError> {
        loop {
            let emptied = self.shared.emptied.notified();
            self.shared.check()?;
            {
                let mut outbox = self.shared.outbox();
                if outbox.takes_ordered() {
                    outbox.push_ordered(message);
                    break;
                }
            }
            emptied.await;
        }
        self.shared.filled.notify_one();
        Ok(())
    }

    pub(crate) fn send_datagram(&self, bytes: Bytes) -> Result<(), LinkError> {
        let limit = ClearHeader::BYTES + mayday_protocol::limits::DATAGRAM_PAYLOAD_BYTES;
        if bytes.len() > limit {
            return Err(LinkError::TooLarge);
        }
        self.shared.check()?;
        self.shared.outbox().push_datagram(bytes);
        self.shared.filled.notify_one();
        Ok(())
    }

    pub(crate) fn open_stream(&self, header: ClearHeader) -> Result<OutgoingStream, LinkError> {
        self.shared.check()?;
        let id = self.shared.outbox().open(header.class.priority());
        let sink = Sink::new(self.shared.clone(), id, &header);
        Ok(OutgoingStream::new(stream::Sink::WebSocket(sink)))
    }

    pub(crate) fn close(&self, code: u32, reason: &str) {
        self.shared.end(LinkError::Closed, Some((code, reason)));
    }

    /// Waits until everything is with the system.
    pub(crate) async fn delivered(&self) {
        loop {
            let emptied = self.shared.emptied.notified();
            if self.shared.check().is_err() || self.shared.outbox().is_empty() {
                return;
            }
            emptied.await;
        }
    }

    pub(crate) async fn closed(&self) -> LinkError {
        self.shared.ended().await.error
    }

    pub(crate) fn rtt(&self) -> Duration {
        Duration::from_micros(self.shared.rtt_us.load(Ordering::Relaxed))
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.close(close_code::DONE, "");
    }
}

impl Shared {
    fn outbox(&self) -> std::sync::MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self) -> Result<(), LinkError> {
        match &*self.over.borrow() {
            Some(over) => Err(over.error.clone()),
            None => Ok(()),
        }
    }

    /// Ends the connection; the first reason stands.
    fn end(&self, error: LinkError, farewell: Option<(u32, &str)>) {
        self.over.send_if_modified(|over| {
            if over.is_some() {
                return false;
            }
            *over = Some(Over {
                error,
                farewell: farewell.map(|(code, reason)| (code, reason.to_owned())),
            });
            true
        });
        self.emptied.notify_waiters();
    }

    async fn ended(&self) -> Over {
        let mut over = self.over.subscribe();
        loop {
            if let Some(over) = over.borrow_and_update().clone() {
                return over;
            }
            // The sender is in `self`, so this only ends when something changed.
            let _ = over.changed().await;
        }
    }
}

async fn write<S>(shared: Arc<Shared>, mut sink: SplitSink<WebSocketStream<S>, Message>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let over = tokio::select! {
        over = shared.ended() => over,
        error = write_all(&shared, &mut sink) => {
            // The peer may have said why before it went: that is still to be read, and stands if it comes.
            let _ = tokio::time::timeout(LAST_WORDS, shared.ended()).await;
            shared.end(LinkError::Lost(error.to_string()), None);
            return;
        }
    };
    if let Some((code, reason)) = over.farewell {
        let frame = CloseFrame {
            code: CloseCode::from((CLOSE_CODES + code) as u16),
            reason: reason.as_str().into(),
        };
        let farewell = async {
            let _ = sink.send(Message::Close(Some(frame))).await;
            let _ = sink.close().await;
        };
        let _ = tokio::time::timeout(LAST_WORDS, farewell).await;
    }
}

async fn write_all<S>(
    shared: &Shared,
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
) -> tungstenite::Error
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut pings = tokio::time::interval(KEEP_ALIVE);
    loop {
        let next = shared.outbox().next();
        let message = match next {
            Some(message) => Message::Binary(message.encode()),
            None => tokio::select! {
                () = shared.filled.notified() => continue,
                _ = pings.tick() => Message::Ping(shared.now().to_be_bytes().to_vec().into()),
            },
        };
        if let Err(error) = sink.send(message).await {
            return error;
        }
        shared.emptied.notify_waiters();
    }
}

async fn read<S>(shared: Arc<Shared>, mut source: SplitStream<WebSocketStream<S>>, mut inbox: Inbox)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let next = tokio::select! {
            _ = shared.ended() => return,
            next = tokio::time::timeout(IDLE, source.next()) => next,
        };
        let taken = match next {
            Err(_) => Err(LinkError::Lost("nothing was heard for 10 s".to_owned())),
            Ok(None) => Err(LinkError::Lost("the stream ended".to_owned())),
            Ok(Some(Err(error))) => Err(socket_error(error)),
            Ok(Some(Ok(message))) => take(&shared, &mut inbox, message).await,
        };
        match taken {
            Ok(()) => {}
            Err(LinkError::Malformed(why)) => {
                let reason = why.to_string();
                let farewell = (close_code::MALFORMED, reason.as_str());
                return shared.end(LinkError::Malformed(why), Some(farewell));
            }
            Err(error) => return shared.end(error, None),
        }
    }
}

async fn take(shared: &Shared, inbox: &mut Inbox, message: Message) -> Result<(), LinkError> {
    match message {
        Message::Binary(bytes) => tokio::select! {
            _ = shared.ended() => Ok(()),
            taken = inbox.take(&bytes) => Ok(taken?),
        },
        Message::Pong(sent) => {
            if let Ok(sent) = <[u8; 8]>::try_from(&sent[..]) {
                let rtt = shared.now().saturating_sub(u64::from_be_bytes(sent));
                shared.rtt_us.store(rtt, Ordering::Relaxed);
            }
            Ok(())
        }
        Message::Ping(_) => Ok(()),
        Message::Close(frame) => Err(closed_by_peer(frame)),
        Message::Text(_) | Message::Frame(_) => Err(Malformed::Unknown {
            what: "WebSocket message",
        }
        .into()),
    }
}

fn closed_by_peer(frame: Option<CloseFrame>) -> LinkError {
    let (code, reason) = frame.map_or((0, String::new()), |frame| {
        (u16::from(frame.code), frame.reason.to_string())
    });
    LinkError::ClosedByPeer {
        code: u32::from(code).saturating_sub(CLOSE_CODES),
        reason,
    }
}

fn socket_error(error: tungstenite::Error) -> LinkError {
    match error {
        tungstenite::Error::Capacity(_) => Malformed::TooLarge {
            limit: MESSAGE_BYTES,
        }
        .into(),
        error => LinkError::Lost(error.to_string()),
    }
}

impl Shared {
    fn now(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }
}
