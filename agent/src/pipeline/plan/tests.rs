//! The plan's promises, by their names.

use super::followers::Change;
use super::*;
use crate::pipeline::quality::{COARSE, GOOD};
use mayday_codec::Size;
use mayday_protocol::Sequence;

const A: Slot = Slot::ALL[0];
const B: Slot = Slot::ALL[1];
const WIDE: Room = Room {
    bytes: 1 << 20,
    small: true,
    idle: true,
    broad: false,
};

fn joined() -> (Plan, Quality, Instant) {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let (mut plan, quality, now) = (Plan::new(layout, false), Quality::default(), Instant::now());
    plan.join(A, now);
    let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    go(&mut plan, &batch, batch.qp, now);
    (plan, quality, now)
}

/// The batch goes as pictures to whoever is even, after its stripes began anew for whom they must.
fn go(plan: &mut Plan, batch: &Batch, qp: u8, now: Instant) -> u64 {
    let layout = plan.layout;
    let stripes = batch.cells.stripes(&layout) | batch.touched;
    let even = plan.audience();
    let opened = plan.followers.to_open(stripes, even, now);
    plan.followers.opened(opened, even, Sequence(1), now);
    let mut takes = [None; Slot::COUNT];
    for slot in even.technicians() {
        takes[slot.index()] = Some(plan.followers.take(slot, stripes, batch.touched, &[]));
    }
    let pictures = batch.only.clone().unwrap_or_else(|| batch.cells.clone());
    let change = Change {
        moves: &batch.moves,
        stripes,
        pictures: &pictures,
        tiles: &none(),
    };
    plan.followers.sent(&change, &takes, now);
    plan.sent(batch, (stripes, qp), &pictures, &none(), now);
    opened
}

fn none() -> Cells {
    Cells::none(Size::new(1920, 1080))
}

fn stripe_of(batch: &Batch) -> u16 {
    batch.rects[0].y / 144
}

#[test]
fn who_comes_first_gets_everything_and_every_stripe_begins() {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let (mut plan, now) = (Plan::new(layout, true), Instant::now());
    plan.join(A, now);
    assert_eq!(plan.audience(), Audience::only(A));
    let batch = plan.next(WIDE, (0, 0), &Quality::default(), now).unwrap();
    assert_eq!(batch.qp, GOOD);
    assert_eq!(batch.rects, [layout.size().rect()]);
    assert!(!plan.has_backlog());
    assert_eq!(go(&mut plan, &batch, batch.qp, now), 0xff);
}

#[test]
fn with_nobody_there_nothing_is_sent() {
    let mut plan = Plan::new(Layout::new(Size::new(640, 480), 144).unwrap(), false);
    let now = Instant::now();
    plan.damage(&[Rect::new(0, 0, 16, 16)], now);
    assert_eq!(plan.next(WIDE, (0, 0), &Quality::default(), now), None);
}

#[test]
fn a_thin_link_gets_the_stripe_under_the_pointer_first() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 1080)], now);
    let room = Room {
        bytes: 8192,
        small: true,
        idle: true,
        broad: false,
    };
    let first = plan.next(room, (900, 500), &quality, now).unwrap();
    assert_eq!((stripe_of(&first), first.qp), (3, COARSE));
    assert!(plan.has_backlog());
}

#[test]
fn a_keystroke_overtakes_a_page_even_without_room() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 1080)], now);
    let full = Room {
        bytes: 0,
        small: true,
        idle: false,
        broad: false,
    };
    assert_eq!(plan.next(full, (0, 0), &quality, now), None);
    plan.damage(&[Rect::new(800, 500, 10, 16)], now);
    let batch = plan.next(full, (0, 0), &quality, now).unwrap();
    assert_eq!(batch.qp, FINE);
    assert!(batch.blocks <= 4);
    assert!(plan.has_backlog());
}

#[test]
fn without_tiles_a_second_technician_costs_everybody_all_of_it() {
    let (mut plan, quality, now) = joined();
    plan.join(B, now);
    let batch = plan.next(WIDE, (0, 1000), &quality, now).unwrap();
    assert_eq!(batch.rects, [Rect::new(0, 0, 1920, 1080)]);
    assert_eq!(go(&mut plan, &batch, batch.qp, now), 0xff);
    assert_eq!(plan.audience(), Audience::only(A).with(B));
}

