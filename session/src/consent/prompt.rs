//! The prompt: one at a time, deaf in its first second, rejected when its time is over.

use std::collections::VecDeque;

use mayday_protocol::Slot;
use mayday_protocol::control::Rights;

use super::effect::{Effect, Prompt};
use super::grant::{Granted, Offered};
use super::{Connection, Consent, DEAF};
use crate::time::Timestamp;
use crate::verification::{VerificationCode, WRONG_CODES};

/// A question on the screen.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) offered: Offered,
    pub(super) accepts_from: Timestamp,
    pub(super) verified: Verified,
}

/// How far the end user is with the question's verification code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The question wants none.
    NotNeeded,
    /// So many wrong ones were typed.
    NotYet {
        wrong: u8,
    },
    Yes,
}

impl Consent {
    /// Puts the next question on the screen, if none is there.
    pub(super) fn show_next(&mut self, now: Timestamp) {
        while self.shown.is_none()
            && let Some(offered) = self.queue.pop_front()
        {
            let accepts_from = now.after(DEAF);
            if offered.deadline <= accepts_from {
                // Nobody could answer it any more.
                self.run_out(&offered, now);
                continue;
            }
            self.ran_out = false;
            let asked = &offered.asked;
            self.effects.push_back(Effect::ReleaseKeys);
            self.effects.push_back(Effect::ShowPrompt(Prompt {
                ask: asked.ask,
                slot: asked.slot,
                technician: asked.technician,
                person: asked.person.clone(),
                wants: asked.rights,
                verification: asked.verification.map(|one| one.mode),
                accepts_from,
                deadline: offered.deadline,
            }));
            let verified = match asked.verification {
                Some(_) => Verified::NotYet { wrong: 0 },
                None => Verified::NotNeeded,
            };
            self.shown = Some(Shown {
                verified,
                offered,
                accepts_from,
            });
        }
    }

    /// What the end user says the verification code is; `None` takes it back. The third wrong one rejects the question.
    pub(super) fn verify(&mut self, code: Option<VerificationCode>, now: Timestamp) {
        let armed = |shown: &&mut Shown| now >= shown.accepts_from;
        let Some(shown) = self.shown.as_mut().filter(armed) else {
            return;
        };
        let Some(wanted) = shown.offered.asked.verification else {
            return;
        };
        let wrong = match shown.verified {
            Verified::NotYet { wrong } => wrong,
            Verified::NotNeeded | Verified::Yes => 0,
        };
        shown.verified = match code {
            Some(code) if code == wanted.code => Verified::Yes,
            Some(_) => Verified::NotYet {
                wrong: wrong.saturating_add(1),
            },
            None => Verified::NotYet { wrong },
        };
        let often = Verified::NotYet { wrong: WRONG_CODES };
        if shown.verified == often {
            self.answer(Rights::NONE, now);
        }
        self.effects.push_back(Effect::Changed);
    }

    /// The end user's answer to the question on the screen. Too early, or a yes without the code that it wants, it counts for nothing.
    pub(super) fn answer(&mut self, yes: Rights, now: Timestamp) {
        let unverified = |shown: &Shown| matches!(shown.verified, Verified::NotYet { .. });
        let counts = |shown: &mut Shown| {
            now >= shown.accepts_from && (yes == Rights::NONE || !unverified(shown))
        };
        let Some(shown) = self.shown.take_if(counts) else {
            return;
        };
        self.effects.push_back(Effect::HidePrompt);
        let slot = shown.offered.asked.slot;
        let held = self.rights(slot);
        let gives = yes.and(shown.offered.asked.rights);
        if gives.and(held) == gives {
            self.reject(&shown.offered, now);
        } else {
            self.grant(shown.offered, yes, held, now);
        }
        self.show_next(now);
    }

    /// Takes every question of `slot` away, unanswered.
    pub(super) fn forget_asks_of(&mut self, slot: Slot, now: Timestamp) {
        self.queue.retain(|one| one.asked.slot != slot);
        let theirs = |shown: &mut Shown| shown.offered.asked.slot == slot;
        if self.shown.take_if(theirs).is_some() {
            self.effects.push_back(Effect::HidePrompt);
            self.show_next(now);
        }
    }

    /// Takes every question away, unanswered.
    pub(super) fn forget_all_asks(&mut self) {
        self.queue.clear();
        if self.shown.take().is_some() {
            self.effects.push_back(Effect::HidePrompt);
        }
    }

    /// Rejects everything that was asked, deaf or not: Stop always works.
    pub(super) fn reject_all(&mut self, now: Timestamp) {
        if let Some(shown) = self.shown.take() {
            self.effects.push_back(Effect::HidePrompt);
            self.reject(&shown.offered, now);
        }
        for offered in std::mem::take(&mut self.queue) {
            self.reject(&offered, now);
        }
    }

    pub(super) fn pass_countdowns(&mut self, now: Timestamp) {
        let over = |shown: &mut Shown| shown.offered.deadline <= now;
        if let Some(shown) = self.shown.take_if(over) {
            self.effects.push_back(Effect::HidePrompt);
            self.run_out(&shown.offered, now);
        }
        let (over, waiting): (VecDeque<Offered>, _) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|one| one.deadline <= now);
        self.queue = waiting;
        for offered in over {
            self.run_out(&offered, now);
        }
        self.show_next(now);
    }

    /// Nobody answered in time. It counts like a rejection, and is told as what it is.
    fn run_out(&mut self, offered: &Offered, now: Timestamp) {
        let asked = &offered.asked;
        self.refusals.count(asked.technician, now);
        self.ran_out = true;
        if self.connection == Connection::Up {
            self.effects
                .push_back(Effect::Unanswered { ask: asked.ask });
        }
        self.effects.push_back(Effect::Changed);
    }

    pub(super) fn reject(&mut self, offered: &Offered, now: Timestamp) {
        let asked = &offered.asked;
        self.refusals.count(asked.technician, now);
        if self.connection == Connection::Up {
            self.effects.push_back(Effect::rejected(asked.ask));
        }
        self.effects.push_back(Effect::Changed);
    }

    fn grant(&mut self, offered: Offered, yes: Rights, held: Rights, now: Timestamp) {
        let ask = offered.asked.ask;
        let slot = offered.asked.slot;
        let before = self.granted[slot.index()].take();
        let mut granted = offered.granted(yes, held, now);
        if let Some(before) = &before {
            granted.since = before.since;
        }
        self.refusals.forget(granted.asked.technician);
        let rights = granted.rights;
        let code = granted.asked.verification.map(|one| one.code);
        self.effects.push_back(Effect::Answer { ask, rights, code });
        self.start(before.as_ref(), &granted);
        if rights.control && self.controller.is_none() {
            self.controller = Some(slot);
        }
        self.granted[slot.index()] = Some(granted);
        self.effects.push_back(Effect::Changed);
    }

    /// What the technician gained begins; with another session key, what they had begins anew under it.
    fn start(&mut self, before: Option<&Granted>, granted: &Granted) {
        let same_key = before.filter(|one| one.asked.key == granted.asked.key);
        let had = same_key.map_or(Rights::NONE, |one| one.rights);
        if before.is_some() && same_key.is_none() {
            let slot = granted.asked.slot;
            self.effects.push_back(Effect::EndControl { slot });
            self.effects.push_back(Effect::EndView { slot });
        }
        if !had.view {
            self.effects
                .push_back(Effect::StartView(granted.view_grant()));
        }
        if !had.control
            && let Some(control) = granted.control_grant()
        {
            self.effects.push_back(Effect::StartControl(control));
        }
    }
}
