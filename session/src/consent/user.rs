//! What the end user does. Lowering always works, at once; raising is only ever the answer to a prompt.

use mayday_protocol::Slot;
use mayday_protocol::TechnicianId;
use mayday_protocol::control::Rights;

use super::effect::Effect;
use super::{Connection, Consent, Flow, Tell};
use crate::time::Timestamp;
use crate::verification::VerificationCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserAction {
    /// What the end user says the prompt's verification code is; `None` takes it back.
    Code(Option<VerificationCode>),
    /// Everything that the prompt asks for.
    Allow,
    /// The prompt's question, but view only.
    ViewOnly,
    /// This request; the agent stays ready.
    Reject,
    /// Picture and input stop, the grants stay.
    Pause,
    Resume,
    /// Control ends, for everybody.
    LowerToView,
    /// All grants end at once, the agent stays ready.
    Stop,
    /// Stop, and the agent ends.
    Leave,
    /// Those who were rejected too often may ask again.
    InviteAgain,
}

impl Consent {
    pub fn handle_action(&mut self, action: UserAction, now: Timestamp) {
        self.pass_deadlines(now);
        if self.connection == Connection::Left {
            return;
        }
        match action {
            UserAction::Code(code) => self.verify(code, now),
            UserAction::Allow => self.answer(Rights::CONTROL, now),
            UserAction::ViewOnly => self.answer(Rights::VIEW, now),
            UserAction::Reject => self.answer(Rights::NONE, now),
            UserAction::Pause => self.pause(),
            UserAction::Resume => self.resume(now),
            UserAction::LowerToView => {
                for slot in Slot::ALL {
                    self.keep(slot, Rights::VIEW, Tell::Gateway);
                }
            }
            UserAction::Stop => self.stop(now),
            UserAction::Leave => {
                self.stop(now);
                self.effects.push_back(Effect::Leave);
                self.connection = Connection::Left;
            }
            UserAction::InviteAgain => self.invite_again(),
        }
    }

    fn pause(&mut self) {
        if self.flow == Flow::Running && self.holds_any() {
            self.flow = Flow::Paused;
            self.effects.push_back(Effect::ReleaseKeys);
            self.tell_paused();
            self.effects.push_back(Effect::Changed);
        }
    }

    fn resume(&mut self, now: Timestamp) {
        let deaf = |shown: &super::Shown| now < shown.accepts_from;
        if self.flow == Flow::Paused && !self.shown.as_ref().is_some_and(deaf) {
            self.run();
            self.effects.push_back(Effect::Changed);
        }
    }

    fn stop(&mut self, now: Timestamp) {
        self.end_all(Tell::Gateway);
        self.reject_all(now);
    }

    fn invite_again(&mut self) {
        if self.connection != Connection::Up {
            return;
        }
        let technicians: Vec<TechnicianId> = self.refusals.shut_out().collect();
        for technician in technicians {
            self.refusals.forget(technician);
            self.effects.push_back(Effect::InviteAgain { technician });
            self.effects.push_back(Effect::Changed);
        }
    }
}