#[test]
fn a_lost_stripe_comes_again_whole_and_begins_anew_even_if_nothing_happens_in_it() {
    let (mut plan, quality, now) = joined();
    plan.lose(A, 0b100, true, now);
    assert_eq!(plan.followers.to_open(0, Audience::only(A), now), 0b100);
    let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    assert_eq!(batch.rects, [Rect::new(0, 288, 1920, 144)]);
    assert_eq!(go(&mut plan, &batch, batch.qp, now), 0b100);
    plan.lose(B, 0b1, true, now);
    assert!(!plan.has_backlog(), "nobody is there in slot 1");
}

#[test]
fn coarse_pixels_come_again_finer_and_finer_when_it_is_quiet() {
    let (mut plan, quality, mut now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)], now);
    let thin = Room {
        bytes: 32_000,
        small: true,
        idle: true,
        broad: false,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    assert!(coarse.qp > GOOD);
    go(&mut plan, &coarse, coarse.qp, now);
    assert_eq!(plan.next(thin, (0, 0), &quality, now), None);
    let mut before = coarse.qp;
    while plan.refine_at().is_some() {
        now += REFINE_AFTER;
        let finer = plan.next(thin, (0, 0), &quality, now).unwrap();
        assert!(finer.qp < before);
        before = finer.qp;
        go(&mut plan, &finer, finer.qp, now);
    }
    assert!(before <= GOOD);
}

#[test]
fn with_plenty_of_room_what_was_coarse_becomes_fine_at_once() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)], now);
    let thin = Room {
        bytes: 32_000,
        small: true,
        idle: true,
        broad: false,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    go(&mut plan, &coarse, coarse.qp, now);
    let fine = plan
        .next(WIDE, (0, 0), &quality, now + REFINE_AFTER)
        .unwrap();
    assert_eq!(fine.qp, FINE);
}

#[test]
fn a_move_takes_a_picture_of_every_stripe_it_touches_along() {
    let (mut plan, quality, now) = joined();
    let moves = [(Rect::new(0, 160, 800, 400), Rect::new(0, 144, 800, 400))];
    let rest = [Rect::new(0, 544, 800, 16)];
    let batch = plan.moved(&moves, &rest, WIDE, &quality, now);
    assert_eq!(batch.touched, 0b1110);
    assert_eq!(batch.rects, rest);
    let thin = Room {
        bytes: 10,
        small: true,
        idle: true,
        broad: false,
    };
    let bare = plan.moved(&moves, &rest, thin, &quality, now);
    assert_eq!((bare.touched, bare.blocks), (0b1110, 0));
    assert!(plan.has_backlog(), "the uncovered line waits for room");
}

#[test]
fn a_change_under_coarse_pixels_is_not_refined_twice() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)], now);
    let thin = Room {
        bytes: 20_000,
        small: true,
        idle: true,
        broad: false,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    go(&mut plan, &coarse, coarse.qp, now);
    plan.damage(&[Rect::new(0, 0, 1920, 144)], now);
    plan.damage(&[], now);
    assert_eq!(plan.coarse.count(), 0);
}

#[test]
fn a_small_update_that_came_out_coarse_does_not_hold_up_the_rest() {
    let (mut plan, quality, now) = joined();
    plan.damage(&[Rect::new(0, 0, 1920, 144)], now);
    let thin = Room {
        bytes: 32_000,
        small: true,
        idle: true,
        broad: false,
    };
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    go(&mut plan, &coarse, coarse.qp, now);
    let due = plan.refine_at();
    plan.damage(&[Rect::new(0, 0, 16, 16)], now);
    let cursor = plan.next(thin, (0, 0), &quality, now).unwrap();
    go(&mut plan, &cursor, coarse.qp - 2, now + REFINE_AFTER / 2);
    assert_eq!(plan.refine_at(), due);
}

