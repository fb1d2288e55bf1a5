//! Everything that is computed from the facts and the time: status, sub-state, consent of each technician, rights in force.
//! All of it is true at any moment, whether or not the deadlines before that moment have been handled yet.

use mayday_protocol::control::{AgentState, Rights, ScreenState};
use mayday_protocol::{AskId, Slot};

use super::facts::{
    Facts, Member, Part, Presence, REJECT_PAUSE, REJECTS_IN_A_ROW, RESUME, Rejections,
};
use crate::time::Timestamp;

/// Where a session stands, in the five words of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    Waiting,
    Active,
    InQueue,
    Expired,
    Closed,
}

/// What the list shows beside the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubState {
    pub stage: Stage,
    pub agent: AgentState,
    pub paused: bool,
    /// With `Ready`: the end user has stopped what was granted.
    pub stopped: bool,
    /// The end user was there and left, on purpose.
    pub left: bool,
}

/// The furthest that any technician of the session has come; later is further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Offline,
    Ready,
    Asking,
    /// Nobody answered in time.
    Unanswered,
    Rejected,
    Granted {
        rights: Rights,
    },
    Connected {
        count: u8,
        rights: Rights,
    },
}

/// How one technician stands with the end user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Consent {
    Idle,
    Asking {
        ask: AskId,
        rights: Rights,
        until: Timestamp,
    },
    Granted {
        rights: Rights,
    },
    Connected {
        rights: Rights,
        since: Timestamp,
    },
    Rejected {
        in_a_row: u8,
        again: AskAgain,
    },
    /// Nobody answered in time; it counts as a rejection.
    Unanswered {
        in_a_row: u8,
        again: AskAgain,
    },
}

/// When a rejected technician may ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AskAgain {
    Now,
    From(Timestamp),
    /// Only after the end user invited them again.
    OnlyInvited,
}

impl Facts {
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        if self.closing.is_some() {
            Status::Closed
        } else if self.is_over() || (self.expires_at <= now && !self.anybody_connected(now)) {
            Status::Expired
        } else if !self.members.iter().any(|one| one.part == Part::Assigned) {
            Status::InQueue
        } else if self.agent_counts(now) {
            Status::Active
        } else {
            Status::Waiting
        }
    }

    /// Nothing happens by itself any more: closed, or the expiration took effect. An expired one can still be extended, and not even a
    /// clock that is set back brings it to life.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.closing.is_some() || self.expiry_seen == Some(self.expires_at)
    }

    #[must_use]
    pub fn sub_state(&self, now: Timestamp) -> SubState {
        let over = self.status(now) == Status::Expired;
        let (agent, paused) = match self.agent {
            Presence::Here { .. } | Presence::Lost { .. } if over => (AgentState::Away, false),
            Presence::Here { paused, .. } => (AgentState::Here, paused),
            Presence::Lost { paused, .. } if self.agent_counts(now) => (AgentState::Lost, paused),
            Presence::Never | Presence::Lost { .. } | Presence::Left { .. } => {
                (AgentState::Away, false)
            }
        };
        let stage = self.stage(now);
        let stopped = self.members.iter().any(|member| member.stopped);
        SubState {
            stage,
            agent,
            paused,
            stopped: stopped && stage == Stage::Ready,
            left: matches!(self.agent, Presence::Left { chosen: true, .. }),
        }
    }

    /// How the technician in `slot` stands with the end user; `None` for an empty slot.
    #[must_use]
    pub fn consent(&self, slot: Slot, now: Timestamp) -> Option<Consent> {
        self.member(slot).map(|member| self.consent_of(member, now))
    }

    /// What the technician in `slot` may do now, if a viewer of theirs is attached: the relay's filter.
    #[must_use]
    pub fn allowed(&self, slot: Slot, now: Timestamp) -> Rights {
        match self.consent(slot, now) {
            Some(Consent::Connected { rights, .. }) => rights,
            Some(
                Consent::Idle
                | Consent::Asking { .. }
                | Consent::Granted { .. }
                | Consent::Rejected { .. }
                | Consent::Unanswered { .. },
            )
            | None => Rights::NONE,
        }
    }

    /// What the end user granted the technician in `slot`, with or without a viewer attached.
    #[must_use]
    pub fn granted(&self, slot: Slot, now: Timestamp) -> Rights {
        match self.member(slot) {
            Some(member) if self.status(now) != Status::Expired => {
                self.grant_of(member, now).unwrap_or_default()
            }
            Some(_) | None => Rights::NONE,
        }
    }

    /// Who may move the mouse now.
    #[must_use]
    pub fn controls(&self, now: Timestamp) -> Option<Slot> {
        self.controller
            .filter(|&slot| self.granted(slot, now).control)
    }

    #[must_use]
    pub fn screen(&self) -> ScreenState {
        match self.agent {
            Presence::Here { screen, .. } => screen,
            Presence::Never | Presence::Lost { .. } | Presence::Left { .. } => {
                ScreenState::Unavailable
            }
        }
    }

    /// Here, or lost for less than 60 s.
    pub(super) fn agent_counts(&self, now: Timestamp) -> bool {
        match self.agent {
            Presence::Here { .. } => true,
            Presence::Lost { since, .. } => now < since.after(RESUME),
            Presence::Never | Presence::Left { .. } => false,
        }
    }

    pub(super) fn anybody_connected(&self, now: Timestamp) -> bool {
        self.members
            .iter()
            .any(|member| member.viewer.is_some() && self.grant_of(member, now).is_some())
    }

    /// The rejections of a member, with an unanswered question counted as one.
    pub(super) fn rejections_at(&self, member: &Member, now: Timestamp) -> Option<Rejections> {
        let recorded = self.rejections_of(member.technician).copied();
        match member.ask {
            Some(ask) if ask.until <= now => Some(Rejections {
                unanswered: true,
                ..one_more(recorded, member, ask.until)
            }),
            Some(_) | None => recorded,
        }
    }

    fn grant_of(&self, member: &Member, now: Timestamp) -> Option<Rights> {
        member.grant.filter(|_| self.agent_counts(now))
    }

    fn consent_of(&self, member: &Member, now: Timestamp) -> Consent {
        if self.status(now) == Status::Expired || !self.agent_counts(now) {
            return Consent::Idle;
        }
        match (self.grant_of(member, now), member.viewer, member.ask) {
            (Some(rights), Some(since), _) => Consent::Connected { rights, since },
            (Some(rights), None, _) => Consent::Granted { rights },
            (None, _, Some(ask)) if now < ask.until => Consent::Asking {
                ask: ask.ask,
                rights: ask.rights,
                until: ask.until,
            },
            (None, _, _) => match self.rejections_at(member, now) {
                Some(rejections) if rejections.unanswered => Consent::Unanswered {
                    in_a_row: rejections.in_a_row,
                    again: rejections.again(now),
                },
                Some(rejections) => Consent::Rejected {
                    in_a_row: rejections.in_a_row,
                    again: rejections.again(now),
                },
                None => Consent::Idle,
            },
        }
    }

    fn stage(&self, now: Timestamp) -> Stage {
        let start = match self.agent {
            Presence::Here { .. } if self.status(now) != Status::Expired => Stage::Ready,
            Presence::Here { .. }
            | Presence::Never
            | Presence::Lost { .. }
            | Presence::Left { .. } => Stage::Offline,
        };
        self.members
            .iter()
            .map(|member| self.consent_of(member, now))
            .fold(start, furthest)
    }
}

