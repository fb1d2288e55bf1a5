//! The picture of the end user's screen: the codec's decoders and canvas, fed in the protocol's words. Order is order.rs's business.

use std::time::{Duration, Instant};

use mayday_codec::tile::{self, Coding};
use mayday_codec::{Canvas, Layout, Part, Rect, Size};
use mayday_protocol::update;

use crate::decoding::{Cage, Decoding};
use crate::order::{Shown, ShownTile};

/// Decoders and canvas of one epoch.
pub(crate) struct Screen {
    decoder: Decoding,
}

/// What showing an update took, and which stripes could not be decoded.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) decode: Duration,
    pub(crate) draw: Duration,
    pub(crate) failed: Vec<u8>,
    /// Tiles that could not be read.
    pub(crate) failed_tiles: Vec<update::Rect>,
}

impl Screen {
    /// `None` when no screen can be like this.
    pub(crate) fn new(layout: update::Layout, cage: Option<Cage>) -> Option<Self> {
        let size = Size::new(layout.width, layout.height);
        let layout = Layout::new(size, layout.stripe_height)?;
        Some(Self {
            decoder: Decoding::new(layout, cage),
        })
    }

    pub(crate) fn canvas(&self) -> &Canvas {
        self.decoder.canvas()
    }

    /// Black, and every stripe begins anew.
    pub(crate) fn clear(&mut self) {
        self.decoder.clear();
    }

    /// Copies first, then the stripes, then the tiles.
    pub(crate) fn show(&mut self, shown: &Shown) -> Work {
        let update = &shown.update;
        let began = Instant::now();
        for copy in &update.copies {
            let canvas = self.decoder.canvas_mut();
            canvas.copy(rect(copy.source), copy.x, copy.y);
        }
        let copied = began.elapsed();
        let parts: Vec<_> = update
            .stripes
            .iter()
            .map(|stripe| Part {
                index: stripe.index,
                draw: stripe.draw.iter().copied().map(rect).collect(),
                data: &stripe.data,
            })
            .collect();
        let pictures = self.decoder.show(&parts);
        for (stripe, error) in &pictures.failed {
            tracing::debug!(stripe, %error, "a stripe cannot be decoded");
        }
        let mut work = Work {
            decode: pictures.decode,
            draw: copied + pictures.draw,
            failed: pictures
                .failed
                .into_iter()
                .map(|(stripe, _)| stripe)
                .collect(),
            failed_tiles: Vec::new(),
        };
        self.draw_tiles(&shown.tiles, &mut work);
        work
    }

    fn draw_tiles(&mut self, tiles: &[ShownTile], work: &mut Work) {
        if tiles.is_empty() {
            return;
        }
        let began = Instant::now();
        let coded: Vec<_> = tiles
            .iter()
            .map(|ShownTile { tile, .. }| (&tile.data[..], rect(tile.rect), coding(tile.format)))
            .collect();
        let decoded = tile::decode_all(&coded);
        work.decode += began.elapsed();
        let drawing = Instant::now();
        for (ShownTile { tile, draw }, pixels) in tiles.iter().zip(decoded) {
            match pixels {
                Ok(pixels) => {
                    for part in draw {
                        let canvas = self.decoder.canvas_mut();
                        canvas.put(rect(tile.rect), &pixels, rect(*part));
                    }
                }
                Err(error) => {
                    tracing::debug!(rect = ?tile.rect, %error, "a tile cannot be read");
                    work.failed_tiles.push(tile.rect);
                }
            }
        }
        work.draw += drawing.elapsed();
    }
}

/// Only these two come here: order.rs asks for others anew.
fn coding(format: u8) -> Coding {
    match format {
        update::QUICK => Coding::Quick,
        _ => Coding::Small,
    }
}

fn rect(rect: update::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}
