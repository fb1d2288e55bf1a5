//! A session with technicians, an end user and a clock, the events that can befall it, and what must always hold: the judge of the
//! tests, the walks and the fuzz target.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use mayday_protocol::control::{AgentState, Rights};
use mayday_protocol::{AskId, SessionId, Slot, TechnicianId};

mod events;
mod model;

pub use events::{Event, events, walk};

use self::model::Card;
use super::*;
use crate::permission::{Permission, Role};
use crate::verification::{Verification, VerificationMode};

pub const ADA: TechnicianId = TechnicianId(1);
pub const BOB: TechnicianId = TechnicianId(2);
pub const CHANNEL: ChannelId = ChannelId(77);
pub const ELSEWHERE: ChannelId = ChannelId(78);
pub const HOUR: Duration = Duration::from_secs(3600);

/// The session under test, and what a bystander remembers of it.
#[derive(Clone, Debug)]
pub struct World {
    pub session: Session,
    pub now: Timestamp,
    /// Gives each question an id of its own; the walk keeps them few by turning this off.
    pub unique_asks: bool,
    next_ask: u64,
    /// Questions on the end user's screen, by technician.
    open: BTreeMap<TechnicianId, (AskId, Rights, Timestamp)>,
    /// What the end user said yes to, by technician, since the last reason to forget it.
    said_yes: BTreeMap<TechnicianId, Rights>,
    was_closed: bool,
}

