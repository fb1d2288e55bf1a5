//! How a client finds its way: wrong keys, blocked UDP, nobody there, one port for both.

use std::time::{Duration, Instant};

use crate::pair::Gateway;
use mayday_transport::{
    ConnectError, HttpsCertificate, Identity, KeyPin, Listener, Path, WebCertificates, connect,
    probe,
};

/// Somewhat less than after how long connecting is given up.
const LONG: Duration = Duration::from_secs(9);

#[tokio::test]
async fn a_gateway_with_another_key_is_refused_on_both_ways() {
    let gateway = Gateway::start();
    for prefer in [None, Some(Path::WebSocket)] {
        let outcome = connect("127.0.0.1", gateway.port(), KeyPin([1; 32]), prefer).await;
        assert_eq!(outcome.err(), Some(ConnectError::PinMismatch), "{prefer:?}");
    }
}

#[tokio::test]
async fn where_udp_is_dropped_a_websocket_is_there_after_its_head_start() {
    let mut gateway = Gateway::start();
    // Takes the gateway's UDP packets instead of it, and answers none: as a firewall that drops them.
    let silent = SilentUdp::in_front_of(&gateway).await;
    let began = Instant::now();
    let link = connect("127.0.0.1", silent.port, gateway.identity.pin(), None)
        .await
        .unwrap();
    assert_eq!(link.kind(), Path::WebSocket);
    assert!(began.elapsed() > Duration::from_millis(1400));
    assert!(began.elapsed() < LONG, "{:?}", began.elapsed());
    link.send_control(&"hello").await.unwrap();
    gateway.next().await.recv().await.unwrap();
}

#[tokio::test]
async fn where_udp_is_refused_a_websocket_is_tried_at_once() {
    let gateway = Gateway::start();
    let tcp_only = TcpForward::to(&gateway).await;
    // Once at least it is sooner than the time after which a WebSocket is tried anyway; a busy machine may be slow now and then.
    let mut soonest = Duration::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        let link = connect("127.0.0.1", tcp_only.port, gateway.identity.pin(), None)
            .await
            .unwrap();
        assert_eq!(link.kind(), Path::WebSocket);
        soonest = soonest.min(began.elapsed());
        if soonest < Duration::from_millis(1400) {
            return;
        }
    }
    panic!("{soonest:?}");
}

#[tokio::test]
async fn where_nobody_listens_it_says_so_quickly() {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let began = Instant::now();
    let outcome = connect("127.0.0.1", port, KeyPin([1; 32]), None).await;
    assert!(matches!(outcome, Err(ConnectError::Unreachable { .. })));
    assert!(began.elapsed() < LONG);
}

#[tokio::test]
async fn an_unknown_name_is_called_that() {
    let outcome = connect("no-such-host.invalid", 1, KeyPin([1; 32]), None).await;
    assert!(matches!(outcome, Err(ConnectError::NoSuchHost { .. })));
}

#[tokio::test]
async fn a_probe_finds_the_key_but_does_not_trust_it() {
    let gateway = Gateway::start();
    let found = probe("127.0.0.1", gateway.port()).await.unwrap();
    assert_eq!(found.pin, gateway.identity.pin());
    assert!(!found.verified);
}

#[tokio::test]
async fn ipv4_and_ipv6_reach_the_same_port_and_show_their_true_address() {
    let mut gateway = Gateway::start();
    for host in ["127.0.0.1", "::1", "[::1]", "localhost"] {
        let link = connect(host, gateway.port(), gateway.identity.pin(), None)
            .await
            .unwrap();
        link.send_control(&"hello").await.unwrap();
        let remote = gateway.next().await.remote();
        assert_eq!(remote.ip().to_canonical(), remote.ip());
        assert!(remote.ip().is_loopback());
    }
}

#[tokio::test]
async fn a_port_in_use_is_a_sentence() {
    let gateway = Gateway::start();
    let folder = tempfile::tempdir().unwrap();
    let outcome = Listener::bind(
        gateway.listener.local_addr(),
        &Identity::load_or_create(folder.path()).unwrap(),
        &WebCertificates::load_or_create(folder.path()).unwrap(),
        &HttpsCertificate::load_or_create(folder.path(), &["localhost".to_owned()]).unwrap(),
    );
    let sentence = outcome.err().unwrap().to_string();
    assert!(sentence.starts_with("cannot listen on [::]:"), "{sentence}");
}

/// TCP forwarded to a gateway, on a port where UDP is refused.
struct TcpForward {
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl TcpForward {
    async fn to(gateway: &Gateway) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let behind = gateway.port();
        let task = tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut far = tokio::net::TcpStream::connect(("127.0.0.1", behind))
                        .await
                        .unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { port, task }
    }
}

impl Drop for TcpForward {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The same, where UDP is swallowed.
struct SilentUdp {
    port: u16,
    _tcp: TcpForward,
    _udp: std::net::UdpSocket,
}

impl SilentUdp {
    async fn in_front_of(gateway: &Gateway) -> Self {
        loop {
            let tcp = TcpForward::to(gateway).await;
            if let Ok(udp) = std::net::UdpSocket::bind(("127.0.0.1", tcp.port)) {
                return Self {
                    port: tcp.port,
                    _tcp: tcp,
                    _udp: udp,
                };
            }
        }
    }
}
