//! Where this gateway is reached and what it serves: fixed at start, shown everywhere. What it is called, settings.rs knows.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

/// `https://HOST[:PORT]`, without a path: what links, stamps and the stream's addresses are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    host: String,
    port: u16,
}

/// Why a text is no public URL.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public URL looks like https://help.example.com or https://help.example.com:8443, without a path"
)]
pub struct NotPublicUrl;

const HTTPS: u16 = 443;

impl FromStr for PublicUrl {
    type Err = NotPublicUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("https://").ok_or(NotPublicUrl)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| NotPublicUrl)?)
            }
            Some(_) | None => (rest, HTTPS),
        };
        let name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let six = |host: &str| {
            let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
            inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
        };
        if host.is_empty() || port == 0 || !(host.chars().all(name) || six(host)) {
            return Err(NotPublicUrl);
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
        })
    }
}

impl PublicUrl {
    /// For a gateway that was not told: its own address, or `localhost` when it listens on all.
    #[must_use]
    pub fn from_address(address: SocketAddr) -> Self {
        let host = match address.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            std::net::IpAddr::V4(four) => four.to_string(),
            std::net::IpAddr::V6(six) => format!("[{six}]"),
        };
        Self {
            host,
            port: address.port(),
        }
    }

    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `HOST` or `HOST:PORT`, as in a URL.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == HTTPS {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.authority())
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Site {
    pub public_url: Arc<PublicUrl>,
    /// The identity's pin, 52 base32 characters.
    pub pin: Arc<str>,
    /// SHA-256 of the current and next certificate of the UDP port, hexadecimal; empty with a public authority's.
    pub certificate_hashes: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
}

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_urls_are_read_and_written() {
        for url in [
            "https://help.example.com",
            "https://help.example.com:8443",
            "https://[2001:db8::1]:8443",
            "https://127.0.0.1:1",
        ] {
            assert_eq!(url.parse::<PublicUrl>().unwrap().to_string(), url);
        }
        let default: PublicUrl = "https://Help.example.com:443/".parse().unwrap();
        assert_eq!(default.to_string(), "https://help.example.com");
    }

    #[test]
    fn others_are_refused() {
        for url in [
            "http://a",
            "https://",
            "https://a/b",
            "https://a:0",
            "https://a:x",
            "https://u@a",
            "https://a b",
            "https://[::g]",
            "https://::1",
        ] {
            assert_eq!(url.parse::<PublicUrl>(), Err(NotPublicUrl), "{url}");
        }
    }
}
