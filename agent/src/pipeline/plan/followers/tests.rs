//! Who sees what is kept in mind rightly: a walk at random with a canvas for each technician, and the promises by their names.

use mayday_codec::Size;

use super::*;

const A: Slot = Slot::ALL[0];
const B: Slot = Slot::ALL[1];
const SIZE: Size = Size {
    width: 96,
    height: 96,
};
/// A dot is 8x8 pixels, so that moves need not lie on cells.
const DOT: u16 = 8;
const DOTS: usize = 12;

fn layout() -> Layout {
    Layout::new(SIZE, 32).unwrap()
}

fn cells(rect: Rect) -> Cells {
    let mut cells = Cells::none(SIZE);
    cells.add(rect);
    cells
}

/// Sees everything and can decode everything.
fn even(followers: &mut Followers, slot: Slot, now: Instant) {
    followers.join(slot);
    followers.repaired(slot, &cells(SIZE.rect()), &Cells::none(SIZE));
    followers.opened(0b111, followers.even(), Sequence(1), now);
}

#[test]
fn who_joins_is_behind_and_nobody_waits_for_them() {
    let (mut followers, now) = (Followers::new(layout(), true), Instant::now());
    even(&mut followers, A, now);
    followers.join(B);
    assert_eq!(followers.settle(), None);
    assert_eq!(
        (followers.even(), followers.behind()),
        (Audience::only(A), Audience::only(B))
    );
    let near = followers
        .to_repair(B, &Cells::none(SIZE), (40, 80), 6)
        .unwrap();
    assert_eq!(
        near.cells.rects(SIZE).iter().map(|rect| rect.y).min(),
        Some(64)
    );
    followers.part(A);
    assert!(followers.settle().is_some(), "alone, they get everything");
    assert_eq!(followers.even(), Audience::only(B));
}

#[test]
fn who_joins_gets_what_has_the_keyboard_first() {
    let (mut followers, now) = (Followers::new(layout(), true), Instant::now());
    even(&mut followers, A, now);
    assert!(followers.asks_focus());
    followers.join(B);
    assert!(followers.asks_focus() && !followers.asks_focus());
    let window = Rect::new(32, 0, 48, 32);
    followers.focus_on(Some(window));
    let next = |followers: &Followers| {
        let repair = followers.to_repair(B, &Cells::none(SIZE), (10, 80), 6);
        repair.unwrap().cells
    };
    let first = next(&followers);
    assert_eq!(first, cells(window), "the pointer is elsewhere");
    followers.repaired(B, &Cells::none(SIZE), &first);
    assert!(
        !next(&followers).touches(window),
        "then all the others, before it comes finer"
    );
}

#[test]
fn no_stripe_begins_anew_for_a_joining_one_before_it_has_a_picture() {
    let (mut followers, now) = (Followers::new(layout(), true), Instant::now());
    even(&mut followers, A, now);
    followers.join(B);
    let both = followers.present();
    let later = now + OPENED_EVERY;
    assert_eq!(followers.to_open(0, both, later), 0);
    assert_eq!(followers.to_open(0b010, Audience::only(A), later), 0);
    assert_eq!(followers.to_open(0b010, both, later), 0b010);
    assert_eq!(
        followers.to_open(0b111, both, later),
        0b011,
        "never all at once"
    );
    followers.opened(0b011, both, Sequence(9), later);
    assert_eq!(followers.to_open(0b111, both, later), 0);
    assert_eq!(followers.take(B, 0b111, 0, &[]).stripes, 0b011);
}

#[test]
fn who_asked_gets_a_beginning_without_any_picture() {
    let (mut followers, now) = (Followers::new(layout(), true), Instant::now());
    even(&mut followers, A, now);
    even(&mut followers, B, now);
    followers.lose(B, 0b100, true);
    let both = followers.present();
    let later = now + OPENED_EVERY;
    assert!(followers.opens_at(now).is_some_and(|at| at <= later));
    assert_eq!(followers.to_open(0, both, later), 0b100);
    assert_eq!(
        (followers.lacking(A, 0b100), followers.lacking(B, 0b100)),
        (0, 0b100)
    );
    followers.opened(0b100, both, Sequence(9), later);
    assert_eq!(followers.opens_at(later), None);
    assert_eq!(
        followers.behind(),
        Audience::only(B),
        "what was lost comes again"
    );
}

