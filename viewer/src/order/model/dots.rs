//! A screen of dots: a dot is 4x4 pixels, so that blocks are 4x4 dots and copies need not lie on blocks. Owns places and contents.

use mayday_protocol::update::{Copy, Layout, Rect};

/// A dot's side in pixels.
pub(super) const DOT: u16 = 4;
/// A block's side in dots.
const BLOCK: u16 = 4;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dots {
    columns: u16,
    rows: u16,
    contents: Vec<u32>,
}

impl Dots {
    /// Black.
    pub(super) fn of(layout: Layout) -> Self {
        let (columns, rows) = (layout.width / DOT, layout.height / DOT);
        Self {
            columns,
            rows,
            contents: vec![0; usize::from(columns) * usize::from(rows)],
        }
    }

    /// Before there is a screen.
    pub(super) fn none() -> Self {
        Self {
            columns: 0,
            rows: 0,
            contents: Vec::new(),
        }
    }

    /// Somewhere, in dots; clipped.
    pub(super) fn rect(&self, [x, y, width, height]: [u8; 4], most: u8) -> Rect {
        let (x, y) = (u16::from(x) % self.columns, u16::from(y) % self.rows);
        let [width, height] = [width, height].map(|side| u16::from(side % most) + 1);
        self.clipped(x, y, width, height)
    }

    /// Up to three blocks by three.
    pub(super) fn blocks(&self, [x, y, width, height]: [u8; 4]) -> Rect {
        let blocks = |dots: u16| dots.div_ceil(BLOCK);
        let x = u16::from(x) % blocks(self.columns) * BLOCK;
        let y = u16::from(y) % blocks(self.rows) * BLOCK;
        let [width, height] = [width, height].map(|side| u16::from(side % 3 + 1) * BLOCK);
        self.clipped(x, y, width, height)
    }

    /// Where a copy of `source` that goes so far has its target: on the screen.
    pub(super) fn target(&self, source: Rect, right: i32, down: i32) -> (u16, u16) {
        let within = |at: u16, by: i32, side: u16, dots: u16| {
            let most = i32::from(dots * DOT - side);
            (i32::from(at) + by * i32::from(DOT)).clamp(0, most) as u16
        };
        (
            within(source.x, right, source.width, self.columns),
            within(source.y, down, source.height, self.rows),
        )
    }

    fn clipped(&self, x: u16, y: u16, width: u16, height: u16) -> Rect {
        Rect {
            x: x * DOT,
            y: y * DOT,
            width: width.min(self.columns - x) * DOT,
            height: height.min(self.rows - y) * DOT,
        }
    }

    /// The numbers of a rectangle's dots.
    pub(super) fn within(&self, rect: Rect) -> impl Iterator<Item = usize> + use<> {
        let columns = usize::from(self.columns);
        let (left, right) = (rect.x / DOT, (rect.x + rect.width) / DOT);
        (rect.y / DOT..(rect.y + rect.height) / DOT).flat_map(move |y| {
            (left..right).map(move |x| usize::from(y) * columns + usize::from(x))
        })
    }

    pub(super) fn at(&self, dot: usize) -> u32 {
        self.contents[dot]
    }

    pub(super) fn put(&mut self, dot: usize, content: u32) {
        self.contents[dot] = content;
    }

    pub(super) fn copy(&mut self, copy: Copy) {
        let before: Vec<u32> = self.within(copy.source).map(|dot| self.at(dot)).collect();
        let target = Rect {
            x: copy.x,
            y: copy.y,
            ..copy.source
        };
        for (dot, content) in self.within(target).zip(before) {
            self.put(dot, content);
        }
    }

    /// FNV-1a over the contents.
    #[cfg(test)]
    pub(super) fn sum(&self) -> u32 {
        let mix = |sum: u32, content: &u32| (sum ^ content).wrapping_mul(16_777_619);
        self.contents.iter().fold(2_166_136_261, mix)
    }
}

/// Both halves of a copy, in an order in which they add up to it; all of it if it is too narrow.
pub(super) fn parts(whole: Copy) -> Vec<Copy> {
    let Copy { source, x, y } = whole;
    let half = source.width / DOT / 2 * DOT;
    if half == 0 {
        return vec![whole];
    }
    let left = Rect {
        width: half,
        ..source
    };
    let right = Rect {
        x: source.x + half,
        width: source.width - half,
        ..source
    };
    let (left, right) = (
        Copy { source: left, x, y },
        Copy {
            source: right,
            x: x + half,
            y,
        },
    );
    match x > source.x {
        true => vec![right, left],
        false => vec![left, right],
    }
}
