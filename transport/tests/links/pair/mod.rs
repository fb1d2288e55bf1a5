//! Two ends in one process. Owns how a listener, a client and a WebSocket upgrade are put together for the tests beside it.

pub mod raw;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use mayday_protocol::{Audience, Class, ClearHeader, Packet, Sequence, SessionId};
use mayday_transport::{
    HttpsCertificate, Identity, Incoming, Link, Listener, Path, Received, SecureStream,
    WebCertificates, connect, websocket_accept_key,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

pub struct Gateway {
    pub listener: Arc<Listener>,
    pub identity: Identity,
    links: mpsc::UnboundedReceiver<Link>,
    tasks: [tokio::task::JoinHandle<()>; 2],
    _folder: tempfile::TempDir,
}

impl Gateway {
    /// Listens on a free port and accepts whoever comes, on UDP and as WebSocket.
    pub fn start() -> Self {
        Self::start_at("[::]:0".parse().unwrap())
    }

    pub fn start_at(address: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::load_or_create(folder.path()).unwrap();
        let web = WebCertificates::load_or_create(folder.path()).unwrap();
        let https =
            HttpsCertificate::load_or_create(folder.path(), &["localhost".to_owned()]).unwrap();
        let listener = Arc::new(Listener::bind(address, &identity, &web, &https).unwrap());
        let (ready, links) = mpsc::unbounded_channel();
        let tasks = [
            tokio::spawn(accept_udp(listener.clone(), ready.clone())),
            tokio::spawn(accept_tcp(listener.clone(), ready)),
        ];
        Self {
            listener,
            identity,
            links,
            tasks,
            _folder: folder,
        }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().port()
    }

    pub async fn connect(&self, path: Path) -> Link {
        let prefer = (path == Path::WebSocket).then_some(path);
        let link = connect("127.0.0.1", self.port(), self.identity.pin(), prefer)
            .await
            .unwrap();
        assert_eq!(link.kind(), path);
        link
    }

    /// Both ends of a connection. The client has said `{}` already, as it is the client that opens the ordered stream.
    pub async fn pair(&mut self, path: Path) -> (Link, Link) {
        let client = self.connect(path).await;
        client.send_control(&"hello").await.unwrap();
        let server = self.next().await;
        assert!(matches!(server.recv().await.unwrap(), Received::Control(_)));
        (client, server)
    }
}

impl Gateway {
    /// The gateway's end of the next connection.
    pub async fn next(&mut self) -> Link {
        self.links.recv().await.unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn accept_udp(listener: Arc<Listener>, ready: mpsc::UnboundedSender<Link>) {
    while let Some(incoming) = listener.accept_udp().await {
        let link = match incoming {
            Incoming::Native(link) => link,
            Incoming::Browser(request) => request.accept().await.unwrap(),
        };
        ready.send(link).unwrap();
    }
}

async fn accept_tcp(listener: Arc<Listener>, ready: mpsc::UnboundedSender<Link>) {
    while let Some((stream, remote)) = listener.accept_tcp().await {
        if let Some(stream) = answer_upgrade(stream).await {
            ready
                .send(Link::from_upgraded(stream, remote).await)
                .unwrap();
        }
    }
}

/// What the gateway's HTTP server does, in its smallest form.
async fn answer_upgrade(mut stream: SecureStream) -> Option<SecureStream> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let request = String::from_utf8(request).unwrap();
    assert!(request.starts_with("GET /api/v1/stream "), "{request}");
    let key = request
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))?;
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Protocol: mayday.1\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        websocket_accept_key(key)
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    Some(stream)
}

pub fn packet(class: Class, sequence: u32, payload: impl Into<Bytes>) -> Packet {
    Packet::new(
        ClearHeader {
            class,
            source: 0,
            audience: Audience(1),
            session: SessionId(7),
            sequence: Sequence(sequence),
            size: 0,
            age_us: 0,
        },
        payload.into(),
    )
}
