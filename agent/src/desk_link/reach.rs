//! From an address to a joined session: find the gateway's key, let the end user confirm it if nobody vouches for it, connect, say
//! hello. Owns the order of these steps, not what is shown around them.

use mayday_protocol::SessionId;
use mayday_protocol::control::{
    self, FormField, FromAgent, Join, Person, Refusal, SystemReport, ToAgent,
};
use mayday_transport::{ConnectError, KeyPin, Link, Path, Received, close_code, connect, probe};

use crate::cli::Gateway;
use crate::{device, system};

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

/// What an SOS Call wants to know.
#[derive(Clone, Debug)]
pub struct Form {
    pub organisation: String,
    /// The SOS Call's name.
    pub name: String,
    pub fields: Vec<FormField>,
}

/// # Errors
/// When the gateway cannot be reached or does not let us in.
pub async fn join(
    gateway: &Gateway,
    pin: KeyPin,
    join: Join,
    prefer: Option<Path>,
) -> Result<Welcome, NotJoined> {
    let link = open(gateway, pin, join, prefer).await?;
    loop {
        match hear(&link).await? {
            ToAgent::Refused { reason } => return Err(NotJoined::Refused(reason)),
            message => {
                // Nothing else means anything before the welcome.
                if let Some(welcome) = welcomed(&link, message) {
                    return Ok(welcome);
                }
            }
        }
    }
}

/// # Errors
/// When the gateway cannot be reached, or the SOS Call takes no requests.
pub async fn form(
    gateway: &Gateway,
    pin: KeyPin,
    call: &str,
    prefer: Option<Path>,
) -> Result<Form, NotJoined> {
    let link = open(gateway, pin, Join::Form(call.to_owned()), prefer).await?;
    loop {
        match hear(&link).await? {
            ToAgent::Form {
                organisation,
                name,
                fields,
            } => {
                link.close(close_code::DONE, "");
                return Ok(Form {
                    organisation,
                    name,
                    fields,
                });
            }
            ToAgent::Refused { reason } => return Err(NotJoined::Refused(reason)),
            _ => {} // nothing else is an answer
        }
    }
}

/// Connects and says hello.
///
/// # Errors
/// When the gateway cannot be reached.
pub async fn open(
    gateway: &Gateway,
    pin: KeyPin,
    join: Join,
    prefer: Option<Path>,
) -> Result<Link, NotJoined> {
    let link = connect(&gateway.host, gateway.port, pin, prefer)
        .await
        .map_err(NotJoined::Connect)?;
    let gather = move || SystemReport {
        device: device::key(&pin),
        ..system::report()
    };
    let system = tokio::task::spawn_blocking(gather)
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
    Ok(link)
}

/// The next thing that the gateway says.
///
/// # Errors
/// When the connection is over, or what came is nothing.
pub async fn hear(link: &Link) -> Result<ToAgent, NotJoined> {
    loop {
        if let Received::Control(bytes) = link.recv().await.map_err(|_| NotJoined::Lost)? {
            return control::decode(&bytes).map_err(|_| NotJoined::Lost);
        }
    }
}

/// The welcome, if this is one.
pub fn welcomed(link: &Link, message: ToAgent) -> Option<Welcome> {
    let ToAgent::Welcome {
        session,
        resume_token,
        organisation,
        technician,
        ..
    } = message
    else {
        return None;
    };
    Some(Welcome {
        link: link.clone(),
        session,
        resume_token,
        organisation,
        technician,
    })
}

/// Brings the end user's rating, on a connection of its own: the session's is closed.
///
/// # Errors
/// When the gateway cannot be reached or does not take it.
pub async fn rate(
    gateway: &Gateway,
    pin: KeyPin,
    rating: FromAgent,
    prefer: Option<Path>,
) -> Result<(), NotJoined> {
    let link = connect(&gateway.host, gateway.port, pin, prefer)
        .await
        .map_err(NotJoined::Connect)?;
    link.send_control(&rating)
        .await
        .map_err(|_| NotJoined::Lost)?;
    loop {
        let Received::Control(bytes) = link.recv().await.map_err(|_| NotJoined::Lost)? else {
            continue;
        };
        match control::decode(&bytes).map_err(|_| NotJoined::Lost)? {
            ToAgent::Rated {} => return Ok(()),
            ToAgent::Refused { reason } => return Err(NotJoined::Refused(reason)),
            _ => {} // nothing else is an answer
        }
    }
}
