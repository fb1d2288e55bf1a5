//! A connection's first words: who it is, and whether it is let in.

use std::time::Duration;

use mayday_protocol::control::{
    self, FromAgent, FromTechnician, Join, Refusal, ToAgent, ToTechnician,
};
use mayday_transport::{Link, Path, Received, close_code};
use serde::Serialize;

use super::{Live, agent, answer, lobby, viewer};
use crate::origin;

/// From the connection's beginning to its hello.
const IN_TIME: Duration = Duration::from_secs(10);
const VERSIONS: std::ops::RangeInclusive<u8> = mayday_protocol::VERSION..=mayday_protocol::VERSION;

enum Hello {
    Agent(Box<FromAgent>),
    Technician(FromTechnician),
}

/// Serves a connection from its hello to its end.
pub(super) async fn serve(live: &Live, link: Link) {
    let from = link.remote().ip().to_canonical();
    origin::at(from, serve_from_there(live, link)).await;
}

async fn serve_from_there(live: &Live, link: Link) {
    match read(&link).await {
        Some(Hello::Agent(hello)) => serve_agent(live, link, *hello).await,
        Some(Hello::Technician(hello)) => serve_technician(live, link, hello).await,
        None => no_hello(&link),
    }
}

async fn serve_agent(live: &Live, link: Link, hello: FromAgent) {
    let (version, join, system) = match hello {
        FromAgent::Hello {
            version,
            join,
            system,
        } => (version, join, system),
        rating @ FromAgent::Rate { .. } => return serve_rating(live, link, rating).await,
        _ => return no_hello(&link),
    };
    if let Some(reason) = wrong_version(version) {
        return refuse(&link, &ToAgent::Refused { reason }).await;
    }
    let join = match join {
        Join::Form(token) => return lobby::form(live, link, &token).await,
        Join::Code(key) if !live.desk.was_entered(&key).await => {
            return lobby::code(live, link, key, system).await;
        }
        join => join,
    };
    let address = link.remote().ip();
    match live.desk.agent_hello(join, system, address).await {
        Ok(joined) => agent::serve(live, link, joined).await,
        Err(reason) => refuse(&link, &ToAgent::Refused { reason }).await,
    }
}

/// An agent whose session is over brings the end user's rating; that is all it is let in for.
async fn serve_rating(live: &Live, link: Link, rating: FromAgent) {
    let FromAgent::Rate {
        version,
        token,
        stars,
        words,
    } = rating
    else {
        return no_hello(&link);
    };
    if let Some(reason) = wrong_version(version) {
        return refuse(&link, &ToAgent::Refused { reason }).await;
    }
    match live.desk.rate(&token, stars, &words).await {
        Ok(()) => {
            if answer(&link, &ToAgent::Rated {}).await {
                link.close_after_delivery(close_code::DONE, "").await;
            }
        }
        Err(reason) => refuse(&link, &ToAgent::Refused { reason }).await,
    }
}

async fn serve_technician(live: &Live, link: Link, hello: FromTechnician) {
    let FromTechnician::Hello { version, ticket } = hello else {
        return no_hello(&link);
    };
    if let Some(reason) = wrong_version(version) {
        return refuse(&link, &ToTechnician::Refused { reason }).await;
    }
    let address = link.remote().ip();
    match live.desk.viewer_hello(&ticket, address).await {
        Ok(joined) => viewer::serve(live, link, joined).await,
        Err(reason) => refuse(&link, &ToTechnician::Refused { reason }).await,
    }
}

fn no_hello(link: &Link) {
    link.close(close_code::MALFORMED, "no hello");
}

async fn read(link: &Link) -> Option<Hello> {
    let first = tokio::time::timeout(IN_TIME, link.recv())
        .await
        .ok()?
        .ok()?;
    let Received::Control(bytes) = first else {
        return None;
    };
    // An agent's hello has `join`, a technician's has `ticket`: neither can be read as the other.
    if link.kind() != Path::WebTransport
        && let Ok(hello) = control::decode(&bytes)
        && matches!(hello, FromAgent::Hello { .. } | FromAgent::Rate { .. })
    {
        return Some(Hello::Agent(Box::new(hello)));
    }
    control::decode(&bytes).ok().map(Hello::Technician)
}

fn wrong_version(version: u8) -> Option<Refusal> {
    (!VERSIONS.contains(&version)).then_some(Refusal::Version {
        min: *VERSIONS.start(),
        max: *VERSIONS.end(),
    })
}

pub(super) async fn refuse<M: Serialize + Sync>(link: &Link, refusal: &M) {
    if answer(link, refusal).await {
        link.close_after_delivery(close_code::REFUSED, "refused")
            .await;
    }
}
