//! Reads digits off a window as a person does. How they look there is learned from digits that were typed into a window of the same font;
//! size does not matter. Owns no window.

use crate::image::Image;

/// Darker than this is ink, on a light page.
const INK: u32 = 140;
/// Of a digit, in pixels: larger than text that is read in passing, smaller than a button.
const TALL: std::ops::RangeInclusive<usize> = 17..=45;
/// Two digits of one row end at the same height, but for round ones.
const UNEVEN: usize = 2;
/// A digit is compared on a grid of so many cells.
const COLUMNS: usize = 8;
const ROWS: usize = 12;
/// How much the width counts: a 1 is narrow.
const WIDTH_WEIGHT: u32 = 40;

/// What is known of how digits look.
#[derive(Debug, Default)]
pub struct Digits {
    known: Vec<(char, Glyph)>,
}

#[derive(Clone, Debug)]
struct Glyph {
    cells: [u8; COLUMNS * ROWS],
    /// Of its height, in percent.
    width: u32,
}

#[derive(Clone, Copy, Debug)]
struct Spot {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

impl Digits {
    /// These digits are seen in the picture, in a row of their own. Whether it has one of so many.
    pub fn learn(&mut self, picture: &Image, digits: &str) -> bool {
        let Some(row) = row_of(picture, digits.chars().count()) else {
            return false;
        };
        let glyphs = row.iter().map(|spot| Glyph::of(picture, *spot));
        self.known.extend(digits.chars().zip(glyphs));
        true
    }

    /// The row of so many digits in the picture; of several the tallest.
    #[must_use]
    pub fn read(&self, picture: &Image, count: usize) -> Option<String> {
        let row = row_of(picture, count)?;
        let read = row.iter().map(|spot| {
            let glyph = Glyph::of(picture, *spot);
            let nearest = self.known.iter().min_by_key(|(_, known)| known.far(&glyph));
            nearest.map(|(digit, _)| *digit)
        });
        read.collect()
    }
}

impl Glyph {
    fn of(picture: &Image, spot: Spot) -> Self {
        let (width, height) = (spot.right - spot.left + 1, spot.bottom - spot.top + 1);
        let mut cells = [0; COLUMNS * ROWS];
        for (at, cell) in cells.iter_mut().enumerate() {
            let (column, row) = (at % COLUMNS, at / COLUMNS);
            let across = column * width / COLUMNS..((column + 1) * width).div_ceil(COLUMNS);
            let down = row * height / ROWS..((row + 1) * height).div_ceil(ROWS);
            let count = (across.len() * down.len()) as u32;
            let sum: u32 = down
                .flat_map(|y| across.clone().map(move |x| (x, y)))
                .map(|(x, y)| 255 - light(picture, spot.left + x, spot.top + y))
                .sum();
            *cell = (sum / count.max(1)) as u8;
        }
        Self {
            cells,
            width: (width * 100 / height) as u32,
        }
    }

