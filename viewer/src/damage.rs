//! What of the picture changed since somebody looked. Owns how much is remembered before it is simply "all".

use mayday_codec::{Rect, Size};
use mayday_protocol::update;

use crate::order::Shown;

/// More than this is not worth drawing one by one.
const RECTS: usize = 128;

/// Rectangles in screen pixels, or everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    rects: Vec<Rect>,
    all: bool,
}

impl Damage {
    #[must_use]
    pub fn everything() -> Self {
        Self {
            rects: Vec::new(),
            all: true,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.all && self.rects.is_empty()
    }

    /// The rectangles, clipped to a screen of this size.
    #[must_use]
    pub fn rects(&self, screen: Size) -> Vec<Rect> {
        let whole = Rect::new(0, 0, screen.width, screen.height);
        if self.all {
            return vec![whole];
        }
        let clipped = self.rects.iter().map(|rect| rect.intersect(whole));
        clipped.filter(|rect| !rect.is_empty()).collect()
    }

    pub(crate) fn add_all(&mut self) {
        *self = Self::everything();
    }

    /// What an update draws.
    pub(crate) fn add(&mut self, shown: &Shown) {
        let update = &shown.update;
        let copies = update.copies.iter().map(|copy| {
            let source = copy.source;
            Rect::new(copy.x, copy.y, source.width, source.height)
        });
        let stripes = update.stripes.iter().flat_map(|stripe| &stripe.draw);
        let tiles = shown.tiles.iter().flat_map(|tile| &tile.draw);
        let drawn = stripes.chain(tiles).copied().map(of_wire);
        for rect in copies.chain(drawn) {
            if self.all || self.rects.len() >= RECTS {
                return self.add_all();
            }
            self.rects.push(rect);
        }
    }
}

fn of_wire(rect: update::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size {
        width: 100,
        height: 50,
    };

    #[test]
    fn rectangles_past_the_edge_are_clipped_and_those_outside_left_out() {
        let damage = Damage {
            rects: vec![Rect::new(90, 40, 16, 16), Rect::new(0, 60, 8, 8)],
            all: false,
        };
        assert_eq!(damage.rects(SCREEN), [Rect::new(90, 40, 10, 10)]);
        assert!(Damage::default().rects(SCREEN).is_empty());
    }

    #[test]
    fn everything_is_the_whole_screen() {
        assert_eq!(
            Damage::everything().rects(SCREEN),
            [Rect::new(0, 0, 100, 50)]
        );
    }
}
