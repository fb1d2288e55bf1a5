//! What the agent and its end user tell: joined, lost, left, answered, lowered, paused.

use mayday_protocol::control::{Rights, ScreenState};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::effect::{By, Effect, What};
use super::facts::{ClosedBy, Member, Presence};
use super::{NotAllowed, Session};
use crate::time::Timestamp;
use crate::verification::VerificationCode;

/// How an agent came in. The caller has checked the PIN, the invite token or the resume token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// With the link or the PIN: nothing is granted.
    Invited,
    /// With the resume token of the agent that was here: it keeps what it itself remembers.
    Resumed,
}

impl Session {
    /// An agent comes in.
    ///
    /// # Errors
    /// When the session is over, another agent is in it, or it is too late to resume.
    pub fn handle_agent_joined(
        &mut self,
        arrival: Arrival,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        self.step(now, |session| {
            session.open(now)?;
            match (arrival, session.facts.agent_counts(now)) {
                (Arrival::Invited, true) => return Err(NotAllowed::AgentInUse),
                (Arrival::Resumed, false) => return Err(NotAllowed::ResumeLate),
                (Arrival::Invited, false) => session.arrived(now),
                (Arrival::Resumed, true) => session.resumed(now),
            }
            Ok(())
        })
    }

    /// The agent's connection went without a word.
    pub fn handle_agent_lost(&mut self, now: Timestamp) {
        self.told(now, |session| {
            if let Presence::Here { paused, .. } = session.facts.agent {
                session.facts.agent = Presence::Lost { since: now, paused };
                session.void_asks();
                session.happened(By::Agent, What::AgentLost);
            }
        });
    }

    /// The end user left.
    pub fn handle_agent_left(&mut self, now: Timestamp) {
        self.told(now, |session| {
            if session.facts.agent_counts(now) {
                session.facts.agent = Presence::Left {
                    at: now,
                    chosen: true,
                };
                session.forget_consent(By::EndUser);
                session.happened(By::EndUser, What::AgentLeft);
            }
        });
    }

    /// The end user answered. An answer to a question that is not open any more grants nothing, and the agent is told so; neither does
    /// a yes without the question's verification code.
    pub fn handle_answer(
        &mut self,
        ask: AskId,
        rights: Rights,
        code: Option<VerificationCode>,
        now: Timestamp,
    ) {
        self.told(now, |session| {
            let asked = session.facts.members.iter().find_map(|member| {
                let pending = member.ask.filter(|pending| pending.ask == ask)?;
                let verified = rights == Rights::NONE || pending.is_verified_by(code);
                Some((member.slot, verified))
            });
            match asked {
                Some((slot, true)) if session.agent_told() => session.answered(slot, rights, now),
                Some((slot, false)) if session.agent_told() => session.unverified(slot, now),
                Some(_) | None if rights != Rights::NONE && session.agent_told() => {
                    session.effects.push_back(Effect::Withdraw {
                        ask,
                        unanswered: false,
                    });
                }
                Some(_) | None => {}
            }
        });
    }

    /// Nobody answered in time, as the agent counts it. A question that is not open any more was counted here already.
    pub fn handle_unanswered(&mut self, ask: AskId, now: Timestamp) {
        self.told(now, |session| {
            let open = |member: &&Member| member.ask.is_some_and(|pending| pending.ask == ask);
            let slot = session.facts.members.iter().find(open).map(|one| one.slot);
            if let Some(slot) = slot.filter(|_| session.agent_told()) {
                session.unanswered(slot, By::Agent, now);
            }
        });
    }

    /// What the agent lets `slot` do from now on. An agent that resumes says it for every slot: if it believes in more than
    /// the desk knows of, an answer was lost on the way, or the desk lowered the grant meanwhile; what both know of stays.
    pub fn handle_lowered(&mut self, slot: Slot, rights: Rights, now: Timestamp) {
        self.told(now, |session| {
            if !session.agent_told() {
                return;
            }
            let known = session.facts.granted(slot, now);
            let left = rights.and(known);
            if left == rights {
                session.lower(slot, left, By::EndUser);
            } else {
                session.lower(slot, left, By::Agent);
                session.tell_lowered(slot, left);
            }
        });
    }

    /// The end user withdraws the request that nobody has taken yet: the session closes.
    pub fn handle_cancelled(&mut self, now: Timestamp) {
        self.told(now, |session| {
            if session.open(now).is_ok() && session.facts.assigned().is_none() {
                session.happened(By::EndUser, What::Cancelled);
                session.close(ClosedBy::EndUser, By::EndUser, now);
            }
        });
    }

