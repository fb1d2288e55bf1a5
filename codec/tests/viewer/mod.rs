//! A viewer without a network for the codec's tests, and how near its picture comes to the screen.

use mayday_codec::{Canvas, Encoded, Layout, Rect, StripeDecoder};

/// A viewer without a network.
pub struct Viewer {
    pub canvas: Canvas,
    layout: Layout,
    decoders: Vec<StripeDecoder>,
    pictures: Vec<u32>,
}

impl Viewer {
    pub fn new(layout: Layout) -> Self {
        let decoders = (0..layout.stripes())
            .map(|index| StripeDecoder::new(layout.coded(index)).unwrap())
            .collect();
        Self {
            canvas: Canvas::new(layout.size()),
            layout,
            decoders,
            pictures: vec![0; layout.stripes()],
        }
    }

    pub fn show(&mut self, encoded: &Encoded) {
        for stripe in &encoded.stripes {
            let index = usize::from(stripe.index);
            self.pictures[index] += 1;
            assert_eq!(stripe.picture, self.pictures[index], "pictures count up");
            if stripe.data.is_empty() {
                continue;
            }
            let picture = self.decoders[index]
                .decode(&stripe.data)
                .unwrap_or_else(|error| panic!("{:?}: {error}", self.layout.coded(index)));
            self.canvas
                .draw(&picture, self.layout.top(index), &stripe.draw);
        }
    }
}

/// Peak signal-to-noise ratio of the luma inside `rect`, dB.
pub fn psnr(a: &[u8], b: &[u8], width: u16, rect: Rect) -> f64 {
    let luma = |pixels: &[u8], at: usize| {
        0.0722 * f64::from(pixels[at])
            + 0.7152 * f64::from(pixels[at + 1])
            + 0.2126 * f64::from(pixels[at + 2])
    };
    let mut error = 0.0;
    for y in rect.y..rect.bottom() {
        for x in rect.x..rect.right() {
            let at = (usize::from(y) * usize::from(width) + usize::from(x)) * 4;
            error += (luma(a, at) - luma(b, at)).powi(2);
        }
    }
    let mean = error / f64::from(rect.area());
    10.0 * (255.0f64.powi(2) / mean.max(1e-9)).log10()
}
