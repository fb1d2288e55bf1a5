//! The desk's rules one by one; the names are the specification. Those about questions and answers are in `ask_tests`.

use mayday_protocol::control::{EndReason, Rights};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::oracle::*;
use super::*;
use crate::permission::{Action, Denied, Role};

const FIRST: Slot = Slot::ALL[0];
const SECOND: Slot = Slot::ALL[1];
const CARL: TechnicianId = TechnicianId(3);

impl World {
    /// Ada's agent is here.
    pub(super) fn with_agent() -> Self {
        let mut world = Self::new();
        world.does(Event::Joined(Arrival::Invited)).unwrap();
        world
    }

    /// Ada is connected with these rights.
    pub(super) fn connected(rights: Rights) -> Self {
        let mut world = Self::with_agent();
        world.grants(ADA, rights);
        world.does(Event::Viewer(Slot::ALL[0])).unwrap();
        world
    }

    pub(super) fn grants(&mut self, technician: TechnicianId, rights: Rights) {
        self.asks(technician, rights).unwrap();
        self.does(Event::Answer(technician, rights)).unwrap();
    }

    pub(super) fn asks(
        &mut self,
        technician: TechnicianId,
        rights: Rights,
    ) -> Result<Vec<Effect>, NotAllowed> {
        let ask = AskId(0);
        let verification = None;
        let command = Command::Ask {
            ask,
            rights,
            verification,
        };
        self.does(Event::Command(technician, command))
    }

    pub(super) fn sleeps(&mut self, seconds: u64) -> Vec<Effect> {
        self.now = self.now.after(Duration::from_secs(seconds));
        self.session.handle_timeout(self.now);
        std::iter::from_fn(|| self.session.poll_effect()).collect()
    }

    pub(super) fn status(&self) -> Status {
        self.session.status(self.now)
    }

    pub(super) fn consent(&self, technician: TechnicianId) -> Option<Consent> {
        let slot = self.session.facts().member_of(technician)?.slot;
        self.session.facts().consent(slot, self.now)
    }
}

/// A channel technician, who sees their own and unassigned sessions only.
fn plain(technician: TechnicianId) -> Actor {
    Actor {
        technician,
        permissions: Role::ChannelTechnician.preset(),
    }
}

pub(super) fn command(
    world: &mut World,
    who: TechnicianId,
    command: Command,
) -> Result<Vec<Effect>, NotAllowed> {
    world.does(Event::Command(who, command))
}

#[test]
fn a_new_session_is_assigned_to_its_creator_and_waits() {
    let world = World::new();
    assert_eq!(world.status(), Status::Waiting);
    let assigned = world.session.facts().assigned().unwrap();
    assert_eq!(assigned.technician, ADA);
    let now = world.now;
    let call = Session::new(mayday_protocol::SessionId(6), CHANNEL, None, HOUR, now);
    assert_eq!(call.status(now), Status::InQueue);
}

#[test]
fn it_is_active_while_the_agent_is_here_and_waits_again_when_it_left() {
    let mut world = World::with_agent();
    assert_eq!(world.status(), Status::Active);
    world.does(Event::Left).unwrap();
    assert_eq!(world.status(), Status::Waiting);
}

#[test]
fn a_lost_agent_keeps_the_session_active_and_its_grants_for_60_s() {
    let mut world = World::connected(Rights::CONTROL);
    world.does(Event::Lost).unwrap();
    world.sleeps(59);
    assert_eq!(world.status(), Status::Active);
    world.does(Event::Joined(Arrival::Resumed)).unwrap();
    assert_eq!(
        world.session.facts().allowed(FIRST, world.now),
        Rights::CONTROL
    );

    world.does(Event::Lost).unwrap();
    let effects = world.sleeps(60);
    assert_eq!(world.status(), Status::Waiting);
    assert!(effects.contains(&Effect::Flush { slot: FIRST }));
    let late = world.does(Event::Joined(Arrival::Resumed));
    assert_eq!(late.unwrap_err(), NotAllowed::ResumeLate);
    world.does(Event::Joined(Arrival::Invited)).unwrap();
    assert_eq!(world.consent(ADA), Some(Consent::Idle));
}

#[test]
fn a_second_agent_is_refused_while_the_first_is_here_or_just_lost() {
    let mut world = World::with_agent();
    let refused = world.does(Event::Joined(Arrival::Invited));
    assert_eq!(refused.unwrap_err(), NotAllowed::AgentInUse);
    world.does(Event::Lost).unwrap();
    world.sleeps(30);
    assert!(world.does(Event::Joined(Arrival::Invited)).is_err());
    world.sleeps(30);
    assert!(world.does(Event::Joined(Arrival::Invited)).is_ok());
}

