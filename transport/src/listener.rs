//! The gateway's one port, UDP and TCP: shakes hands with who comes, and hands up what is ready. A slow or
//! hostile peer costs a bounded time and a bounded place.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use quinn::crypto::rustls::{HandshakeData, QuicServerConfig};
use quinn::{Endpoint, EndpointConfig, ServerConfig, TokioRuntime};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio_rustls::TlsAcceptor;
use web_transport_quinn::Session;

use crate::admission::{Admission, Admissions};
use crate::congestion::Congestion;
use crate::https_certificate::HttpsCertificate;
use crate::identity::Identity;
use crate::link::{Link, Path};
use crate::quic;
use crate::resolver::{TcpResolver, UdpResolver};
use crate::secure_stream::SecureStream;
use crate::sockets::Sockets;
use crate::verify::provider;
use crate::web_certificates::WebCertificates;
use crate::webtransport::BrowserRequest;

const H3: &[u8] = b"h3";
const HTTP: &[u8] = b"http/1.1";
/// From the first byte to the first stream.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes under way at which a client must first prove its address (one round trip more).
const RETRY_FROM: usize = 64;
/// Handshakes under way at which newcomers are turned away.
const REFUSE_FROM: usize = 512;
/// Handshaken connections that wait for the application.
const WAITING: usize = 64;
/// Unsent bytes in the kernel before a writer must wait: what waits with us can still be overtaken.
const NOT_SENT: u32 = 32 * 1024;

/// UDP and TCP on one port number.
#[derive(Debug)]
pub struct Listener {
    endpoint: Endpoint,
    address: SocketAddr,
    web: WebCertificates,
    udp: Mutex<mpsc::Receiver<Incoming>>,
    tcp: Mutex<mpsc::Receiver<(SecureStream, SocketAddr)>>,
    tasks: [tokio::task::AbortHandle; 2],
}

/// Who came by UDP.
pub enum Incoming {
    /// An agent or a native viewer, ready.
    Native(Link),
    /// A browser that asks to be let in.
    Browser(Box<BrowserRequest>),
}

/// Why the port cannot be used, as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error(
        "cannot listen on {address} ({protocol}): {source}; choose another address with --listen"
    )]
    Socket {
        address: SocketAddr,
        protocol: &'static str,
        source: io::Error,
    },
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

impl Listener {
    /// Binds UDP and TCP on the same port number (port 0: any that is free on both); `[::]` serves IPv4, too.
    /// Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When one of them cannot be bound.
    pub fn bind(
        address: SocketAddr,
        identity: &Identity,
        web: &WebCertificates,
        https: &HttpsCertificate,
    ) -> Result<Self, BindError> {
        let sockets = Sockets::bind(address)?;
        Self::on(sockets, identity, web, https, Congestion::default())
    }

    /// On a port that is held already, with this controller of congestion. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn on(
        sockets: Sockets,
        identity: &Identity,
        web: &WebCertificates,
        https: &HttpsCertificate,
        congestion: Congestion,
    ) -> Result<Self, BindError> {
        let (udp, tcp, address) = (sockets.udp, sockets.tcp, sockets.address);
        let failed = |protocol| {
            move |source| BindError::Socket {
                address,
                protocol,
                source,
            }
        };
        let endpoint = Endpoint::new(
            EndpointConfig::default(),
            Some(udp_config(identity, web, congestion)?),
            udp,
            Arc::new(TokioRuntime),
        )
        .map_err(failed("UDP"))?;
        let tcp = TcpListener::from_std(tcp).map_err(failed("TCP"))?;
        let admissions = Admissions::default();
        let (udp_ready, udp) = mpsc::channel(WAITING);
        let (tcp_ready, tcp_waiting) = mpsc::channel(WAITING);
        let acceptor = TlsAcceptor::from(Arc::new(tcp_config(identity, https)?));
        let tasks = [
            tokio::spawn(serve_udp(endpoint.clone(), admissions.clone(), udp_ready)).abort_handle(),
            tokio::spawn(serve_tcp(tcp, acceptor, admissions, tcp_ready)).abort_handle(),
        ];
        Ok(Self {
            endpoint,
            address,
            web: web.clone(),
            udp: Mutex::new(udp),
            tcp: Mutex::new(tcp_waiting),
            tasks,
        })
    }

    /// The address in use, with the true port.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// SHA-256 (hex) of the certificates that browsers meet on UDP, for a page's `serverCertificateHashes`: in use and next.
    #[must_use]
    pub fn certificate_hashes(&self) -> Vec<String> {
        let hex = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.web.hashes().map(hex).into()
    }

    /// The next one who came by UDP, handshake done. `None` never comes while the listener lives.
    pub async fn accept_udp(&self) -> Option<Incoming> {
        self.udp.lock().await.recv().await
    }

    /// The next TLS connection on TCP, for the HTTP server.
    pub async fn accept_tcp(&self) -> Option<(SecureStream, SocketAddr)> {
        self.tcp.lock().await.recv().await
    }

    /// Ends all QUIC connections and waits up to a second until the peers know.
    pub async fn shut_down(&self) {
        self.endpoint.close(
            quinn::VarInt::from_u32(crate::close_code::DONE),
            b"stopping",
        );
        let _ = tokio::time::timeout(Duration::from_secs(1), self.endpoint.wait_idle()).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn udp_config(
    identity: &Identity,
    web: &WebCertificates,
    congestion: Congestion,
) -> Result<ServerConfig, BindError> {
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(UdpResolver {
            identity: identity.clone(),
            web: web.clone(),
        }));
    tls.alpn_protocols = vec![mayday_protocol::ALPN.to_vec(), H3.to_vec()];
    let crypto = QuicServerConfig::try_from(tls)
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(Arc::new(quic::transport_config(true, congestion)));
    config.max_incoming(2 * REFUSE_FROM);
    Ok(config)
}

