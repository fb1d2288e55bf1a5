//! What a technician sees: every update drawn in its order, to be compared with the screen.

use std::collections::BTreeMap;

use mayday_codec::{Layout, Part, Rect, ScreenDecoder, Size, tile};
use mayday_protocol::update::{self, Update};

#[derive(Default)]
pub struct Sight {
    screen: Option<ScreenDecoder>,
    shown: u32,
    waiting: BTreeMap<u32, Update>,
    pub keys: usize,
}

impl Sight {
    /// Draws `update` as soon as everything before it is drawn.
    pub fn take(&mut self, sequence: u32, update: Update) {
        if sequence > self.shown {
            self.waiting.insert(sequence, update);
        }
        while let Some(update) = self.waiting.remove(&(self.shown + 1)) {
            self.shown += 1;
            self.show(&update);
        }
    }

    pub fn pixels(&self) -> Option<(Size, &[u8])> {
        let canvas = self.screen.as_ref()?.canvas();
        Some((canvas.size(), canvas.pixels()))
    }

    fn show(&mut self, update: &Update) {
        if let Some(layout) = update.layout
            && self.screen.is_none()
        {
            let size = Size::new(layout.width, layout.height);
            let layout = Layout::new(size, layout.stripe_height).unwrap();
            self.screen = Some(ScreenDecoder::new(layout));
        }
        let screen = self.screen.as_mut().expect("the first update has a layout");
        for copy in &update.copies {
            screen.canvas_mut().copy(rect(copy.source), copy.x, copy.y);
        }
        let parts: Vec<_> = update
            .stripes
            .iter()
            .map(|stripe| Part {
                index: stripe.index,
                draw: stripe.draw.iter().copied().map(rect).collect(),
                data: &stripe.data,
            })
            .collect();
        self.keys += update.stripes.iter().filter(|stripe| stripe.key).count();
        assert!(screen.show(&parts).failed.is_empty());
        for tile in &update.tiles {
            let whole = rect(tile.rect);
            let pixels = tile::decode(&tile.data, whole).expect("a tile can be read");
            screen.canvas_mut().put(whole, &pixels, whole);
        }
    }
}

fn rect(rect: update::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}