#[test]
fn copies_wait_for_tiles_that_are_older_than_a_new_beginning() {
    let (mut followers, now) = (Followers::new(layout(), true), Instant::now());
    even(&mut followers, A, now);
    followers.lose(A, 0b001, false);
    followers.opened(0b001, Audience::only(A), Sequence(20), now);
    let copies = |tiles: &[u32]| {
        let tiles: Vec<_> = tiles.iter().copied().map(Sequence).collect();
        followers.take(A, 0b001, 0b001, &tiles).copies
    };
    assert!(copies(&[]) && copies(&[21]));
    assert!(!copies(&[19]));
}

#[test]
fn who_has_no_room_for_a_film_gets_no_pictures_for_a_while() {
    let (mut followers, now) = (Followers::new(layout(), true), Instant::now());
    even(&mut followers, A, now);
    even(&mut followers, B, now);
    let film = cells(Rect::new(32, 32, 32, 32));
    let change = Change {
        moves: &[],
        stripes: 0b010,
        pictures: &film,
        tiles: &Cells::none(SIZE),
    };
    let takes = [Some(followers.take(A, 0b010, 0, &[])), None, None];
    followers.sent(&change, &takes, now);
    assert_eq!(followers.behind(), Audience::only(B));
    let soon = now + NO_PICTURES / 2;
    assert_eq!(followers.to_open(0b010, followers.present(), soon), 0);
    let later = now + NO_PICTURES;
    assert_eq!(followers.to_open(0b010, followers.present(), later), 0b010);
    followers.part(A);
    assert!(followers.settle().is_some());
    let alone = followers.to_open(0b010, Audience::only(B), soon);
    assert_eq!(alone, 0b010, "alone there is nothing else for them");
}

struct Walk {
    followers: Followers,
    truth: Vec<u32>,
    shown: [Vec<u32>; 2],
    content: u32,
    now: Instant,
    sequence: u32,
}

impl Walk {
    fn new() -> Self {
        Self {
            followers: Followers::new(layout(), true),
            truth: vec![0; DOTS * DOTS],
            shown: [vec![0; DOTS * DOTS], vec![0; DOTS * DOTS]],
            content: 0,
            now: Instant::now(),
            sequence: 1,
        }
    }

    fn step(&mut self, [kind, a, b, c, d, e]: [u8; 6]) {
        self.now += Duration::from_millis(u64::from(e));
        let slot = [A, B][usize::from(a % 2)];
        let block = rect(a % 6 * 2, b % 6 * 2, c % 3 * 2 + 2, d % 3 * 2 + 2);
        match kind % 8 {
            0 => self.join(slot, e),
            1 => self.followers.lose(slot, u64::from(b % 8), e % 2 == 0),
            2 => self.change(&[], block, Rect::new(0, 0, 0, 0), e),
            3 => self.change(&[], Rect::new(0, 0, 0, 0), block, e),
            4 | 5 => {
                let source = rect(a % 12, b % 12, c % 6 + 1, d % 6 + 1);
                let x = u16::from(e % 12) * DOT;
                let target = Rect {
                    x: x.min(SIZE.width - source.width),
                    ..source
                };
                self.change(&[(source, target)], Rect::new(0, 0, 0, 0), block, e);
            }
            6 => self.repair(slot, e % 2 == 0),
            _ => self.repair(slot, true),
        }
        self.settle();
        self.check();
    }

    fn join(&mut self, slot: Slot, e: u8) {
        match e % 4 {
            0 => self.followers.join(slot),
            1 => self.followers.part(slot),
            2 => self.followers.leave(slot),
            _ => self.followers.come_back(slot),
        }
        if e.is_multiple_of(4) {
            self.shown[slot.index()].fill(u32::MAX);
        }
    }

