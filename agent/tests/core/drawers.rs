//! The technicians' own work with what has come: each draws one update after the other and says so. Owns what waits for it.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mayday_protocol::feedback::{Feedback, Report};
use mayday_protocol::{Class, ClearHeader, Packet, Slot};
use mayday_transport::Link;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::world::{Losses, header};

pub struct Drawers {
    mouth: Mouth,
    work: [UnboundedSender<(Instant, Report)>; 2],
}

/// What technicians say to the agent.
#[derive(Clone)]
struct Mouth {
    link: Link,
    said: Arc<AtomicU32>,
}

impl Drawers {
    /// `undrawn` becomes the most updates that ever waited for technician A.
    pub fn new(link: &Link, losses: &Arc<Mutex<Losses>>, undrawn: Arc<AtomicUsize>) -> Self {
        let mouth = Mouth {
            link: link.clone(),
            said: Arc::default(),
        };
        let work = [(Slot::ALL[0], undrawn), (Slot::ALL[1], Arc::default())].map(|(slot, most)| {
            let (work, waiting) = unbounded_channel();
            tokio::spawn(draw(mouth.clone(), slot, losses.clone(), most, waiting));
            work
        });
        Self { mouth, work }
    }

    pub fn draw(&self, slot: Slot, report: Report) {
        if let Some(work) = self.work.get(slot.index()) {
            let _ = work.send((Instant::now(), report));
        }
    }

    pub fn say(&self, slot: Slot, feedback: Feedback) {
        self.mouth.say(slot, feedback);
    }
}

impl Mouth {
    fn say(&self, slot: Slot, feedback: Feedback) {
        let sequence = self.said.fetch_add(1, Ordering::Relaxed) + 1;
        let header = ClearHeader {
            source: u8::from(slot),
            ..header(Class::Feedback, sequence)
        };
        let packet = Packet::new(header, feedback.encode());
        let _ = self.link.send_datagram(&packet);
    }
}

async fn draw(
    mouth: Mouth,
    slot: Slot,
    losses: Arc<Mutex<Losses>>,
    most: Arc<AtomicUsize>,
    mut waiting: UnboundedReceiver<(Instant, Report)>,
) {
    let us = |time: Duration| time.as_micros() as u32;
    while let Some((came, mut report)) = waiting.recv().await {
        let takes = losses.lock().unwrap().drawing;
        report.wait_us = us(came.elapsed());
        report.draw_us = us(takes);
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        most.fetch_max(waiting.len() + 1, Ordering::Relaxed);
        report.queued = waiting.len().min(255) as u8;
        mouth.say(slot, Feedback::Drawn(report));
    }
}
