//! Input on its way to the agent: numbered without a gap, in the order in which the viewer's task sends it. Owns the numbers.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use mayday_protocol::feedback::Feedback;
use mayday_protocol::input::{Event, Input, Pointer};
use mayday_protocol::{Audience, Class, ClearHeader, Epoch, Packet, Sequence, SessionId, Slot};
use mayday_transport::Link;
use tokio::sync::mpsc::UnboundedSender;

/// Inputs of which no update has told yet that it shows their effect; a key without any effect is forgotten by the next one with some.
const UNANSWERED: usize = 256;

/// The sending side. All of it may be called from any thread.
pub(crate) struct Hands {
    link: Link,
    session: SessionId,
    slot: Slot,
    ordered: UnboundedSender<Packet>,
    numbers: Mutex<Numbers>,
}

#[derive(Default)]
struct Numbers {
    epoch: Epoch,
    input: Sequence,
    pointer: Sequence,
    feedback: Sequence,
    /// When the inputs left that no update answered.
    unanswered: VecDeque<(Sequence, Instant)>,
}

impl Hands {
    /// `ordered` takes packets for the ordered stream, in order.
    pub(crate) fn new(
        link: Link,
        session: SessionId,
        slot: Slot,
        ordered: UnboundedSender<Packet>,
    ) -> Self {
        Self {
            link,
            session,
            slot,
            ordered,
            numbers: Mutex::default(),
        }
    }

    pub(crate) fn set_epoch(&self, epoch: Epoch) {
        self.numbers().epoch = epoch;
    }

    /// Sends events as one packet; returns its sequence. What fits goes as a datagram from this thread, as waking the viewer's takes as long
    /// as the way to the gateway; in order it follows.
    pub(crate) fn input(&self, events: Vec<Event>) -> Sequence {
        let mut numbers = self.numbers();
        numbers.input = numbers.input.next();
        let sequence = numbers.input;
        if numbers.unanswered.len() >= UNANSWERED {
            numbers.unanswered.pop_front();
        }
        numbers.unanswered.push_back((sequence, Instant::now()));
        let input = Input {
            epoch: numbers.epoch,
            events,
        };
        let packet = self.packet(Class::Input, sequence, input.encode());
        if packet.fits_datagram() {
            let _ = self.link.push_datagram(&packet);
        }
        // Under the lock, so that the ordered stream has the order of the numbers.
        let _ = self.ordered.send(packet);
        sequence
    }

    /// An update shows the effect of everything up to `newest`: when that left, the first time it is asked.
    pub(crate) fn answered(&self, newest: Sequence) -> Option<Instant> {
        let mut numbers = self.numbers();
        let mut sent = None;
        while let Some((sequence, at)) = numbers.unanswered.pop_front_if(|(one, _)| *one <= newest)
        {
            sent = (sequence == newest).then_some(at);
        }
        sent
    }

    pub(crate) fn pointer(&self, x: u16, y: u16) {
        let mut numbers = self.numbers();
        numbers.pointer = numbers.pointer.next();
        let pointer = Pointer {
            epoch: numbers.epoch,
            x,
            y,
            after: numbers.input,
        };
        let packet = self.packet(Class::Pointer, numbers.pointer, pointer.encode());
        let _ = self.link.send_datagram(&packet);
    }

    /// What can be lost goes as a datagram, a refresh on the ordered stream.
    pub(crate) fn feedback(&self, feedback: Feedback) {
        let mut numbers = self.numbers();
        numbers.feedback = numbers.feedback.next();
        let packet = self.packet(Class::Feedback, numbers.feedback, feedback.encode());
        match feedback {
            Feedback::Drawn(_) | Feedback::Ping { .. } => {
                let _ = self.link.send_datagram(&packet);
            }
            Feedback::Refresh { .. } => {
                let _ = self.ordered.send(packet);
            }
        }
    }

    fn packet(&self, class: Class, sequence: Sequence, payload: Bytes) -> Packet {
        Packet::new(
            ClearHeader {
                class,
                source: u8::from(self.slot),
                audience: Audience::AGENT,
                session: self.session,
                sequence,
                size: 0,
                age_us: 0,
            },
            payload,
        )
    }

    fn numbers(&self) -> std::sync::MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
