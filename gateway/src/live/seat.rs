//! One seat in a session: empty, expected to be taken by one certain connection, or taken. Only who was let in last may sit down.

use mayday_protocol::control::EndReason;
use mayday_transport::{Link, close_code};

use super::outgoing::Outgoing;
use crate::desk::Stay;

/// Messages kept for a connection that is just being let in.
const EARLY: usize = 64;

pub(super) enum Seat<M> {
    Empty,
    /// Let in; its task will say when it is ready.
    Expecting {
        stay: Stay,
        early: Vec<M>,
        /// Its time ended before it came: it only hears why.
        ended: Option<(M, EndReason)>,
    },
    Here {
        stay: Stay,
        outgoing: Outgoing,
    },
}

impl<M: serde::Serialize> Seat<M> {
    pub(super) fn expecting(stay: Stay) -> Self {
        Self::Expecting {
            stay,
            early: Vec::new(),
            ended: None,
        }
    }

    pub(super) fn say(&mut self, message: M) {
        match self {
            Self::Empty => {}
            Self::Expecting { early, .. } => {
                if early.len() < EARLY {
                    early.push(message);
                }
            }
            Self::Here { outgoing, .. } => outgoing.say(&message),
        }
    }

    /// Takes the seat for the connection of `stay`, if it is the one that is expected. Any other is closed.
    pub(super) fn sit(&mut self, link: &Link, stay: Stay) -> bool {
        if !matches!(self, Self::Expecting { stay: expected, .. } if *expected == stay) {
            link.close(close_code::REPLACED, "somebody else was let in");
            return false;
        }
        let Self::Expecting { early, ended, .. } = std::mem::replace(self, Self::Empty) else {
            return false;
        };
        let outgoing = Outgoing::start(link);
        if let Some((message, reason)) = ended {
            outgoing.end(&message, reason);
            return false;
        }
        for message in early {
            outgoing.say(&message);
        }
        *self = Self::Here { stay, outgoing };
        true
    }

    /// Says a last message and closes. Who is just arriving hears it on arrival and goes.
    pub(super) fn end(&mut self, message: M, reason: EndReason) {
        match self {
            Self::Empty => {}
            Self::Expecting { early, ended, .. } => {
                early.clear();
                ended.get_or_insert((message, reason));
            }
            Self::Here { outgoing, .. } => {
                outgoing.end(&message, reason);
                *self = Self::Empty;
            }
        }
    }

    /// Whether somebody is on the way who may still come.
    pub(super) fn is_expecting(&self) -> bool {
        matches!(self, Self::Expecting { ended: None, .. })
    }

    pub(super) fn is_stay(&self, wanted: Stay) -> bool {
        matches!(self, Self::Here { stay, .. } if *stay == wanted)
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}
