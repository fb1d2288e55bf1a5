//! What support work consists of, as one key each: which key asks for it, and where the answer can be read off the picture.

use clap::ValueEnum;

use super::{code, photograph};

/// The marker's window, inside.
pub const WIDTH: u16 = 1400;
pub const HEIGHT: u16 = 800;
/// Rows of one line of text.
pub const LINE: u16 = 16;
/// A step of scrolling: three lines.
pub const SCROLL: u16 = 3 * LINE;
/// Steps after which a code that has scrolled up is still looked for.
const SCROLLED: u32 = 12;
pub const MENU: (u16, u16) = (300, 400);
pub const DRAGGED: (u16, u16) = (420, 300);
/// Where the film plays.
pub const FILM: (u16, u16, u16, u16) = (740, 20, 640, 360);
/// A prime number of places: a place's code differs from the one it had before.
const PLACES: u32 = 37;

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Workload {
    /// One character and a code.
    Type,
    /// A menu opens at another place, and the one before closes.
    Menu,
    /// The page moves up by three lines.
    Scroll,
    /// A window moves by some pixels.
    Drag,
    /// All of the window is another text.
    NewPage,
    /// Typing, beside a film.
    Video,
    /// Typing, a moment after a new page was asked for.
    TypeWhilePage,
    /// Another photograph in the window's middle.
    Photograph,
}

/// A code that must be there, in pixels of the window.
pub type Mark = (u16, u16, u32);

impl Workload {
    /// Those that are measured on every network.
    pub const ALL: [Self; 6] = [
        Self::Type,
        Self::Menu,
        Self::Scroll,
        Self::Drag,
        Self::NewPage,
        Self::Video,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Menu => "menu",
            Self::Scroll => "scroll",
            Self::Drag => "drag",
            Self::NewPage => "new page",
            Self::Video => "video",
            Self::TypeWhilePage => "type while a page loads",
            Self::Photograph => "photograph",
        }
    }

    /// The key that asks for it (a Linux input event code): A, M, S, D, N, V, P, F.
    #[must_use]
    pub fn key(self) -> u16 {
        match self {
            Self::Type => 30,
            Self::Menu => 50,
            Self::Scroll => 31,
            Self::Drag => 32,
            Self::NewPage => 49,
            Self::Video => 47,
            Self::TypeWhilePage => 25,
            Self::Photograph => 33,
        }
    }

    /// The other way round; any other key types.
    #[must_use]
    pub fn of_key(code: u16) -> Self {
        let all = Self::ALL.into_iter();
        all.chain([Self::TypeWhilePage, Self::Photograph])
            .find(|workload| workload.key() == code)
            .unwrap_or(Self::Type)
    }

    /// What must be there after the `n`-th key, the `step`-th of this kind in a row.
    #[must_use]
    pub fn marks(self, n: u32, step: u32) -> Vec<Mark> {
        match self {
            Self::Type | Self::TypeWhilePage => {
                let (x, y) = typed(n, 5);
                vec![(x, y, n)]
            }
            Self::Video => {
                let (x, y) = typed(n, 2);
                vec![(x, y, n)]
            }
            Self::Menu => {
                let (x, y) = menu(n);
                vec![(x + 10, y + 6, n), (x + 10, y + MENU.1 - 20, n)]
            }
            Self::Scroll => {
                let (x, y) = scrolled();
                let mut marks = vec![(x, y, n)];
                if step > SCROLLED {
                    marks.push((x, y - SCROLLED as u16 * SCROLL, n - SCROLLED));
                }
                marks
            }
            Self::Drag => {
                let (x, y) = dragged(n);
                vec![(x + 8, y + 8, n)]
            }
            Self::NewPage => {
                let (right, bottom) = (WIDTH - code::WIDTH - 11, HEIGHT - 19);
                let corners = [(9, 7), (right, 7), (641, 395), (9, bottom), (right, bottom)];
                corners.map(|(x, y)| (x, y, n)).to_vec()
            }
            Self::Photograph => {
                let ((x, y), (width, height)) = (photograph::PLACE, photograph::SIZE);
                let (right, bottom) = (x + width - code::WIDTH - 9, y + height - 19);
                vec![(x + 9, y + 7, n), (right, bottom, n)]
            }
        }
    }
}

/// Where the code of a typed key is; odd numbers, so that it lies anyhow on the grid of macroblocks.
fn typed(n: u32, columns: u32) -> (u16, u16) {
    let at = n % PLACES;
    let (column, row) = ((at % columns) as u16, (at / columns % 8) as u16);
    (37 + column * 271, 41 + row * 93)
}

/// Where a menu opens.
#[must_use]
pub fn menu(n: u32) -> (u16, u16) {
    (51 + (n * 271 % 1013) as u16, 21 + (n * 93 % 353) as u16)
}

/// Where the code of a step of scrolling appears.
#[must_use]
pub fn scrolled() -> (u16, u16) {
    (605, HEIGHT - LINE - 5)
}

/// Where the dragged window is.
#[must_use]
pub fn dragged(n: u32) -> (u16, u16) {
    let back_and_forth = |way: u32, room: u16| {
        let room = u32::from(room);
        let at = way % (2 * room);
        at.min(2 * room - at) as u16
    };
    (
        back_and_forth(n * 24, WIDTH - DRAGGED.0),
        back_and_forth(n * 16, HEIGHT - DRAGGED.1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_lies_in_the_window() {
        for workload in Workload::ALL {
            for n in 1..500 {
                for (x, y, _) in workload.marks(n, n) {
                    assert!(x + code::WIDTH < WIDTH && y + code::SQUARE < HEIGHT);
                }
            }
        }
    }

    #[test]
    fn codes_of_neighbouring_keys_are_apart() {
        for n in 1..200 {
            for columns in [2, 5] {
                assert_ne!(typed(n, columns), typed(n + 1, columns));
            }
            assert_ne!(menu(n), menu(n + 1));
        }
    }

    #[test]
    fn a_key_names_its_workload() {
        for workload in Workload::ALL {
            assert_eq!(Workload::of_key(workload.key()), workload);
        }
        assert_eq!(Workload::of_key(1), Workload::Type);
    }

    #[test]
    fn a_typed_code_never_lies_under_the_film() {
        for n in 0..PLACES {
            assert!(typed(n, 2).0 + code::WIDTH < FILM.0);
        }
    }
}