    fn far(&self, other: &Self) -> u32 {
        let pairs = self.cells.iter().zip(&other.cells);
        let apart: u32 = pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        apart + self.width.abs_diff(other.width) * WIDTH_WEIGHT
    }
}

fn light(picture: &Image, x: usize, y: usize) -> u32 {
    let [red, green, blue] = picture.pixel(x, y).map(u32::from);
    (red * 3 + green * 6 + blue) / 10
}

/// The tallest row of exactly so many, from the left.
fn row_of(picture: &Image, count: usize) -> Option<Vec<Spot>> {
    let spots = spots(picture);
    let even = |one: &Spot, other: &Spot| {
        one.top.abs_diff(other.top) <= UNEVEN && one.bottom.abs_diff(other.bottom) <= UNEVEN
    };
    let rows = spots.iter().map(|first| {
        let row = spots.iter().filter(|other| even(first, other));
        row.copied().collect::<Vec<_>>()
    });
    let of_that_many = rows.filter(|row| row.len() == count);
    let mut row = of_that_many.max_by_key(|row| row[0].bottom - row[0].top)?;
    row.sort_by_key(|spot| spot.left);
    Some(row)
}

/// Every connected spot of ink that has the size of a digit.
fn spots(picture: &Image) -> Vec<Spot> {
    let (width, height) = (picture.width, picture.height);
    let mut ink: Vec<bool> = (0..width * height)
        .map(|at| light(picture, at % width, at / width) < INK)
        .collect();
    let mut found = Vec::new();
    for start in 0..ink.len() {
        if ink[start] {
            found.push(take_spot(&mut ink, width, start));
        }
    }
    found.retain(|spot| {
        let (wide, tall) = (spot.right - spot.left + 1, spot.bottom - spot.top + 1);
        TALL.contains(&tall) && wide <= tall && wide * 6 >= tall
    });
    found
}

fn take_spot(ink: &mut [bool], width: usize, start: usize) -> Spot {
    let (x, y) = (start % width, start / width);
    let mut spot = Spot {
        left: x,
        right: x,
        top: y,
        bottom: y,
    };
    let mut todo = vec![start];
    ink[start] = false;
    while let Some(at) = todo.pop() {
        let (x, y) = (at % width, at / width);
        spot.left = spot.left.min(x);
        spot.right = spot.right.max(x);
        spot.top = spot.top.min(y);
        spot.bottom = spot.bottom.max(y);
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
            let Some((x, y)) = x.checked_add_signed(dx).zip(y.checked_add_signed(dy)) else {
                continue;
            };
            let next = y * width + x;
            if x < width && next < ink.len() && ink[next] {
                ink[next] = false;
                todo.push(next);
            }
        }
    }
    spot
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven strokes, as on a calculator, in squares of this size.
    fn drawn(digits: &str, square: usize) -> Image {
        let (width, height) = (digits.len() * 6 * square, 8 * square);
        let mut image = Image {
            width,
            height,
            rgb: vec![255; width * height * 3],
        };
        for (place, digit) in digits.chars().enumerate() {
            for (x, y) in squares(digit) {
                let (left, top) = ((place * 6 + x) * square, y * square);
                for at in 0..square * square {
                    let (x, y) = (left + at % square, top + at / square);
                    image.rgb[(y * width + x) * 3..][..3].fill(0);
                }
            }
        }
        image
    }

    fn squares(digit: char) -> Vec<(usize, usize)> {
        let strokes = match digit {
            '0' => "abcdef",
            '1' => "bch",
            '2' => "abged",
            '3' => "abgcd",
            '4' => "fgbc",
            '5' => "afgcd",
            '6' => "afgedc",
            '7' => "abc",
            '8' => "abcdefg",
            _ => "abcdfg",
        };
        let squares_of = |stroke: char| -> Vec<(usize, usize)> {
            match stroke {
                'a' => (0..4).map(|x| (x, 0)).collect(),
                'b' => (0..4).map(|y| (3, y)).collect(),
                'c' => (3..7).map(|y| (3, y)).collect(),
                'd' => (0..4).map(|x| (x, 6)).collect(),
                'e' => (3..7).map(|y| (0, y)).collect(),
                'f' => (0..4).map(|y| (0, y)).collect(),
                'h' => vec![(2, 1)], // a 1 with a head
                _ => (0..4).map(|x| (x, 3)).collect(),
            }
        };
        strokes.chars().flat_map(squares_of).collect()
    }

    #[test]
    fn what_was_learned_is_read_in_another_size() {
        let mut digits = Digits::default();
        assert!(digits.learn(&drawn("01234", 3), "01234"));
        assert!(digits.learn(&drawn("56789", 3), "56789"));
        let read = digits.read(&drawn("840917", 5), 6);
        assert_eq!(read.as_deref(), Some("840917"));
        assert_eq!(digits.read(&drawn("84", 5), 6), None, "not so many");
    }
}