#[test]
fn what_was_drawn_as_a_picture_becomes_exact_when_it_is_still_and_a_cursor_holds_nothing_up() {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let (mut plan, quality, now) = (Plan::new(layout, true), Quality::default(), Instant::now());
    plan.join(A, now);
    let first = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    go(&mut plan, &first, first.qp, now);
    let later = now + REFINE_AFTER;
    plan.damage(&[Rect::new(100, 100, 2, 16)], now);
    let cursor = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    assert!(!cursor.exact);
    plan.sent(&cursor, (0, 0), &none(), &cursor.cells, later);
    let exact = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    assert_eq!(
        (exact.exact, exact.blocks),
        (true, 120 * 68 - cursor.blocks)
    );
    let mut part = none();
    part.add(Rect::new(0, 0, 1920, 144));
    plan.sent(&exact, (0, 0), &none(), &part, later);
    let rest = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    plan.sent(&rest, (0, 0), &none(), &rest.cells, later);
    assert_eq!(plan.refine_at(), None, "everything is exact");
    assert_eq!(plan.next(WIDE, (0, 0), &quality, later), None);
}

#[test]
fn a_key_beside_a_film_goes_first_and_alone() {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let (mut plan, mut quality, now) =
        (Plan::new(layout, true), Quality::default(), Instant::now());
    plan.join(A, now);
    let all = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    plan.sent(&all, (0, 0), &none(), &all.cells, now);
    for _ in 0..50 {
        quality.learn(false, 1000, GOOD, 120_000);
    }
    let film = Rect::new(640, 300, 640, 360);
    let mut now = now;
    for _ in 0..3 {
        now += Duration::from_millis(40);
        plan.damage(&[film], now);
        let picture = plan.next(WIDE, (0, 0), &quality, now).unwrap();
        go(&mut plan, &picture, picture.qp, now);
    }
    now += Duration::from_millis(40);
    plan.damage(&[film, Rect::new(100, 320, 90, 30)], now);
    let full = Room {
        bytes: 0,
        small: true,
        idle: false,
        broad: false,
    };
    let key = plan.next(full, (0, 0), &quality, now).unwrap();
    assert_eq!(key.rects, [Rect::new(96, 320, 96, 32)]);
    assert_eq!(plan.next(full, (0, 0), &quality, now), None);
    let film = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    assert!(film.blocks > 900, "the film has its turn later");
}

#[test]
fn with_room_what_is_exact_follows_at_once_but_not_beside_a_film() {
    let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
    let (mut plan, quality, now) = (Plan::new(layout, true), Quality::default(), Instant::now());
    plan.join(A, now);
    let first = plan.next(WIDE, (0, 0), &quality, now).unwrap();
    go(&mut plan, &first, first.qp, now);
    let later = now + REFINE_AFTER;
    let part = |y| {
        let mut part = none();
        part.add(Rect::new(0, y, 1920, 16));
        part
    };
    let under_way = Room {
        idle: false,
        broad: false,
        ..WIDE
    };
    let exact = plan.next(under_way, (0, 0), &quality, later).unwrap();
    plan.sent(&exact, (0, 0), &none(), &part(0), later);
    let exact = plan.next(under_way, (0, 0), &quality, later).unwrap();
    assert!(exact.exact && exact.blocks == 120 * 67);
    plan.damage(&[Rect::new(0, 0, 640, 360)], later);
    let picture = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    go(&mut plan, &picture, picture.qp, later);
    assert_eq!(plan.next(under_way, (0, 0), &quality, later), None);
    let exact = plan.next(WIDE, (0, 0), &quality, later).unwrap();
    assert!(exact.exact, "when nothing is on the way");
}

#[test]
fn on_a_thin_link_coarse_pixels_wait_for_a_pause_in_the_technicians_work() {
    let (mut plan, quality, now) = joined();
    let thin = Room {
        bytes: 5000,
        small: true,
        idle: true,
        broad: false,
    };
    plan.note_input(Sequence(1), now);
    plan.damage(&[Rect::new(0, 0, 320, 144)], now);
    let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
    go(&mut plan, &coarse, coarse.qp, now);
    plan.note_input(Sequence(2), now + REFINE_AFTER / 2);
    plan.note_input(Sequence(2), now + ATTENDED);
    assert_eq!(plan.next(thin, (0, 0), &quality, now + ATTENDED), None);
    let pause = now + ATTENDED + REFINE_AFTER / 2;
    let finer = plan.next(thin, (0, 0), &quality, pause).unwrap();
    assert!(finer.is_refinement());
}
