//! What must always hold of the consent machine, whatever gateway, end user and time do: the judge of the walks and the fuzz target.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mayday_protocol::control::{Person, Rights};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::{Asked, Consent, DEAF, Effect, GRANT_LASTS, RESUME, UserAction, countdown};
use crate::time::Timestamp;
use crate::verification::{Verification, VerificationCode, VerificationMode};

/// Everything that can happen to an agent's consent.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    Asks {
        technician: u8,
        slot: Slot,
        rights: Rights,
    },
    /// The technician's newest question is withdrawn.
    Withdraws {
        technician: u8,
    },
    Acts(UserAction),
    Removed(Slot),
    Lowered(Slot, Rights),
    Controller(Option<Slot>),
    Lost,
    Resumed,
    Joined,
    Waits(Duration),
}

/// The machine, and what a bystander with a good memory knows.
#[derive(Debug)]
pub struct World {
    pub consent: Consent,
    pub now: Timestamp,
    next_ask: u64,
    newest: BTreeMap<u8, AskId>,
    /// The prompt on the screen: who, what, since when.
    prompt: Option<(AskId, Slot, Rights, Timestamp)>,
    /// The end user said the prompt's code, in time and right.
    said_code: bool,
    /// What the end user said yes to and has not ended: rights, and when they end by themselves.
    said_yes: BTreeMap<Slot, (TechnicianId, Rights, Timestamp)>,
    /// What capture and injection were told to do.
    viewing: BTreeSet<Slot>,
    controlling: BTreeSet<Slot>,
    answered: BTreeSet<AskId>,
    lost_since: Option<Timestamp>,
    left: bool,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    #[must_use]
    pub fn new() -> Self {
        Self {
            consent: Consent::new(),
            now: Timestamp(500_000),
            next_ask: 1,
            newest: BTreeMap::new(),
            prompt: None,
            said_code: false,
            said_yes: BTreeMap::new(),
            viewing: BTreeSet::new(),
            controlling: BTreeSet::new(),
            answered: BTreeSet::new(),
            lost_since: None,
            left: false,
        }
    }

    /// Applies the event and checks what must hold.
    ///
    /// # Panics
    /// When a rule is broken; that is its purpose.
    pub fn does(&mut self, event: Event) -> Vec<Effect> {
        if let Event::Waits(time) = event {
            self.now = self.now.after(time);
        }
        // What time ends is over before the event counts.
        self.consent.handle_timeout(self.now);
        let mut effects = self.perform();
        self.forget_what_time_ended();
        self.note(event);
        self.apply(event);
        effects.extend(self.perform());
        self.forget_what_time_ended();
        self.check(event);
        effects
    }

    fn apply(&mut self, event: Event) {
        let (consent, now) = (&mut self.consent, self.now);
        match event {
            Event::Asks {
                technician,
                slot,
                rights,
            } => {
                let ask = AskId(self.next_ask);
                self.next_ask += 1;
                self.newest.insert(technician, ask);
                consent.handle_asked(asked(ask, technician, slot, rights), now);
            }
            Event::Withdraws { technician } => {
                if let Some(&ask) = self.newest.get(&technician) {
                    consent.handle_withdrawn(ask, false, now);
                }
            }
            Event::Acts(action) => consent.handle_action(action, now),
            Event::Removed(slot) => consent.handle_removed(slot, now),
            Event::Lowered(slot, rights) => consent.handle_lowered(slot, rights, now),
            Event::Controller(slot) => consent.handle_controller(slot, now),
            Event::Lost => consent.handle_connection_lost(now),
            Event::Resumed => consent.handle_resumed(now),
            Event::Joined => consent.handle_joined(now),
            Event::Waits(_) => {}
        }
    }

