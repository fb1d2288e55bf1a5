//! A browser's way in, spoken by a WebTransport client: its certificate by hash, the ordered stream, datagrams and streams.

use crate::pair::raw::Judge;
use crate::pair::{Gateway, packet};
use bytes::Bytes;
use mayday_protocol::framing::{Ordered, split_ordered};
use mayday_protocol::{Class, Packet};
use mayday_transport::{Arrival, Link, LinkError, Path, Received, STREAM_PATH};
use web_transport_quinn::Session;

/// Connects as a browser does that got the certificates' hashes from the page.
async fn connect(gateway: &Gateway) -> Session {
    let judge = Judge::by_hash(gateway.listener.certificate_hashes());
    let connection = crate::pair::raw::connect(gateway, b"h3", judge.clone()).await;
    assert_eq!(
        judge.met().as_ref(),
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
