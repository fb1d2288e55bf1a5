//! A screen cut into stripes of any width, each with an encoder and a decoder of its own, on one thread. Owns no screen.

use std::fmt;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use mayday_codec::geometry::Damage;
use mayday_codec::{
    Content, DEFAULT_STRIPE_HEIGHT, Encoder, Frame, Options, Pixels, Planes, Rate, Rect, Size,
    StripeDecoder,
};

use crate::QP;

const FULL: u16 = 1920;

pub struct Setting {
    pub name: &'static str,
    width: u16,
    options: Options,
    rate: Rate,
}

impl Setting {
    fn product(name: &'static str) -> Self {
        Self {
            name,
            width: FULL,
            options: Options::default(),
            rate: Rate::Quantiser(QP),
        }
    }

    pub fn widths() -> [Self; 3] {
        [("1920x144", FULL), ("960x144", 960), ("480x144", 480)].map(|(name, width)| Self {
            width,
            ..Self::product(name)
        })
    }

    /// The product's, and each option by itself.
    pub fn options() -> [Self; 6] {
        let product = Options::default();
        let other = |name, options| Self {
            options,
            ..Self::product(name)
        };
        [
            Self::product("as Mayday codes"),
            other(
                "deblocking",
                Options {
                    deblocking: true,
                    ..product
                },
            ),
            other(
                "4 slices",
                Options {
                    slices: 4,
                    ..product
                },
            ),
            other(
                "long-term reference at every 8th",
                Options {
                    long_term: NonZeroU32::new(8),
                    ..product
                },
            ),
            other(
                "screen content",
                Options {
                    content: Content::Screen,
                    ..product
                },
            ),
            Self {
                rate: Rate::BitsPerSecond(1_000_000),
                ..Self::product("rate control, 1 Mbit/s a stripe")
            },
        ]
    }
}

pub struct Grid {
    cells: Vec<Cell>,
}

struct Cell {
    visible: Rect,
    /// The coded picture, in screen pixels.
    coded: Rect,
    planes: Planes,
    encoder: Encoder,
    decoder: StripeDecoder,
    /// The squared error of the last picture's luma, and of how many pixels.
    error: (f64, u32),
}

/// Of one update: sums of all cells.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    encode: Duration,
    decode: Duration,
    calls: usize,
    bytes: usize,
}

/// Of many: the median of each time, the mean of each number.
#[derive(Default)]
pub struct Costs(Vec<Cost>);

impl Grid {
    pub fn new(size: Size, setting: &Setting) -> Self {
        let rows = (0..size.height).step_by(DEFAULT_STRIPE_HEIGHT.into());
        let places = rows.flat_map(|y| {
            let columns = (0..size.width).step_by(setting.width.into());
            columns.map(move |x| Rect::new(x, y, setting.width, DEFAULT_STRIPE_HEIGHT))
        });
        Self {
            cells: places
                .map(|place| Cell::new(place.intersect(size.rect()), setting))
                .collect(),
        }
    }

    pub fn code(&mut self, frame: &Frame<'_>) -> Cost {
        let mut sum = Cost::default();
        for cell in &mut self.cells {
            cell.error = (0.0, 0);
            let mut damage = Damage::default();
            for rect in frame.damage {
                let rect = rect.intersect(cell.visible);
                damage.add(rect.align16(Size::new(cell.coded.right(), cell.coded.bottom())));
            }
            if !damage.is_empty() {
                cell.code(frame, damage.rects(), &mut sum);
            }
        }
        sum
    }

    /// Of the luma of what was last damaged.
    pub fn psnr(&self) -> f64 {
        let errors = self.cells.iter().map(|cell| cell.error);
        let (error, pixels) = errors.fold((0.0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        10.0 * (219.0f64.powi(2) * f64::from(pixels) / error).log10()
    }
}

impl Cell {
    fn new(visible: Rect, setting: &Setting) -> Self {
        let size = Size::new(visible.width, visible.height).align16();
        let encoder = Encoder::new(size, setting.rate, setting.options);
        Self {
            visible,
            coded: Rect::new(visible.x, visible.y, size.width, size.height),
            planes: Planes::new(size),
            encoder: encoder.expect("a usual stripe"),
            decoder: StripeDecoder::new(size).expect("a usual stripe"),
            error: (0.0, 0),
        }
    }

    fn code(&mut self, frame: &Frame<'_>, damage: &[Rect], sum: &mut Cost) {
        let (x, y) = (self.coded.x, self.coded.y);
        // The screen as if it began where this cell does.
        let pixels = Pixels {
            bytes: &frame.pixels[usize::from(x) * 4..],
            stride: frame.stride,
            size: Size::new(frame.size.width - x, frame.size.height),
        };
        let began = Instant::now();
        for rect in damage {
            let rect = Rect::new(rect.x - x, rect.y - y, rect.width, rect.height);
            self.planes.convert(rect, pixels, y);
        }
        let (data, _) = self.encoder.encode(&self.planes).expect("it works");
        sum.encode += began.elapsed();
        let began = Instant::now();
        let picture = self.decoder.decode(&data).expect("our own stream");
        sum.decode += began.elapsed();
        sum.calls += 1;
        sum.bytes += data.len();
        for rect in damage.iter().map(|rect| rect.intersect(self.visible)) {
            for (row, column) in (rect.y..rect.bottom())
                .flat_map(|row| (rect.x..rect.right()).map(move |x| (row, x)))
            {
                let at = usize::from(row) * frame.stride + usize::from(column) * 4;
                let shown =
                    picture.y[usize::from(row - y) * picture.luma_stride + usize::from(column - x)];
                self.error.0 += (luma(&frame.pixels[at..]) - f64::from(shown)).powi(2);
            }
            self.error.1 += rect.area();
        }
        let references = self.decoder.references();
        self.encoder.confirm(&references).expect("it works");
    }
}

/// Of a BGRX pixel, by BT.709 in limited range.
fn luma(pixel: &[u8]) -> f64 {
    let [blue, green, red] = [pixel[0], pixel[1], pixel[2]].map(f64::from);
    16.0 + (0.0722 * blue + 0.7152 * green + 0.2126 * red) * 219.0 / 255.0
}

impl Costs {
    pub fn add(&mut self, cost: Cost) {
        self.0.push(cost);
    }

    fn median(&self, of: fn(&Cost) -> Duration) -> f64 {
        let mut times: Vec<Duration> = self.0.iter().map(of).collect();
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e3
    }

    fn mean(&self, of: fn(&Cost) -> usize) -> f64 {
        self.0.iter().map(of).sum::<usize>() as f64 / self.0.len() as f64
    }
}

impl fmt::Display for Costs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.3} | {:.3} | {:.1} | {:.0}",
            self.median(|cost| cost.encode),
            self.median(|cost| cost.decode),
            self.mean(|cost| cost.calls),
            self.mean(|cost| cost.bytes),
        )
    }
}
