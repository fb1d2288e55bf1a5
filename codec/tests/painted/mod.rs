//! A painted screen in memory for the codec's tests: text-like content and frames of it.

use std::time::{Duration, Instant};

use mayday_codec::{Frame, Rect, Size};

pub struct Numbers(u32);

impl Numbers {
    pub fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u16) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 % u32::from(limit)) as u16
    }
}

pub struct Screen {
    pub size: Size,
    pub pixels: Vec<u8>,
}

impl Screen {
    pub fn white(size: Size) -> Self {
        Self {
            size,
            pixels: vec![255; size.area() as usize * 4],
        }
    }

    pub fn fill(&mut self, rect: Rect, bgr: [u8; 3]) {
        for y in rect.y..rect.bottom() {
            for x in rect.x..rect.right() {
                let at = (usize::from(y) * usize::from(self.size.width) + usize::from(x)) * 4;
                self.pixels[at..at + 3].copy_from_slice(&bgr);
            }
        }
    }

    /// Strokes like those of 7x12 letters on white, different for every `numbers`.
    pub fn write(&mut self, rect: Rect, numbers: &mut Numbers) {
        self.fill(rect, [255; 3]);
        for y in (rect.y..rect.bottom().saturating_sub(12)).step_by(14) {
            for x in (rect.x..rect.right().saturating_sub(7)).step_by(8) {
                for _ in 0..3 {
                    let (dx, dy) = (numbers.below(5), numbers.below(8));
                    let upright = numbers.below(2) == 0;
                    let (width, height) = if upright { (1, 11 - dy) } else { (6 - dx, 1) };
                    self.fill(Rect::new(x + dx, y + dy, width, height), [0; 3]);
                }
            }
        }
    }

    /// Moves what is in `rect` down by `rows` (up if negative); what is uncovered stays as it was.
    pub fn scroll(&mut self, rect: Rect, rows: i32) {
        let before = self.pixels.clone();
        let at = |x: u16, y: i32| (y as usize * usize::from(self.size.width) + usize::from(x)) * 4;
        for y in i32::from(rect.y)..i32::from(rect.bottom()) {
            if (i32::from(rect.y)..i32::from(rect.bottom())).contains(&(y - rows)) {
                let from = at(rect.x, y - rows)..at(rect.right(), y - rows);
                let to = at(rect.x, y)..at(rect.right(), y);
                self.pixels[to].copy_from_slice(&before[from]);
            }
        }
    }

    pub fn frame<'a>(&'a self, damage: &'a [Rect]) -> Frame<'a> {
        Frame {
            pixels: &self.pixels,
            stride: usize::from(self.size.width) * 4,
            size: self.size,
            damage,
            noticed_at: Instant::now(),
            grab: Duration::ZERO,
        }
    }
}
