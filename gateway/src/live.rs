//! The live connections: who is connected, and carrying out what the desk says about them. Owns each connection from its hello to its
//! end; media goes through relay/, decisions are the desk's.

mod agent;
mod hello;
mod lobby;
mod outgoing;
mod pace;
mod seat;
mod switchboard;
mod viewer;

use std::sync::Arc;
use std::time::Duration;

use mayday_protocol::control::Rights;
use mayday_protocol::{SessionId, Slot};
use mayday_transport::{BrowserRequest, Incoming, Link, Listener, STREAM_PATH, close_code};
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::desk::{Desk, LiveEffect};
use crate::metrics::Metrics;
use crate::relay::Grants;
use switchboard::{Command, Switchboard};

/// A connection that does not take a message for this long is as good as gone.
const IN_TIME: Duration = Duration::from_secs(5);

/// All connections. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Live {
    desk: Desk,
    origins: Arc<[String]>,
    commands: UnboundedSender<Command>,
    metrics: Arc<Metrics>,
}

impl Live {
    /// Begins to carry out the desk's effects. Browsers are let in from pages of these origins (`https://help.example.com`) only;
    /// with no origin given, from anywhere (their one-time ticket is needed in any case).
    #[must_use]
    pub fn start(desk: Desk, effects: UnboundedReceiver<LiveEffect>, origins: Vec<String>) -> Self {
        let (commands, received) = unbounded_channel();
        let metrics = Arc::new(Metrics::default());
        let switchboard = Switchboard::counted(metrics.clone());
        tokio::spawn(switchboard.run(effects, received));
        Self {
            desk,
            origins: origins.into(),
            commands,
            metrics,
        }
    }

    /// What passes through here, counted.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        self.metrics.clone()
    }

    /// Takes everybody who comes by UDP, as long as the listener lives.
    pub async fn run(&self, listener: &Listener) {
        while let Some(incoming) = listener.accept_udp().await {
            let live = self.clone();
            match incoming {
                Incoming::Native(link) => live.serve(link),
                Incoming::Browser(request) => {
                    tokio::spawn(async move { live.browser(*request).await });
                }
            }
        }
    }

    /// Takes a connection that came as WebSocket.
    pub fn websocket(&self, link: Link) {
        self.clone().serve(link);
    }

    /// Whether a page of this origin may open a stream.
    #[must_use]
    pub fn is_welcome(&self, origin: Option<&str>) -> bool {
        self.origins.is_empty()
            || origin.is_some_and(|origin| self.origins.iter().any(|known| known == origin))
    }

    fn serve(self, link: Link) {
        tokio::spawn(async move { hello::serve(&self, link).await });
    }

    async fn browser(self, request: BrowserRequest) {
        if request.path() != STREAM_PATH {
            request.reject(404).await;
        } else if !self.is_welcome(request.origin()) {
            request.reject(403).await;
        } else if let Ok(link) = request.accept().await {
            hello::serve(&self, link).await;
        }
    }
}

/// Sends a connection's first answer; one that does not take it in time is closed.
async fn answer<M: Serialize + Sync>(link: &Link, message: &M) -> bool {
    match tokio::time::timeout(IN_TIME, link.send_control(message)).await {
        Ok(sent) => sent.is_ok(),
        Err(_) => {
            link.close(close_code::BUSY, "too slow");
            false
        }
    }
}

impl Grants for Desk {
    fn allowed(&self, session: SessionId, slot: Slot) -> Rights {
        Self::allowed(self, session, slot)
    }
}
