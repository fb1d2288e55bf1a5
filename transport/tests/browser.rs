//! A browser's way in, spoken by a WebTransport client: its certificate by hash, the ordered stream, datagrams and streams.

#[expect(dead_code, reason = "the other test files use more of it")]
mod pair;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use mayday_protocol::framing::{Ordered, split_ordered};
use mayday_protocol::{Class, Packet};
use mayday_transport::{Arrival, Link, LinkError, Path, Received, STREAM_PATH};
use pair::{Gateway, packet};
use web_transport_quinn::Session;

/// Connects as a browser does that got the certificates' hashes from the page.
async fn connect(gateway: &Gateway) -> Session {
    let endpoint = quinn::Endpoint::client("0.0.0.0:0".parse().unwrap()).unwrap();
    let by_hash = Arc::new(ByHash {
        allowed: gateway.listener.certificate_hashes(),
        met: Mutex::default(),
    });
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_protocol_versions(&[&rustls::version::TLS13])
    .unwrap()
    .dangerous()
    .with_custom_certificate_verifier(by_hash.clone())
    .with_no_client_auth();
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let crypto = quinn::crypto::rustls::QuicClientConfig::try_from(tls).unwrap();
    let address = (std::net::Ipv4Addr::LOCALHOST, gateway.port()).into();
    let connection = endpoint
        .connect_with(
            quinn::ClientConfig::new(Arc::new(crypto)),
            address,
            "mayday",
        )
        .unwrap()
        .await
        .unwrap();
    assert_eq!(
        by_hash.met.lock().unwrap().as_ref(),
        gateway.listener.certificate_hashes().first()
    );
    let url = format!("https://127.0.0.1:{}{STREAM_PATH}", gateway.port());
    let request = web_transport_quinn::proto::ConnectRequest::new(url.parse::<url::Url>().unwrap());
    Session::connect(connection, request).await.unwrap()
}

struct Browser {
    session: Session,
    send: web_transport_quinn::SendStream,
    recv: web_transport_quinn::RecvStream,
}

async fn browser(gateway: &mut Gateway) -> (Browser, Link) {
    let session = connect(gateway).await;
    let (mut send, recv) = session.open_bi().await.unwrap();
    let hello = Ordered::Control(Bytes::from_static(b"\xa5hello"));
    send.write_all(&hello.encode()).await.unwrap();
    let link = gateway.next().await;
    assert_eq!(link.kind(), Path::WebTransport);
    assert!(matches!(link.recv().await.unwrap(), Received::Control(_)));
    let browser = Browser {
        session,
        send,
        recv,
    };
    (browser, link)
}

#[tokio::test]
async fn a_browser_and_the_gateway_exchange_every_kind_of_message() {
    let mut gateway = Gateway::start();
    let (mut browser, link) = browser(&mut gateway).await;

    let key = packet(Class::Input, 1, Bytes::from_static(b"key"));
    let message = Ordered::Packet(key.encode());
    browser.send.write_all(&message.encode()).await.unwrap();
    let Received::Packet { packet: seen, path } = link.recv().await.unwrap() else {
        panic!("no packet");
    };
    assert_eq!((seen, path), (key.clone(), Arrival::Ordered));

    browser.session.send_datagram(key.encode()).unwrap();
    let Received::Packet { packet: seen, path } = link.recv().await.unwrap() else {
        panic!("no packet");
    };
    assert_eq!((seen, path), (key, Arrival::Datagram));

    link.send_control(&"welcome").await.unwrap();
    let mut buffer = bytes::BytesMut::new();
    let answer = loop {
        if let Some(answer) = split_ordered(&mut buffer).unwrap() {
            break answer;
        }
        let chunk = browser.recv.read_chunk(1000, true).await.unwrap().unwrap();
        buffer.extend_from_slice(&chunk.bytes);
    };
    assert!(matches!(answer, Ordered::Control(_)));

    let largest = mayday_protocol::limits::DATAGRAM_PAYLOAD_BYTES;
    let small = packet(Class::Update, 1, vec![1; largest - 100]);
    link.send_datagram(&small).unwrap();
    let seen = browser.session.read_datagram().await.unwrap();
    assert_eq!(Packet::decode(&seen), Ok(small));

    let large = packet(Class::Update, 2, vec![2; 300_000]);
    let sending = tokio::spawn({
        let (link, large) = (link.clone(), large.clone());
        async move { link.send_stream(&large).await }
    });
    let mut stream = browser.session.accept_uni().await.unwrap();
    let seen = stream.read_to_end(400_000).await.unwrap();
    assert_eq!(Packet::decode(&seen.into()), Ok(large));
    sending.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_browsers_garbage_ends_its_connection_with_the_reason() {
    let mut gateway = Gateway::start();
    let (browser, link) = browser(&mut gateway).await;
    browser
        .session
        .send_datagram(Bytes::from_static(b"garbage"))
        .unwrap();
    assert!(matches!(link.recv().await, Err(LinkError::Malformed(_))));
    let closed = browser.session.closed().await.to_string();
    assert!(closed.contains("code=1"), "{closed}");
}

/// As `serverCertificateHashes`.
#[derive(Debug)]
struct ByHash {
    allowed: Vec<String>,
    met: Mutex<Option<String>>,
}

impl rustls::client::danger::ServerCertVerifier for ByHash {
    fn verify_server_cert(
        &self,
        certificate: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        let hash = ring::digest::digest(&ring::digest::SHA256, certificate);
        let hash: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        let known = self.allowed.contains(&hash);
        *self.met.lock().unwrap() = Some(hash);
        if known {
            Ok(rustls::client::danger::ServerCertVerified::assertion())
        } else {
            Err(rustls::CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
