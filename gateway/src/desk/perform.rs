//! Carries effects out after they are durable: to the agent, to viewers, to the lists.

use std::sync::Arc;

use mayday_protocol::TechnicianId;
use mayday_protocol::control::{Person, ToAgent, ToTechnician};
use mayday_session::desk::Effect;

use super::record::Record;
use super::{Desk, LiveEffect, remote};
use crate::clock::now;
use crate::events::Event;

impl Desk {
    pub(super) fn perform(&self, before: &Record, record: &Arc<Record>, effects: &[Effect]) {
        let changed = before.facts() != record.facts()
            || before.name != record.name
            || before.note != record.note
            || before.device != record.device
            || before.annals != record.annals;
        for effect in effects {
            match effect {
                Effect::Changed | Effect::Happened(_) => {}
                Effect::AlertManagers => self.alert(record),
                Effect::EndAgent { reason } if Self::is_worth_a_rating(*reason) => {
                    self.ask_for_rating(record);
                    self.tell(self.live_effect(record, effect));
                }
                Effect::Ask { .. }
                | Effect::Withdraw { .. }
                | Effect::Assigned { .. }
                | Effect::Connected { .. }
                | Effect::Disconnected { .. }
                | Effect::Removed { .. }
                | Effect::Lowered { .. }
                | Effect::Controller { .. }
                | Effect::Flush { .. }
                | Effect::EndViewer { .. }
                | Effect::EndAgent { .. } => self.tell(self.live_effect(record, effect)),
            }
        }
        if changed {
            self.publish(Some(before), record);
            self.tell_viewers(record);
        }
    }

    /// Lists show the new state; those who saw the session and do not any more hear that it is gone.
    pub(super) fn publish(&self, before: Option<&Record>, record: &Arc<Record>) {
        let snapshot = self.inner.directory.now();
        let at = now();
        self.inner.events.send(|account| {
            let account = snapshot.account(account)?;
            if super::sees(record, &snapshot, account, at) {
                return Some(Event::Session(Arc::clone(record)));
            }
            let saw = before.is_some_and(|before| super::sees(before, &snapshot, account, at));
            saw.then_some(Event::SessionGone(record.id()))
        });
        let channels =
            [Some(record.as_ref()), before].map(|one| one.map(|one| one.facts().channel));
        let was_open = before.is_some_and(|before| before.is_open(at));
        if was_open != record.is_open(at) || (before.is_some() && channels[0] != channels[1]) {
            for channel in channels.into_iter().flatten() {
                self.inner.events.channel_changed(&snapshot, channel.0);
            }
        }
    }

    pub(super) fn tell(&self, effect: LiveEffect) {
        // Without live connections (the gateway is stopping) there is nobody to tell.
        let _ = self.inner.effects.send(effect);
    }

    /// News about a session, for those who see it.
    pub(super) fn spread(&self, record: &Record, news: &[Event]) {
        let (snapshot, at) = (self.inner.directory.now(), now());
        for event in news {
            self.inner.events.send(|account| {
                let account = snapshot.account(account)?;
                super::sees(record, &snapshot, account, at).then(|| event.clone())
            });
        }
    }

    /// Just before its end.
    fn ask_for_rating(&self, record: &Record) {
        if let Some(wanted) = self.rating_wanted(record) {
            self.tell(LiveEffect::ToAgent(record.id(), wanted));
        }
    }

    fn tell_viewers(&self, record: &Record) {
        let at = now();
        for member in &record.facts().members {
            if member.viewer.is_some()
                && let Some(state) = self.state_of(record, member.slot, at)
            {
                let message = ToTechnician::State { state };
                self.tell(LiveEffect::ToTechnician(record.id(), member.slot, message));
            }
        }
    }

    pub(super) fn state_of(
        &self,
        record: &Record,
        slot: mayday_protocol::Slot,
        at: mayday_session::Timestamp,
    ) -> Option<mayday_protocol::control::RemoteState> {
        remote::state(record, slot, &self.inner.directory.now(), at)
    }

    pub(super) fn person(&self, technician: TechnicianId) -> Person {
        let snapshot = self.inner.directory.now();
        let account = snapshot.account(technician.0);
        Person {
            name: account.map(|one| one.name.clone()).unwrap_or_default(),
            picture: Vec::new(),
        }
    }

    fn live_effect(&self, record: &Record, effect: &Effect) -> LiveEffect {
        let id = record.id();
        let to_agent = |message| LiveEffect::ToAgent(id, message);
        match *effect {
            Effect::Ask {
                ask,
                slot,
                technician,
                rights,
                verification,
            } => to_agent(ToAgent::Ask {
                ask,
                slot,
                technician,
                person: self.person(technician),
                rights,
                key: Vec::new(),
                verification: verification.map(|one| one.to_wire()),
            }),
            Effect::Withdraw { ask, unanswered } => {
                to_agent(ToAgent::Withdrawn { ask, unanswered })
            }
            Effect::Assigned { technician } => to_agent(ToAgent::Assigned {
                technician: technician.map(|one| self.person(one)),
            }),
            Effect::Connected { slot } => to_agent(ToAgent::Connected { slot }),
            Effect::Disconnected { slot } => to_agent(ToAgent::Disconnected { slot }),
            Effect::Removed { slot } => to_agent(ToAgent::Removed { slot }),
            Effect::Lowered { slot, rights } => to_agent(ToAgent::Lowered { slot, rights }),
            Effect::Controller { slot } => to_agent(ToAgent::Controller { slot }),
            Effect::Flush { slot } => LiveEffect::Flush(id, Some(slot)),
            Effect::EndViewer { slot, reason } => LiveEffect::EndViewer(id, slot, reason),
            Effect::EndAgent { reason } => LiveEffect::EndAgent(id, reason),
            Effect::Happened(_) | Effect::AlertManagers | Effect::Changed => {
                unreachable!("told to people, not to connections")
            }
        }
    }

    /// To everybody who may see this session: the technicians in it and its channel's managers.
    fn alert(&self, record: &Record) {
        let snapshot = self.inner.directory.now();
        let (at, id) = (now(), record.id());
        self.inner.events.send(|account| {
            let account = snapshot.account(account)?;
            super::sees(record, &snapshot, account, at).then_some(Event::NotMe(id))
        });
    }
}
