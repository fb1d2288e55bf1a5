//! Long walks with a fixed seed: deeper than every sequence can be tried, with time that passes unnoticed in between.

use std::time::Duration;

use mayday_protocol::TechnicianId;

use super::world::{Event, World, events, screens};
use super::{Facts, Session};

const WALKS: u64 = 300;
const STEPS: usize = 250;

#[test]
fn long_walks_break_no_rule() {
    for seed in 1..=WALKS {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut world = World::new();
        for _ in 0..STEPS {
            let event = dice.event();
            let _ = world.does(event);
            late_is_like_punctual(&world);
        }
    }
}

/// What is computed from the facts and the time is the same before and after the deadlines are handled.
fn late_is_like_punctual(world: &World) {
    let mut handled = world.session.clone();
    handled.handle_timeout(world.now);
    let (early, late): (&Facts, &Facts) = (world.session.facts(), handled.facts());
    let now = world.now;
    assert_eq!(early.status(now), late.status(now));
    assert_eq!(early.sub_state(now), late.sub_state(now), "{early:#?}");
    assert_eq!(early.controls(now), late.controls(now));
    for member in &early.members {
        let slot = member.slot;
        assert_eq!(
            early.consent(slot, now),
            late.consent(slot, now),
            "{early:#?}"
        );
        assert_eq!(early.allowed(slot, now), late.allowed(slot, now));
        assert_eq!(early.granted(slot, now), late.granted(slot, now));
    }
    assert_eq!(Session::from_facts(late.clone()).facts(), late);
}

/// Xorshift: good enough to wander, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap_or(0)
    }

    fn event(&mut self) -> Event {
        let events = events();
        match self.roll(10) {
            0 => Event::Sleep(Duration::from_millis(self.roll(70_000) as u64)),
            1 => Event::Screen(screens()[self.roll(2)]),
            _ => {
                let event = events[self.roll(events.len())];
                self.swap_in_a_third(event)
            }
        }
    }

    /// Now and then a third technician appears, for a full house.
    fn swap_in_a_third(&mut self, event: Event) -> Event {
        use super::Command::{Assign, Invite, TransferUser};
        let third = TechnicianId(3);
        match (event, self.roll(3)) {
            (Event::Command(who, Invite { .. }), 0) => {
                Event::Command(who, Invite { technician: third })
            }
            (Event::Command(who, Assign { .. }), 0) => {
                Event::Command(who, Assign { technician: third })
            }
            (Event::Command(who, TransferUser { .. }), 0) => {
                Event::Command(who, TransferUser { technician: third })
            }
            (Event::Command(_, command), 1) => Event::Command(third, command),
            (Event::Answer(_, rights), 1) => Event::Answer(third, rights),
            // Ends would end most walks early.
            (Event::Disowned, _) => Event::Deadline,
            (event, _) => event,
        }
    }
}