    /// The end user invites a technician again, after three rejections.
    pub fn handle_invite_again(&mut self, technician: TechnicianId, now: Timestamp) {
        self.told(now, |session| {
            if session.facts.rejections_of(technician).is_some() {
                session
                    .facts
                    .rejections
                    .retain(|one| one.technician != technician);
                session.happened(By::EndUser, What::InvitedAgain { technician });
            }
        });
    }

    /// The end user paused, or went on.
    pub fn handle_paused(&mut self, pause: bool, now: Timestamp) {
        self.told(now, |session| {
            let Presence::Here { paused, .. } = &mut session.facts.agent else {
                return;
            };
            if *paused == pause {
                return;
            }
            *paused = pause;
            if pause {
                session.flush_all();
            }
            let what = if pause { What::Paused } else { What::Unpaused };
            session.happened(By::EndUser, what);
        });
    }

    /// Why there is no picture, or that there is one again.
    pub fn handle_screen(&mut self, state: ScreenState, now: Timestamp) {
        self.told(now, |session| {
            if let Presence::Here { screen, .. } = &mut session.facts.agent
                && *screen != state
            {
                *screen = state;
                session.happened(By::Agent, What::Screen { state });
            }
        });
    }

    /// "I don't know this person": the session closes and the channel's managers hear of it.
    ///
    /// # Errors
    /// When the session is over already.
    pub fn handle_disowned(&mut self, now: Timestamp) -> Result<(), NotAllowed> {
        self.step(now, |session| {
            session.open(now)?;
            session.close(ClosedBy::EndUser, By::EndUser, now);
            session.effects.push_back(Effect::AlertManagers);
            Ok(())
        })
    }

    /// The agent believes in a grant that it must not give: it is told so, and the question counts as rejected.
    fn unverified(&mut self, slot: Slot, now: Timestamp) {
        if let Some(member) = self.facts.member(slot).copied() {
            self.drop_ask(slot);
            let technician = member.technician;
            self.happened(By::Agent, What::Unverified { technician });
            self.rejected(slot, By::Agent, now);
        }
    }

    fn told(&mut self, now: Timestamp, event: impl FnOnce(&mut Self)) {
        let _ = self.step(now, |session| {
            event(session);
            Ok(())
        });
    }

    fn arrived(&mut self, now: Timestamp) {
        self.facts.agent = Presence::Here {
            since: now,
            paused: false,
            screen: ScreenState::Live,
        };
        self.forget_consent(By::EndUser);
        self.happened(By::EndUser, What::AgentJoined);
    }

    /// The same agent on a new connection: questions in flight are void, grants stay, and it hears what it may have missed.
    fn resumed(&mut self, now: Timestamp) {
        let paused = match self.facts.agent {
            Presence::Here { paused, .. } | Presence::Lost { paused, .. } => paused,
            Presence::Never | Presence::Left { .. } => false,
        };
        self.facts.agent = Presence::Here {
            since: now,
            paused,
            screen: ScreenState::Live,
        };
        self.void_asks();
        // Prompts that ended with the connection were counted here or there, not on both sides. The agent enforces; this counts anew.
        self.facts.rejections.clear();
        self.happened(By::Agent, What::AgentResumed);
        for slot in Slot::ALL {
            match self.facts.member(slot) {
                Some(Member {
                    grant: Some(rights),
                    viewer,
                    ..
                }) => {
                    if *rights != Rights::CONTROL {
                        let rights = *rights;
                        self.effects.push_back(Effect::Lowered { slot, rights });
                    }
                    if viewer.is_some() {
                        self.effects.push_back(Effect::Connected { slot });
                    }
                }
                Some(_) | None => self.effects.push_back(Effect::Removed { slot }),
            }
        }
        let slot = self.facts.controller;
        self.effects.push_back(Effect::Controller { slot });
    }

    /// The prompts are gone with the connection. Nobody rejected anything.
    fn void_asks(&mut self) {
        for member in &mut self.facts.members {
            member.ask = None;
        }
    }

    fn flush_all(&mut self) {
        for member in self.facts.members.iter().filter(|one| one.viewer.is_some()) {
            self.effects.push_back(Effect::Flush { slot: member.slot });
        }
    }
}