/// Bob's channel wants a verification code, Ada's does not.
fn verification_of(technician: TechnicianId) -> Option<Verification> {
    let code = "4711".parse().ok()?;
    let mode = VerificationMode::Type;
    (technician == BOB).then_some(Verification { mode, code })
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    #[must_use]
    pub fn new() -> Self {
        let now = Timestamp(1_000_000);
        let mut world = Self {
            session: Session::new(SessionId(5), CHANNEL, Some(ADA), HOUR, now),
            now,
            unique_asks: true,
            next_ask: 100,
            open: BTreeMap::new(),
            said_yes: BTreeMap::new(),
            was_closed: false,
        };
        world.drain();
        world
    }

    /// Applies the event, checks every invariant, and gives back what was to be done.
    ///
    /// # Errors
    /// What the session refused.
    ///
    /// # Panics
    /// When a rule is broken; that is its purpose.
    pub fn does(&mut self, event: Event) -> Result<Vec<Effect>, NotAllowed> {
        let before = self.clone();
        let ask = self.fresh_ask(event);
        let result = self.apply(event, ask);
        let effects = self.drain();
        self.remember(event, ask, result.is_ok());
        self.check_card(&before, event, result.is_ok());
        self.check(&before, event, &effects);
        result.map(|()| effects)
    }

    fn fresh_ask(&mut self, event: Event) -> AskId {
        match event {
            Event::Command(technician, Command::Ask { rights, .. }) if !self.unique_asks => {
                AskId(technician.0 * 2 + u64::from(rights.control))
            }
            _ => {
                self.next_ask += u64::from(self.unique_asks);
                AskId(self.next_ask)
            }
        }
    }

    fn apply(&mut self, event: Event, ask: AskId) -> Result<(), NotAllowed> {
        let (session, now) = (&mut self.session, self.now);
        match event {
            Event::Command(technician, Command::Ask { rights, .. }) => {
                let command = Command::Ask {
                    ask,
                    rights,
                    verification: verification_of(technician),
                };
                session.handle_command(actor(technician), command, now)?;
            }
            Event::Command(technician, command) => {
                session.handle_command(actor(technician), command, now)?;
            }
            Event::Joined(arrival) => session.handle_agent_joined(arrival, now)?,
            Event::Lost => session.handle_agent_lost(now),
            Event::Left => session.handle_agent_left(now),
            Event::Answer(technician, rights) => {
                let open = self.open.get(&technician);
                let ask = open.map_or(AskId(u64::MAX), |open| open.0);
                let code = verification_of(technician).map(|one| one.code);
                session.handle_answer(ask, rights, code, now);
            }
            Event::Unverified(technician, rights) => {
                let open = self.open.get(&technician);
                let ask = open.map_or(AskId(u64::MAX), |open| open.0);
                let wrong = verification_of(technician).and_then(|_| "0815".parse().ok());
                session.handle_answer(ask, rights, wrong, now);
            }
            Event::Forged(rights) => {
                session.handle_answer(AskId(u64::MAX), rights, None, now);
            }
            Event::Cancelled => session.handle_cancelled(now),
            Event::Lowered(slot, rights) => session.handle_lowered(slot, rights, now),
            Event::InviteAgain(technician) => session.handle_invite_again(technician, now),
            Event::Paused(paused) => session.handle_paused(paused, now),
            Event::Screen(state) => session.handle_screen(state, now),
            Event::Disowned => session.handle_disowned(now)?,
            Event::Viewer(slot) => session.handle_viewer_connected(slot, now)?,
            Event::ViewerGone(slot) => session.handle_viewer_disconnected(slot, now),
            Event::Controller(from, to) => session.handle_controller(from, to, now)?,
            Event::Gone(technician) => session.handle_technician_gone(technician, now),
            Event::Routed(technician) => session.handle_routed(technician, now)?,
            Event::Permissions(technician, rights) => {
                session.handle_permissions(only(technician, rights), now);
            }
            Event::Deadline => {
                if let Some(at) = session.poll_timeout() {
                    self.now = self.now.max(at);
                }
                session.handle_timeout(self.now);
            }
            Event::Sleep(time) => self.now = self.now.after(time),
        }
        Ok(())
    }

    /// The bystander's memory: what the end user agreed to, kept apart from the session's own.
    fn remember(&mut self, event: Event, ask: AskId, accepted: bool) {
        let now = self.now;
        match event {
            Event::Command(technician, Command::Ask { rights, .. }) if accepted => {
                let until = now.after(asking(verification_of(technician)));
                self.open.insert(technician, (ask, rights, until));
            }
            Event::Answer(technician, rights) => {
                if let Some((_, asked, until)) = self.open.remove(&technician)
                    && now < until
                {
                    let yes = self.said_yes.entry(technician).or_default();
                    yes.view |= asked.view && rights.view;
                    yes.control |= asked.control && rights.control;
                }
            }
            Event::Unverified(technician, rights) => {
                if let Some((_, asked, until)) = self.open.remove(&technician)
                    && now < until
                    && verification_of(technician).is_none()
                {
                    let yes = self.said_yes.entry(technician).or_default();
                    yes.view |= asked.view && rights.view;
                    yes.control |= asked.control && rights.control;
                }
            }
            // A lost agent cannot say anything.
            Event::Lowered(slot, rights) if self.session.agent_told() => {
                let member = self.session.facts().member(slot);
                if let Some(yes) = member.and_then(|one| self.said_yes.get_mut(&one.technician)) {
                    *yes = yes.and(rights);
                }
            }
            // What the channel took away is void: given back, it is asked anew.
            Event::Permissions(technician, _) => {
                let member = self.session.facts().member_of(technician);
                let left = member.and_then(|one| one.grant).unwrap_or_default();
                let yes = self.said_yes.entry(technician).or_default();
                *yes = yes.and(left);
                if !yes.view {
                    self.said_yes.remove(&technician);
                }
            }
            _ => {}
        }
        let facts = self.session.facts();
        let present = |technician: &TechnicianId| facts.member_of(*technician).is_some();
        let agent = facts.sub_state(now).agent;
        let here = agent == AgentState::Here;
        self.open
            .retain(|who, (_, _, until)| here && present(who) && now < *until);
        self.said_yes
            .retain(|who, _| agent != AgentState::Away && present(who));
        self.was_closed |= facts.closing.is_some();
    }

    /// The reference model comes to the same people, channel, expiration and end, and refuses the same.
    fn check_card(&self, before: &Self, event: Event, accepted: bool) {
        let (was, now) = (before.session.facts(), self.now);
        let card = Card::of(was);
        let here = matches!(was.agent, Presence::Here { .. });
        let expected = card.after(event, status_in_other_words(was, now), here, now);
        let about_consent = matches!(
            event,
            Event::Command(
                _,
                Command::Ask { .. } | Command::Withdraw | Command::Control { .. }
            ) | Event::Joined(_)
                | Event::Viewer(_)
                | Event::Controller(..)
        );
        assert!(
            about_consent || accepted == expected.is_some(),
            "accepted: {accepted}, expected {expected:?}\n{event:?}\nfrom {:#?}",
            before.session
        );
        assert_eq!(
            Card::of(self.session.facts()),
            expected.unwrap_or(card),
            "{event:?}\nfrom {:#?}",
            before.session
        );
    }

    fn check(&self, before: &Self, event: Event, effects: &[Effect]) {
        let why = || {
            format!(
                "{event:?}\nfrom {:#?}\nto {:#?}",
                before.session, self.session
            )
        };
        let (facts, now) = (self.session.facts(), self.now);
        assert_eq!(
            facts.status(now),
            status_in_other_words(facts, now),
            "{}",
            why()
        );

        let mut slots: Vec<_> = facts.members.iter().map(|one| one.slot).collect();
        slots.sort();
        slots.dedup();
        assert_eq!(
            slots.len(),
            facts.members.len(),
            "two in one slot: {}",
            why()
        );
        let assigned = facts
            .members
            .iter()
            .filter(|one| one.part == Part::Assigned);
        assert!(
            assigned.count() == usize::from(!facts.members.is_empty()),
            "members without one assigned: {}",
            why()
        );

        for member in &facts.members {
            let granted = facts.granted(member.slot, now);
            let allowed = facts.allowed(member.slot, now);
            let yes = self.said_yes.get(&member.technician).copied();
            assert!(
                granted.and(yes.unwrap_or_default()) == granted,
                "nobody said yes: {}",
                why()
            );
            assert!(
                allowed.and(granted) == allowed,
                "connected without a grant: {}",
                why()
            );
            assert!(
                granted.view || !granted.control,
                "control without view: {}",
                why()
            );
            if let Some(Consent::Connected { rights, .. }) = facts.consent(member.slot, now) {
                assert!(rights.view && member.viewer.is_some(), "{}", why());
                assert!(
                    matches!(facts.status(now), Status::Active),
                    "connected in a session that is over: {}",
                    why()
                );
            }
        }
        if let Some(slot) = facts.controls(now) {
            assert!(facts.granted(slot, now).control, "{}", why());
        }
        if let Some(request) = facts.request {
            let asks = facts.member(request.slot).and_then(|one| one.grant);
            assert!(asks.is_some_and(|rights| rights.control), "{}", why());
            let holder = facts.controller.and_then(|slot| facts.member(slot));
            assert!(
                holder.is_some_and(|one| one.slot != request.slot && one.viewer.is_some()),
                "a request that nobody can answer: {}",
                why()
            );
        }
        if self.was_closed {
            assert_eq!(
                facts.status(now),
                Status::Closed,
                "closed is final: {}",
                why()
            );
            assert!(
                facts.members.iter().all(|one| one.grant.is_none()),
                "{}",
                why()
            );
        }
        if !matches!(event, Event::Sleep(_)) {
            self.check_settled(before, effects, &why);
        }
        self.check_late_is_like_punctual();
    }

    /// What is computed from the facts and the time is the same before and after the deadlines are handled.
    fn check_late_is_like_punctual(&self) {
        let mut handled = self.session.clone();
        handled.handle_timeout(self.now);
        let (early, late, now) = (self.session.facts(), handled.facts(), self.now);
        assert_eq!(early.status(now), late.status(now), "{early:#?}");
        assert_eq!(early.sub_state(now), late.sub_state(now), "{early:#?}");
        assert_eq!(early.controls(now), late.controls(now), "{early:#?}");
        for member in &early.members {
            let slot = member.slot;
            assert_eq!(
                early.consent(slot, now),
                late.consent(slot, now),
                "{early:#?}"
            );
            assert_eq!(
                early.allowed(slot, now),
                late.allowed(slot, now),
                "{early:#?}"
            );
            assert_eq!(
                early.granted(slot, now),
                late.granted(slot, now),
                "{early:#?}"
            );
        }
    }

    /// What holds once the deadlines have been handled, as after every event.
    fn check_settled(&self, before: &Self, effects: &[Effect], why: &dyn Fn() -> String) {
        let (facts, now) = (self.session.facts(), self.now);
        assert!(
            self.session.poll_timeout().is_none_or(|at| at > now),
            "a deadline is left over: {}",
            why()
        );
        let changes = effects
            .iter()
            .filter(|one| **one == Effect::Changed)
            .count();
        let changed = usize::from(before.session.facts() != facts);
        assert_eq!(changes, changed, "Changed is said once, if so: {}", why());
        for member in &facts.members {
            let slot = member.slot;
            let saw = before.session.facts().allowed(slot, before.now).view;
            let sees = facts.allowed(slot, now).view;
            if saw && !sees && before.viewer_of(slot) == self.viewer_of(slot) {
                assert!(
                    effects.contains(&Effect::Flush { slot }),
                    "not flushed: {}",
                    why()
                );
            }
        }
        let control_before = before.session.facts().controller;
        let here = before.session.agent_told() && self.session.agent_told();
        if control_before != facts.controller && here {
            let slot = facts.controller;
            assert!(effects.contains(&Effect::Controller { slot }), "{}", why());
        }
    }

    fn viewer_of(&self, slot: Slot) -> Option<(TechnicianId, Timestamp)> {
        let member = self.session.facts().member(slot)?;
        member.viewer.map(|since| (member.technician, since))
    }

    fn drain(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.session.poll_effect()).collect()
    }

    /// Two worlds with the same key behave alike from here on: times count from now.
    pub fn key(&self) -> u64 {
        let facts = self.session.facts();
        let mut hasher = DefaultHasher::new();
        let mut put = |value: &dyn std::fmt::Debug| format!("{value:?}").hash(&mut hasher);
        let from_now = |at: Timestamp| at.0.wrapping_sub(self.now.0);
        put(&match facts.agent {
            Presence::Never => (0, 0, false),
            Presence::Here { paused, .. } => (1, 0, paused),
            Presence::Lost { since, paused } => (2, from_now(since), paused),
            Presence::Left { chosen, .. } => (3, 0, chosen),
        });
        for one in &facts.members {
            let ask = one
                .ask
                .map(|ask| (ask.ask, ask.rights, from_now(ask.until)));
            put(&(
                one.slot,
                one.technician,
                one.part,
                one.grant,
                ask,
                one.viewer.is_some(),
                one.stopped,
            ));
        }
        for one in &facts.rejections {
            put(&(
                one.technician,
                one.in_a_row,
                one.pause_until.map(from_now),
                one.unanswered,
            ));
        }
        put(&(
            facts.controller,
            facts.request.map(|one| (one.slot, from_now(one.until))),
            from_now(facts.expires_at),
            facts.expiry_seen == Some(facts.expires_at),
            facts.closing.map(|closing| closing.by),
            facts.deleted_at.is_some(),
            &self.said_yes,
            self.open.keys().collect::<Vec<_>>(),
        ));
        hasher.finish()
    }
}

