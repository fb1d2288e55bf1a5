//! The consent rules one by one, then every short sequence and many long ones.

use std::collections::BTreeSet;
use std::time::Duration;

use mayday_protocol::control::Rights;
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::oracle::{Event, World};
use super::*;

const FIRST: Slot = Slot::ALL[0];
const SECOND: Slot = Slot::ALL[1];

fn asks(technician: u8, slot: Slot, rights: Rights) -> Event {
    Event::Asks {
        technician,
        slot,
        rights,
    }
}

fn waits(seconds: u64) -> Event {
    Event::Waits(Duration::from_secs(seconds))
}

/// Technician 1, in the first slot, holds these rights.
fn granted(rights: Rights) -> World {
    let mut world = World::new();
    world.does(asks(1, FIRST, rights));
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Allow));
    assert_eq!(world.consent.rights(FIRST), rights);
    world
}

#[test]
fn the_first_second_is_deaf_to_allow_and_reject_and_not_to_stop() {
    for action in [UserAction::Allow, UserAction::ViewOnly, UserAction::Reject] {
        let mut world = World::new();
        world.does(asks(1, FIRST, Rights::CONTROL));
        world.does(Event::Waits(Duration::from_millis(999)));
        assert_eq!(world.does(Event::Acts(action)), []);
        assert!(world.consent.is_prompting());
        let effects = world.does(Event::Acts(UserAction::Stop));
        assert!(effects.contains(&Effect::HidePrompt));
        assert!(effects.contains(&Effect::rejected(AskId(1))));
    }
}

#[test]
fn allow_grants_what_was_asked_and_view_only_no_control() {
    let world = granted(Rights::CONTROL);
    assert!(world.consent.may_see(FIRST) && world.consent.may_inject(FIRST));
    assert!(!world.consent.may_see(SECOND));

    let mut world = World::new();
    world.does(asks(1, FIRST, Rights::CONTROL));
    world.does(waits(2));
    world.does(Event::Acts(UserAction::ViewOnly));
    assert!(world.consent.may_see(FIRST) && !world.consent.may_inject(FIRST));
}

#[test]
fn the_countdown_ends_without_an_answer_and_is_told_as_that() {
    let mut world = World::new();
    world.does(asks(1, FIRST, Rights::CONTROL));
    world.does(waits(29));
    assert!(world.consent.is_prompting());
    let effects = world.does(waits(1));
    assert!(effects.contains(&Effect::Unanswered { ask: AskId(1) }));
    assert!(!effects.contains(&Effect::rejected(AskId(1))));
    assert!(!world.consent.is_prompting() && world.consent.ran_out());
    world.does(waits(5));
    world.does(asks(1, FIRST, Rights::CONTROL));
    assert!(!world.consent.ran_out(), "something is asked again");
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Reject));
    assert!(!world.consent.ran_out(), "this one was answered");
}

#[test]
fn a_question_with_a_code_waits_long_enough_to_hear_and_type_it() {
    let mut world = World::new();
    // Technician 4 needs one.
    world.does(asks(4, FIRST, Rights::CONTROL));
    world.does(waits(89));
    assert!(world.consent.is_prompting());
    let effects = world.does(waits(1));
    assert!(effects.contains(&Effect::Unanswered { ask: AskId(1) }));
}

#[test]
fn while_a_prompt_is_shown_nothing_is_injected_and_keys_are_released() {
    let mut world = granted(Rights::CONTROL);
    let effects = world.does(asks(2, SECOND, Rights::VIEW));
    assert_eq!(effects[0], Effect::ReleaseKeys);
    assert!(!world.consent.may_inject(FIRST) && world.consent.may_see(FIRST));
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Reject));
    assert!(world.consent.may_inject(FIRST));
}

#[test]
fn prompts_come_one_at_a_time_and_each_is_deaf_at_first() {
    let mut world = World::new();
    world.does(asks(1, FIRST, Rights::VIEW));
    assert_eq!(world.does(asks(2, SECOND, Rights::CONTROL)), []);
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Allow));
    assert!(world.consent.is_prompting());
    world.does(Event::Acts(UserAction::Allow));
    assert_eq!(world.consent.rights(SECOND), Rights::NONE);
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Allow));
    assert_eq!(world.consent.rights(SECOND), Rights::CONTROL);
}

