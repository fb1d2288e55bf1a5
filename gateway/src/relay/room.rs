//! One session's room: who is connected right now, and which updates did not reach whom. Written by live/, read for every packet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mayday_protocol::{Audience, Sequence, SessionId, Slot};
use tokio::sync::Notify;

use super::Grants;
use super::place::{AgentPlace, TechnicianPlace};
use crate::metrics::Metrics;

/// Sequences kept for one report; more are as good as these, the agent sends everything anew then.
const ABANDONED: usize = 1024;

/// A session's connections.
#[derive(Debug)]
pub struct Room {
    session: SessionId,
    pub(super) metrics: Arc<Metrics>,
    places: Mutex<Places>,
    abandoned: Mutex<[Vec<u32>; Slot::COUNT]>,
    abandoned_more: Notify,
}

#[derive(Debug, Default)]
struct Places {
    agent: Option<Arc<AgentPlace>>,
    technicians: [Option<Arc<TechnicianPlace>>; Slot::COUNT],
}

impl Room {
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self::counted(session, Arc::default())
    }

    /// A room whose traffic is counted together with that of others.
    #[must_use]
    pub fn counted(session: SessionId, metrics: Arc<Metrics>) -> Self {
        Self {
            session,
            metrics,
            places: Mutex::default(),
            abandoned: Mutex::default(),
            abandoned_more: Notify::new(),
        }
    }

    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    pub fn set_agent(&self, place: Option<Arc<AgentPlace>>) {
        self.places().agent = place;
    }

    pub fn set_technician(&self, slot: Slot, place: Option<Arc<TechnicianPlace>>) {
        let before = std::mem::replace(&mut self.places().technicians[slot.index()], place);
        if let Some(before) = before {
            before.flush();
        }
    }

    /// Whether this agent's connection is the one.
    pub fn has_agent(&self, place: &Arc<AgentPlace>) -> bool {
        let places = self.places();
        let agent = places.agent.as_ref();
        agent.is_some_and(|here| Arc::ptr_eq(here, place))
    }

    /// Whether this technician's connection is the one of `slot`.
    pub fn has_technician(&self, slot: Slot, place: &Arc<TechnicianPlace>) -> bool {
        let places = self.places();
        let technician = places.technicians[slot.index()].as_ref();
        technician.is_some_and(|here| Arc::ptr_eq(here, place))
    }

    /// Gives up what is under way to one technician, or to all.
    pub fn flush(&self, slot: Option<Slot>) {
        let places = self.places();
        for at in Slot::ALL {
            if slot.is_none_or(|slot| slot == at)
                && let Some(place) = &places.technicians[at.index()]
            {
                place.flush();
            }
        }
    }

    pub(super) fn agent(&self) -> Option<Arc<AgentPlace>> {
        self.places().agent.clone()
    }

    /// The technicians of an audience who are connected and may see.
    pub(super) fn viewers(
        &self,
        audience: Audience,
        grants: &impl Grants,
    ) -> [Option<Arc<TechnicianPlace>>; Slot::COUNT] {
        // Under the lock: whoever has a slot still has it while the grants are read.
        let places = self.places();
        let mut viewers = places.technicians.clone();
        for slot in Slot::ALL {
            let place = &mut viewers[slot.index()];
            let agent = places.agent.as_ref();
            let shut = agent.is_some_and(|agent| agent.is_shut(slot));
            if place.is_some()
                && !(audience.contains(slot) && !shut && grants.allowed(self.session, slot).view)
            {
                *place = None;
            }
        }
        viewers
    }

    /// Remembers an update that did not reach `slot` whole.
    pub(super) fn abandon(&self, slot: Slot, sequence: Sequence) {
        self.metrics.abandoned();
        {
            let mut abandoned = self.abandoned();
            let sequences = &mut abandoned[slot.index()];
            if sequences.len() < ABANDONED {
                sequences.push(sequence.0);
            }
        }
        self.abandoned_more.notify_one();
    }

    /// Waits until there is something to report to the agent, and takes it.
    pub async fn abandoned_updates(&self) -> (Slot, Vec<u32>) {
        loop {
            let more = self.abandoned_more.notified();
            for slot in Slot::ALL {
                let sequences = std::mem::take(&mut self.abandoned()[slot.index()]);
                if !sequences.is_empty() {
                    return (slot, sequences);
                }
            }
            more.await;
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn abandoned(&self) -> MutexGuard<'_, [Vec<u32>; Slot::COUNT]> {
        self.abandoned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
