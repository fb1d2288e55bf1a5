//! A client's way to a gateway: QUIC at once, WebSocket when UDP does not get through; the first that is ready wins. Owns the order
//! and the time-outs, not what is said afterwards.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use quinn::crypto::rustls::QuicClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::congestion::Congestion;
use crate::link::{Link, Path};
use crate::listener::set_options;
use crate::pin::KeyPin;
use crate::verify::{PinVerifier, client_config};
use crate::{push, quic, websocket};

/// QUIC's silence after which WebSocket is tried, too.
const HEAD_START: Duration = Duration::from_millis(1500);
/// After this there is an answer, good or bad.
const IN_ALL: Duration = Duration::from_secs(10);
/// Between two addresses of one name.
const NEXT_ADDRESS: Duration = Duration::from_millis(250);
const ADDRESSES: usize = 6;
/// The name in TLS; the key is what counts.
const SERVER_NAME: &str = "mayday";

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    #[error("there is no host named {host}")]
    NoSuchHost { host: String },
    #[error("{host} port {port} cannot be reached: {cause}")]
    Unreachable {
        host: String,
        port: u16,
        cause: String,
    },
    #[error("the gateway did not prove who it is: its key is not the expected one")]
    PinMismatch,
    #[error("{host} does not answer like a Mayday gateway: {cause}")]
    NotAGateway { host: String, cause: String },
}

/// One way's failure.
enum Failure {
    PinMismatch,
    /// Nobody is there, or nothing comes back.
    Silence(String),
    /// Somebody is there and speaks something else.
    Strange(String),
}

/// Connects to the gateway with this key. `prefer` is the way that worked on this network last time; it is tried first.
///
/// # Errors
/// See [`ConnectError`]; within 10 s in any case.
pub async fn connect(
    host: &str,
    port: u16,
    pin: KeyPin,
    prefer: Option<Path>,
) -> Result<Link, ConnectError> {
    let addresses = resolve(host, port).await?;
    let quic = first_of(&addresses, |address| by_quic(address, pin));
    let websocket = first_of(&addresses, |address| by_websocket(address, host, port, pin));
    let attempt = async {
        if prefer == Some(Path::WebSocket) {
            race(websocket, quic).await
        } else {
            race(quic, websocket).await
        }
    };
    let failure = match tokio::time::timeout(IN_ALL, attempt).await {
        Ok(Ok(link)) => return Ok(link),
        Ok(Err(failure)) => failure,
        Err(_) => Failure::Silence("no answer within 10 s".to_owned()),
    };
    Err(match failure {
        Failure::PinMismatch => ConnectError::PinMismatch,
        Failure::Silence(cause) => ConnectError::Unreachable {
            host: host.to_owned(),
            port,
            cause,
        },
        Failure::Strange(cause) => ConnectError::NotAGateway {
            host: host.to_owned(),
            cause,
        },
    })
}

/// The addresses of a name, both families taking turns.
pub(crate) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<_> = tokio::time::timeout(IN_ALL, tokio::net::lookup_host((plain, port)))
        .await
        .ok()
        .and_then(Result::ok)
        .into_iter()
        .flatten()
        .collect();
    let (v6, v4): (Vec<_>, Vec<_>) = found.into_iter().partition(SocketAddr::is_ipv6);
    let mut addresses = Vec::new();
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    loop {
        let before = addresses.len();
        addresses.extend(v6.next());
        addresses.extend(v4.next());
        if addresses.len() == before || addresses.len() >= ADDRESSES {
            break;
        }
    }
    if addresses.is_empty() {
        return Err(ConnectError::NoSuchHost {
            host: host.to_owned(),
        });
    }
    Ok(addresses)
}

/// Runs `first`; after its head start, or when it fails, `second` as well.
async fn race(
    first: impl Future<Output = Result<Link, Failure>>,
    second: impl Future<Output = Result<Link, Failure>>,
) -> Result<Link, Failure> {
    tokio::pin!(first, second);
    let early = tokio::select! {
        link = &mut first => Some(link),
        () = tokio::time::sleep(HEAD_START) => None,
    };
    match early {
        Some(Ok(link)) => return Ok(link),
        Some(Err(Failure::PinMismatch)) => return Err(Failure::PinMismatch),
        Some(Err(_)) => return second.await,
        None => {}
    }
    tokio::select! {
        link = &mut first => match link {
            Err(Failure::Silence(_) | Failure::Strange(_)) => second.await,
            ready => ready,
        },
        link = &mut second => match link {
            Err(Failure::Silence(_) | Failure::Strange(_)) => first.await,
            ready => ready,
        },
    }
}