#[test]
fn after_a_rejection_5_s_pass_and_after_three_only_the_end_user_invites() {
    let mut world = World::new();
    for _ in 0..3 {
        world.does(asks(1, FIRST, Rights::VIEW));
        world.does(waits(2));
        world.does(Event::Acts(UserAction::Reject));
        world.does(waits(4));
        world.does(asks(1, FIRST, Rights::VIEW));
        assert!(!world.consent.is_prompting());
        world.does(waits(1));
    }
    world.does(waits(3600));
    world.does(asks(1, FIRST, Rights::VIEW));
    assert!(!world.consent.is_prompting() && world.consent.can_invite_again());
    let effects = world.does(Event::Acts(UserAction::InviteAgain));
    let technician = TechnicianId(1);
    assert!(effects.contains(&Effect::InviteAgain { technician }));
    world.does(asks(1, FIRST, Rights::VIEW));
    assert!(world.consent.is_prompting());
}

#[test]
fn who_is_shut_out_stays_so_when_the_agent_joins_anew() {
    let mut world = World::new();
    for _ in 0..3 {
        world.does(asks(1, FIRST, Rights::VIEW));
        world.does(waits(30));
        world.does(waits(5));
    }
    world.does(Event::Lost);
    world.does(Event::Joined);
    world.does(asks(1, FIRST, Rights::VIEW));
    assert!(!world.consent.is_prompting());
}

#[test]
fn a_question_that_the_gateways_countdown_withdrew_counts_as_rejected_here_too() {
    let mut world = World::new();
    for _ in 0..3 {
        world.does(asks(1, FIRST, Rights::VIEW));
        world.does(Event::Waits(Duration::from_millis(29_900)));
        world.does(Event::Withdraws { technician: 1 });
        world.does(waits(6));
    }
    assert!(world.consent.can_invite_again());

    let mut world = World::new();
    world.does(asks(1, FIRST, Rights::VIEW));
    world
        .consent
        .handle_withdrawn(AskId(1), true, world.now.after(COUNTDOWN / 2));
    assert!(world.consent.ran_out() && !world.consent.is_prompting());
}

#[test]
fn asking_and_withdrawing_again_and_again_is_rejected_like_asking() {
    let mut world = World::new();
    for _ in 0..3 {
        world.does(asks(1, FIRST, Rights::VIEW));
        assert!(world.consent.is_prompting());
        let effects = world.does(Event::Withdraws { technician: 1 });
        assert_eq!(effects, [Effect::HidePrompt, Effect::Changed]);
        world.does(asks(1, FIRST, Rights::VIEW));
        assert!(!world.consent.is_prompting(), "5 s have not passed");
        world.does(waits(5));
    }
    world.does(waits(600));
    world.does(asks(1, FIRST, Rights::VIEW));
    assert!(!world.consent.is_prompting());
    assert!(world.consent.can_invite_again());
}

#[test]
fn a_grant_whose_question_turns_out_void_ends() {
    let mut world = granted(Rights::CONTROL);
    let effects = world.does(Event::Withdraws { technician: 1 });
    assert!(effects.contains(&Effect::EndView { slot: FIRST }));
    assert!(!world.consent.may_see(FIRST));
}

#[test]
fn raising_asks_again_and_a_no_leaves_the_view() {
    let mut world = granted(Rights::VIEW);
    world.does(asks(1, FIRST, Rights::CONTROL));
    assert!(world.consent.may_see(FIRST));
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Reject));
    assert_eq!(world.consent.rights(FIRST), Rights::VIEW);
    world.does(waits(5));
    world.does(asks(1, FIRST, Rights::CONTROL));
    world.does(waits(2));
    let effects = world.does(Event::Acts(UserAction::Allow));
    assert!(
        !effects
            .iter()
            .any(|one| matches!(one, Effect::StartView(_)))
    );
    assert!(
        effects
            .iter()
            .any(|one| matches!(one, Effect::StartControl(_)))
    );
}

#[test]
fn stop_ends_everything_before_anything_is_told() {
    let mut world = granted(Rights::CONTROL);
    let effects = world.does(Event::Acts(UserAction::Stop));
    let (slot, rights) = (FIRST, Rights::NONE);
    assert_eq!(
        effects,
        [
            Effect::EndControl { slot },
            Effect::ReleaseKeys,
            Effect::EndView { slot },
            Effect::Lowered { slot, rights },
            Effect::Changed,
        ]
    );
}