    /// What the end user says and what ends it, as a bystander sees it, before the machine does.
    fn note(&mut self, event: Event) {
        match event {
            Event::Acts(UserAction::Code(code)) => self.note_code(code),
            Event::Acts(UserAction::Allow) => self.note_yes(Rights::CONTROL),
            Event::Acts(UserAction::ViewOnly) => self.note_yes(Rights::VIEW),
            Event::Acts(UserAction::LowerToView) => {
                for (_, rights, _) in self.said_yes.values_mut() {
                    *rights = rights.and(Rights::VIEW);
                }
            }
            Event::Acts(UserAction::Stop) => self.said_yes.clear(),
            Event::Acts(UserAction::Leave) => {
                self.said_yes.clear();
                self.left = true;
            }
            Event::Removed(slot) => {
                self.said_yes.remove(&slot);
            }
            Event::Lowered(slot, rights) => {
                if let Some((_, yes, _)) = self.said_yes.get_mut(&slot) {
                    *yes = yes.and(rights);
                }
            }
            Event::Asks {
                technician, slot, ..
            } => {
                let other = TechnicianId(u64::from(technician));
                if self.lost_since.is_none() {
                    self.said_yes
                        .retain(|at, (who, ..)| *at != slot || *who == other);
                }
            }
            Event::Lost if self.lost_since.is_none() => self.lost_since = Some(self.now),
            Event::Resumed => self.lost_since = None,
            Event::Joined => {
                self.lost_since = None;
                self.said_yes.clear();
            }
            Event::Acts(_)
            | Event::Withdraws { .. }
            | Event::Controller(_)
            | Event::Lost
            | Event::Waits(_) => {}
        }
    }

    fn note_code(&mut self, code: Option<VerificationCode>) {
        let heard = |(.., since): (_, _, _, Timestamp)| self.now >= since.after(DEAF);
        if self.prompt.is_some_and(heard) {
            self.said_code = code.is_some() && code == right_code();
        }
    }

    fn note_yes(&mut self, yes: Rights) {
        let Some((_, slot, wants, since)) = self.prompt else {
            return;
        };
        if self.now < since.after(DEAF) || self.left {
            return;
        }
        let technician = self.prompted().unwrap_or(TechnicianId(u64::MAX));
        if verification_of(technician).is_some() && !self.said_code {
            return;
        }
        let entry = self
            .said_yes
            .entry(slot)
            .or_insert((technician, Rights::NONE, self.now));
        entry.1.view |= wants.view && yes.view;
        entry.1.control |= wants.control && yes.control;
        entry.2 = self.now.after(GRANT_LASTS);
    }

    fn prompted(&self) -> Option<TechnicianId> {
        let shown = self.consent.shown.as_ref()?;
        Some(shown.offered.asked.technician)
    }

    fn forget_what_time_ended(&mut self) {
        let now = self.now;
        if self
            .lost_since
            .is_some_and(|since| since.after(RESUME) <= now)
        {
            self.said_yes.clear();
        }
        self.said_yes.retain(|_, (_, _, until)| now < *until);
    }

    /// Does what the effects say, and judges each.
    fn perform(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(effect) = self.consent.poll_effect() {
            self.judge(&effect);
            effects.push(effect);
        }
        effects
    }

    fn judge(&mut self, effect: &Effect) {
        match effect {
            Effect::ShowPrompt(prompt) => {
                assert!(self.prompt.is_none(), "two prompts at once");
                let longest = countdown(verification_of(prompt.technician));
                assert!(prompt.deadline <= self.now.after(longest));
                assert!(prompt.accepts_from >= self.now.after(DEAF));
                self.prompt = Some((prompt.ask, prompt.slot, prompt.wants, self.now));
                self.said_code = false;
            }
            Effect::HidePrompt => {
                assert!(self.prompt.take().is_some(), "no prompt to hide");
            }
            Effect::Answer { ask, .. } | Effect::Unanswered { ask } => {
                assert!(self.answered.insert(*ask), "two answers to one question");
                assert!(
                    self.lost_since.is_none(),
                    "an answer into a lost connection"
                );
            }
            Effect::Lowered { .. } | Effect::Paused { .. } | Effect::InviteAgain { .. } => {
                assert!(
                    self.lost_since.is_none(),
                    "a message into a lost connection"
                );
            }
            Effect::StartView(grant) => {
                assert!(self.viewing.insert(grant.slot()), "started twice");
            }
            Effect::StartControl(grant) => {
                assert!(self.controlling.insert(grant.slot()), "started twice");
            }
            Effect::EndView { slot } => {
                assert!(self.viewing.remove(slot), "ended what never began");
            }
            Effect::EndControl { slot } => {
                assert!(self.controlling.remove(slot), "ended what never began");
            }
            Effect::Leave => assert!(self.left),
            Effect::ReleaseKeys | Effect::Changed => {}
        }
    }

