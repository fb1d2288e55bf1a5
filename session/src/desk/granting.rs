//! How places and grants come and go: the one place where a grant is put into the facts, and those where it is taken out.

use mayday_protocol::control::{EndReason, Rights};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::effect::{By, Effect, What};
use super::facts::{Member, Part, Presence, REJECTS_IN_A_ROW, Rejections};
use super::status::one_more;
use super::{NotAllowed, Session};
use crate::time::Timestamp;

impl Session {
    /// Gives `technician` a free place, with no grant.
    pub(super) fn seat(&mut self, technician: TechnicianId, part: Part) -> Option<Slot> {
        let slot = self.facts.free_slot()?;
        self.facts.members.push(Member::new(slot, technician, part));
        Some(slot)
    }

    /// Takes the member out of the session, with everything that was theirs.
    pub(super) fn unseat(&mut self, slot: Slot, by: By) {
        let Some(member) = self.facts.member(slot).copied() else {
            return;
        };
        self.drop_ask(slot);
        self.facts.members.retain(|one| one.slot != slot);
        if self.agent_told() {
            self.effects.push_back(Effect::Removed { slot });
        }
        if member.viewer.is_some() {
            self.effects.push_back(Effect::Flush { slot });
            self.effects.push_back(Effect::EndViewer {
                slot,
                reason: EndReason::Removed,
            });
        }
        self.settle_controller(by);
    }

    /// The end user's answer to a pending question.
    pub(super) fn answered(&mut self, slot: Slot, answer: Rights, now: Timestamp) {
        let Some(member) = self.facts.member_mut(slot) else {
            return;
        };
        let Some(pending) = member.ask.take() else {
            return;
        };
        let had = member.grant.unwrap_or_default();
        let gives = answer.and(pending.rights);
        let granted = Rights {
            view: had.view || gives.view || gives.control,
            control: had.control || gives.control,
        };
        if granted == had {
            self.rejected(slot, By::EndUser, now);
            return;
        }
        member.grant = Some(granted);
        member.stopped = false;
        let (technician, viewer) = (member.technician, member.viewer);
        self.facts
            .rejections
            .retain(|one| one.technician != technician);
        self.happened(
            By::EndUser,
            What::Granted {
                technician,
                rights: granted,
            },
        );
        if viewer.is_some() && !had.view {
            self.effects.push_back(Effect::Connected { slot });
        }
        self.settle_controller(By::EndUser);
    }

    /// Nobody answered the question of the member in `slot` in time. By time, the agent is told, so that an Allow in the last moment
    /// does not stand there alone.
    pub(super) fn unanswered(&mut self, slot: Slot, by: By, at: Timestamp) {
        if by == By::Time {
            self.void_ask(slot, true);
        }
        let Some(rejections) = self.count_rejection(slot, true, at) else {
            return;
        };
        self.happened(
            by,
            What::Unanswered {
                technician: rejections.technician,
                in_a_row: rejections.in_a_row.min(REJECTS_IN_A_ROW),
            },
        );
    }

    /// The question of the member in `slot` was rejected, at `at`.
    pub(super) fn rejected(&mut self, slot: Slot, by: By, at: Timestamp) {
        let Some(rejections) = self.count_rejection(slot, false, at) else {
            return;
        };
        self.happened(
            by,
            What::Rejected {
                technician: rejections.technician,
                in_a_row: rejections.in_a_row.min(REJECTS_IN_A_ROW),
            },
        );
    }

    /// One rejection more of the member in `slot`, at `at`.
    pub(super) fn count_rejection(
        &mut self,
        slot: Slot,
        unanswered: bool,
        at: Timestamp,
    ) -> Option<Rejections> {
        let member = self.facts.member_mut(slot)?;
        member.ask = None;
        let member = *member;
        let recorded = self.facts.rejections_of(member.technician).copied();
        let rejections = Rejections {
            unanswered,
            ..one_more(recorded, &member, at)
        };
        self.record(rejections);
        Some(rejections)
    }

    /// Ends or lowers what the member in `slot` was granted.
    pub(super) fn lower(&mut self, slot: Slot, rights: Rights, by: By) {
        let Some(member) = self.facts.member_mut(slot) else {
            return;
        };
        let Some(had) = member.grant else {
            return;
        };
        let left = had.and(rights);
        if left == had {
            return;
        }
        member.grant = left.view.then_some(left);
        member.stopped = by == By::EndUser && !left.view;
        let (technician, viewer) = (member.technician, member.viewer);
        self.happened(
            by,
            What::Lowered {
                technician,
                rights: left,
            },
        );
        if viewer.is_some() && !left.view {
            self.effects.push_back(Effect::Flush { slot });
        }
        self.settle_controller(by);
    }

