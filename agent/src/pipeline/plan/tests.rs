//! The plan's promises, by their names.

use super::*;
use crate::pipeline::quality::{COARSE, GOOD};
use mayday_codec::Size;

const A: Slot = Slot::ALL[0];
const B: Slot = Slot::ALL[1];
const WIDE: Room = Room {
    bytes: 1 << 20,
    small: true,
    idle: true,
};

fn joined() -> (Plan, Quality, Instant) {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let (mut plan, quality, now) = (Plan::new(layout, false), Quality::default(), Instant::now());
    plan.join(A);
    let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    plan.sent(&batch, batch.keys, batch.qp, &none(), now);
    (plan, quality, now)
}

fn none() -> Cells {
    Cells::none(Size::new(1920, 1080))
}

fn stripe_of(batch: &Batch) -> u16 {
    batch.rects[0].y / 144
}

#[test]
fn whoever_joins_gets_a_key_picture_of_every_stripe() {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let mut plan = Plan::new(layout, false);
    plan.join(A);
    let batch = plan
        .next(WIDE, (0, 0), &Quality::default(), Instant::now())
        .unwrap();
    assert_eq!((batch.keys, batch.qp), (0xff, GOOD));
    assert_eq!(batch.rects, [layout.size().rect()]);
    assert!(!plan.has_backlog());
}

#[test]
fn with_nobody_there_nothing_is_sent() {
    let mut plan = Plan::new(Layout::new(Size::new(640, 480), 144).unwrap(), false);
    plan.damage(&[Rect::new(0, 0, 16, 16)]);
    assert_eq!(
        plan.next(WIDE, (0, 0), &Quality::default(), Instant::now()),
        None
    );
}

#[test]
fn a_thin_link_gets_the_stripe_under_the_pointer_first() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 1080)]);
    let room = Room {
        bytes: 8192,
        small: true,
        idle: true,
    };
    let first = plan.next(room, (900, 500), &quality, now).unwrap();
    assert_eq!((stripe_of(&first), first.qp), (3, COARSE));
    assert!(plan.has_backlog());
}

#[test]
fn a_keystroke_overtakes_a_page_even_without_room() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 1080)]);
    let full = Room {
        bytes: 0,
        small: true,
        idle: false,
    };
    assert_eq!(plan.next(full, (0, 0), &quality, now), None);
    plan.damage(&[Rect::new(800, 500, 10, 16)]);
    let batch = plan.next(full, (0, 0), &quality, now).unwrap();
    assert_eq!((batch.qp, batch.keys), (FINE, 0));
    assert!(batch.blocks <= 4);
    assert!(plan.has_backlog());
}

#[test]
fn a_second_technician_costs_key_pictures_and_the_first_one_follows_them() {
    let (mut plan, quality, now) = joined();
    plan.join(B);
    let room = Room {
        bytes: 8192,
        small: true,
        idle: true,
    };
    let first = plan.next(room, (0, 1000), &quality, now).unwrap();
    assert_eq!(first.keys.count_ones(), 1);
    plan.sent(&first, first.keys, first.qp, &none(), now);
    plan.damage(&[Rect::new(100, 10, 10, 10)]);
    let under = plan.next(WIDE, (0, 1000), &quality, now).unwrap();
    assert_eq!(
        under.keys & 1,
        1,
        "the changed stripe is made decodable for both"
    );
}

#[test]
fn whoever_was_too_slow_gets_key_pictures_of_what_changed_meanwhile_and_of_nothing_else() {
    let (mut plan, quality, now) = joined();
    plan.join(B);
    let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    plan.sent(&batch, batch.keys, batch.qp, &none(), now);
    plan.detach(B);
    assert_eq!(plan.audience(), Audience::only(A));
    plan.damage(&[Rect::new(0, 300, 10, 10)]);
    let small = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    assert_eq!(small.keys, 0);
    plan.sent(&small, 0, small.qp, &none(), now);
    plan.attach(B);
    let repair = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    assert_eq!(repair.keys, 0b100);
}

#[test]
fn a_lost_stripe_is_sent_whole_and_as_a_key_picture() {
    let (mut plan, quality, now) = joined();
    plan.lose(A, 0b100);
    let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    assert_eq!(
        (batch.keys, batch.rects),
        (0b100, vec![Rect::new(0, 288, 1920, 144)])
    );
    plan.lose(B, 0b1);
    assert!(!plan.has_backlog(), "nobody is there in slot 1");
}