#[test]
fn of_two_technicians_who_take_a_session_exactly_one_gets_it() {
    let mut world = World::with_agent();
    command(&mut world, ADA, Command::Release).unwrap();
    assert_eq!(world.status(), Status::InQueue);
    command(&mut world, BOB, Command::Take).unwrap();
    let second = world
        .session
        .allowed_now(actor(CARL), Action::Take, world.now);
    assert_eq!(second, Err(NotAllowed::AlreadyAssigned));
    let unseen = world
        .session
        .allowed_now(plain(CARL), Action::Take, world.now);
    assert_eq!(unseen, Err(NotAllowed::Denied(Denied::NotFound)));
}

#[test]
fn assign_transfer_and_invite_carry_no_grant_over() {
    let moves = [
        Command::Assign { technician: BOB },
        Command::TransferUser { technician: BOB },
        Command::Invite { technician: BOB },
    ];
    for one in moves {
        let mut world = World::connected(Rights::CONTROL);
        command(&mut world, ADA, one).unwrap();
        let slot = world.session.facts().member_of(BOB).unwrap().slot;
        assert_eq!(world.session.facts().granted(slot, world.now), Rights::NONE);
        assert_eq!(world.consent(BOB), Some(Consent::Idle), "{one:?}");
    }
}

#[test]
fn who_is_replaced_is_cut_off_and_the_agent_hears_it() {
    let mut world = World::connected(Rights::CONTROL);
    let one = Command::TransferUser { technician: BOB };
    let effects = command(&mut world, ADA, one).unwrap();
    let reason = EndReason::Removed;
    for effect in [
        Effect::Removed { slot: FIRST },
        Effect::Flush { slot: FIRST },
        Effect::EndViewer {
            slot: FIRST,
            reason,
        },
        Effect::Assigned {
            technician: Some(BOB),
        },
        Effect::Controller { slot: None },
    ] {
        assert!(
            effects.contains(&effect),
            "{effect:?} is not in {effects:?}"
        );
    }
}

#[test]
fn three_technicians_at_most() {
    let mut world = World::new();
    for technician in [BOB, CARL] {
        command(&mut world, ADA, Command::Invite { technician }).unwrap();
    }
    let technician = TechnicianId(4);
    let fourth = command(&mut world, ADA, Command::Invite { technician });
    assert_eq!(fourth.unwrap_err(), NotAllowed::Full);
}

#[test]
fn an_invited_technician_leaves_alone_and_the_assigned_one_takes_all_along() {
    let mut world = World::new();
    command(&mut world, ADA, Command::Invite { technician: BOB }).unwrap();
    command(&mut world, BOB, Command::Release).unwrap();
    assert_eq!(world.session.facts().members.len(), 1);
    command(&mut world, ADA, Command::Invite { technician: BOB }).unwrap();
    command(&mut world, ADA, Command::Release).unwrap();
    assert!(world.session.facts().members.is_empty());
    assert_eq!(world.status(), Status::InQueue);
}

#[test]
fn the_expiration_never_cuts_a_live_connection_and_takes_effect_when_it_ends() {
    let mut world = World::connected(Rights::VIEW);
    world.sleeps(3 * 3600);
    assert_eq!(world.status(), Status::Active);
    let effects = world.does(Event::ViewerGone(FIRST)).unwrap();
    assert_eq!(world.status(), Status::Expired);
    let reason = EndReason::Expired;
    assert!(effects.contains(&Effect::EndAgent { reason }));
    assert!(world.does(Event::Joined(Arrival::Invited)).is_err());
}

#[test]
fn an_expired_session_can_be_extended_and_waits_again() {
    let mut world = World::new();
    let effects = world.sleeps(3600);
    assert_eq!(world.status(), Status::Expired);
    assert!(effects.contains(&Effect::Changed));
    command(&mut world, ADA, Command::Extend { by: HOUR }).unwrap();
    assert_eq!(world.status(), Status::Waiting);
    assert_eq!(world.session.facts().expires_at, world.now.after(HOUR));
    world.sleeps(3600);
    assert_eq!(world.status(), Status::Expired);
}

#[test]
fn no_extension_reaches_further_than_7_days_from_now() {
    let mut world = World::new();
    for _ in 0..3 {
        let by = EXPIRATION_MAX;
        command(&mut world, ADA, Command::Extend { by }).unwrap();
    }
    let limit = world.now.after(EXPIRATION_MAX);
    assert_eq!(world.session.facts().expires_at, limit);
}

