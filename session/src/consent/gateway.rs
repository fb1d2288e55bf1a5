//! What the gateway says. It can ask and it can end; it cannot grant.

use mayday_protocol::control::Rights;
use mayday_protocol::{AskId, Slot};

use super::effect::Effect;
use super::grant::{Asked, Offered};
use super::{Connection, Consent, Tell, countdown};
use crate::time::Timestamp;

impl Consent {
    /// A technician asks. Shown at once, or when its turn comes; or rejected for the end user, who rejected it a moment ago.
    pub fn handle_asked(&mut self, asked: Asked, now: Timestamp) {
        self.pass_deadlines(now);
        if self.connection != Connection::Up {
            return;
        }
        self.end_anybody_else_in(asked.slot, &asked, now);
        if !self.is_askable(&asked, now) {
            self.effects.push_back(Effect::rejected(asked.ask));
            return;
        }
        let deadline = now.after(countdown(asked.verification));
        self.queue.push_back(Offered { asked, deadline });
        self.show_next(now);
    }

    /// The question is void. It disturbed the end user all the same and counts as a rejection, or a technician could ask and withdraw
    /// for ever. If it was just answered with yes, that grant ends again. `unanswered`: the gateway's countdown was the first to end.
    pub fn handle_withdrawn(&mut self, ask: AskId, unanswered: bool, now: Timestamp) {
        self.pass_deadlines(now);
        let shown = self
            .shown
            .take_if(|shown| shown.offered.asked.ask == ask)
            .map(|shown| shown.offered);
        if let Some(offered) = shown {
            self.effects.push_back(Effect::HidePrompt);
            self.ran_out = unanswered;
            self.count(&offered, now);
            self.show_next(now);
        }
        if let Some(at) = self.queue.iter().position(|one| one.asked.ask == ask)
            && let Some(offered) = self.queue.remove(at)
        {
            self.count(&offered, now);
        }
        for slot in Slot::ALL {
            let granted = self.granted[slot.index()].as_ref();
            if granted.is_some_and(|one| one.asked.ask == ask) {
                self.keep(slot, Rights::NONE, Tell::Gateway);
            }
        }
    }

    /// The technician in `slot` is in the session no more.
    pub fn handle_removed(&mut self, slot: Slot, now: Timestamp) {
        self.pass_deadlines(now);
        self.keep(slot, Rights::NONE, Tell::Nobody);
        self.forget_asks_of(slot, now);
    }

    /// The technician may not do more than `rights` any more: what was granted beyond it ends. It never gives anything.
    pub fn handle_lowered(&mut self, slot: Slot, rights: Rights, now: Timestamp) {
        self.pass_deadlines(now);
        self.keep(slot, rights, Tell::Nobody);
    }

    /// The gateway hands the controls to `slot`, if the end user granted control to it.
    pub fn handle_controller(&mut self, slot: Option<Slot>, now: Timestamp) {
        self.pass_deadlines(now);
        let granted = slot.is_none_or(|slot| self.rights(slot).control);
        if granted && self.controller != slot {
            self.controller = slot;
            self.effects.push_back(Effect::ReleaseKeys);
            self.effects.push_back(Effect::Changed);
        }
    }

    /// The connection went. Questions go with it; grants stay for 60 s.
    pub fn handle_connection_lost(&mut self, now: Timestamp) {
        self.pass_deadlines(now);
        if self.connection == Connection::Up {
            self.forget_all_asks();
            self.effects.push_back(Effect::ReleaseKeys);
            self.connection = Connection::Lost { since: now };
        }
    }

    /// The connection is back, with the resume token. Says what each slot holds, so that an answer that was lost on the way stands
    /// on neither side.
    pub fn handle_resumed(&mut self, now: Timestamp) {
        self.pass_deadlines(now);
        if self.connection == Connection::Left {
            return;
        }
        self.forget_all_asks();
        self.connection = Connection::Up;
        for slot in Slot::ALL {
            let rights = self.rights(slot);
            self.effects.push_back(Effect::Lowered { slot, rights });
        }
        self.tell_paused();
    }

    /// The agent joined anew, with link or PIN: everything is asked anew. Whom the end user shut out stays so.
    pub fn handle_joined(&mut self, now: Timestamp) {
        self.pass_deadlines(now);
        if self.connection == Connection::Left {
            return;
        }
        self.end_all(Tell::Nobody);
        self.forget_all_asks();
        self.ran_out = false;
        self.connection = Connection::Up;
    }

    /// A slot names one technician at a time; whoever was there before is over, whether or not the gateway said so.
    fn end_anybody_else_in(&mut self, slot: Slot, asked: &Asked, now: Timestamp) {
        let other = |one: &Asked| one.slot == slot && one.technician != asked.technician;
        let granted = self.granted[slot.index()].as_ref();
        let holds = granted.is_some_and(|one| other(&one.asked));
        let asks = self.shown.iter().map(|shown| &shown.offered);
        if holds || asks.chain(&self.queue).any(|one| other(&one.asked)) {
            self.keep(slot, Rights::NONE, Tell::Nobody);
            self.forget_asks_of(slot, now);
        }
    }

    fn is_askable(&self, asked: &Asked, now: Timestamp) -> bool {
        let held = self.rights(asked.slot);
        let more = asked.rights.view && asked.rights.and(held) != asked.rights;
        let mut open = self.shown.iter().map(|shown| &shown.offered);
        let mut same = |one: &Offered| one.asked.technician == asked.technician;
        let asking = open.any(&mut same) || self.queue.iter().any(same);
        more && !asking && self.refusals.may_ask(asked.technician, now)
    }

    fn count(&mut self, offered: &Offered, now: Timestamp) {
        self.refusals.count(offered.asked.technician, now);
        self.effects.push_back(Effect::Changed);
    }
}