impl Rejections {
    #[must_use]
    pub fn again(&self, now: Timestamp) -> AskAgain {
        match self.pause_until {
            _ if self.in_a_row >= REJECTS_IN_A_ROW => AskAgain::OnlyInvited,
            Some(until) if now < until => AskAgain::From(until),
            Some(_) | None => AskAgain::Now,
        }
    }
}

/// The next rejection of `member`, at `at`.
pub(super) fn one_more(recorded: Option<Rejections>, member: &Member, at: Timestamp) -> Rejections {
    Rejections {
        technician: member.technician,
        in_a_row: recorded.map_or(0, |one| one.in_a_row).saturating_add(1),
        pause_until: Some(at.after(REJECT_PAUSE)),
        unanswered: false,
    }
}

fn furthest(stage: Stage, consent: Consent) -> Stage {
    let reached = match consent {
        Consent::Idle => return stage,
        Consent::Asking { .. } => Stage::Asking,
        Consent::Unanswered { .. } => Stage::Unanswered,
        Consent::Rejected { .. } => Stage::Rejected,
        Consent::Granted { rights } => Stage::Granted { rights },
        Consent::Connected { rights, .. } => Stage::Connected { count: 1, rights },
    };
    match (stage, reached) {
        (
            Stage::Connected { count, rights },
            Stage::Connected {
                rights: reached, ..
            },
        ) => Stage::Connected {
            count: count + 1,
            rights: union(rights, reached),
        },
        (Stage::Granted { rights }, Stage::Granted { rights: reached }) => Stage::Granted {
            rights: union(rights, reached),
        },
        (stage, reached) if rank(reached) > rank(stage) => reached,
        (stage, _) => stage,
    }
}

fn union(one: Rights, other: Rights) -> Rights {
    Rights {
        view: one.view || other.view,
        control: one.control || other.control,
    }
}

fn rank(stage: Stage) -> u8 {
    match stage {
        Stage::Offline => 0,
        Stage::Ready => 1,
        Stage::Asking => 2,
        Stage::Unanswered => 3,
        Stage::Rejected => 4,
        Stage::Granted { .. } => 5,
        Stage::Connected { .. } => 6,
    }
}
