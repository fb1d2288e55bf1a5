//! How near a shown picture is to the screen: PSNR and SSIM, of the luma and of both chroma planes. Owns the formulas.

use std::fmt;

use mayday_codec::Rect;

/// Side of the squares that SSIM compares; its constants for eight bits.
const SQUARE: usize = 8;
const C1: f64 = 6.5025;
const C2: f64 = 58.5225;

/// Decibels (infinite: exact) and 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quality {
    psnr_y: f64,
    psnr_c: f64,
    ssim_y: f64,
    ssim_c: f64,
}

impl fmt::Display for Quality {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let db = |value: f64| match value.is_finite() {
            true => format!("{value:.1}"),
            false => "exact".to_owned(),
        };
        write!(
            formatter,
            "{} / {} | {:.4} / {:.4}",
            db(self.psnr_y),
            db(self.psnr_c),
            self.ssim_y,
            self.ssim_c
        )
    }
}

/// Two screens of BGRX pixels, rows of the same length.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    pub screen: &'a [u8],
    pub shown: &'a [u8],
    pub stride: usize,
}

impl Compared<'_> {
    /// Inside these rectangles.
    pub fn quality(&self, within: &[Rect]) -> Quality {
        let [y, cb, cr] = [0, 1, 2].map(|plane| self.plane(plane, within));
        let both = Sums {
            error: cb.error + cr.error,
            pixels: cb.pixels + cr.pixels,
            ssim: cb.ssim + cr.ssim,
            squares: cb.squares + cr.squares,
        };
        Quality {
            psnr_y: y.psnr(),
            psnr_c: both.psnr(),
            ssim_y: y.ssim(),
            ssim_c: both.ssim(),
        }
    }

    fn plane(&self, plane: usize, within: &[Rect]) -> Sums {
        let mut sums = Sums::default();
        for rect in within {
            let (left, right) = (usize::from(rect.x), usize::from(rect.right()));
            let (top, bottom) = (usize::from(rect.y), usize::from(rect.bottom()));
            for y in (top..bottom).step_by(SQUARE) {
                for x in (left..right).step_by(SQUARE) {
                    let square = (x..right.min(x + SQUARE), y..bottom.min(y + SQUARE));
                    self.square(plane, square, &mut sums);
                }
            }
        }
        sums
    }

    fn square(
        &self,
        plane: usize,
        (columns, rows): (std::ops::Range<usize>, std::ops::Range<usize>),
        sums: &mut Sums,
    ) {
        let (mut n, mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for y in rows {
            for x in columns.clone() {
                let at = y * self.stride + x * 4;
                let (p, q) = (value(self.screen, at, plane), value(self.shown, at, plane));
                n += 1.0;
                a += p;
                b += q;
                aa += p * p;
                bb += q * q;
                ab += p * q;
                sums.error += (p - q).powi(2);
            }
        }
        sums.pixels += n;
        let (a, b) = (a / n, b / n);
        let (va, vb, both) = (aa / n - a * a, bb / n - b * b, ab / n - a * b);
        sums.ssim +=
            (2.0 * a * b + C1) * (2.0 * both + C2) / ((a * a + b * b + C1) * (va + vb + C2));
        sums.squares += 1.0;
    }
}

/// Luma, Cb or Cr by BT.709, of the BGRX pixel there.
fn value(pixels: &[u8], at: usize, plane: usize) -> f64 {
    let [blue, green, red] = [pixels[at], pixels[at + 1], pixels[at + 2]].map(f64::from);
    let luma = 0.0722 * blue + 0.7152 * green + 0.2126 * red;
    match plane {
        0 => luma,
        1 => 128.0 + (blue - luma) / 1.8556,
        _ => 128.0 + (red - luma) / 1.5748,
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    error: f64,
    pixels: f64,
    ssim: f64,
    squares: f64,
}

impl Sums {
    fn psnr(&self) -> f64 {
        // What rounding leaves of two equal values.
        if self.error < 1e-9 * self.pixels {
            return f64::INFINITY;
        }
        10.0 * (255.0f64.powi(2) * self.pixels / self.error).log10()
    }

    fn ssim(&self) -> f64 {
        self.ssim / f64::max(self.squares, 1.0)
    }
}
