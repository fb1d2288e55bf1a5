//! Who is connected where: the one task that changes it, so that the desk's effects and the connections' coming and going have one
//! order. What comes for a connection that is just being let in waits here until it is there.

use std::collections::HashMap;
use std::sync::Arc;

use mayday_protocol::control::{EndReason, ToAgent, ToTechnician};
use mayday_protocol::{SessionId, Slot};
use mayday_transport::Link;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

use super::seat::Seat;
use crate::desk::{LiveEffect, Stay};
use crate::metrics::Metrics;
use crate::relay::{AgentPlace, Room, TechnicianPlace};

/// What a connection's own task says. `stay` is the one it was let in with: a late arrival must not take the next one's seat, nor a
/// late goodbye end its stay.
pub(super) enum Command {
    AgentCame {
        session: SessionId,
        link: Link,
        stay: Stay,
        /// Answered if the seat is theirs; else the connection is closed.
        seated: oneshot::Sender<(Arc<Room>, Arc<AgentPlace>)>,
    },
    /// The end user lowered, paused or left: what technicians hold goes before the desk hears of it.
    Clear {
        session: SessionId,
        stay: Stay,
        slot: Option<Slot>,
    },
    /// Answers whether it was still the one.
    AgentWent {
        session: SessionId,
        stay: Stay,
        was_here: oneshot::Sender<bool>,
    },
    ViewerCame {
        session: SessionId,
        slot: Slot,
        link: Link,
        stay: Stay,
        seated: oneshot::Sender<(Arc<Room>, Arc<TechnicianPlace>)>,
    },
    ViewerWent {
        session: SessionId,
        slot: Slot,
        stay: Stay,
        was_here: oneshot::Sender<bool>,
    },
}

#[derive(Default)]
pub(super) struct Switchboard {
    sessions: HashMap<SessionId, Connections>,
    metrics: Arc<Metrics>,
}

struct Connections {
    room: Arc<Room>,
    agent: Seat<ToAgent>,
    viewers: [Seat<ToTechnician>; Slot::COUNT],
    /// `Connected` waits until the viewer is there: its first pictures would go to nobody.
    connected: [Option<ToAgent>; Slot::COUNT],
}

impl Switchboard {
    pub(super) fn counted(metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            ..Self::default()
        }
    }

    pub(super) async fn run(
        mut self,
        mut effects: UnboundedReceiver<LiveEffect>,
        mut commands: UnboundedReceiver<Command>,
    ) {
        loop {
            tokio::select! {
                effect = effects.recv() => match effect {
                    Some(effect) => self.perform(effect),
                    None => return,
                },
                command = commands.recv() => {
                    // What the desk said before this connection was let in comes first.
                    while let Ok(effect) = effects.try_recv() {
                        self.perform(effect);
                    }
                    match command {
                        Some(command) => self.obey(command),
                        None => return,
                    }
                }
            }
        }
    }

    fn perform(&mut self, effect: LiveEffect) {
        match effect {
            LiveEffect::AgentArrives(session, stay) => {
                self.connections(session).agent_arrives(stay);
            }
            LiveEffect::ViewerArrives(session, slot, stay) => {
                self.connections(session).viewer_arrives(slot, stay);
            }
            LiveEffect::ToAgent(session, message) => {
                if let Some(connections) = self.sessions.get_mut(&session) {
                    connections.tell_agent(message);
                }
            }
            LiveEffect::ToTechnician(session, slot, message) => {
                if let Some(connections) = self.sessions.get_mut(&session) {
                    connections.viewers[slot.index()].say(message);
                }
            }
            LiveEffect::Flush(session, slot) => {
                if let Some(connections) = self.sessions.get_mut(&session) {
                    connections.flush(slot);
                }
            }
            LiveEffect::EndAgent(session, reason) => {
                if let Some(connections) = self.sessions.get_mut(&session) {
                    connections.end_agent(reason);
                }
                self.forget_if_empty(session);
            }
            LiveEffect::EndViewer(session, slot, reason) => {
                if let Some(connections) = self.sessions.get_mut(&session) {
                    connections.end_viewer(slot, reason);
                }
                self.forget_if_empty(session);
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::AgentCame {
                session,
                link,
                stay,
                seated,
            } => {
                if let Some(here) = self.connections(session).agent_came(link, stay) {
                    let _ = seated.send(here);
                }
                self.forget_if_empty(session);
            }
            Command::ViewerCame {
                session,
                slot,
                link,
                stay,
                seated,
            } => {
                if let Some(here) = self.connections(session).viewer_came(slot, link, stay) {
                    let _ = seated.send(here);
                }
                self.forget_if_empty(session);
            }
            Command::Clear {
                session,
                stay,
                slot,
            } => {
                if let Some(connections) = self.sessions.get_mut(&session)
                    && connections.agent.is_stay(stay)
                {
                    connections.flush(slot);
                }
            }
            Command::AgentWent {
                session,
                stay,
                was_here,
            } => {
                let here = self
                    .sessions
                    .get_mut(&session)
                    .is_some_and(|connections| connections.agent_went(stay));
                let _ = was_here.send(here);
                self.forget_if_empty(session);
            }
            Command::ViewerWent {
                session,
                slot,
                stay,
                was_here,
            } => {
                let here = self
                    .sessions
                    .get_mut(&session)
                    .is_some_and(|connections| connections.viewer_went(slot, stay));
                let _ = was_here.send(here);
                self.forget_if_empty(session);
            }
        }
    }

    fn connections(&mut self, session: SessionId) -> &mut Connections {
        let metrics = self.metrics.clone();
        self.sessions.entry(session).or_insert_with(|| Connections {
            room: Arc::new(Room::counted(session, metrics)),
            agent: Seat::Empty,
            viewers: [const { Seat::Empty }; Slot::COUNT],
            connected: [const { None }; Slot::COUNT],
        })
    }

    fn forget_if_empty(&mut self, session: SessionId) {
        if let Some(connections) = self.sessions.get(&session)
            && connections.agent.is_empty()
            && connections.viewers.iter().all(Seat::is_empty)
        {
            self.sessions.remove(&session);
        }
    }
}

