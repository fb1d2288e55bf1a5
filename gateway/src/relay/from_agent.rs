//! From the agent to its technicians. Everything runs in the task that reads the agent's connection, so that an update passes without
//! waking another thread; each technician has a bounded share, and one that cannot keep up loses updates instead of slowing others.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::{BoxFuture, join, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use mayday_protocol::{Class, ClearHeader, Packet, Slot};
use mayday_transport::{Arrival, IncomingStream, LinkError, Received};
use tokio::sync::{mpsc, watch};

use super::place::TechnicianPlace;
use super::room::Room;
use super::{Grants, Misplaced};
use crate::metrics::{Metrics, Stage};

/// An update that takes longer is of no use any more.
const IN_TIME: Duration = Duration::from_secs(10);

/// Forwards what one agent's connection receives.
pub struct FromAgentRelay<G> {
    room: Arc<Room>,
    grants: G,
    under_way: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl<G: Grants> FromAgentRelay<G> {
    #[must_use]
    pub fn new(room: Arc<Room>, grants: G) -> Self {
        Self {
            room,
            grants,
            under_way: FuturesUnordered::new(),
        }
    }

    /// Forwards a packet, or begins to forward a stream. Never waits. (Control messages are not for the relay: they are ignored.)
    ///
    /// # Errors
    /// When the agent may not send this.
    pub fn take(&mut self, received: Received) -> Result<(), Misplaced> {
        let began = Instant::now();
        self.count(&received);
        match received {
            Received::Control(_) => {}
            Received::Packet { packet, path } => {
                self.check(&packet.header)?;
                match path {
                    // Pictures have their own streams: here they would hold up what is in order.
                    Arrival::Ordered if is_picture(packet.header.class) => return Err(Misplaced),
                    Arrival::Datagram => self.datagram(packet, began),
                    Arrival::Ordered => self.ordered(packet, began),
                }
            }
            Received::Stream(stream) => {
                self.check(&stream.header())?;
                self.stream(stream, began);
            }
        }
        Ok(())
    }

    /// Moves what is under way; never ends while something is, so it belongs into a `select!` beside the reading.
    pub async fn forward(&mut self) {
        while self.under_way.next().await.is_some() {}
        std::future::pending::<()>().await;
    }

    fn count(&self, received: &Received) {
        let header = match received {
            Received::Packet { packet, .. } => packet.header,
            Received::Stream(stream) => stream.header(),
            Received::Control(_) => return,
        };
        if is_picture(header.class) {
            let metrics = &self.room.metrics;
            metrics.update(header.size);
            metrics.took(Stage::Agent, Duration::from_micros(header.age_us.into()));
            if let Some(agent) = self.room.agent() {
                metrics.took(Stage::NetworkAgent, agent.link.rtt() / 2);
            }
        }
    }

    fn check(&self, header: &ClearHeader) -> Result<(), Misplaced> {
        if header.session == self.room.session() && !header.class.is_from_technician() {
            Ok(())
        } else {
            Err(Misplaced)
        }
    }

    fn datagram(&self, mut packet: Packet, began: Instant) {
        let viewers = self.room.viewers(packet.header.audience, &self.grants);
        age(&mut packet.header, began);
        for place in viewers.iter().flatten() {
            // One that is lost here is like one that is lost on the way: the agent sends it again.
            let _ = place.link.send_datagram(&packet);
            if is_picture(packet.header.class) {
                self.room.metrics.took(Stage::Relay, began.elapsed());
            }
        }
    }

    /// An ordered packet goes on as a stream: order between classes is not promised beyond the agent.
    fn ordered(&self, packet: Packet, began: Instant) {
        let mut legs = self.legs(packet.header, began);
        for (feed, _) in &mut legs {
            let _ = feed.send(packet.payload.clone());
        }
        for (_, leg) in legs {
            self.under_way.push(leg);
        }
    }

    fn stream(&self, mut stream: IncomingStream, began: Instant) {
        let (mut feeds, legs): (Vec<_>, Vec<_>) =
            self.legs(stream.header(), began).into_iter().unzip();
        if feeds.is_empty() {
            return;
        }
        let read = async move {
            while let Ok(Some(chunk)) = stream.chunk().await {
                feeds.retain(|feed| feed.send(chunk.clone()).is_ok());
                if feeds.is_empty() {
                    return;
                }
            }
            // The feeds end here; a leg knows by the count whether the payload was whole.
        };
        self.under_way.push(Box::pin(
            async move { drop(join(read, join_all(legs)).await) },
        ));
    }

    fn legs(
        &self,
        header: ClearHeader,
        began: Instant,
    ) -> Vec<(mpsc::UnboundedSender<Bytes>, BoxFuture<'static, ()>)> {
        let viewers = self.room.viewers(header.audience, &self.grants);
        let mut legs = Vec::new();
        for (slot, place) in Slot::ALL.into_iter().zip(viewers) {
            let Some(place) = place else { continue };
            let size = header.size as usize;
            // From here on a flush reaches it, even before it moves for the first time.
            let flushes = place.flushes();
            let Some(reserved) = Reserved::take(place, size, &self.room) else {
                self.room.abandon(slot, header.sequence);
                continue;
            };
            let (feed, pieces) = mpsc::unbounded_channel();
            let leg = Leg {
                room: self.room.clone(),
                slot,
                reserved,
                flushes,
                header,
                began,
            };
            let leg: BoxFuture<'static, ()> = Box::pin(leg.run(pieces));
            legs.push((feed, leg));
        }
        legs
    }
}

/// One update on its way to one technician.
struct Leg {
    room: Arc<Room>,
    slot: Slot,
    reserved: Reserved,
    flushes: watch::Receiver<u64>,
    header: ClearHeader,
    began: Instant,
}

impl Leg {
    async fn run(self, pieces: mpsc::UnboundedReceiver<Bytes>) {
        let mut flushes = self.flushes.clone();
        let (slot, sequence) = (self.slot, self.header.sequence);
        let room = self.room.clone();
        tokio::select! {
            biased;
            // A flush gives up what has not arrived, and needs no report: the agent stopped sending, too.
            _ = flushes.changed() => {}
            arrived = in_time(self.pass(pieces)) => if !arrived {
                room.abandon(slot, sequence);
            }
        }
    }

