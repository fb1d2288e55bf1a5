//! Where the picture lies in the window and how its pixels become the window's. Owns the geometry and the scaling: every pixel of the
//! window is the mean of what it covers, so that text stays legible smaller and sharp larger.

use mayday_codec::{Rect, Size};

use super::area::Area;
use super::sheet::Sheet;

/// Closer to 1:1 than this, it is 1:1: text would only blur.
const SNAP: f64 = 0.02;
/// Weights of the pixels that one pixel covers add up to this.
const ONE: u32 = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// All of the screen, as large as the window allows.
    Fit,
    /// One pixel is one pixel; what has no place is reached by moving the pointer to the edge.
    Actual,
}

/// Where a screen is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    screen: Size,
    /// All of the picture, also what lies outside of `seen`.
    picture: Area,
    /// The part of the window that is the picture's.
    seen: Area,
    columns: Vec<Span>,
    rows: Vec<Span>,
}

/// The pixels of the screen that one pixel of the window covers, along one side.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    first: u16,
    weights: Vec<u16>,
}

impl View {
    /// `offset`: how far an overlarge picture is moved left and up, in pixels.
    #[must_use]
    pub fn new(screen: Size, place: Area, scaling: Scaling, offset: (i32, i32)) -> Self {
        let (full_width, full_height) = (i32::from(screen.width), i32::from(screen.height));
        let factor = match scaling {
            Scaling::Actual => 1.0,
            Scaling::Fit => {
                let factor = (f64::from(place.width) / f64::from(full_width))
                    .min(f64::from(place.height) / f64::from(full_height));
                if (factor - 1.0).abs() < SNAP && factor >= 1.0 {
                    1.0
                } else {
                    factor
                }
            }
        };
        let side = |full: i32| ((f64::from(full) * factor).round() as i32).max(1);
        let (width, height) = (side(full_width), side(full_height));
        let start = |from: i32, room: i32, side: i32, offset: i32| {
            if side <= room {
                from + (room - side) / 2
            } else {
                from - offset.clamp(0, side - room)
            }
        };
        let picture = Area::new(
            start(place.x, place.width, width, offset.0),
            start(place.y, place.height, height, offset.1),
            width,
            height,
        );
        let spans = |full: i32, shown: i32| {
            if full == shown {
                Vec::new()
            } else {
                spans(full, shown)
            }
        };
        Self {
            screen,
            picture,
            seen: picture.intersect(place),
            columns: spans(full_width, width),
            rows: spans(full_height, height),
        }
    }

    /// The visible part of the picture.
    #[must_use]
    pub fn seen(&self) -> Area {
        self.seen
    }

    #[must_use]
    pub fn screen(&self) -> Size {
        self.screen
    }

    /// How far the picture can be moved, in pixels.
    #[must_use]
    pub fn slack(&self) -> (i32, i32) {
        (
            self.picture.width - self.seen.width,
            self.picture.height - self.seen.height,
        )
    }

    /// The screen's pixel under a place of the window; places beside the picture mean its nearest edge.
    #[must_use]
    pub fn to_screen(&self, x: f64, y: f64) -> (u16, u16) {
        let along = |at: f64, start: i32, shown: i32, full: u16| {
            let pixel = (at - f64::from(start)) / f64::from(shown) * f64::from(full);
            (pixel.floor().max(0.0) as u64).min(u64::from(full) - 1) as u16
        };
        (
            along(x, self.picture.x, self.picture.width, self.screen.width),
            along(y, self.picture.y, self.picture.height, self.screen.height),
        )
    }

    /// The visible part of the window that shows `rect` of the screen.
    #[must_use]
    pub fn to_window(&self, rect: Rect) -> Area {
        let along = |from: u16, length: u16, full: u16, shown: i32| {
            let at = |pixel: f64| pixel * f64::from(shown) / f64::from(full);
            let start = at(f64::from(from)).floor() as i32;
            let end = at(f64::from(from) + f64::from(length)).ceil() as i32;
            (start, end - start)
        };
        let (x, width) = along(rect.x, rect.width, self.screen.width, self.picture.width);
        let (y, height) = along(rect.y, rect.height, self.screen.height, self.picture.height);
        Area::new(self.picture.x + x, self.picture.y + y, width, height).intersect(self.seen)
    }

