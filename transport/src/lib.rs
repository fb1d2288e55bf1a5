//! Connections: QUIC, WebTransport and WebSocket as one `Link`, with the keys and certificates they need. The only crate that
//! names quinn, rustls and the WebSocket crates. Knows what a packet and a control message look like, not what they mean.

mod admission;
mod congestion;
mod connect;
mod files;
mod https_certificate;
mod identity;
mod link;
mod listener;
mod pin;
mod probe;
mod push;
mod quic;
mod resolver;
mod secure_stream;
mod sockets;
mod stream;
mod validity;
mod verify;
mod web_certificates;
mod websocket;
mod webtransport;

pub use congestion::{Congestion, NoCongestion};
pub use connect::{ConnectError, connect};
pub use https_certificate::HttpsCertificate;
pub use identity::{Identity, IdentityError};
pub use link::{Arrival, Link, LinkError, Path, Received, close_code};
pub use listener::{BindError, Incoming, Listener};
pub use pin::{KeyPin, NotAPin};
pub use probe::{Probe, probe};
pub use secure_stream::SecureStream;
pub use sockets::Sockets;
pub use stream::{IncomingStream, OutgoingStream};
pub use web_certificates::WebCertificates;
pub use websocket::{PROTOCOL as WEBSOCKET_PROTOCOL, accept_key as websocket_accept_key};
pub use webtransport::BrowserRequest;

/// Where the stream lives in a URL, for WebTransport and for WebSocket.
pub const STREAM_PATH: &str = "/api/v1/stream";