#[test]
fn the_first_granted_control_controls_and_hands_over_visibly() {
    let mut world = World::connected(Rights::CONTROL);
    command(&mut world, ADA, Command::Invite { technician: BOB }).unwrap();
    world.grants(BOB, Rights::CONTROL);
    let facts = world.session.facts();
    assert_eq!(facts.controls(world.now), Some(FIRST));
    let effects = world.does(Event::Controller(FIRST, SECOND)).unwrap();
    assert!(effects.contains(&Effect::Controller { slot: Some(SECOND) }));
    let effects = world.does(Event::Lowered(SECOND, Rights::VIEW)).unwrap();
    assert!(effects.contains(&Effect::Controller { slot: Some(FIRST) }));
}

#[test]
fn nobody_takes_the_controls_without_a_control_grant() {
    let mut world = World::connected(Rights::CONTROL);
    command(&mut world, ADA, Command::Invite { technician: BOB }).unwrap();
    world.grants(BOB, Rights::VIEW);
    for (from, to) in [(SECOND, SECOND), (FIRST, SECOND), (SECOND, FIRST)] {
        let taken = world.does(Event::Controller(from, to));
        assert_eq!(taken.unwrap_err(), NotAllowed::NoControl);
    }
}

#[test]
fn after_stop_the_viewer_stays_and_a_new_grant_connects_it_again() {
    let mut world = World::connected(Rights::CONTROL);
    let effects = world.does(Event::Lowered(FIRST, Rights::NONE)).unwrap();
    assert!(effects.contains(&Effect::Flush { slot: FIRST }));
    assert_eq!(world.consent(ADA), Some(Consent::Idle));
    world.asks(ADA, Rights::VIEW).unwrap();
    let effects = world.does(Event::Answer(ADA, Rights::VIEW)).unwrap();
    assert!(effects.contains(&Effect::Connected { slot: FIRST }));
}

#[test]
fn a_stop_is_told_until_somebody_asks_again_and_no_other_end_of_a_grant_is_one() {
    let stopped = |world: &World| {
        let member = world.session.facts().member_of(ADA).unwrap().stopped;
        let shown = world.session.sub_state(world.now).stopped;
        assert_eq!(member, shown);
        member
    };
    let mut world = World::connected(Rights::CONTROL);
    world.does(Event::Lowered(FIRST, Rights::VIEW)).unwrap();
    assert!(!stopped(&world), "view only is no stop");
    world.does(Event::Lowered(FIRST, Rights::NONE)).unwrap();
    assert!(stopped(&world));
    world.asks(ADA, Rights::VIEW).unwrap();
    assert!(!stopped(&world));
    world.does(Event::Answer(ADA, Rights::VIEW)).unwrap();
    world.does(Event::Lowered(FIRST, Rights::NONE)).unwrap();
    world.does(Event::Left).unwrap();
    assert!(!stopped(&world), "who left is not there any more");
    assert!(world.session.sub_state(world.now).left);
    world.does(Event::Joined(Arrival::Invited)).unwrap();
    assert!(!world.session.sub_state(world.now).left);
    world.does(Event::Lost).unwrap();
    world.sleeps(60);
    assert!(
        !world.session.sub_state(world.now).left,
        "nobody chose that"
    );
}

#[test]
fn an_agent_that_believes_in_more_than_the_desk_knows_is_set_right() {
    let mut world = World::with_agent();
    let effects = world.does(Event::Lowered(FIRST, Rights::VIEW)).unwrap();
    assert_eq!(effects, [Effect::Removed { slot: FIRST }]);
}

#[test]
fn routing_gives_only_what_nobody_has() {
    let mut world = World::new();
    let routed = world.does(Event::Routed(BOB));
    assert_eq!(routed.unwrap_err(), NotAllowed::AlreadyAssigned);
    command(&mut world, ADA, Command::Release).unwrap();
    let effects = world.does(Event::Routed(BOB)).unwrap();
    assert_eq!(world.session.facts().assigned().unwrap().technician, BOB);
    let technician = BOB;
    assert!(effects.contains(&Effect::Happened(Happening {
        by: By::Desk,
        what: What::Assigned { technician },
    })));
}

#[test]
fn what_the_channel_takes_away_ends_at_once_and_the_rest_stays() {
    let mut world = World::connected(Rights::CONTROL);
    assert_eq!(
        world.does(Event::Permissions(ADA, Rights::CONTROL)),
        Ok(vec![])
    );

    let effects = world.does(Event::Permissions(ADA, Rights::VIEW)).unwrap();
    let (slot, rights) = (FIRST, Rights::VIEW);
    assert!(effects.contains(&Effect::Lowered { slot, rights }));
    assert!(effects.contains(&Effect::Controller { slot: None }));
    assert!(!effects.iter().any(|one| matches!(
        one,
        Effect::EndViewer { .. } | Effect::Removed { .. } | Effect::Flush { .. }
    )));
    let facts = world.session.facts();
    assert_eq!(facts.allowed(FIRST, world.now), Rights::VIEW);

    let effects = world.does(Event::Permissions(ADA, Rights::NONE)).unwrap();
    let reason = EndReason::Removed;
    assert!(effects.contains(&Effect::EndViewer { slot, reason }));
    assert!(effects.contains(&Effect::Removed { slot }));
    assert_eq!(
        world.session.facts().granted(FIRST, world.now),
        Rights::NONE
    );
}

