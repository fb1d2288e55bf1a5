//! From an address to a joined session: find the gateway's key, let the end user confirm it if nobody vouches for it, connect, say
//! hello. Owns the order of these steps, not what is shown around them.

use mayday_protocol::SessionId;
use mayday_protocol::control::{self, FromAgent, Join, Person, Refusal, ToAgent};
use mayday_transport::{ConnectError, KeyPin, Link, Path, Received, connect, probe};

use crate::cli::Gateway;
use crate::system;

/// What the gateway said to our hello.
pub struct Welcome {
    pub link: Link,
    pub session: SessionId,
    pub resume_token: String,
    pub organisation: String,
    pub technician: Option<Person>,
}

/// Why there is no session.
#[derive(Debug)]
pub enum NotJoined {
    Connect(ConnectError),
    Refused(Refusal),
    /// The connection was lost before the answer.
    Lost,
}

impl NotJoined {
    /// For the log: no address in it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Connect(_) => "no connection",
            Self::Refused(_) => "refused",
            Self::Lost => "lost",
        }
    }
}

/// What is known about a gateway's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Known(KeyPin),
    /// The end user must compare it.
    Unconfirmed(KeyPin),
}

/// # Errors
/// When the gateway cannot be reached.
pub async fn key(gateway: &Gateway) -> Result<Key, ConnectError> {
    if let Some(pin) = gateway.pin {
        return Ok(Key::Known(pin));
    }
    let found = probe(&gateway.host, gateway.port).await?;
    Ok(if found.verified {
        Key::Known(found.pin)
    } else {
        Key::Unconfirmed(found.pin)
    })
}

/// # Errors
/// When the gateway cannot be reached or does not let us in.
pub async fn join(
    gateway: &Gateway,
    pin: KeyPin,
    join: Join,
    prefer: Option<Path>,
) -> Result<Welcome, NotJoined> {
    let link = connect(&gateway.host, gateway.port, pin, prefer)
        .await
        .map_err(NotJoined::Connect)?;
    let system = tokio::task::spawn_blocking(system::report)
        .await
        .unwrap_or_default();
    let hello = FromAgent::Hello {
        version: mayday_protocol::VERSION,
        join,
        system,
    };
    link.send_control(&hello)
        .await
        .map_err(|_| NotJoined::Lost)?;
    loop {
        let Received::Control(bytes) = link.recv().await.map_err(|_| NotJoined::Lost)? else {
            continue;
        };
        match control::decode(&bytes).map_err(|_| NotJoined::Lost)? {
            ToAgent::Welcome {
                session,
                resume_token,
                organisation,
                technician,
                ..
            } => {
                return Ok(Welcome {
                    link,
                    session,
                    resume_token,
                    organisation,
                    technician,
                });
            }
            ToAgent::Refused { reason } => return Err(NotJoined::Refused(reason)),
            _ => {} // nothing else means anything before the welcome
        }
    }
}