    /// Draws the picture's pixels (BGRX of `self.screen()`) into the sheet's clip.
    pub fn draw(&self, sheet: &mut Sheet<'_>, pixels: &[u8]) {
        let area = self.seen.intersect(sheet.clip());
        if area.is_empty() {
            return;
        }
        let stride = usize::from(self.screen.width) * 4;
        if self.columns.is_empty() && self.rows.is_empty() {
            let left = (area.x - self.picture.x) as usize * 4;
            for y in area.y..area.bottom() {
                let start = (y - self.picture.y) as usize * stride + left;
                let source = &pixels[start..start + area.width as usize * 4];
                let target = sheet.row(y, area.x, area.width);
                for (target, bgrx) in target.iter_mut().zip(source.chunks_exact(4)) {
                    *target = u32::from_le_bytes([bgrx[0], bgrx[1], bgrx[2], 0]);
                }
            }
        } else {
            self.draw_scaled(sheet, pixels, area, stride);
        }
    }

    fn draw_scaled(&self, sheet: &mut Sheet<'_>, pixels: &[u8], area: Area, stride: usize) {
        let left = (area.x - self.picture.x) as usize;
        let columns = &self.columns[left..left + area.width as usize];
        // A row of the screen is needed by at most two rows of the window in turn: the last one is kept.
        let mut kept: (Option<u16>, Vec<[u32; 3]>) = (None, vec![[0; 3]; columns.len()]);
        let mut sums = vec![[0u32; 3]; columns.len()];
        for y in area.y..area.bottom() {
            let span = &self.rows[(y - self.picture.y) as usize];
            sums.fill([0; 3]);
            for (row, weight) in (span.first..).zip(&span.weights) {
                if kept.0 != Some(row) {
                    let start = usize::from(row) * stride;
                    shrink_row(&pixels[start..start + stride], columns, &mut kept.1);
                    kept.0 = Some(row);
                }
                let weight = u32::from(*weight);
                for (sum, value) in sums.iter_mut().zip(&kept.1) {
                    for channel in 0..3 {
                        sum[channel] += value[channel] * weight;
                    }
                }
            }
            for (target, [b, g, r]) in sheet.row(y, area.x, area.width).iter_mut().zip(&sums) {
                *target = (r >> 16) << 16 | (g >> 16) << 8 | b >> 16;
            }
        }
    }
}

fn shrink_row(row: &[u8], columns: &[Span], into: &mut [[u32; 3]]) {
    for (span, into) in columns.iter().zip(into) {
        let start = usize::from(span.first) * 4;
        let covered = row[start..].chunks_exact(4);
        *into = [0; 3];
        for (bgrx, weight) in covered.zip(&span.weights) {
            let weight = u32::from(*weight);
            for channel in 0..3 {
                into[channel] += u32::from(bgrx[channel]) * weight;
            }
        }
    }
}