    /// Leaves the member in `slot` no more than `rights`, of what they ask for and of what they were granted. Without a view nothing is
    /// left to connect for.
    pub(super) fn cap(&mut self, slot: Slot, rights: Rights, by: By) {
        let Some(member) = self.facts.member(slot).copied() else {
            return;
        };
        let beyond = |one: Rights| one.and(rights) != one;
        if member.ask.is_some_and(|ask| beyond(ask.rights)) {
            self.drop_ask(slot);
        }
        let Some(had) = member.grant.filter(|had| beyond(*had)) else {
            return;
        };
        let left = had.and(rights);
        self.lower(slot, left, by);
        self.tell_lowered(slot, left);
        if left.view {
            return;
        }
        let viewer = self
            .facts
            .member_mut(slot)
            .and_then(|one| one.viewer.take());
        if viewer.is_some() {
            let reason = EndReason::Removed;
            self.effects.push_back(Effect::EndViewer { slot, reason });
        }
    }

    /// The agent hears what `slot` keeps; one that is away hears it when it resumes.
    pub(super) fn tell_lowered(&mut self, slot: Slot, left: Rights) {
        if !self.agent_told() {
            return;
        }
        self.effects.push_back(match left.view {
            true => Effect::Lowered { slot, rights: left },
            false => Effect::Removed { slot },
        });
    }

    /// Voids the pending question of `slot` without counting it.
    pub(super) fn drop_ask(&mut self, slot: Slot) -> Option<AskId> {
        self.void_ask(slot, false)
    }

    fn void_ask(&mut self, slot: Slot, unanswered: bool) -> Option<AskId> {
        let told = self.agent_told();
        let ask = self.facts.member_mut(slot)?.ask.take()?.ask;
        if told {
            self.effects.push_back(Effect::Withdraw { ask, unanswered });
        }
        Some(ask)
    }

    /// Every grant and question ends, without a word to the agent: it is gone, or is told otherwise.
    pub(super) fn forget_consent(&mut self, by: By) {
        for slot in Slot::ALL {
            let Some(member) = self.facts.member_mut(slot) else {
                continue;
            };
            member.ask = None;
            member.stopped = false;
            if member.grant.take().is_some() && member.viewer.is_some() {
                self.effects.push_back(Effect::Flush { slot });
            }
        }
        self.facts.rejections.clear();
        self.settle_controller(by);
    }

    /// Keeps the controls with somebody who was granted control: first a connected technician, else the lowest slot.
    pub(super) fn settle_controller(&mut self, by: By) {
        let able = |slot: &Slot| self.facts.member(*slot).is_some_and(Member::may_control);
        if self.facts.controller.as_ref().is_some_and(able) {
            self.settle_request(by);
            return;
        }
        let candidates = || Slot::ALL.into_iter().filter(able);
        let next = candidates()
            .find(|&slot| {
                self.facts
                    .member(slot)
                    .is_some_and(|one| one.viewer.is_some())
            })
            .or_else(|| candidates().next());
        if next != self.facts.controller {
            self.hand_controls(next, by);
        }
        self.settle_request(by);
    }

    pub(super) fn hand_controls(&mut self, to: Option<Slot>, by: By) {
        self.facts.controller = to;
        self.facts.request = None;
        if self.agent_told() {
            self.effects.push_back(Effect::Controller { slot: to });
        }
        let technician = to
            .and_then(|slot| self.facts.member(slot))
            .map(|member| member.technician);
        self.happened(by, What::ControlHandedTo { technician });
    }

    pub(super) fn record(&mut self, rejections: Rejections) {
        self.facts
            .rejections
            .retain(|one| one.technician != rejections.technician);
        self.facts.rejections.push(rejections);
    }

    /// Whether there is an agent to send to. A lost one is told everything when it resumes.
    pub(super) fn agent_told(&self) -> bool {
        matches!(self.facts.agent, Presence::Here { .. })
    }

    pub(super) fn slot_of(&self, technician: TechnicianId) -> Result<Slot, NotAllowed> {
        self.facts
            .member_of(technician)
            .map(|member| member.slot)
            .ok_or(NotAllowed::NotMember)
    }
}
