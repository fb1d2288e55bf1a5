//! The events that can befall a session: a choice of them for the walk over every sequence, and any of them from two bytes.

use std::time::Duration;

use mayday_protocol::control::{Rights, ScreenState};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::{ADA, BOB, CHANNEL, ELSEWHERE, HOUR, World};
use crate::desk::{Arrival, Baton, Command};
use crate::permission::Permissions;

/// Everything that can happen to a session.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    Command(TechnicianId, Command),
    Joined(Arrival),
    Lost,
    Left,
    /// The answer to the newest question of this technician.
    Answer(TechnicianId, Rights),
    /// The same without the right verification code.
    Unverified(TechnicianId, Rights),
    /// The answer to a question that was never asked.
    Forged(Rights),
    Lowered(Slot, Rights),
    InviteAgain(TechnicianId),
    Paused(bool),
    Screen(ScreenState),
    Disowned,
    /// The end user withdraws the request.
    Cancelled,
    Viewer(Slot),
    ViewerGone(Slot),
    Controller(Slot, Slot),
    Gone(TechnicianId),
    /// The channel's routing gives it to this technician.
    Routed(TechnicianId),
    /// The channel's permissions leave this technician only so much.
    Permissions(TechnicianId, Rights),
    /// To the next deadline.
    Deadline,
    /// Time passes without a deadline being handled.
    Sleep(Duration),
}

/// A choice of events that leads everywhere with two technicians.
pub fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Joined(Arrival::Invited),
        Event::Joined(Arrival::Resumed),
        Event::Lost,
        Event::Left,
        Event::Forged(Rights::CONTROL),
        Event::Paused(true),
        Event::Paused(false),
        Event::Disowned,
        Event::Deadline,
        Event::Sleep(HOUR),
    ];
    for (who, other) in [(ADA, BOB), (BOB, ADA)] {
        let commands = [
            Command::Take,
            Command::Release,
            Command::Assign { technician: other },
            Command::TransferUser { technician: other },
            Command::Invite { technician: other },
            Command::Remove { technician: other },
            Command::Withdraw,
            Command::TransferChannel {
                channel: ELSEWHERE,
                there: Permissions::all(),
            },
            Command::Extend { by: HOUR },
            Command::Close,
            Command::Delete,
        ];
        events.extend(commands.map(|command| Event::Command(who, command)));
        // Taking and handing over are the viewers' events below.
        let baton = Baton::Keep;
        events.push(Event::Command(who, Command::Control { baton }));
        let ask = AskId(0);
        for rights in [Rights::VIEW, Rights::CONTROL] {
            let command = Command::Ask {
                ask,
                rights,
                verification: None,
            };
            events.push(Event::Command(who, command));
            events.push(Event::Answer(who, rights));
        }
        events.push(Event::Answer(who, Rights::NONE));
        if who == BOB {
            events.push(Event::Unverified(who, Rights::CONTROL));
        }
        events.push(Event::InviteAgain(who));
        events.push(Event::Gone(who));
        events.push(Event::Routed(who));
        for rights in [Rights::NONE, Rights::VIEW] {
            events.push(Event::Permissions(who, rights));
        }
    }
    for slot in [Slot::ALL[0], Slot::ALL[1]] {
        events.push(Event::Viewer(slot));
        events.push(Event::ViewerGone(slot));
        events.push(Event::Lowered(slot, Rights::NONE));
        events.push(Event::Lowered(slot, Rights::VIEW));
        events.push(Event::Controller(slot, slot));
        events.push(Event::Controller(slot, Slot::ALL[1]));
    }
    events
}

impl Event {
    /// Any two bytes are an event; the first chooses what, the second whom and how long.
    #[must_use]
    pub fn from_bytes(what: u8, how: u8) -> Self {
        let events = events();
        match what {
            0..=15 => Self::Sleep(Duration::from_millis(u64::from(how) * 300)),
            16..=23 if how & 1 == 0 => Self::Screen(ScreenState::Locked),
            16..=23 => Self::Screen(ScreenState::Live),
            _ => events[usize::from(what) % events.len()].with_a_third(how),
        }
    }

    /// Now and then a third technician appears, for a full house; and ends are rarer, for a long life.
    fn with_a_third(self, how: u8) -> Self {
        let technician = TechnicianId(3);
        match (self, how % 3) {
            (Self::Command(who, Command::Invite { .. }), 0) => {
                Self::Command(who, Command::Invite { technician })
            }
            (Self::Command(who, Command::Assign { .. }), 0) => {
                Self::Command(who, Command::Assign { technician })
            }
            (Self::Command(who, Command::TransferUser { .. }), 0) => {
                Self::Command(who, Command::TransferUser { technician })
            }
            (Self::Command(who, Command::TransferChannel { .. }), 0) => {
                let there = Permissions::NONE;
                let channel = ELSEWHERE;
                Self::Command(who, Command::TransferChannel { channel, there })
            }
            (Self::Command(who, Command::TransferChannel { .. }), 2) => {
                let there = Permissions::all();
                let channel = CHANNEL;
                Self::Command(who, Command::TransferChannel { channel, there })
            }
            (Self::Command(_, Command::Close | Command::Delete) | Self::Disowned, _)
                if how > 25 =>
            {
                Self::Deadline
            }
            (Self::Command(_, command), 1) => Self::Command(technician, command),
            (Self::Answer(_, rights), 1) => Self::Answer(technician, rights),
            (event, _) => event,
        }
    }
}

/// Walks wherever the bytes lead.
///
/// # Panics
/// When a rule is broken.
#[must_use]
pub fn walk(bytes: &[u8]) -> World {
    let mut world = World::new();
    for event in bytes.chunks_exact(2) {
        // Refusals are part of the walk.
        let _ = world.does(Event::from_bytes(event[0], event[1]));
    }
    world
}