#[test]
fn pause_keeps_the_grant_and_stop_ends_the_pause() {
    let mut world = granted(Rights::CONTROL);
    let effects = world.does(Event::Acts(UserAction::Pause));
    assert!(effects.contains(&Effect::Paused { paused: true }));
    assert!(!world.consent.may_see(FIRST) && !world.consent.may_inject(FIRST));
    assert_eq!(world.consent.rights(FIRST), Rights::CONTROL);
    world.does(Event::Acts(UserAction::Resume));
    assert!(world.consent.may_inject(FIRST));
    world.does(Event::Acts(UserAction::Pause));
    let effects = world.does(Event::Acts(UserAction::Stop));
    assert!(effects.contains(&Effect::Paused { paused: false }));
}

#[test]
fn a_pause_is_not_ended_by_a_key_typed_ahead_of_a_prompt() {
    let mut world = granted(Rights::CONTROL);
    world.does(Event::Acts(UserAction::Pause));
    world.does(asks(2, SECOND, Rights::VIEW));
    world.does(Event::Acts(UserAction::Resume));
    assert!(world.consent.is_paused());
}

#[test]
fn view_only_takes_the_controls_from_everybody() {
    let mut world = granted(Rights::CONTROL);
    let effects = world.does(Event::Acts(UserAction::LowerToView));
    let (slot, rights) = (FIRST, Rights::VIEW);
    assert!(effects.contains(&Effect::Lowered { slot, rights }));
    assert!(world.consent.may_see(FIRST) && !world.consent.may_inject(FIRST));
}

#[test]
fn a_lost_connection_keeps_grants_for_60_s_and_injects_nothing_meanwhile() {
    let mut world = granted(Rights::CONTROL);
    world.does(Event::Lost);
    assert!(!world.consent.may_inject(FIRST) && !world.consent.may_see(FIRST));
    world.does(waits(59));
    let effects = world.does(Event::Resumed);
    let (slot, rights) = (FIRST, Rights::CONTROL);
    assert!(effects.contains(&Effect::Lowered { slot, rights }));
    assert!(world.consent.may_inject(FIRST));
    world.does(Event::Lost);
    let effects = world.does(waits(60));
    assert!(effects.contains(&Effect::EndView { slot }));
}

#[test]
fn another_technician_in_the_same_slot_inherits_nothing() {
    let mut world = granted(Rights::CONTROL);
    let effects = world.does(asks(2, FIRST, Rights::CONTROL));
    assert!(effects.contains(&Effect::EndView { slot: FIRST }));
    assert_eq!(world.consent.rights(FIRST), Rights::NONE);
}

#[test]
fn only_one_controls_and_only_with_a_control_grant() {
    let mut world = granted(Rights::CONTROL);
    world.does(asks(2, SECOND, Rights::CONTROL));
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Allow));
    assert!(world.consent.may_inject(FIRST) && !world.consent.may_inject(SECOND));
    let effects = world.does(Event::Controller(Some(SECOND)));
    assert_eq!(effects, [Effect::ReleaseKeys, Effect::Changed]);
    assert!(!world.consent.may_inject(FIRST) && world.consent.may_inject(SECOND));
    world.does(Event::Controller(Some(Slot::ALL[2])));
    assert!(world.consent.may_inject(SECOND));
}

#[test]
fn a_grant_ends_by_itself_after_a_working_day() {
    let mut world = granted(Rights::VIEW);
    world.does(Event::Waits(GRANT_LASTS - Duration::from_secs(3)));
    assert!(world.consent.may_see(FIRST));
    world.does(waits(3));
    assert!(!world.consent.may_see(FIRST));
}

#[test]
fn nothing_can_be_granted_after_leave() {
    let mut world = granted(Rights::VIEW);
    let effects = world.does(Event::Acts(UserAction::Leave));
    assert_eq!(effects.last(), Some(&Effect::Leave));
    for event in [Event::Resumed, Event::Joined, asks(1, FIRST, Rights::VIEW)] {
        world.does(event);
    }
    assert!(!world.consent.is_prompting());
}