    fn check(&self, event: Event) {
        let consent = &self.consent;
        let prompting = self.prompt.is_some();
        assert_eq!(consent.is_prompting(), prompting, "{event:?}");
        let injecting = Slot::ALL.iter().filter(|slot| consent.may_inject(**slot));
        assert!(injecting.count() <= 1, "two controllers after {event:?}");
        for slot in Slot::ALL {
            let rights = consent.rights(slot);
            let yes = self.said_yes.get(&slot).map_or(Rights::NONE, |yes| yes.1);
            assert!(
                rights.and(yes) == rights,
                "{slot:?} holds {rights:?}, the end user said {yes:?}; {event:?}"
            );
            assert_eq!(self.viewing.contains(&slot), rights.view, "{event:?}");
            assert_eq!(
                self.controlling.contains(&slot),
                rights.control,
                "{event:?}"
            );
            assert!(rights.view || !rights.control, "control without view");
            assert!(rights.view || !consent.may_see(slot), "{event:?}");
            if consent.may_inject(slot) {
                assert!(rights.control && !prompting, "{event:?}");
                assert!(!consent.is_paused() && self.lost_since.is_none());
            }
        }
        for held in consent.held() {
            let who = self.said_yes.get(&held.slot).map(|yes| yes.0);
            assert_eq!(who, Some(held.technician), "another one's grant; {event:?}");
        }
        if self.left {
            assert!(self.viewing.is_empty() && self.controlling.is_empty());
        }
        let due = consent.poll_timeout();
        assert!(
            due.is_none_or(|at| at > self.now),
            "a deadline is left over"
        );
    }
}

fn asked(ask: AskId, technician: u8, slot: Slot, rights: Rights) -> Asked {
    Asked {
        ask,
        slot,
        technician: TechnicianId(u64::from(technician)),
        person: Person::default(),
        rights,
        key: Vec::new(),
        verification: verification_of(TechnicianId(u64::from(technician))),
    }
}

/// Technician 4 needs a code.
fn verification_of(technician: TechnicianId) -> Option<Verification> {
    let mode = VerificationMode::Type;
    let code = right_code().filter(|_| technician == TechnicianId(4))?;
    Some(Verification { mode, code })
}

fn right_code() -> Option<VerificationCode> {
    "4711".parse().ok()
}

const ACTIONS: [UserAction; 9] = [
    UserAction::Allow,
    UserAction::ViewOnly,
    UserAction::Reject,
    UserAction::Pause,
    UserAction::Resume,
    UserAction::LowerToView,
    UserAction::Stop,
    UserAction::InviteAgain,
    UserAction::Leave,
];

impl Event {
    /// Any two bytes are an event; the first chooses what, the second whom and how long.
    #[must_use]
    pub fn from_bytes(what: u8, how: u8) -> Self {
        let slot = Slot::ALL[usize::from(how) % Slot::COUNT];
        let technician = how % 5;
        match what % 24 {
            0..=6 => Self::Asks {
                technician,
                slot,
                rights: if how & 0x80 == 0 {
                    Rights::VIEW
                } else {
                    Rights::CONTROL
                },
            },
            7..=10 => Self::Waits(Duration::from_millis(1000)),
            11 => Self::Waits(Duration::from_millis(u64::from(how) * 400)),
            12..=15 => Self::Acts(ACTIONS[usize::from(how % 2)]),
            16 if how < 64 => Self::Acts(UserAction::Code("0815".parse().ok())),
            16 if how < 80 => Self::Acts(UserAction::Code(None)),
            16 if how < 160 => Self::Acts(UserAction::Code(right_code())),
            16 => Self::Acts(ACTIONS[usize::from(how) % 8]),
            17 if how < 64 => Self::Removed(slot),
            18 if how >= 192 => Self::Lowered(slot, Rights::VIEW),
            17 | 18 => Self::Controller((how % 4 != 3).then_some(slot)),
            19 => Self::Withdraws { technician },
            20 if how < 128 => Self::Lost,
            20 | 21 => Self::Resumed,
            _ if how < 16 => Self::Joined,
            _ if how < 20 => Self::Acts(UserAction::Leave),
            _ => Self::Waits(Duration::from_millis(u64::from(how) * 20)),
        }
    }
}

/// Walks wherever the bytes lead.
///
/// # Panics
/// When a rule is broken.
pub fn walk(bytes: &[u8]) -> World {
    let mut world = World::new();
    for event in bytes.chunks_exact(2) {
        world.does(Event::from_bytes(event[0], event[1]));
    }
    world
}
