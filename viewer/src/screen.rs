//! The picture of the end user's screen: one decoder per stripe and the canvas they draw on. Order is order.rs's business.

use std::time::{Duration, Instant};

use mayday_codec::{Canvas, Layout, Rect, Size, StripeDecoder};
use mayday_protocol::update::{self, Update};

/// Decoders and canvas of one epoch.
pub(crate) struct Screen {
    layout: Layout,
    decoders: Vec<Option<StripeDecoder>>,
    canvas: Canvas,
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
            layout,
            decoders: (0..layout.stripes()).map(|_| None).collect(),
            canvas: Canvas::new(size),
        })
    }

    pub(crate) fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// Black, and every stripe begins anew.
    pub(crate) fn clear(&mut self) {
        self.canvas = Canvas::new(self.layout.size());
        self.decoders.fill_with(|| None);
    }

    /// Copies first, then every stripe is decoded and drawn.
    pub(crate) fn show(&mut self, update: &Update) -> Work {
        let mut work = Work::default();
        let began = Instant::now();
        for copy in &update.copies {
            self.canvas.copy(rect(copy.source), copy.x, copy.y);
        }
        work.draw += began.elapsed();
        for stripe in &update.stripes {
            if self.show_stripe(stripe, &mut work).is_none() {
                work.failed.push(stripe.index);
            }
        }
        work
    }

    fn show_stripe(&mut self, stripe: &update::Stripe, work: &mut Work) -> Option<()> {
        let index = usize::from(stripe.index);
        let place = self.decoders.get_mut(index)?;
        let decoder = match place {
            Some(decoder) => decoder,
            None => place.insert(StripeDecoder::new(self.layout.coded(index)).ok()?),
        };
        let began = Instant::now();
        let decoded = decoder.decode(&stripe.data);
        let decode = began.elapsed();
        work.decode += decode;
        let picture = match decoded {
            Ok(picture) => picture,
            Err(error) => {
                tracing::debug!(stripe = index, %error, "a stripe cannot be decoded");
                return None;
            }
        };
        let rects: Vec<_> = stripe.draw.iter().copied().map(rect).collect();
        self.canvas.draw(&picture, self.layout.top(index), &rects);
        work.draw += began.elapsed() - decode;
        Some(())
    }
}

fn rect(rect: update::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}
