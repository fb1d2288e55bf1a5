//! What every carrier must do alike, with two real ends on the loopback interface.

use std::time::{Duration, Instant};

use crate::pair::{Gateway, packet};
use bytes::Bytes;
use mayday_protocol::{Class, Packet};
use mayday_transport::{Arrival, Link, LinkError, Path, Received, close_code, connect};

async fn received_packet(link: &Link) -> (Packet, Option<Arrival>) {
    match link.recv().await.unwrap() {
        Received::Packet { packet, path } => (packet, Some(path)),
        Received::Stream(stream) => (stream.read().await.unwrap(), None),
        Received::Control(bytes) => panic!("a control message came: {bytes:?}"),
    }
}

async fn every_kind_of_message_arrives(path: Path) {
    let mut gateway = Gateway::start();
    let (client, server) = gateway.pair(path).await;
    for (from, to) in [(&client, &server), (&server, &client)] {
        from.send_control(&"a control message").await.unwrap();
        let Received::Control(bytes) = to.recv().await.unwrap() else {
            panic!("no control message");
        };
        assert_eq!(
            mayday_protocol::control::decode::<String>(&bytes).unwrap(),
            "a control message"
        );
        let ordered = packet(Class::Input, 1, Bytes::from_static(b"ordered"));
        from.send_ordered(&ordered).await.unwrap();
        assert_eq!(received_packet(to).await, (ordered, Some(Arrival::Ordered)));
        let datagram = packet(Class::Cursor, 2, Bytes::from_static(b"datagram"));
        from.send_datagram(&datagram).unwrap();
        assert_eq!(
            received_packet(to).await,
            (datagram, Some(Arrival::Datagram))
        );
        for size in [1, 1000, 16 * 1024, 3_000_000] {
            let stream = packet(Class::Update, 3, vec![7; size]);
            let sent = tokio::spawn({
                let (from, stream) = (from.clone(), stream.clone());
                async move { from.send_stream(&stream).await.unwrap() }
            });
            assert_eq!(received_packet(to).await, (stream, None));
            sent.await.unwrap();
        }
    }
}

#[tokio::test]
async fn every_kind_of_message_arrives_by_quic() {
    every_kind_of_message_arrives(Path::Quic).await;
}

#[tokio::test]
async fn every_kind_of_message_arrives_by_websocket() {
    every_kind_of_message_arrives(Path::WebSocket).await;
}

#[tokio::test]
async fn the_largest_datagram_of_the_protocol_fits() {
    for path in [Path::Quic, Path::WebSocket] {
        let mut gateway = Gateway::start();
        let (client, server) = gateway.pair(path).await;
        let limit = mayday_protocol::limits::DATAGRAM_PAYLOAD_BYTES;
        let largest = packet(Class::Update, 1, vec![1; limit]);
        client.send_datagram(&largest).unwrap();
        assert_eq!(received_packet(&server).await.0, largest);
    }
}

#[tokio::test]
async fn an_abandoned_stream_ends_for_the_receiver_and_the_connection_lives_on() {
    for path in [Path::Quic, Path::WebSocket] {
        let mut gateway = Gateway::start();
        let (client, server) = gateway.pair(path).await;
        let header = packet(Class::Update, 1, vec![0; 100_000]).header;
        let mut stream = client.open_stream(header).await.unwrap();
        stream.write(vec![1; 10].into()).await.unwrap();
        let Received::Stream(mut incoming) = server.recv().await.unwrap() else {
            panic!("no stream");
        };
        assert_eq!(incoming.header(), header);
        stream.abandon();
        let end = loop {
            match incoming.chunk().await {
                Ok(Some(_)) => {}
                other => break other,
            }
        };
        assert_eq!(end, Err(LinkError::Abandoned));
        let after = packet(Class::Input, 2, Bytes::from_static(b"on"));
        client.send_ordered(&after).await.unwrap();
        assert_eq!(received_packet(&server).await.0, after);
    }
}

#[tokio::test]
async fn an_urgent_message_overtakes_a_large_stream_that_nobody_reads() {
    for path in [Path::Quic, Path::WebSocket] {
        let mut gateway = Gateway::start();
        let (client, server) = gateway.pair(path).await;
        let large = packet(Class::Update, 1, vec![0; 20_000_000]);
        let sending = tokio::spawn({
            let server = server.clone();
            async move { server.send_stream(&large).await }
        });
        let Received::Stream(stream) = client.recv().await.unwrap() else {
            panic!("no stream");
        };
        // Now the way is full.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!sending.is_finished());
        let urgent = packet(Class::Cursor, 2, Bytes::from_static(b"urgent"));
        server.send_ordered(&urgent).await.unwrap();
        let reading = tokio::spawn(stream.read());
        assert_eq!(received_packet(&client).await.0, urgent);
        assert_eq!(reading.await.unwrap().unwrap().payload.len(), 20_000_000);
    }
}

