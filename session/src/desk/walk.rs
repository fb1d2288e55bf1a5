//! Every sequence of events up to a length, breadth-first over distinct states, with the invariants of `oracle` asserted at each.

use std::collections::HashSet;

use super::oracle::{World, events};
use crate::desk::{Consent, Status};

const DEPTH: usize = 7;

#[test]
fn no_sequence_of_seven_events_breaks_a_rule() {
    let mut start = World::new();
    start.unique_asks = false;
    let events = events();
    let mut seen = HashSet::from([start.key()]);
    let mut frontier = vec![start];
    let mut reached = Reached::default();
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for world in &frontier {
            for &event in &events {
                let mut after = world.clone();
                let _ = after.does(event);
                if seen.insert(after.key()) {
                    reached.note(&after);
                    next.push(after);
                }
            }
        }
        frontier = next;
    }
    reached.everything();
    assert!(seen.len() > 5_000, "only {} states", seen.len());
}

/// A walk that does not get far proves little: what must have been met on the way.
#[derive(Default)]
struct Reached {
    statuses: HashSet<Status>,
    two_granted: bool,
    raised_while_connected: bool,
    rejected: bool,
    unanswered: bool,
    connected_past_the_expiration: bool,
}

impl Reached {
    fn note(&mut self, world: &World) {
        let facts = world.session.facts();
        self.statuses.insert(world.status());
        let granted = facts.members.iter().filter(|one| one.grant.is_some());
        self.two_granted |= granted.count() == 2;
        for member in &facts.members {
            let consent = facts.consent(member.slot, world.now);
            self.rejected |= matches!(consent, Some(Consent::Rejected { .. }));
            self.unanswered |= matches!(consent, Some(Consent::Unanswered { .. }));
            if matches!(consent, Some(Consent::Connected { .. })) {
                self.raised_while_connected |= member.ask.is_some();
                self.connected_past_the_expiration |= facts.expires_at <= world.now;
            }
        }
    }

    fn everything(&self) {
        assert_eq!(self.statuses.len(), 5, "{:?}", self.statuses);
        assert!(self.two_granted && self.raised_while_connected && self.rejected);
        assert!(self.unanswered && self.connected_past_the_expiration);
    }
}
