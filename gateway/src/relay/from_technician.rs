//! From a technician to the agent: input, pointer and feedback, with the sender's true slot in the header and only what the end user
//! granted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mayday_protocol::{Class, Packet, Slot};
use mayday_transport::{Arrival, close_code};

use super::from_agent::age;
use super::place::TechnicianPlace;
use super::room::Room;
use super::{Grants, Misplaced};
use crate::metrics::Stage;

/// An agent that does not take ordered packets for this long is gone.
const IN_TIME: Duration = Duration::from_secs(5);

impl Room {
    /// Forwards what came from `place` in `slot`, as it came; nothing, if the slot is another's by now.
    ///
    /// # Errors
    /// When a technician may not send this at all. What the end user has not granted (any more) is dropped instead: it may have been
    /// on its way when the grant ended.
    pub async fn take_from_technician(
        &self,
        slot: Slot,
        place: &Arc<TechnicianPlace>,
        mut packet: Packet,
        path: Arrival,
        grants: &impl Grants,
    ) -> Result<(), Misplaced> {
        let began = Instant::now();
        let header = &mut packet.header;
        if header.session != self.session() {
            return Err(Misplaced);
        }
        let rights = grants.allowed(self.session(), slot);
        let granted = match header.class {
            Class::Input | Class::Pointer => rights.control,
            Class::Feedback => rights.view,
            Class::Update | Class::Cursor | Class::Refinement | Class::Pong => {
                return Err(Misplaced);
            }
        };
        // After the grants: whoever has the slot still had it when they were read.
        if !granted || !self.has_technician(slot, place) {
            return Ok(());
        }
        let Some(agent) = self.agent().filter(|agent| !agent.is_shut(slot)) else {
            return Ok(());
        };
        match header.class {
            Class::Feedback => {
                let way = place.link.rtt() / 2;
                self.metrics.took(Stage::NetworkTechnician, way);
            }
            Class::Input => self.metrics.input(),
            Class::Pointer | Class::Update | Class::Cursor | Class::Refinement | Class::Pong => {}
        }
        header.source = u8::from(slot);
        age(header, began);
        match path {
            Arrival::Datagram => {
                let _ = agent.link.send_datagram(&packet);
            }
            Arrival::Ordered => {
                let sent = tokio::time::timeout(IN_TIME, agent.link.send_ordered(&packet)).await;
                if sent.is_err() {
                    agent.link.close(close_code::BUSY, "too slow");
                }
            }
        }
        Ok(())
    }
}