    /// Whether the whole packet arrived.
    async fn pass(mut self, mut pieces: mpsc::UnboundedReceiver<Bytes>) -> Result<bool, LinkError> {
        age(&mut self.header, self.began);
        let mut out = self.reserved.place.link.open_stream(self.header).await?;
        if is_picture(self.header.class) {
            self.room.metrics.took(Stage::Relay, self.began.elapsed());
        }
        let mut left = self.header.size as usize;
        while let Some(piece) = pieces.recv().await {
            left = left.saturating_sub(piece.len());
            out.write(piece).await?;
        }
        if left > 0 {
            // The agent gave it up itself: nothing to tell it.
            out.abandon();
            return Ok(true);
        }
        out.deliver().await?;
        Ok(true)
    }
}

fn is_picture(class: Class) -> bool {
    matches!(class, Class::Update | Class::Refinement)
}

async fn in_time(pass: impl Future<Output = Result<bool, LinkError>>) -> bool {
    matches!(tokio::time::timeout(IN_TIME, pass).await, Ok(Ok(true)))
}

/// A share of a technician's bytes, given back when this goes.
struct Reserved {
    place: Arc<TechnicianPlace>,
    size: usize,
    metrics: Arc<Metrics>,
}

impl Reserved {
    /// `None` when there is no room.
    fn take(place: Arc<TechnicianPlace>, size: usize, room: &Room) -> Option<Self> {
        let metrics = room.metrics.clone();
        place.share.reserve(size).then(|| {
            metrics.waits(size);
            Self {
                place,
                size,
                metrics,
            }
        })
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.place.share.release(self.size);
        self.metrics.waits_no_more(self.size);
    }
}

/// Adds the time that the packet spent here.
pub(super) fn age(header: &mut ClearHeader, since: Instant) {
    let held = u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX);
    header.age_us = header.age_us.saturating_add(held);
}
