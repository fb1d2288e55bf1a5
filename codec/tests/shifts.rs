//! Moves in every direction, pixel by pixel: after the copies and the rest as it is, a canvas equals the screen, whatever happened on it.

use mayday_codec::{Canvas, MoveFinder, Moved, Rect, Size};

use self::painted::{Numbers, Screen};

#[expect(dead_code, reason = "nothing scrolls straight here")]
mod painted;

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
const WINDOW: Size = Size {
    width: 333,
    height: 210,
};

/// A desktop with a pane of text and a window above it, and what a viewer shows of it.
struct Desktop {
    screen: Screen,
    numbers: Numbers,
    /// What lies under the window.
    below: Screen,
    window: Screen,
    place: Rect,
    finder: MoveFinder,
    canvas: Canvas,
    /// What is not sent yet.
    waiting: Vec<Rect>,
}

/// What one update took.
struct Cost {
    moves: usize,
    rest: u32,
}

impl Desktop {
    fn start(seed: u32) -> Self {
        let mut numbers = Numbers::new(seed);
        let mut below = Screen::white(SIZE);
        below.write(SIZE.rect(), &mut numbers);
        below.fill(PANE, [250, 251, 252]);
        below.write(inside(PANE), &mut numbers);
        let mut window = Screen::white(WINDOW);
        window.fill(WINDOW.rect(), [90, 60, 30]);
        window.write(
            Rect::new(3, 20, WINDOW.width - 6, WINDOW.height - 23),
            &mut numbers,
        );
        let mut desktop = Self {
            screen: Screen::white(SIZE),
            numbers,
            below,
            window,
            place: Rect::new(211, 123, WINDOW.width, WINDOW.height),
            finder: MoveFinder::new(SIZE),
            canvas: Canvas::new(SIZE),
            waiting: Vec::new(),
        };
        desktop.compose();
        desktop.show(&[SIZE.rect()]);
        desktop
    }

    /// The window over what lies below.
    fn compose(&mut self) {
        self.screen.pixels.clone_from(&self.below.pixels);
        let bytes = usize::from(WINDOW.width) * 4;
        for (row, line) in self.window.pixels.chunks_exact(bytes).enumerate() {
            let y = usize::from(self.place.y) + row;
            let at = (y * usize::from(SIZE.width) + usize::from(self.place.x)) * 4;
            self.screen.pixels[at..at + bytes].copy_from_slice(line);
        }
    }

    /// Drags the window to a place; gives what is damaged.
    fn drag(&mut self, x: u16, y: u16) -> Rect {
        let before = self.place;
        self.place = Rect { x, y, ..before };
        self.compose();
        before.union(self.place)
    }

    /// Moves the pane's content below the window; what is uncovered is written anew.
    fn pull(&mut self, right: i32, down: i32) -> Rect {
        let before = self.below.pixels.clone();
        self.below.write(inside(PANE), &mut self.numbers);
        for y in PANE.y..PANE.bottom() {
            for x in PANE.x..PANE.right() {
                let (from_x, from_y) = (i32::from(x) - right, i32::from(y) - down);
                let inside = (PANE.x.into()..PANE.right().into()).contains(&from_x)
                    && (PANE.y.into()..PANE.bottom().into()).contains(&from_y);
                if inside {
                    let at = |x: usize, y: usize| (y * usize::from(SIZE.width) + x) * 4;
                    let from = at(from_x as usize, from_y as usize);
                    let to = at(x.into(), y.into());
                    self.below.pixels[to..to + 4].copy_from_slice(&before[from..from + 4]);
                }
            }
        }
        self.compose();
        PANE
    }

    fn write(&mut self, rect: Rect) -> Rect {
        self.below.write(rect, &mut self.numbers);
        self.compose();
        rect
    }

    fn show(&mut self, damage: &[Rect]) -> Cost {
        let moved = self.finder.find(&self.screen.frame(damage), damage);
        for (at, step) in moved.moves.iter().enumerate() {
            let target = Rect {
                x: step.x,
                y: step.y,
                ..step.source
            };
            assert!(SIZE.rect().contains(step.source) && SIZE.rect().contains(target));
            let mut later = moved.moves[at + 1..].iter();
            assert!(!later.any(|later| later.source.intersects(target)));
            self.canvas.copy(step.source, step.x, step.y);
            self.waiting.retain(|waiting| !target.contains(*waiting));
        }
        self.waiting.extend(&moved.rest);
        self.send(0);
        Cost {
            moves: moved.moves.len(),
            rest: moved.rest.iter().map(|rect| rect.area()).sum(),
        }
    }

    /// What waits is sent as the screen is now, until so many are left.
    fn send(&mut self, left: usize) {
        while self.waiting.len() > left {
            let rect = self.waiting.swap_remove(0).align16(SIZE);
            self.canvas.put(SIZE.rect(), &self.screen.pixels, rect);
            self.finder.sent([rect]);
        }
        self.compare();
    }

    /// But for what waits, the canvas shows the screen.
    fn compare(&self) {
        let mut shown = Canvas::new(SIZE);
        shown.put(SIZE.rect(), self.canvas.pixels(), SIZE.rect());
        for rect in &self.waiting {
            shown.put(SIZE.rect(), &self.screen.pixels, rect.align16(SIZE));
        }
        assert!(
            shown.pixels() == self.screen.pixels,
            "the canvas is not the screen"
        );
    }

