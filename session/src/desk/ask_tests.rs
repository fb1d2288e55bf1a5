//! The desk's rules about a technician's question and the end user's answer; the names are the specification.

use mayday_protocol::control::Rights;
use mayday_protocol::{AskId, Slot};

use super::oracle::*;
use super::tests::command;
use super::*;

const FIRST: Slot = Slot::ALL[0];

#[test]
fn an_unanswered_question_counts_as_rejected_after_30_s_and_the_agent_hears_it() {
    let mut world = World::with_agent();
    world.asks(ADA, Rights::VIEW).unwrap();
    world.sleeps(29);
    assert!(matches!(world.consent(ADA), Some(Consent::Asking { .. })));
    let effects = world.sleeps(1);
    let told = |one: &Effect| {
        matches!(
            one,
            Effect::Withdraw {
                unanswered: true,
                ..
            }
        )
    };
    assert!(effects.iter().any(told));
    let in_a_row = 1;
    let happened = Effect::Happened(Happening {
        by: By::Time,
        what: What::Unanswered {
            technician: ADA,
            in_a_row,
        },
    });
    assert!(effects.contains(&happened));
    let again = AskAgain::From(world.now.after(REJECT_PAUSE));
    let unanswered = Consent::Unanswered { in_a_row, again };
    assert_eq!(world.consent(ADA), Some(unanswered));
    world.sleeps(5);
    world.asks(ADA, Rights::VIEW).unwrap();
    world.does(Event::Answer(ADA, Rights::NONE)).unwrap();
    let again = AskAgain::From(world.now.after(REJECT_PAUSE));
    let rejected = Consent::Rejected { in_a_row: 2, again };
    assert_eq!(world.consent(ADA), Some(rejected), "this one was answered");
}

#[test]
fn the_agents_countdown_may_be_the_first_to_end_and_counts_once() {
    let mut world = World::with_agent();
    world.asks(ADA, Rights::VIEW).unwrap();
    let ask = world.session.facts().members[0].ask.unwrap().ask;
    world.sleeps(29);
    world.session.handle_unanswered(ask, world.now);
    world.sleeps(1);
    world.session.handle_unanswered(ask, world.now);
    let rejections = &world.session.facts().rejections;
    assert_eq!((rejections.len(), rejections[0].in_a_row), (1, 1));
    assert!(rejections[0].unanswered);
}

#[test]
fn after_a_rejection_5_s_pass_and_after_three_only_the_end_user_invites_again() {
    let mut world = World::with_agent();
    for _ in 0..3 {
        world.asks(ADA, Rights::VIEW).unwrap();
        world.does(Event::Answer(ADA, Rights::NONE)).unwrap();
        assert!(world.asks(ADA, Rights::VIEW).is_err());
        world.sleeps(5);
    }
    assert_eq!(world.asks(ADA, Rights::VIEW), Err(NotAllowed::OnlyInvited));
    world.sleeps(600);
    assert_eq!(world.asks(ADA, Rights::VIEW), Err(NotAllowed::OnlyInvited));
    world.does(Event::InviteAgain(ADA)).unwrap();
    assert!(world.asks(ADA, Rights::VIEW).is_ok());
}

#[test]
fn asking_and_withdrawing_again_and_again_is_rejected_like_asking() {
    let mut world = World::with_agent();
    for _ in 0..3 {
        world.asks(ADA, Rights::VIEW).unwrap();
        world.sleeps(1);
        world.does(Event::Command(ADA, Command::Withdraw)).unwrap();
        assert!(world.asks(ADA, Rights::VIEW).is_err());
        world.sleeps(5);
    }
    assert_eq!(world.asks(ADA, Rights::VIEW), Err(NotAllowed::OnlyInvited));
}

#[test]
fn three_rejections_follow_the_technician_out_of_the_session_and_in_again() {
    let mut world = World::with_agent();
    for _ in 0..3 {
        world.asks(ADA, Rights::VIEW).unwrap();
        world.does(Event::Answer(ADA, Rights::NONE)).unwrap();
        world.sleeps(5);
    }
    command(&mut world, ADA, Command::Release).unwrap();
    command(&mut world, ADA, Command::Take).unwrap();
    assert_eq!(world.asks(ADA, Rights::VIEW), Err(NotAllowed::OnlyInvited));
}

#[test]
fn a_grant_ends_the_count_of_rejections() {
    let mut world = World::with_agent();
    world.asks(ADA, Rights::VIEW).unwrap();
    world.does(Event::Answer(ADA, Rights::NONE)).unwrap();
    world.sleeps(5);
    world.grants(ADA, Rights::VIEW);
    assert!(world.session.facts().rejections.is_empty());
}

#[test]
fn a_late_answer_grants_nothing_and_the_agent_is_told() {
    let mut world = World::with_agent();
    world.asks(ADA, Rights::VIEW).unwrap();
    world.sleeps(30);
    let effects = world.does(Event::Forged(Rights::VIEW)).unwrap();
    assert_eq!(
        world.session.facts().granted(FIRST, world.now),
        Rights::NONE
    );
    let ask = AskId(u64::MAX);
    let unanswered = false;
    assert_eq!(effects, [Effect::Withdraw { ask, unanswered }]);
}

#[test]
fn the_answer_gives_no_more_than_was_asked() {
    let mut world = World::with_agent();
    world.asks(ADA, Rights::VIEW).unwrap();
    world.does(Event::Answer(ADA, Rights::CONTROL)).unwrap();
    assert_eq!(
        world.session.facts().granted(FIRST, world.now),
        Rights::VIEW
    );
}

#[test]
fn a_raise_is_asked_anew_while_the_view_goes_on() {
    let mut world = World::connected(Rights::VIEW);
    world.asks(ADA, Rights::CONTROL).unwrap();
    assert!(matches!(
        world.consent(ADA),
        Some(Consent::Connected { .. })
    ));
    world.does(Event::Answer(ADA, Rights::VIEW)).unwrap();
    assert_eq!(
        world.session.facts().allowed(FIRST, world.now),
        Rights::VIEW
    );
    assert_eq!(world.session.facts().rejections[0].in_a_row, 1);
    world.sleeps(5);
    world.grants(ADA, Rights::CONTROL);
    assert_eq!(
        world.session.facts().allowed(FIRST, world.now),
        Rights::CONTROL
    );
}
