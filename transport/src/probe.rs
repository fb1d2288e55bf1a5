//! Finding out which key a gateway has when nobody told: through a public certificate it is trusted, else it is only a claim that a
//! person must confirm.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::connect::{ConnectError, by_tls, resolve};
use crate::pin::KeyPin;
use crate::verify::{PinVerifier, client_config, provider};

const IN_ALL: Duration = Duration::from_secs(10);
const ANSWER_BYTES: u64 = 16 * 1024;

/// A gateway's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    pub pin: KeyPin,
    /// A certificate that the public trusts for this name vouches for it. Otherwise a person must confirm host and fingerprint.
    pub verified: bool,
}

/// Asks the gateway at `host` which key it has.
///
/// # Errors
/// When it cannot be reached or is no gateway.
pub async fn probe(host: &str, port: u16) -> Result<Probe, ConnectError> {
    let attempt = async {
        if let Some(pin) = trusted(host, port).await {
            return Ok(Probe {
                pin,
                verified: true,
            });
        }
        claimed(host, port).await.map(|pin| Probe {
            pin,
            verified: false,
        })
    };
    tokio::time::timeout(IN_ALL, attempt)
        .await
        .unwrap_or_else(|_| Err(unreachable(host, port, &"no answer within 10 s")))
}

fn unreachable(host: &str, port: u16, cause: &dyn ToString) -> ConnectError {
    ConnectError::Unreachable {
        host: host.to_owned(),
        port,
        cause: cause.to_string(),
    }
}

/// The pin that a gateway with a public certificate names.
async fn trusted(host: &str, port: u16) -> Option<KeyPin> {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let mut config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(Arc::new(roots))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    for address in resolve(host, port).await.ok()? {
        let Ok(mut stream) = by_tls(address, host, config.clone()).await else {
            continue;
        };
        let request = format!(
            "GET /api/v1/identity HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        // Servers that end without TLS's own farewell are common; what came is judged by itself.
        let _ = stream.take(ANSWER_BYTES).read_to_end(&mut answer).await;
        return pin_in(&answer);
    }
    None
}

/// The key that whoever answers there shows.
async fn claimed(host: &str, port: u16) -> Result<KeyPin, ConnectError> {
    let mut failure = unreachable(host, port, &"no address");
    for address in resolve(host, port).await? {
        let verifier = PinVerifier::new(None);
        let config = client_config(verifier.clone(), mayday_protocol::ALPN).map_err(|error| {
            ConnectError::NotAGateway {
                host: host.to_owned(),
                cause: error.to_string(),
            }
        })?;
        match by_tls(address, "mayday", config).await {
            Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(mayday_protocol::ALPN) => {
                if let Some(pin) = verifier.met() {
                    return Ok(pin);
                }
            }
            Ok(_) => {
                failure = ConnectError::NotAGateway {
                    host: host.to_owned(),
                    cause: "it speaks another protocol".to_owned(),
                };
            }
            Err(error) => failure = unreachable(host, port, &error),
        }
    }
    Err(failure)
}

fn pin_in(answer: &[u8]) -> Option<KeyPin> {
    #[derive(Deserialize)]
    struct IdentityAnswer {
        pin: String,
    }
    let text = std::str::from_utf8(answer).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    if head.split(' ').nth(1) != Some("200") {
        return None;
    }
    // The body may come in chunks; the object in it is small and comes in one.
    let object = &text[text.find('{')?..=text.rfind('}')?];
    serde_json::from_str::<IdentityAnswer>(object)
        .ok()?
        .pin
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_found_in_a_plain_and_in_a_chunked_answer() {
        let pin = KeyPin([7; 32]);
        let body = format!("{{\"pin\":\"{pin}\"}}");
        let plain = format!("HTTP/1.1 200 OK\r\ncontent-length: 63\r\n\r\n{body}");
        assert_eq!(pin_in(plain.as_bytes()), Some(pin));
        let chunked = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3f\r\n{body}\r\n0\r\n\r\n"
        );
        assert_eq!(pin_in(chunked.as_bytes()), Some(pin));
        let missing = format!("HTTP/1.1 404 Not Found\r\n\r\n{body}");
        assert_eq!(pin_in(missing.as_bytes()), None);
    }
}