/// Tries addresses one after the other, overlapping; the first success wins, a wrong key ends it.
async fn first_of<T, F>(
    addresses: &[SocketAddr],
    attempt: impl Fn(SocketAddr) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut running = FuturesUnordered::new();
    let mut waiting = addresses.iter();
    let mut failure = Failure::Silence("no address".to_owned());
    loop {
        if let Some(address) = waiting.next() {
            running.push(attempt(*address));
        } else if running.is_empty() {
            return Err(failure);
        }
        let wait = async {
            if waiting.len() == 0 {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(NEXT_ADDRESS).await;
        };
        tokio::select! {
            Some(done) = running.next() => match done {
                Ok(link) => return Ok(link),
                Err(Failure::PinMismatch) => return Err(Failure::PinMismatch),
                Err(other) => failure = other,
            },
            () = wait => {}
        }
    }
}

/// Ends when this address says that nobody listens on the UDP port: a connected socket hears it, QUIC's does not.
async fn refused(address: SocketAddr) {
    if hear_refusal(address).await.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn hear_refusal(address: SocketAddr) -> Option<()> {
    let socket = UdpSocket::bind(any_port(address)).await.ok()?;
    socket.connect(address).await.ok()?;
    // Too short for any QUIC packet: a gateway ignores it.
    socket.send(&[0]).await.ok()?;
    let heard = socket.recv(&mut [0; 64]).await;
    heard.is_err().then_some(())
}

fn any_port(peer: SocketAddr) -> SocketAddr {
    match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

async fn by_quic(address: SocketAddr, pin: KeyPin) -> Result<Link, Failure> {
    let verifier = PinVerifier::new(Some(pin));
    let strange = |error: &dyn ToString| Failure::Strange(error.to_string());
    let tls = client_config(verifier.clone(), mayday_protocol::ALPN).map_err(|e| strange(&e))?;
    let crypto = QuicClientConfig::try_from(tls).map_err(|e| strange(&e))?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(quic::transport_config(
        false,
        Congestion::default(),
    )));
    let silence = |error: &dyn ToString| Failure::Silence(error.to_string());
    let (endpoint, pusher) = push::endpoint(any_port(address)).map_err(|e| silence(&e))?;
    let connecting = endpoint
        .connect_with(config, address, SERVER_NAME)
        .map_err(|e| strange(&e))?;
    let connected = tokio::select! {
        connected = connecting => connected,
        () = refused(address) => return Err(silence(&"nobody listens there")),
    };
    let connection = connected.map_err(|error| {
        if verifier.mismatched() {
            return Failure::PinMismatch;
        }
        match error {
            quinn::ConnectionError::TimedOut => silence(&"no answer by UDP"),
            other => strange(&other),
        }
    })?;
    let carrier = quic::Carrier::client(connection, pusher)
        .await
        .map_err(|e| strange(&e))?;
    Ok(Link::quic(carrier, address, None))
}

async fn by_websocket(
    address: SocketAddr,
    host: &str,
    port: u16,
    pin: KeyPin,
) -> Result<Link, Failure> {
    let verifier = PinVerifier::new(Some(pin));
    let config = client_config(verifier.clone(), mayday_protocol::ALPN)
        .map_err(|error| Failure::Strange(error.to_string()))?;
    let stream = by_tls(address, SERVER_NAME, config)
        .await
        .map_err(|error| {
            if verifier.mismatched() {
                Failure::PinMismatch
            } else if error.kind() == io::ErrorKind::InvalidData {
                Failure::Strange(error.to_string())
            } else {
                Failure::Silence(error.to_string())
            }
        })?;
    let carrier = websocket::connect(stream, &format!("{host}:{port}"))
        .await
        .map_err(|error| Failure::Strange(error.to_string()))?;
    Ok(Link::websocket(carrier, address))
}

/// TLS on TCP.
pub(crate) async fn by_tls(
    address: SocketAddr,
    name: &str,
    config: rustls::ClientConfig,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    set_options(&stream);
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}
