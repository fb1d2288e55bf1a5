//! Who is connected where: the one task that changes it, so that the desk's effects and the connections' coming and going have one
//! order. What comes for a connection that is just being let in waits here until it is there.

use std::collections::HashMap;
use std::sync::Arc;

use mayday_protocol::control::{EndReason, ToAgent, ToTechnician};
use mayday_protocol::{SessionId, Slot};
use mayday_transport::Link;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

use super::outgoing::Outgoing;
use crate::desk::LiveEffect;
use crate::relay::{AgentPlace, Room, TechnicianPlace};

/// Messages kept for a connection that is just being let in.
const EARLY: usize = 64;

/// What a connection's own task says. `stay` names one connection's stay: a late goodbye must not end the next one's.
pub(super) enum Command {
    AgentCame {
        session: SessionId,
        link: Link,
        stay: u64,
        room: oneshot::Sender<Arc<Room>>,
    },
    /// Answers whether it was still the one.
    AgentWent {
        session: SessionId,
        stay: u64,
        was_here: oneshot::Sender<bool>,
    },
    ViewerCame {
        session: SessionId,
        slot: Slot,
        link: Link,
        stay: u64,
        room: oneshot::Sender<Arc<Room>>,
    },
    ViewerWent {
        session: SessionId,
        slot: Slot,
        stay: u64,
        was_here: oneshot::Sender<bool>,
    },
}

#[derive(Default)]
pub(super) struct Switchboard {
    sessions: HashMap<SessionId, Connections>,
}

struct Connections {
    room: Arc<Room>,
    agent: Seat<ToAgent>,
    viewers: [Seat<ToTechnician>; Slot::COUNT],
    /// `Connected` waits until the viewer is there: its first pictures would go to nobody.
    connected: [Option<ToAgent>; Slot::COUNT],
}

enum Seat<M> {
    Empty,
    /// Let in; its task will say when it is ready.
    Arriving(Vec<M>),
    Here {
        stay: u64,
        outgoing: Outgoing,
    },
}

impl Switchboard {
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
            LiveEffect::AgentArrives(session) => self.connections(session).agent_arrives(),
            LiveEffect::ViewerArrives(session, slot) => {
                self.connections(session).viewer_arrives(slot);
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
                room,
            } => {
                let connections = self.connections(session);
                connections.agent.sit(&link, stay);
                connections
                    .room
                    .set_agent(Some(Arc::new(AgentPlace { link })));
                let _ = room.send(connections.room.clone());
            }
            Command::ViewerCame {
                session,
                slot,
                link,
                stay,
                room,
            } => {
                let connections = self.connections(session);
                connections.viewers[slot.index()].sit(&link, stay);
                connections
                    .room
                    .set_technician(slot, Some(Arc::new(TechnicianPlace::new(link))));
                if let Some(connected) = connections.connected[slot.index()].take() {
                    connections.agent.say(connected);
                }
                let _ = room.send(connections.room.clone());
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
        self.sessions.entry(session).or_insert_with(|| Connections {
            room: Arc::new(Room::new(session)),
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
    fn agent_arrives(&mut self) {
        self.end_agent(EndReason::Replaced);
        self.agent = Seat::Arriving(Vec::new());
    }

    fn viewer_arrives(&mut self, slot: Slot) {
        self.end_viewer(slot, EndReason::Replaced);
        self.viewers[slot.index()] = Seat::Arriving(Vec::new());
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
            && let Seat::Arriving(_) = self.viewers[slot.index()]
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

    fn agent_went(&mut self, stay: u64) -> bool {
        let here = self.agent.is_stay(stay);
        if here {
            self.agent = Seat::Empty;
            self.room.set_agent(None);
        }
        here
    }

    fn viewer_went(&mut self, slot: Slot, stay: u64) -> bool {
        let here = self.viewers[slot.index()].is_stay(stay);
        if here {
            self.viewers[slot.index()] = Seat::Empty;
            self.room.set_technician(slot, None);
        }
        here
    }
}

impl<M: serde::Serialize> Seat<M> {
    fn say(&mut self, message: M) {
        match self {
            Self::Empty => {}
            Self::Arriving(early) => {
                if early.len() < EARLY {
                    early.push(message);
                }
            }
            Self::Here { outgoing, .. } => outgoing.say(&message),
        }
    }

    fn sit(&mut self, link: &Link, stay: u64) {
        let outgoing = Outgoing::start(link);
        let here = Self::Here {
            stay,
            outgoing: outgoing.clone(),
        };
        if let Self::Arriving(early) = std::mem::replace(self, here) {
            for message in early {
                outgoing.say(&message);
            }
        }
    }

    /// Says a last message and closes. Who is just arriving hears it on arrival and goes.
    fn end(&mut self, message: M, reason: EndReason) {
        match self {
            Self::Empty => {}
            Self::Arriving(early) => early.push(message),
            Self::Here { outgoing, .. } => {
                outgoing.end(&message, reason);
                *self = Self::Empty;
            }
        }
    }

    fn is_stay(&self, wanted: u64) -> bool {
        matches!(self, Self::Here { stay, .. } if *stay == wanted)
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}