#[tokio::test]
async fn a_close_tells_its_code_and_reason_to_the_peer() {
    for path in [Path::Quic, Path::WebSocket] {
        let mut gateway = Gateway::start();
        let (client, server) = gateway.pair(path).await;
        server.close(close_code::REPLACED, "somebody else");
        let expected = LinkError::ClosedByPeer {
            code: close_code::REPLACED,
            reason: "somebody else".to_owned(),
        };
        assert_eq!(client.recv().await.err(), Some(expected.clone()));
        assert_eq!(client.closed().await, expected);
        assert_eq!(server.recv().await.err(), Some(LinkError::Closed));
    }
}

#[tokio::test]
async fn a_close_after_delivery_loses_no_message() {
    for path in [Path::Quic, Path::WebSocket] {
        // It waits a second; where that is not enough for the machine, the attempt says nothing.
        let mut in_time = false;
        for _ in 0..20 {
            let mut gateway = Gateway::start();
            let (client, server) = gateway.pair(path).await;
            for _ in 0..100 {
                client.send_control(&"x".repeat(1000)).await.unwrap();
            }
            let reading = tokio::spawn(async move {
                let mut count = 0;
                while let Ok(Received::Control(_)) = server.recv().await {
                    count += 1;
                }
                count
            });
            let began = Instant::now();
            client.close_after_delivery(close_code::DONE, "done").await;
            in_time = began.elapsed() < Duration::from_secs(1);
            let count = reading.await.unwrap();
            if in_time {
                assert_eq!(count, 100, "{path:?}");
                break;
            }
        }
        assert!(in_time, "{path:?}: never delivered within a second");
    }
}

#[tokio::test]
async fn a_link_that_nobody_holds_any_more_is_closed() {
    for path in [Path::Quic, Path::WebSocket] {
        let mut gateway = Gateway::start();
        let (client, server) = gateway.pair(path).await;
        drop(client);
        let ended = tokio::time::timeout(Duration::from_secs(5), server.recv()).await;
        assert!(ended.unwrap().is_err());
    }
}

#[tokio::test]
async fn many_streams_at_once_all_arrive() {
    for path in [Path::Quic, Path::WebSocket] {
        let mut gateway = Gateway::start();
        let (client, server) = gateway.pair(path).await;
        let sending = tokio::spawn(async move {
            for sequence in 1..=3000 {
                client
                    .send_stream(&packet(Class::Update, sequence, vec![1; 2000]))
                    .await
                    .unwrap();
            }
            client
        });
        let mut seen = std::collections::BTreeSet::new();
        while seen.len() < 3000 {
            seen.insert(received_packet(&server).await.0.header.sequence.0);
        }
        assert_eq!(seen.last(), Some(&3000));
        drop(sending.await);
    }
}

#[tokio::test]
async fn a_pushed_datagram_leaves_while_the_senders_runtime_is_busy() {
    let mut gateway = Gateway::start();
    let (port, pin) = (gateway.port(), gateway.identity.pin());
    let (ready, connected) = std::sync::mpsc::channel();
    let (go_on, busy) = std::sync::mpsc::channel::<()>();
    let sender = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let link = connect("127.0.0.1", port, pin, None).await.unwrap();
            link.send_control(&"hello").await.unwrap();
            ready.send(link.clone()).unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
            // Now this runtime drives nothing.
            let _ = busy.recv();
            assert!(matches!(
                link.recv().await,
                Err(LinkError::ClosedByPeer { .. })
            ));
        });
    });
    let server = gateway.next().await;
    assert!(matches!(server.recv().await.unwrap(), Received::Control(_)));
    let link = tokio::task::spawn_blocking(move || connected.recv().unwrap())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    for number in 1..=20 {
        let sent = packet(Class::Cursor, number, Bytes::from_static(b"at once"));
        let pushing = std::thread::spawn({
            let (link, sent) = (link.clone(), sent.clone());
            move || link.push_datagram(&sent)
        });
        let came = tokio::time::timeout(Duration::from_secs(10), received_packet(&server)).await;
        assert_eq!(came.unwrap(), (sent, Some(Arrival::Datagram)));
        pushing.join().unwrap().unwrap();
    }
    go_on.send(()).unwrap();
    server.close(close_code::DONE, "enough");
    tokio::task::spawn_blocking(move || sender.join().unwrap())
        .await
        .unwrap();
}