#[test]
fn what_the_channel_takes_away_while_the_agent_is_lost_is_said_when_it_resumes() {
    let mut world = World::connected(Rights::CONTROL);
    world.does(Event::Lost).unwrap();
    world.does(Event::Permissions(ADA, Rights::VIEW)).unwrap();
    let resumed = world.does(Event::Joined(Arrival::Resumed)).unwrap();
    let (slot, rights) = (FIRST, Rights::VIEW);
    assert!(resumed.contains(&Effect::Lowered { slot, rights }));
    // It says what it believed in before it heard that.
    let effects = world.does(Event::Lowered(slot, Rights::CONTROL)).unwrap();
    assert_eq!(effects, [Effect::Lowered { slot, rights }]);
    assert_eq!(world.session.facts().allowed(slot, world.now), rights);
}

#[test]
fn closed_is_final_and_delete_hides() {
    let mut world = World::connected(Rights::CONTROL);
    let effects = command(&mut world, ADA, Command::Close).unwrap();
    let reason = EndReason::Closed;
    assert!(effects.contains(&Effect::EndAgent { reason }));
    assert!(effects.contains(&Effect::EndViewer {
        slot: FIRST,
        reason
    }));
    let extended = command(&mut world, ADA, Command::Extend { by: HOUR });
    assert_eq!(extended.unwrap_err(), NotAllowed::Closed);
    command(&mut world, ADA, Command::Delete).unwrap();
    assert!(world.session.actions_for(actor(ADA), world.now).is_empty());
}

#[test]
fn i_do_not_know_this_person_closes_the_session_and_alerts() {
    let mut world = World::new();
    let effects = world.does(Event::Disowned).unwrap();
    assert!(effects.contains(&Effect::AlertManagers));
    assert_eq!(world.status(), Status::Closed);
}

#[test]
fn pause_flushes_and_keeps_the_grant() {
    let mut world = World::connected(Rights::CONTROL);
    let effects = world.does(Event::Paused(true)).unwrap();
    assert!(effects.contains(&Effect::Flush { slot: FIRST }));
    assert_eq!(
        world.session.facts().allowed(FIRST, world.now),
        Rights::CONTROL
    );
    assert!(world.session.sub_state(world.now).paused);
}

#[test]
fn what_i_may_do_now_depends_on_my_part_and_on_the_state() {
    let mut world = World::new();
    let names = |world: &World, who| -> Vec<&str> {
        let actions = world.session.actions_for(who, world.now);
        actions.into_iter().map(Action::name).collect()
    };
    assert_eq!(
        names(&world, plain(ADA)),
        [
            "see",
            "release",
            "close",
            "show_pin",
            "new_pin",
            "copy_link",
            "invite",
            "edit",
            "chat",
            "whisper",
            "note"
        ]
    );
    assert!(names(&world, plain(BOB)).is_empty());
    world.does(Event::Joined(Arrival::Invited)).unwrap();
    assert!(names(&world, plain(ADA)).contains(&"ask"));
    world.grants(ADA, Rights::VIEW);
    assert!(names(&world, plain(ADA)).contains(&"connect"));
    command(&mut world, ADA, Command::Release).unwrap();
    assert_eq!(
        names(&world, plain(BOB)),
        [
            "see",
            "take",
            "close",
            "show_pin",
            "new_pin",
            "copy_link",
            "edit",
            "whisper",
            "note"
        ]
    );
}

#[test]
fn a_gateway_that_starts_again_finds_the_agent_lost_and_the_grants_kept() {
    let mut world = World::connected(Rights::CONTROL);
    let facts = world.session.facts().clone().after_restart(world.now);
    world.session = Session::from_facts(facts);
    assert_eq!(world.status(), Status::Active);
    let granted = world.session.facts().granted(FIRST, world.now);
    assert_eq!(granted, Rights::CONTROL);
    assert_eq!(
        world.session.facts().allowed(FIRST, world.now),
        Rights::NONE
    );
    world.does(Event::Joined(Arrival::Resumed)).unwrap();
    world.does(Event::Viewer(FIRST)).unwrap();
    assert_eq!(
        world.session.facts().allowed(FIRST, world.now),
        Rights::CONTROL
    );
}