/// What each of `shown` pixels covers of `full`.
fn spans(full: i32, shown: i32) -> Vec<Span> {
    let ratio = f64::from(full) / f64::from(shown);
    (0..shown)
        .map(|at| {
            let (start, end) = (f64::from(at) * ratio, f64::from(at + 1) * ratio);
            let first = (start.floor() as i32).clamp(0, full - 1);
            let last = ((end - 1e-9).floor() as i32).clamp(first, full - 1);
            let share = |pixel: i32| {
                let pixel = f64::from(pixel);
                (end.min(pixel + 1.0) - start.max(pixel)).max(0.0) / ratio
            };
            // Rounded so that they add up to exactly one, whatever the shares are.
            let mut given = 0;
            let mut sum = 0.0;
            let weights = (first..=last)
                .map(|pixel| {
                    sum += share(pixel);
                    let until = if pixel == last {
                        ONE
                    } else {
                        (sum * f64::from(ONE)).round() as u32
                    };
                    let weight = until.saturating_sub(given);
                    given = given.max(until);
                    weight as u16
                })
                .collect();
            Span {
                first: first as u16,
                weights,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size {
        width: 64,
        height: 48,
    };

    fn drawn(view: &View, screen: &[u8], clip: Area) -> Vec<u32> {
        let mut pixels = vec![0x11_11_11; 100 * 80];
        let mut sheet = Sheet::new(&mut pixels, 100, 80);
        sheet.set_clip(clip);
        view.draw(&mut sheet, screen);
        pixels
    }

    fn noise() -> Vec<u8> {
        let mut state = 7u32;
        (0..64 * 48 * 4)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    #[test]
    fn at_1_to_1_every_pixel_is_the_screens() {
        let screen = noise();
        let view = View::new(SCREEN, Area::new(0, 0, 100, 80), Scaling::Actual, (0, 0));
        let pixels = drawn(&view, &screen, Area::new(0, 0, 100, 80));
        let seen = view.seen();
        assert_eq!(seen, Area::new(18, 16, 64, 48));
        for y in 0..48 {
            for x in 0..64 {
                let at = (y * 64 + x) * 4;
                let expected = u32::from_le_bytes([screen[at], screen[at + 1], screen[at + 2], 0]);
                assert_eq!(pixels[(y + 16) * 100 + x + 18], expected);
            }
        }
    }

    #[test]
    fn a_part_drawn_alone_is_the_same_as_in_the_whole() {
        let screen = noise();
        for place in [Area::new(3, 5, 40, 31), Area::new(0, 0, 97, 77)] {
            let view = View::new(SCREEN, place, Scaling::Fit, (0, 0));
            let whole = drawn(&view, &screen, Area::new(0, 0, 100, 80));
            let part = view.to_window(Rect::new(13, 11, 9, 7));
            let alone = drawn(&view, &screen, part);
            for y in part.y..part.bottom() {
                for x in part.x..part.right() {
                    let at = (y * 100 + x) as usize;
                    assert_eq!(alone[at], whole[at], "at {x}, {y} in {place:?}");
                }
            }
        }
    }

    #[test]
    fn what_a_change_reaches_lies_in_the_area_that_is_drawn_again() {
        let before = noise();
        for place in [Area::new(3, 5, 40, 31), Area::new(0, 0, 97, 77)] {
            let view = View::new(SCREEN, place, Scaling::Fit, (0, 0));
            let rect = Rect::new(20, 10, 3, 2);
            let mut after = before.clone();
            for y in 10..12usize {
                for x in 20..23usize {
                    after[(y * 64 + x) * 4] ^= 0xff;
                }
            }
            let everywhere = Area::new(0, 0, 100, 80);
            let (old, new) = (
                drawn(&view, &before, everywhere),
                drawn(&view, &after, everywhere),
            );
            let area = view.to_window(rect);
            for (at, (old, new)) in old.iter().zip(&new).enumerate() {
                let (x, y) = (at as i32 % 100, at as i32 / 100);
                assert!(old == new || area.contains(x, y), "at {x}, {y}");
            }
        }
    }

    #[test]
    fn one_colour_stays_that_colour_at_every_scale() {
        let screen = [0x10, 0x80, 0xff, 0].repeat(64 * 48);
        for width in [7, 20, 33, 63, 65, 90] {
            let view = View::new(SCREEN, Area::new(0, 0, width, 80), Scaling::Fit, (0, 0));
            let seen = view.seen();
            let pixels = drawn(&view, &screen, seen);
            for y in seen.y..seen.bottom() {
                for x in seen.x..seen.right() {
                    assert_eq!(pixels[(y * 100 + x) as usize], 0xff_80_10, "width {width}");
                }
            }
        }
    }

    #[test]
    fn places_in_the_window_mean_the_pixel_that_is_shown_there() {
        let view = View::new(SCREEN, Area::new(0, 10, 32, 24), Scaling::Fit, (0, 0));
        assert_eq!(view.to_screen(0.0, 10.0), (0, 0));
        assert_eq!(view.to_screen(31.9, 33.9), (63, 47));
        assert_eq!(view.to_screen(-500.0, 5000.0), (0, 47));
        assert_eq!(view.to_screen(16.2, 22.0), (32, 24));
    }

    #[test]
    fn an_overlarge_picture_is_moved_no_further_than_its_edges() {
        let place = Area::new(0, 0, 40, 30);
        let view = View::new(SCREEN, place, Scaling::Actual, (1000, -5));
        assert_eq!(view.slack(), (24, 18));
        assert_eq!(view.seen(), place);
        assert_eq!(view.to_screen(39.5, 0.5), (63, 0));
    }
}
