//! The desk's rules about requests and verification codes; the names are the specification.

use mayday_protocol::Slot;
use mayday_protocol::control::Rights;

use super::oracle::*;
use super::*;

const FIRST: Slot = Slot::ALL[0];

/// Bob is assigned, his agent is here, and his question waits for its code.
fn bob_asks() -> World {
    let mut world = World::new();
    let assign = Command::Assign { technician: BOB };
    world.does(Event::Command(ADA, assign)).unwrap();
    world.does(Event::Joined(Arrival::Invited)).unwrap();
    let ask = Command::Ask {
        ask: mayday_protocol::AskId(0),
        rights: Rights::CONTROL,
        verification: None,
    };
    world.does(Event::Command(BOB, ask)).unwrap();
    world
}

fn granted(world: &World) -> Rights {
    world.session.facts().granted(FIRST, world.now)
}

#[test]
fn a_yes_with_the_right_code_grants() {
    let mut world = bob_asks();
    world.does(Event::Answer(BOB, Rights::CONTROL)).unwrap();
    assert_eq!(granted(&world), Rights::CONTROL);
}

#[test]
fn a_yes_with_a_wrong_code_grants_nothing_counts_as_rejected_and_the_agent_is_told() {
    let mut world = bob_asks();
    let effects = world.does(Event::Unverified(BOB, Rights::CONTROL)).unwrap();
    assert_eq!(granted(&world), Rights::NONE);
    let withdrawn = |one: &Effect| matches!(one, Effect::Withdraw { .. });
    assert!(effects.iter().any(withdrawn));
    let consent = world.session.facts().consent(FIRST, world.now);
    assert!(matches!(
        consent,
        Some(Consent::Rejected { in_a_row: 1, .. })
    ));
}

#[test]
fn a_no_needs_no_code() {
    let mut world = bob_asks();
    let effects = world.does(Event::Unverified(BOB, Rights::NONE)).unwrap();
    let rejected = |one: &Effect| {
        let Effect::Happened(happening) = one else {
            return false;
        };
        matches!(happening.what, What::Rejected { .. })
    };
    assert!(effects.iter().any(rejected));
}

#[test]
fn the_place_in_the_queue_counts_from_when_nobody_was_assigned_and_survives_a_lost_network() {
    let mut world = World::new();
    assert_eq!(world.session.facts().queued_at, None);
    world.does(Event::Joined(Arrival::Invited)).unwrap();
    world.does(Event::Sleep(HOUR / 2)).unwrap();
    world.does(Event::Command(ADA, Command::Release)).unwrap();
    let since = Some(world.now);
    assert_eq!(world.session.facts().queued_at, since);
    world.does(Event::Sleep(HOUR / 600)).unwrap();
    world.does(Event::Lost).unwrap();
    world.does(Event::Joined(Arrival::Resumed)).unwrap();
    assert_eq!(world.session.facts().queued_at, since);
    world.does(Event::Command(BOB, Command::Take)).unwrap();
    assert_eq!(world.session.facts().queued_at, None);
}

#[test]
fn a_request_can_be_withdrawn_until_somebody_took_it() {
    let mut world = World::new();
    world.does(Event::Joined(Arrival::Invited)).unwrap();
    world.does(Event::Cancelled).unwrap();
    assert_eq!(world.session.status(world.now), Status::Active);
    world.does(Event::Command(ADA, Command::Release)).unwrap();
    world.does(Event::Cancelled).unwrap();
    assert_eq!(world.session.status(world.now), Status::Closed);
    let closing = world.session.facts().closing.unwrap();
    assert_eq!(closing.by, ClosedBy::EndUser);
}
