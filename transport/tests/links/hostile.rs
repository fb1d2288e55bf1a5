//! Peers that send garbage: each loses its own connection, with the reason, and nobody else's.

use std::time::Duration;

use crate::pair::raw::Judge;
use crate::pair::{Gateway, packet};
use bytes::Bytes;
use mayday_protocol::{Class, ClearHeader};
use mayday_transport::{Link, LinkError, Path, Received};

/// A stream that promises `size` bytes and gives `given`.
async fn lie(client: &Link, size: u32, given: usize) {
    let header = ClearHeader {
        size,
        ..packet(Class::Update, 1, Bytes::new()).header
    };
    let mut stream = client.open_stream(header).await.unwrap();
    let _ = stream.write(vec![0; given].into()).await;
    stream.finish();
}

async fn ends_as_malformed(server: &Link, what: &str) {
    let end = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            match server.recv().await {
                Ok(Received::Stream(stream)) => {
                    if let Err(error) = stream.read().await {
                        return error;
                    }
                }
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    })
    .await
    .unwrap_or_else(|_| panic!("{what}: the connection did not end"));
    assert!(matches!(end, LinkError::Malformed(_)), "{what}: {end}");
}

#[tokio::test]
async fn streams_that_are_longer_or_shorter_than_they_said_end_the_connection() {
    for path in [Path::Quic, Path::WebSocket] {
        for (size, given) in [(10, 11), (10, 9), (0, 5), (1000, 100_000)] {
            let mut gateway = Gateway::start();
            let (client, server) = gateway.pair(path).await;
            let (other_client, other_server) = gateway.pair(path).await;
            lie(&client, size, given).await;
            ends_as_malformed(&server, "lying stream").await;
            let ended = tokio::time::timeout(Duration::from_secs(5), client.closed()).await;
            assert!(
                matches!(ended, Ok(LinkError::ClosedByPeer { code: 1, .. })),
                "{ended:?}"
            );
            other_client.send_control(&"still here").await.unwrap();
            assert!(matches!(
                other_server.recv().await.unwrap(),
                Received::Control(_)
            ));
        }
    }
}

#[tokio::test]
async fn a_payload_larger_than_any_update_is_refused_at_its_header() {
    for path in [Path::Quic, Path::WebSocket] {
        let mut gateway = Gateway::start();
        let (client, server) = gateway.pair(path).await;
        lie(&client, u32::MAX, 10).await;
        ends_as_malformed(&server, "huge stream").await;
    }
}

/// A raw client, to send what `Link` would not.
struct Raw {
    connection: quinn::Connection,
    ordered: quinn::SendStream,
}

async fn raw(gateway: &Gateway) -> Raw {
    let connection =
        crate::pair::raw::connect(gateway, mayday_protocol::ALPN, Judge::anybody()).await;
    let (mut ordered, _) = connection.open_bi().await.unwrap();
    let hello = mayday_protocol::framing::Ordered::Control(Bytes::from_static(b"\xa2hi"));
    ordered.write_all(&hello.encode()).await.unwrap();
    Raw {
        connection,
        ordered,
    }
}

#[tokio::test]
async fn garbage_on_the_ordered_stream_ends_the_connection() {
    for garbage in [
        &[0u8, 0, 0, 5, 99, 1, 2, 3, 4][..],
        &[0xff, 0xff, 0xff, 0xff, 1],
        &[0, 0, 0, 0, 1],
        // An ordered packet that is too short for a header.
        &[0, 0, 0, 3, 2, 1, 1],
    ] {
        let mut gateway = Gateway::start();
        let mut raw = raw(&gateway).await;
        let server = gateway.next().await;
        assert!(matches!(server.recv().await.unwrap(), Received::Control(_)));
        raw.ordered.write_all(garbage).await.unwrap();
        ends_as_malformed(&server, "ordered garbage").await;
        let closed = raw.connection.closed().await;
        assert!(
            matches!(&closed, quinn::ConnectionError::ApplicationClosed(close) if close.error_code.into_inner() == 1),
            "{closed}"
        );
    }
}

#[tokio::test]
async fn garbage_in_a_datagram_and_on_a_stream_ends_the_connection() {
    let mut gateway = Gateway::start();
    let raw_one = raw(&gateway).await;
    let server = gateway.next().await;
    raw_one
        .connection
        .send_datagram(Bytes::from_static(b"no packet"))
        .unwrap();
    ends_as_malformed(&server, "datagram garbage").await;

    for garbage in [&b"short"[..], &[9; 100]] {
        let raw = raw(&gateway).await;
        let server = gateway.next().await;
        let mut stream = raw.connection.open_uni().await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.finish().unwrap();
        ends_as_malformed(&server, "stream garbage").await;
    }
}

#[tokio::test]
async fn a_stream_whose_header_never_comes_holds_up_nobody() {
    let mut gateway = Gateway::start();
    let mut raw = raw(&gateway).await;
    let server = gateway.next().await;
    assert!(matches!(server.recv().await.unwrap(), Received::Control(_)));
    let mut silent = Vec::new();
    for _ in 0..90 {
        let mut stream = raw.connection.open_uni().await.unwrap();
        stream.write_all(b"\x01").await.unwrap();
        silent.push(stream);
    }
    let message = mayday_protocol::framing::Ordered::Control(Bytes::from_static(b"\xa2hi"));
    raw.ordered.write_all(&message.encode()).await.unwrap();
    let next = tokio::time::timeout(Duration::from_secs(5), server.recv()).await;
    assert!(matches!(next, Ok(Ok(Received::Control(_)))));
}
