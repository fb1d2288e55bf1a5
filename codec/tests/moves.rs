//! Moves end to end: after copies and the coded rest the viewer's canvas is the screen, for few bytes.

use mayday_codec::{DEFAULT_STRIPE_HEIGHT, MoveFinder, Rect, Size, StripeEncoder};

use self::painted::{Numbers, Screen};
use self::viewer::{Viewer, psnr};

mod painted;
mod viewer;

const SIZE: Size = Size {
    width: 811,
    height: 600,
};
const PANE: Rect = Rect {
    x: 40,
    y: 30,
    width: 640,
    height: 500,
};

/// A window's text has a margin left and right.
fn inside(rect: Rect) -> Rect {
    Rect {
        x: rect.x + 16,
        width: rect.width - 32,
        ..rect
    }
}

struct Session {
    screen: Screen,
    numbers: Numbers,
    finder: MoveFinder,
    encoder: StripeEncoder,
    viewer: Viewer,
}

impl Session {
    fn start() -> Self {
        let mut numbers = Numbers::new(3);
        let mut screen = Screen::white(SIZE);
        screen.write(SIZE.rect(), &mut numbers);
        screen.fill(PANE, [255; 3]);
        screen.write(inside(PANE), &mut numbers);
        let encoder = StripeEncoder::new(SIZE, DEFAULT_STRIPE_HEIGHT).unwrap();
        let viewer = Viewer::new(encoder.layout());
        let finder = MoveFinder::new(SIZE);
        let mut session = Self {
            screen,
            numbers,
            finder,
            encoder,
            viewer,
        };
        session.show(&[SIZE.rect()]);
        session
    }

    /// Sends the damage; how many moves and coded bytes it took.
    fn show(&mut self, damage: &[Rect]) -> (usize, usize) {
        let frame = self.screen.frame(damage);
        let moved = self.finder.find(&frame, damage);
        for step in &moved.moves {
            self.viewer.canvas.copy(step.source, step.x, step.y);
        }
        let touched = moved.stripes(&self.encoder.layout());
        self.encoder.touch(touched);
        let encoded = self.encoder.encode(&frame, &moved.rest, 22).unwrap();
        let coded = encoded
            .stripes
            .iter()
            .fold(0, |all, stripe| all | 1u64 << stripe.index);
        assert_eq!(coded & touched, touched);
        self.viewer.show(&encoded);
        self.finder.sent(moved.rest);
        let bytes = encoded.stripes.iter().map(|stripe| stripe.data.len()).sum();
        (moved.moves.len(), bytes)
    }

    fn quality(&self) -> f64 {
        psnr(
            self.viewer.canvas.pixels(),
            &self.screen.pixels,
            SIZE.width,
            SIZE.rect(),
        )
    }

    fn scroll(&mut self, rows: i32) {
        self.screen.scroll(PANE, rows);
        let height = rows.unsigned_abs() as u16;
        let y = if rows > 0 {
            PANE.y
        } else {
            PANE.bottom() - height
        };
        let uncovered = Rect { y, height, ..PANE };
        self.screen.fill(uncovered, [255; 3]);
        self.screen.write(inside(uncovered), &mut self.numbers);
    }
}

#[test]
fn scrolling_up_and_down_by_any_step_is_copied_and_stays_right() {
    let mut session = Session::start();
    for rows in [-14, -14, -57, 3, 120, -1, -200, 14] {
        session.scroll(rows);
        let (moves, bytes) = session.show(&[PANE]);
        assert!(moves > 0, "{rows}");
        // About 100 bytes for a macroblock of text this dense, 40 of them in a row; the whole pane would be 100 kB.
        let uncovered = rows.unsigned_abs() as usize / 16 + 2;
        assert!(bytes < uncovered * 4_500, "{rows}: {bytes} bytes");
        assert!(
            session.quality() >= 38.0,
            "{rows}: {:.1} dB",
            session.quality()
        );
    }
}

#[test]
fn a_sidebar_that_stays_is_left_alone_though_it_is_damaged_too() {
    let mut session = Session::start();
    session.scroll(-28);
    let (moves, bytes) = session.show(&[SIZE.rect()]);
    assert!(moves > 0);
    assert!(bytes < 10_000, "{bytes} bytes");
    assert!(session.quality() >= 38.0, "{:.1} dB", session.quality());
}

#[test]
fn damage_without_a_change_sends_nothing() {
    let mut session = Session::start();
    assert_eq!(session.show(&[PANE]), (0, 0));
}

#[test]
fn a_new_page_and_a_film_are_coded_and_scrolling_is_found_again_afterwards() {
    let mut session = Session::start();
    for _ in 0..30 {
        session.screen.write(PANE, &mut session.numbers);
        let (moves, _) = session.show(&[PANE]);
        assert_eq!(moves, 0);
        assert!(session.quality() >= 38.0, "{:.1} dB", session.quality());
    }
    for step in 0..5 {
        session.scroll(-14);
        let (moves, _) = session.show(&[PANE]);
        assert!(moves > 0 || step == 0, "step {step}");
        assert!(session.quality() >= 38.0, "{:.1} dB", session.quality());
    }
}

#[test]
fn menus_that_open_and_close_do_not_hide_a_scroll() {
    let mut session = Session::start();
    let menu = Rect::new(100, 100, 300, 200);
    for _ in 0..10 {
        session.screen.write(menu, &mut session.numbers);
        session.show(&[menu]);
    }
    session.scroll(-48);
    assert!(session.show(&[PANE]).0 > 0);
}

#[test]
fn what_was_only_noted_is_looked_at_later_and_once() {
    let mut session = Session::start();
    session.scroll(-14);
    let frame = session.screen.frame(&[PANE]);
    session.finder.note(&frame, &[PANE]);
    assert!(
        !session
            .finder
            .find(&session.screen.frame(&[]), &[])
            .moves
            .is_empty()
    );
    assert_eq!(
        session.finder.find(&session.screen.frame(&[]), &[]).moves,
        []
    );
}