    /// A step for which there is little room: only noted, or looked at, and only a part of what waits is sent.
    fn step_in_a_crowd(&mut self) -> usize {
        let damage = self.change();
        let (looks, left) = (
            self.numbers.below(3) > 0,
            usize::from(self.numbers.below(6)),
        );
        let frame = self.screen.frame(&damage);
        let moved = if looks {
            self.finder.find(&frame, &damage)
        } else {
            self.finder.note(&frame, &damage);
            self.waiting.extend(&damage);
            Moved::default()
        };
        for step in &moved.moves {
            self.canvas.copy(step.source, step.x, step.y);
            let target = Rect {
                x: step.x,
                y: step.y,
                ..step.source
            };
            self.waiting
                .retain(|waiting| !target.contains(waiting.align16(SIZE)));
        }
        self.waiting.extend(&moved.rest);
        self.send(left);
        moved.moves.len()
    }

    fn step(&mut self) -> usize {
        let damage = self.change();
        self.show(&damage).moves
    }

    /// Something happens on the desktop; gives what is damaged.
    fn change(&mut self) -> Vec<Rect> {
        let mut any = |limit: u16| self.numbers.below(limit);
        let (kind, far, near) = (any(9), i32::from(any(300)) - 150, i32::from(any(80)) - 40);
        let place = (
            any(SIZE.width - WINDOW.width),
            any(SIZE.height - WINDOW.height),
        );
        let small = Rect::new(any(700), any(560), 8 + any(90), 14 + any(20));
        let close = |at: u16, by: i32, room: u16| (i32::from(at) + by).clamp(0, room.into()) as u16;
        match kind {
            0 => vec![self.pull(0, far)],
            1 => vec![self.pull(far, 0)],
            2 => vec![self.pull(near, far)],
            3 | 4 => {
                let x = close(self.place.x, near, SIZE.width - WINDOW.width);
                let y = close(self.place.y, far / 4, SIZE.height - WINDOW.height);
                vec![self.drag(x, y)]
            }
            5 => {
                // Far away: two rectangles, if they do not touch.
                let before = self.place;
                let around = self.drag(place.0, place.1);
                match before.intersects(self.place) {
                    true => vec![around],
                    false => vec![before, self.place],
                }
            }
            6 => vec![self.write(small)],
            7 => vec![self.write(inside(PANE))],
            _ => {
                self.pull(far, near);
                let x = close(self.place.x, near, SIZE.width - WINDOW.width);
                self.drag(x, self.place.y);
                vec![SIZE.rect()]
            }
        }
    }
}

/// A window's text has a margin left and right.
fn inside(rect: Rect) -> Rect {
    Rect {
        x: rect.x + 16,
        width: rect.width - 32,
        ..rect
    }
}

#[test]
fn a_dragged_window_is_copied_by_whatever_step() {
    let mut desktop = Desktop::start(7);
    for (x, y) in [
        (24, 16),
        (-7, 3),
        (1, 0),
        (0, -90),
        (-101, 55),
        (33, -1),
        (-24, -16),
    ] {
        let place = desktop.place;
        let damage = desktop.drag(
            place.x.wrapping_add_signed(x),
            place.y.wrapping_add_signed(y),
        );
        let cost = desktop.show(&[damage]);
        assert!(cost.moves > 0, "{x}, {y}");
        // What was uncovered, and some macroblocks at each side.
        let uncovered = damage.area() - place.area();
        let edges = u32::from(WINDOW.width + WINDOW.height) * 2 * 16;
        let rest = cost.rest;
        assert!(
            rest <= uncovered + edges,
            "{x}, {y}: {rest} of {}",
            place.area()
        );
    }
}

#[test]
fn a_window_that_jumps_is_copied_from_one_place_to_the_other() {
    let mut desktop = Desktop::start(8);
    let before = desktop.drag(10, 10);
    desktop.show(&[before]);
    let old = desktop.place;
    desktop.drag(450, 377);
    let cost = desktop.show(&[old, desktop.place]);
    assert!(cost.moves > 0);
    assert!(cost.rest < old.area() * 3 / 2, "{}", cost.rest);
}

#[test]
fn text_pulled_sideways_or_aslant_is_copied() {
    let mut desktop = Desktop::start(9);
    desktop.drag(0, 380);
    desktop.show(&[SIZE.rect()]);
    for (right, down) in [(-48, 0), (13, 0), (200, 0), (-5, 9), (30, -60)] {
        let damage = desktop.pull(right, down);
        let cost = desktop.show(&[damage]);
        assert!(cost.moves > 0, "{right}, {down}");
        assert!(
            cost.rest < PANE.area() * 4 / 5,
            "{right}, {down}: {}",
            cost.rest
        );
    }
}

#[test]
fn new_text_has_gone_nowhere() {
    let mut desktop = Desktop::start(10);
    for _ in 0..3 {
        let damage = desktop.write(inside(PANE));
        assert_eq!(desktop.show(&[damage]).moves, 0);
    }
}

#[test]
fn whatever_happens_the_canvas_is_the_screen() {
    let mut copied = 0;
    for seed in 1..=6 {
        let mut desktop = Desktop::start(seed * 7919);
        for _ in 0..60 {
            copied += desktop.step();
        }
    }
    assert!(copied > 100, "{copied} copies");
}

#[test]
fn copies_are_right_while_something_waits() {
    let mut copied = 0;
    for seed in 1..=12 {
        let mut desktop = Desktop::start(seed * 104_729);
        for _ in 0..60 {
            copied += desktop.step_in_a_crowd();
        }
        desktop.send(0);
    }
    assert!(copied > 100, "{copied} copies");
}