#[test]
fn coarse_pixels_come_again_finer_and_finer_when_it_is_quiet() {
    let (mut plan, quality, mut now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)]);
    let thin = Room {
        bytes: 32_000,
        small: true,
        idle: true,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    assert!(coarse.qp > GOOD);
    plan.sent(&coarse, 0, coarse.qp, &none(), now);
    assert_eq!(plan.next(thin, (0, 0), &quality, now), None);
    let mut before = coarse.qp;
    while plan.refine_at().is_some() {
        now += REFINE_AFTER;
        let finer = plan.next(thin, (0, 0), &quality, now).unwrap();
        assert!(finer.qp < before && finer.keys == 0);
        before = finer.qp;
        plan.sent(&finer, finer.keys, finer.qp, &none(), now);
    }
    assert!(before <= GOOD);
}

#[test]
fn with_plenty_of_room_what_was_coarse_becomes_fine_at_once() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)]);
    let thin = Room {
        bytes: 32_000,
        small: true,
        idle: true,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    plan.sent(&coarse, 0, coarse.qp, &none(), now);
    let fine = plan
        .next(WIDE, (0, 0), &quality, now + REFINE_AFTER)
        .unwrap();
    assert_eq!(fine.qp, FINE);
}

#[test]
fn a_move_takes_a_picture_of_every_stripe_it_touches_along() {
    let (mut plan, quality, now) = joined();
    assert!(plan.is_calm());
    let moves = [(Rect::new(0, 160, 800, 400), Rect::new(0, 144, 800, 400))];
    let rest = [Rect::new(0, 544, 800, 16)];
    let batch = plan.moved(&moves, &rest, WIDE, &quality, now);
    assert_eq!((batch.touched, batch.keys), (0b1110, 0));
    assert_eq!(batch.rects, rest);
    let thin = Room {
        bytes: 10,
        small: true,
        idle: true,
    };
    let bare = plan.moved(&moves, &rest, thin, &quality, now);
    assert_eq!((bare.touched, bare.blocks), (0b1110, 0));
    assert!(!plan.is_calm(), "the uncovered line waits for room");
}

#[test]
fn a_change_under_coarse_pixels_is_not_refined_twice() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)]);
    let thin = Room {
        bytes: 20_000,
        small: true,
        idle: true,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    plan.sent(&coarse, 0, coarse.qp, &none(), now);
    plan.damage(&[Rect::new(0, 0, 1920, 144)]);
    plan.damage(&[]);
    assert_eq!(plan.coarse.count(), 0);
}

#[test]
fn a_small_update_that_came_out_coarse_does_not_hold_up_the_rest() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)]);
    let thin = Room {
        bytes: 32_000,
        small: true,
        idle: true,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    plan.sent(&coarse, 0, coarse.qp, &none(), now);
    let due = plan.refine_at();
    plan.damage(&[Rect::new(0, 0, 16, 16)]);
    let cursor = plan.next(thin, (0, 0), &quality, now).unwrap();
    plan.sent(&cursor, 0, coarse.qp - 2, &none(), now + REFINE_AFTER / 2);
    assert_eq!(plan.refine_at(), due);
}

#[test]
fn what_was_drawn_as_a_picture_becomes_exact_when_it_is_still_and_a_cursor_holds_nothing_up() {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let (mut plan, quality, now) = (Plan::new(layout, true), Quality::default(), Instant::now());
    plan.join(A);
    let first = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    plan.sent(&first, first.keys, first.qp, &none(), now);
    let later = now + REFINE_AFTER;
    plan.damage(&[Rect::new(100, 100, 2, 16)]);
    let cursor = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    assert!(!cursor.exact);
    plan.sent(&cursor, 0, 0, &cursor.cells, later);
    let exact = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    assert_eq!(
        (exact.exact, exact.blocks),
        (true, 120 * 68 - cursor.blocks)
    );
    let mut part = none();
    part.add(Rect::new(0, 0, 1920, 144));
    plan.sent(&exact, 0, 0, &part, later);
    let rest = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    plan.sent(&rest, 0, 0, &rest.cells, later);
    assert_eq!(plan.refine_at(), None, "everything is exact");
    assert_eq!(plan.next(WIDE, (0, 0), &quality, later), None);
}
