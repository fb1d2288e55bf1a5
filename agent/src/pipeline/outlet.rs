//! Where packets leave this computer. Owns the last question before they do: is it still permitted?
//!
//! Datagrams go from the capture thread itself; what needs a stream goes through a task, which gives streams that have not arrived up
//! the moment anybody loses a right.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use mayday_protocol::{Audience, Packet};
use mayday_transport::Link;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::permit::Permit;

/// Bytes written at once, so that a lowering is noticed in between.
const PIECE: usize = 16 * 1024;

#[derive(Clone)]
pub struct Outlet {
    link: Link,
    permit: Arc<Permit>,
    streams: UnboundedSender<Packet>,
}

impl Outlet {
    #[must_use]
    pub fn new(link: Link, permit: Arc<Permit>, runtime: &Handle) -> Self {
        let (streams, waiting) = unbounded_channel();
        runtime.spawn(send_streams(link.clone(), permit.clone(), waiting));
        Self {
            link,
            permit,
            streams,
        }
    }

    /// Who may get anything now.
    #[must_use]
    pub fn permitted(&self) -> Audience {
        self.permit.audience()
    }

    /// Sends as one datagram; `false` if it was not sent so.
    pub fn datagram(&self, packet: &Packet) -> bool {
        may_see(&self.permit, packet.header.audience) && self.link.push_datagram(packet).is_ok()
    }

    pub fn stream(&self, packet: Packet) {
        if may_see(&self.permit, packet.header.audience) {
            // Without a receiver the connection is over, and the core knows that.
            let _ = self.streams.send(packet);
        }
    }
}

/// Whether everybody it is addressed to may see the screen at this instant.
fn may_see(permit: &Permit, audience: Audience) -> bool {
    audience.0 & !permit.audience().0 == 0
}

async fn send_streams(link: Link, permit: Arc<Permit>, mut waiting: UnboundedReceiver<Packet>) {
    while let Some(packet) = waiting.recv().await {
        let (link, permit) = (link.clone(), permit.clone());
        let queued_at = Instant::now();
        tokio::spawn(async move { send_stream(&link, &permit, packet, queued_at).await });
    }
}

async fn send_stream(link: &Link, permit: &Permit, mut packet: Packet, queued_at: Instant) {
    let held = u32::try_from(queued_at.elapsed().as_micros()).unwrap_or(u32::MAX);
    packet.header.age_us = packet.header.age_us.saturating_add(held);
    // Dropped with what has not arrived yet, be it written or not.
    tokio::select! {
        biased;
        () = forbidden(permit, packet.header.audience) => {}
        () = deliver(link, &packet) => {}
    }
}

/// Returns as soon as one of the audience may not see the screen.
async fn forbidden(permit: &Permit, audience: Audience) {
    let mut lowered = pin!(permit.lowered());
    loop {
        // Enabled first: a lowering right after the question is not missed.
        lowered.as_mut().enable();
        if !may_see(permit, audience) {
            return;
        }
        lowered.as_mut().await;
        lowered.set(permit.lowered());
    }
}

/// Returns once the peer has all of it, or wants none of it.
async fn deliver(link: &Link, packet: &Packet) {
    let Ok(mut stream) = link.open_stream(packet.header).await else {
        return;
    };
    let mut rest = packet.payload.clone();
    while !rest.is_empty() {
        let piece = rest.split_to(rest.len().min(PIECE));
        if stream.write(piece).await.is_err() {
            return;
        }
    }
    if let Err(error) = stream.deliver().await {
        tracing::debug!(%error, "a stream did not arrive");
    }
}
