//! What the order promises, and a random network that tries to break it.

use bytes::Bytes;
use mayday_protocol::update::{Copy, PictureKind, StageTimes};

use super::*;

const LAYOUT: Layout = Layout {
    width: 64,
    height: 64,
    stripe_height: 16,
};

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn update(epoch: u32, stripes: &[(u8, u32, bool)]) -> Update {
    Update {
        epoch: Epoch(epoch),
        layout: Some(LAYOUT),
        stages: StageTimes::default(),
        qp: 24,
        input: Sequence(0),
        follows: vec![],
        copies: vec![],
        stripes: stripes
            .iter()
            .map(|(index, picture, key)| Stripe {
                index: *index,
                picture: *picture,
                kind: if *key {
                    PictureKind::Anew
                } else {
                    PictureKind::Next
                },
                draw: vec![],
                data: Bytes::new(),
            })
            .collect(),
        tiles: vec![],
    }
}

fn feed(order: &mut Order, sequence: u32, update: Update, ms: u64) -> Vec<Effect> {
    let arrival = Arrival {
        first: at(ms),
        last: at(ms),
        bytes: 100,
    };
    order.handle_update(Class::Update, Sequence(sequence), update, arrival);
    effects(order)
}

fn effects(order: &mut Order) -> Vec<Effect> {
    std::iter::from_fn(|| order.poll_effect()).collect()
}

fn shown(effects: &[Effect]) -> Vec<u32> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Show(shown) => Some(shown.sequence.0),
            Effect::Reset(_) | Effect::Refresh { .. } => None,
        })
        .collect()
}

#[test]
fn the_first_update_with_a_layout_resets_and_is_shown() {
    let mut order = Order::default();
    let effects = feed(&mut order, 1, update(1, &[(0, 1, true)]), 0);
    assert_eq!(effects[0], Effect::Reset(LAYOUT));
    assert_eq!(shown(&effects), [1]);
}

#[test]
fn a_late_picture_holds_up_its_stripe_and_no_other() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true), (1, 1, true)]), 0);
    assert!(shown(&feed(&mut order, 3, update(1, &[(0, 3, false)]), 1)).is_empty());
    assert_eq!(
        shown(&feed(&mut order, 4, update(1, &[(1, 2, false)]), 2)),
        [4]
    );
    assert_eq!(order.queued(), 1);
    assert_eq!(
        shown(&feed(&mut order, 2, update(1, &[(0, 2, false)]), 3)),
        [2, 3]
    );
    assert_eq!(order.poll_timeout(), None);
}

#[test]
fn a_repeated_update_is_shown_once() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true)]), 0);
    assert_eq!(
        shown(&feed(&mut order, 2, update(1, &[(0, 2, false)]), 1)),
        [2]
    );
    assert!(feed(&mut order, 2, update(1, &[(0, 2, false)]), 2).is_empty());
}

#[test]
fn a_gap_is_asked_for_after_a_while_and_again_later() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true)]), 0);
    feed(&mut order, 3, update(1, &[(0, 3, false)]), 10);
    assert_eq!(order.poll_timeout(), Some(at(260)));
    order.handle_timeout(at(200));
    assert!(effects(&mut order).is_empty());
    order.handle_timeout(at(260));
    let refresh = Effect::Refresh {
        epoch: Epoch(1),
        stripes: 1,
    };
    assert_eq!(effects(&mut order), std::slice::from_ref(&refresh));
    assert_eq!(order.poll_timeout(), Some(at(1260)));
    order.handle_timeout(at(1260));
    assert_eq!(effects(&mut order), [refresh]);
    // The key picture ends the wait and overtakes what waited.
    assert_eq!(
        shown(&feed(&mut order, 9, update(1, &[(0, 9, true)]), 1300)),
        [3, 9]
    );
    assert_eq!(order.poll_timeout(), None);
    assert_eq!(order.queued(), 0);
}

#[test]
fn while_bytes_flow_nobody_is_late() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true)]), 0);
    feed(&mut order, 3, update(1, &[(0, 3, false)]), 10);
    order.handle_flowing(Sequence(2), at(500));
    assert_eq!(order.poll_timeout(), Some(at(2500)));
    order.handle_flowed(Sequence(2));
    assert_eq!(order.poll_timeout(), Some(at(260)));
}

#[test]
fn what_was_asked_for_and_flows_is_not_asked_for_again_but_at_last() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true)]), 0);
    order.handle_decoder_failed(0, at(5));
    effects(&mut order);
    assert_eq!(order.poll_timeout(), Some(at(1005)));
    order.handle_flowing(Sequence(4), at(900));
    assert_eq!(order.poll_timeout(), Some(at(1900)));
    order.handle_flowing(Sequence(4), at(7500));
    assert_eq!(order.poll_timeout(), Some(at(8005)));
}

#[test]
fn a_decoder_that_failed_goes_on_only_with_a_key_picture() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true)]), 0);
    order.handle_decoder_failed(0, at(5));
    assert!(matches!(
        effects(&mut order)[..],
        [Effect::Refresh { stripes: 1, .. }]
    ));
    assert!(shown(&feed(&mut order, 2, update(1, &[(0, 2, false)]), 6)).is_empty());
    assert_eq!(
        shown(&feed(&mut order, 3, update(1, &[(0, 3, true)]), 7)),
        [2, 3]
    );
}