/// A technician who may do everything that a channel manager may.
#[must_use]
pub fn actor(technician: TechnicianId) -> Actor {
    Actor {
        technician,
        permissions: Role::ChannelManager.preset(),
    }
}

/// The same, but for what they may do remotely.
fn only(technician: TechnicianId, rights: Rights) -> Actor {
    let mut actor = actor(technician);
    for (permission, given) in [
        (Permission::RemoteView, rights.view),
        (Permission::RemoteControl, rights.control),
    ] {
        if !given {
            actor.permissions = actor.permissions.without(permission);
        }
    }
    actor
}

/// The five statuses once more, from product.md's words, with tables instead of branches.
fn status_in_other_words(facts: &Facts, now: Timestamp) -> Status {
    let there = match facts.agent {
        Presence::Here { .. } => true,
        Presence::Lost { since, .. } => now.since(since) < Duration::from_secs(60),
        Presence::Never | Presence::Left { .. } => false,
    };
    let connected = there
        && facts
            .members
            .iter()
            .filter(|one| one.viewer.is_some())
            .any(|one| one.grant.unwrap_or_default().view);
    let assigned = facts.members.iter().any(|one| one.part == Part::Assigned);
    let overdue = now.0 >= facts.expires_at.0;
    let candidates = [
        (Status::Closed, facts.closing.is_some()),
        (Status::Expired, overdue && !connected),
        (Status::InQueue, !assigned),
        (Status::Active, there),
        (Status::Waiting, true),
    ];
    let holds = candidates.into_iter().find(|(_, holds)| *holds);
    holds.expect("the last one always holds").0
}
