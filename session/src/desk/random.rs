//! Long walks with a fixed seed: deeper than every sequence can be tried, with time that passes unnoticed in between.

use std::collections::HashSet;

use super::oracle::walk;

const WALKS: usize = 600;
const STEPS: usize = 250;

#[test]
fn long_walks_break_no_rule_and_get_everywhere() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut met = HashSet::new();
    for _ in 0..WALKS {
        let bytes: Vec<u8> = (0..2 * STEPS)
            .map(|_| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                (random >> 32) as u8
            })
            .collect();
        for length in [STEPS / 10, 2 * STEPS] {
            let world = walk(&bytes[..length]);
            let facts = world.session.facts();
            met.insert((facts.status(world.now), facts.members.len()));
        }
    }
    let statuses: HashSet<_> = met.iter().map(|one| one.0).collect();
    assert_eq!(statuses.len(), 5, "{met:?}");
    assert!(met.iter().any(|one| one.1 == 3), "{met:?}");
}