#[test]
fn an_older_epoch_is_dropped_and_a_newer_one_waits_for_its_layout() {
    let mut order = Order::default();
    feed(&mut order, 5, update(2, &[(0, 1, true)]), 0);
    assert!(feed(&mut order, 1, update(1, &[(0, 1, true)]), 1).is_empty());
    let mut bare = update(3, &[(0, 2, false)]);
    bare.layout = None;
    assert!(feed(&mut order, 7, bare, 2).is_empty());
    let effects = feed(&mut order, 6, update(3, &[(0, 1, true)]), 3);
    assert_eq!(effects[0], Effect::Reset(LAYOUT));
    assert_eq!(shown(&effects), [6, 7]);
}

#[test]
fn an_epoch_whose_layout_never_comes_is_asked_for() {
    let mut order = Order::default();
    let mut bare = update(3, &[(0, 2, false)]);
    bare.layout = None;
    feed(&mut order, 7, bare, 0);
    order.handle_timeout(at(250));
    assert_eq!(
        effects(&mut order),
        [Effect::Refresh {
            epoch: Epoch(3),
            stripes: ALL_STRIPES
        }]
    );
}

#[test]
fn a_copy_on_pixels_that_are_not_the_ones_meant_is_left_out_and_its_stripes_begin_anew() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true), (1, 1, true)]), 0);
    let mut moved = update(1, &[(0, 5, true)]);
    moved.copies = vec![Copy {
        source: Rect {
            x: 0,
            y: 16,
            width: 16,
            height: 16,
        },
        x: 0,
        y: 0,
    }];
    let effects = feed(&mut order, 5, moved, 1);
    let Effect::Show(shown) = &effects[0] else {
        panic!("{effects:?}");
    };
    assert!(shown.update.copies.is_empty());
    assert!(matches!(effects[1], Effect::Refresh { stripes: 0b11, .. }));
}

#[test]
fn after_a_clear_only_key_pictures_are_shown() {
    let mut order = Order::default();
    feed(&mut order, 1, update(1, &[(0, 1, true)]), 0);
    order.handle_cleared();
    assert!(shown(&feed(&mut order, 2, update(1, &[(0, 2, false)]), 1)).is_empty());
    assert_eq!(
        shown(&feed(&mut order, 3, update(1, &[(0, 3, true)]), 2)),
        [2, 3]
    );
}

/// xorshift: the same runs every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// An agent that knows nothing of loss but answers refreshes, and a decoder that must never meet a gap.
struct World {
    random: Random,
    order: Order,
    pictures: [u32; 4],
    keys_wanted: u64,
    decoded: [Option<u32>; 4],
    sequence: u32,
    on_the_way: Vec<(u64, u32, Update)>,
    now: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            order: Order::default(),
            pictures: [0; 4],
            keys_wanted: 0b1111,
            decoded: [None; 4],
            sequence: 0,
            on_the_way: Vec::new(),
            now: 0,
        }
    }

    fn send(&mut self, loss_percent: u64) {
        let mut stripes = Vec::new();
        let chosen = self.random.below(15) + 1;
        for index in 0..4u8 {
            let key = self.keys_wanted & 1 << index != 0;
            if key || chosen & 1 << index != 0 {
                self.pictures[usize::from(index)] += 1;
                stripes.push((index, self.pictures[usize::from(index)], key));
            }
        }
        self.keys_wanted = 0;
        self.sequence += 1;
        for _ in 0..1 + self.random.below(2) {
            if self.random.below(100) >= loss_percent {
                let due = self.now + self.random.below(60);
                self.on_the_way
                    .push((due, self.sequence, update(1, &stripes)));
            }
        }
    }

    fn receive(&mut self) {
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.on_the_way)
            .into_iter()
            .partition(|(due, ..)| *due <= self.now);
        self.on_the_way = later;
        for (_, sequence, update) in due {
            let effects = feed(&mut self.order, sequence, update, self.now);
            self.perform(effects);
        }
        self.order.handle_timeout(at(self.now));
        let effects = effects(&mut self.order);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Reset(_) => self.decoded = [None; 4],
                Effect::Refresh { stripes, .. } => self.keys_wanted |= stripes & 0b1111,
                Effect::Show(shown) => {
                    for stripe in &shown.update.stripes {
                        let last = &mut self.decoded[usize::from(stripe.index)];
                        let in_order = *last == Some(stripe.picture - 1)
                            || stripe.kind == PictureKind::Anew
                                && last.is_none_or(|last| last < stripe.picture);
                        assert!(in_order, "picture {} after {last:?}", stripe.picture);
                        *last = Some(stripe.picture);
                    }
                }
            }
        }
    }
}

#[test]
fn no_loss_no_reordering_and_no_repetition_ever_leaves_a_wrong_order_or_an_old_picture() {
    for seed in 1..=300 {
        let mut world = World::new(seed * 0x9e37_79b9);
        for step in 0..400u64 {
            world.now = step * 10;
            world.send(seed % 30);
            world.receive();
        }
        // Then the network is good again: whatever was lost is asked for and comes.
        for step in 400..1000u64 {
            world.now = step * 10;
            if world.keys_wanted != 0 || step % 50 == 0 {
                world.send(0);
            }
            world.receive();
        }
        let newest = world.pictures.map(Some);
        assert_eq!(world.decoded, newest, "seed {seed}");
        assert_eq!(world.order.queued(), 0, "seed {seed}");
    }
}

#[test]
fn whatever_the_network_does_the_canvas_ends_as_the_agent_believes() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut copied = 0;
    for round in 0..1000 {
        let bytes: Vec<u8> = (0..6 * 60)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .collect();
        let model = model::Model::walk(&bytes);
        assert!(model.is_right(), "round {round}: {bytes:?}");
        copied += model.copied;
    }
    assert!(copied > 300, "copies were made in earnest: {copied}");
}