#[test]
fn every_sequence_of_four_events_keeps_the_rules() {
    let events = [
        asks(1, FIRST, Rights::VIEW),
        asks(1, FIRST, Rights::CONTROL),
        asks(2, SECOND, Rights::CONTROL),
        asks(3, FIRST, Rights::CONTROL),
        Event::Withdraws { technician: 1 },
        Event::Acts(UserAction::Allow),
        Event::Acts(UserAction::ViewOnly),
        Event::Acts(UserAction::Reject),
        Event::Acts(UserAction::Pause),
        Event::Acts(UserAction::Resume),
        Event::Acts(UserAction::LowerToView),
        Event::Acts(UserAction::Stop),
        Event::Acts(UserAction::Leave),
        Event::Removed(FIRST),
        Event::Lowered(FIRST, Rights::VIEW),
        Event::Controller(None),
        Event::Controller(Some(SECOND)),
        Event::Lost,
        Event::Resumed,
        Event::Joined,
        waits(1),
        waits(29),
        waits(60),
    ];
    // From an agent in use and from a fresh one, with a second now and then, so that prompts hear.
    for (start, length) in [(Rights::CONTROL, 4), (Rights::VIEW, 3), (Rights::NONE, 3)] {
        for number in 0..events.len().pow(length) {
            let mut world = match start {
                Rights::NONE => World::new(),
                rights => granted(rights),
            };
            let mut number = number;
            for step in 0..length {
                world.does(events[number % events.len()]);
                if step % 2 == 0 {
                    world.does(waits(1));
                }
                number /= events.len();
            }
        }
    }
}

#[test]
fn long_walks_keep_the_rules_and_get_everywhere() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut met = BTreeSet::new();
    for _ in 0..1000 {
        let mut world = World::new();
        for _ in 0..200 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let [what, how, ..] = random.to_be_bytes();
            world.does(Event::from_bytes(what, how));
            let consent = &world.consent;
            let held = consent.held().count();
            met.insert((held, consent.is_prompting(), consent.is_paused()));
        }
    }
    for state in [(3, true, true), (3, false, false), (0, true, false)] {
        assert!(met.contains(&state), "{state:?} was never met: {met:?}");
    }
}

const RIGHT: &str = "4711";

fn says(code: &str) -> Event {
    Event::Acts(UserAction::Code(code.parse().ok()))
}

/// Technician 4 asks; the end user must type the code.
fn asked_for_a_code() -> World {
    let mut world = World::new();
    world.does(asks(4, FIRST, Rights::CONTROL));
    world.does(waits(2));
    world
}

#[test]
fn without_the_code_or_with_a_wrong_one_nothing_is_granted() {
    for code in ["", "0815", "1174"] {
        let mut world = asked_for_a_code();
        world.does(says(code));
        for action in [UserAction::Allow, UserAction::ViewOnly] {
            assert_eq!(world.does(Event::Acts(action)), []);
        }
        assert_eq!(world.consent.rights(FIRST), Rights::NONE);
        assert!(world.consent.is_prompting());
    }
}

#[test]
fn the_right_code_alone_grants_nothing_and_with_allow_it_goes_to_the_gateway() {
    let mut world = asked_for_a_code();
    world.does(says("0815"));
    world.does(says(RIGHT));
    assert_eq!(world.consent.rights(FIRST), Rights::NONE);
    let effects = world.does(Event::Acts(UserAction::Allow));
    let answer = Effect::Answer {
        ask: AskId(1),
        rights: Rights::CONTROL,
        code: RIGHT.parse().ok(),
    };
    assert!(effects.contains(&answer));
    assert_eq!(world.consent.rights(FIRST), Rights::CONTROL);
}

#[test]
fn the_third_wrong_code_rejects_and_taking_a_right_one_back_counts() {
    let mut world = asked_for_a_code();
    for _ in 0..2 {
        world.does(says("0815"));
        assert!(world.consent.is_prompting());
    }
    let effects = world.does(says("0815"));
    assert!(effects.contains(&Effect::rejected(AskId(1))));
    assert!(!world.consent.is_prompting());

    let mut world = asked_for_a_code();
    world.does(says(RIGHT));
    world.does(Event::Acts(UserAction::Code(None)));
    world.does(Event::Acts(UserAction::Allow));
    assert_eq!(world.consent.rights(FIRST), Rights::NONE);
}

#[test]
fn a_code_typed_ahead_in_the_first_second_does_not_count() {
    let mut world = World::new();
    world.does(asks(4, FIRST, Rights::VIEW));
    world.does(says(RIGHT));
    world.does(waits(2));
    world.does(Event::Acts(UserAction::Allow));
    assert_eq!(world.consent.rights(FIRST), Rights::NONE);
    world.does(says(RIGHT));
    world.does(Event::Acts(UserAction::Allow));
    assert_eq!(world.consent.rights(FIRST), Rights::VIEW);
}

#[test]
fn rejecting_needs_no_code() {
    let mut world = asked_for_a_code();
    let effects = world.does(Event::Acts(UserAction::Reject));
    assert!(effects.contains(&Effect::rejected(AskId(1))));
}