fn tcp_config(
    identity: &Identity,
    https: &HttpsCertificate,
) -> Result<rustls::ServerConfig, BindError> {
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(TcpResolver {
            identity: identity.clone(),
            https: https.clone(),
        }));
    tls.alpn_protocols = vec![mayday_protocol::ALPN.to_vec(), HTTP.to_vec()];
    Ok(tls)
}

async fn serve_udp(endpoint: Endpoint, admissions: Admissions, ready: mpsc::Sender<Incoming>) {
    let under_way = Arc::new(AtomicUsize::new(0));
    while let Some(incoming) = endpoint.accept().await {
        let handshakes = under_way.load(Ordering::Relaxed);
        if handshakes >= RETRY_FROM && incoming.may_retry() && !incoming.remote_address_validated()
        {
            let _ = incoming.retry();
            continue;
        }
        let admission = (handshakes < REFUSE_FROM)
            .then(|| admissions.admit(incoming.remote_address().ip()))
            .flatten();
        let Some(admission) = admission else {
            incoming.refuse();
            continue;
        };
        let under_way = UnderWay::count(&under_way);
        let ready = ready.clone();
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE, shake_hands(incoming, admission)).await;
            drop(under_way);
            if let Ok(Some(incoming)) = shaken {
                let _ = ready.send(incoming).await;
            }
        });
    }
}

async fn shake_hands(incoming: quinn::Incoming, admission: Admission) -> Option<Incoming> {
    let mut connecting = incoming.accept().ok()?;
    let data = connecting.handshake_data().await.ok()?;
    let protocol = data.downcast::<HandshakeData>().ok()?.protocol?;
    let connection = connecting.await.ok()?;
    if protocol == H3 {
        let request = BrowserRequest::read(connection, admission).await.ok()?;
        return Some(Incoming::Browser(Box::new(request)));
    }
    let remote = connection.remote_address();
    let carrier = quic::Carrier::server(Session::raw(connection), Path::Quic)
        .await
        .ok()?;
    Some(Incoming::Native(Link::quic(
        carrier,
        remote,
        Some(admission),
    )))
}

async fn serve_tcp(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    admissions: Admissions,
    ready: mpsc::Sender<(SecureStream, SocketAddr)>,
) {
    loop {
        let (stream, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: existing connections will end.
                tracing::warn!(%error, "cannot accept a TCP connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(admission) = admissions.admit(remote.ip()) else {
            continue;
        };
        set_options(&stream);
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            if let Ok(Ok(tls)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
                let _ = ready
                    .send((SecureStream::new(tls, admission), remote))
                    .await;
            }
        });
    }
}

/// Nothing waits for company, and what is not sent yet stays where it can be overtaken.
pub(crate) fn set_options(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = SockRef::from(stream).set_tcp_notsent_lowat(NOT_SENT);
}

/// Counts a handshake while it is under way.
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn count(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