impl Connections {
    fn agent_arrives(&mut self, stay: Stay) {
        self.end_agent(EndReason::Replaced);
        self.agent = Seat::expecting(stay);
    }

    fn viewer_arrives(&mut self, slot: Slot, stay: Stay) {
        self.end_viewer(slot, EndReason::Replaced);
        self.viewers[slot.index()] = Seat::expecting(stay);
    }

    fn agent_came(&mut self, link: Link, stay: Stay) -> Option<(Arc<Room>, Arc<AgentPlace>)> {
        if !self.agent.sit(&link, stay) {
            return None;
        }
        let place = Arc::new(AgentPlace::new(link));
        self.room.set_agent(Some(place.clone()));
        Some((self.room.clone(), place))
    }

    fn viewer_came(
        &mut self,
        slot: Slot,
        link: Link,
        stay: Stay,
    ) -> Option<(Arc<Room>, Arc<TechnicianPlace>)> {
        if !self.viewers[slot.index()].sit(&link, stay) {
            return None;
        }
        let place = Arc::new(TechnicianPlace::new(link));
        self.room.set_technician(slot, Some(place.clone()));
        if let Some(connected) = self.connected[slot.index()].take() {
            self.agent.say(connected);
        }
        Some((self.room.clone(), place))
    }

    fn end_agent(&mut self, reason: EndReason) {
        self.room.set_agent(None);
        self.agent.end(ToAgent::Ended { reason }, reason);
    }

    fn end_viewer(&mut self, slot: Slot, reason: EndReason) {
        self.room.set_technician(slot, None);
        self.connected[slot.index()] = None;
        self.viewers[slot.index()].end(ToTechnician::Ended { reason }, reason);
    }

    fn tell_agent(&mut self, message: ToAgent) {
        if let ToAgent::Connected { slot } = message
            && self.viewers[slot.index()].is_expecting()
        {
            self.connected[slot.index()] = Some(message);
            return;
        }
        if let ToAgent::Disconnected { slot } = message {
            self.connected[slot.index()] = None;
        }
        self.agent.say(message);
    }

    fn flush(&mut self, only: Option<Slot>) {
        self.room.flush(only);
        for slot in Slot::ALL {
            if only.is_none_or(|only| only == slot) {
                self.viewers[slot.index()].say(ToTechnician::Clear {});
            }
        }
    }

    fn agent_went(&mut self, stay: Stay) -> bool {
        let here = self.agent.is_stay(stay);
        if here {
            self.agent = Seat::Empty;
            self.room.set_agent(None);
        }
        here
    }

    fn viewer_went(&mut self, slot: Slot, stay: Stay) -> bool {
        let here = self.viewers[slot.index()].is_stay(stay);
        if here {
            self.viewers[slot.index()] = Seat::Empty;
            self.room.set_technician(slot, None);
        }
        here
    }
}

#[cfg(test)]
mod tests;
