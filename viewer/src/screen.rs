//! The picture of the end user's screen: the codec's decoders and canvas, fed in the protocol's words. Order is order.rs's business.

use std::time::{Duration, Instant};

use mayday_codec::{Canvas, Layout, Part, Rect, ScreenDecoder, Size};
use mayday_protocol::update::{self, Update};

/// Decoders and canvas of one epoch.
pub(crate) struct Screen {
    decoder: ScreenDecoder,
}

/// What showing an update took, and which stripes could not be decoded.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) decode: Duration,
    pub(crate) draw: Duration,
    pub(crate) failed: Vec<u8>,
}

impl Screen {
    /// `None` when no screen can be like this.
    pub(crate) fn new(layout: update::Layout) -> Option<Self> {
        let size = Size::new(layout.width, layout.height);
        let layout = Layout::new(size, layout.stripe_height)?;
        Some(Self {
            decoder: ScreenDecoder::new(layout),
        })
    }

    pub(crate) fn canvas(&self) -> &Canvas {
        self.decoder.canvas()
    }

    /// Black, and every stripe begins anew.
    pub(crate) fn clear(&mut self) {
        self.decoder.clear();
    }

    /// Copies first, then the stripes.
    pub(crate) fn show(&mut self, update: &Update) -> Work {
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
        let shown = self.decoder.show(&parts);
        for (stripe, error) in &shown.failed {
            tracing::debug!(stripe, %error, "a stripe cannot be decoded");
        }
        Work {
            decode: shown.decode,
            draw: copied + shown.draw,
            failed: shown.failed.into_iter().map(|(stripe, _)| stripe).collect(),
        }
    }
}

fn rect(rect: update::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}