    /// Something moves, then something is drawn as pictures and as tiles. Who has no room gets nothing of it.
    fn change(&mut self, moves: &[(Rect, Rect)], drawn: Rect, tiled: Rect, e: u8) {
        let (pictures, tiles) = (cells(drawn), cells(tiled));
        let touched = |rect: Rect| layout().touched(rect);
        let copied = moves
            .iter()
            .fold(0, |all, (from, to)| all | touched(*from) | touched(*to));
        let stripes = pictures.stripes(&layout()) | copied;
        let with_room = |slot: &Slot| e & 16 << slot.index() == 0;
        let behind = self.followers.behind();
        let takers = behind.technicians().filter(with_room);
        let takers = takers.fold(self.followers.even(), Audience::with);
        if takers == Audience::NOBODY {
            return;
        }
        self.sequence += 1;
        let open = self.followers.to_open(stripes, takers, self.now);
        self.followers
            .opened(open, takers, Sequence(self.sequence), self.now);
        self.draw_truth(moves, &[drawn, tiled]);
        let mut takes = [None; Slot::COUNT];
        for slot in takers.technicians() {
            let take = self.followers.take(slot, stripes, copied, &[]);
            takes[slot.index()] = Some(take);
            let before = self.shown[slot.index()].clone();
            let shown = &mut self.shown[slot.index()];
            if take.copies {
                for (from, to) in moves {
                    copy(shown, &before, *from, *to);
                }
            }
            for dot in dots(drawn) {
                if take.stripes & 1 << (dot / DOTS / 4) != 0 {
                    shown[dot] = self.truth[dot];
                }
            }
            for dot in dots(tiled) {
                shown[dot] = self.truth[dot];
            }
        }
        let change = Change {
            moves,
            stripes,
            pictures: &pictures,
            tiles: &tiles,
        };
        self.followers.sent(&change, &takes, self.now);
    }

    fn draw_truth(&mut self, moves: &[(Rect, Rect)], drawn: &[Rect]) {
        let before = self.truth.clone();
        for (from, to) in moves {
            copy(&mut self.truth, &before, *from, *to);
        }
        for rect in drawn {
            for dot in dots(*rect) {
                self.content += 1;
                self.truth[dot] = self.content;
            }
        }
    }

    fn repair(&mut self, slot: Slot, exactly: bool) {
        let none = Cells::none(SIZE);
        let Some(repair) = self.followers.to_repair(slot, &none, (40, 40), 7) else {
            return;
        };
        if exactly || !repair.is_first {
            for rect in repair.cells.rects(SIZE) {
                for dot in dots(rect) {
                    self.shown[slot.index()][dot] = self.truth[dot];
                }
            }
            self.followers.repaired(slot, &repair.cells, &none);
        } else {
            self.followers.repaired(slot, &none, &repair.cells);
        }
    }

    /// What everybody lacks goes to everybody who is even.
    fn settle(&mut self) {
        while let Some(debt) = self.followers.settle() {
            let mut all = debt.missing;
            all.add_all(&debt.rough);
            for slot in self.followers.even().technicians() {
                for rect in all.rects(SIZE) {
                    for dot in dots(rect) {
                        self.shown[slot.index()][dot] = self.truth[dot];
                    }
                }
            }
        }
    }

    fn check(&self) {
        for slot in [A, B] {
            let Some(one) = &self.followers.each[slot.index()] else {
                continue;
            };
            for dot in 0..DOTS * DOTS {
                let place = rect((dot % DOTS) as u8, (dot / DOTS) as u8, 1, 1);
                let excused = one.missing.touches(place) || one.rough.touches(place);
                assert!(
                    excused || self.shown[slot.index()][dot] == self.truth[dot],
                    "{slot:?} does not see dot {dot}, and nobody knows"
                );
            }
        }
    }

    /// Everybody comes back and gets what they miss.
    fn end(&mut self) {
        for slot in [A, B] {
            self.followers.come_back(slot);
            self.settle();
            for _ in 0..20 {
                self.repair(slot, true);
            }
        }
        assert_eq!(self.followers.behind(), Audience::NOBODY);
        self.check();
    }
}

fn rect(x: u8, y: u8, width: u8, height: u8) -> Rect {
    let (x, y) = (u16::from(x) * DOT, u16::from(y) * DOT);
    let (width, height) = (u16::from(width) * DOT, u16::from(height) * DOT);
    Rect::new(x, y, width, height).intersect(SIZE.rect())
}

fn dots(rect: Rect) -> impl Iterator<Item = usize> {
    let (left, right) = (rect.x / DOT, rect.right() / DOT);
    (rect.y / DOT..rect.bottom() / DOT)
        .flat_map(move |y| (left..right).map(move |x| usize::from(y) * DOTS + usize::from(x)))
}

fn copy(to: &mut [u32], before: &[u32], source: Rect, target: Rect) {
    for (from, into) in dots(source).zip(dots(target)) {
        to[into] = before[from];
    }
}

#[test]
fn whatever_happens_it_is_known_what_each_technician_does_not_see() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    for _ in 0..400 {
        let mut walk = Walk::new();
        walk.followers.join(A);
        walk.settle();
        for _ in 0..80 {
            walk.step([(); 6].map(|()| byte()));
        }
        walk.end();
    }
}
