//! Damaged rectangles of the screen -> coded stripes. Owns one encoder and one I420 canvas per stripe; decides which stripes
//! are coded and what of them is drawn. Quantiser and pace are the caller's.

use std::time::{Duration, Instant};

use crate::capture::Frame;
use crate::colour::{Pixels, Planes};
use crate::geometry::{Damage, Rect, Size};
use crate::h264::encoder::{Encoder, EncoderFault};
use crate::h264::options::{MAX_QP, Options, Rate};
use crate::layout::Layout;
use crate::quality::Quality;
use crate::workers::Workers;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("a screen of {width}x{height} cannot be cut into stripes of {stripe_height} rows")]
    Layout {
        width: u16,
        height: u16,
        stripe_height: u16,
    },
    #[error("the frame is {got:?}, but the encoder was made for {expected:?}")]
    Size { got: Size, expected: Size },
    #[error(transparent)]
    Encoder(#[from] EncoderFault),
    #[error("an encoder thread ended while it held a stripe")]
    Worker,
}

/// What became of one frame's damage.
#[derive(Debug, Default)]
pub struct Encoded {
    /// In order of `index`.
    pub stripes: Vec<CodedStripe>,
    pub convert: Duration,
    /// Until the last stripe was coded, without `convert`.
    pub encode: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodedStripe {
    /// From the top, starting at 0.
    pub index: u8,
    /// Counts this stripe's pictures, starting at 1.
    pub picture: u32,
    /// An IDR picture with its parameter sets.
    pub key: bool,
    /// The quantiser used: the one asked for, or a coarser one if finer would have coded the undamaged surroundings again.
    pub qp: u8,
    /// What to draw of the decoded picture, in screen pixels: 16-aligned, at most [`Damage::MAX_RECTS`].
    pub draw: Vec<Rect>,
    /// The access unit in Annex B form; nothing of a stripe that was only touched.
    pub data: Vec<u8>,
}

/// Codes damage stripe by stripe: what is not damaged is not touched, a stripe without damage costs nothing.
pub struct StripeEncoder {
    layout: Layout,
    options: Options,
    /// `None` only while a worker has it.
    stripes: Vec<Option<Box<Stripe>>>,
    workers: Option<Workers>,
}

/// One stripe: its canvas, the encoder made on first use, and what the next picture owes.
pub(crate) struct Stripe {
    index: u8,
    visible: Rect,
    canvas: Planes,
    options: Options,
    quality: Quality,
    encoder: Option<Encoder>,
    picture: u32,
    key_wanted: bool,
    picture_wanted: bool,
    draw: Vec<Rect>,
}

impl StripeEncoder {
    /// # Errors
    /// When `size` cannot be cut that way (see [`Layout::new`]).
    pub fn new(size: Size, stripe_height: u16) -> Result<Self, EncodeError> {
        Self::with_options(size, stripe_height, Options::default())
    }

    /// With encoders of another kind than the product's. With deblocking more changes than is drawn.
    ///
    /// # Errors
    /// When `size` cannot be cut that way. Options that the library cannot do are told by the first [`encode`](Self::encode).
    pub fn with_options(
        size: Size,
        stripe_height: u16,
        options: Options,
    ) -> Result<Self, EncodeError> {
        let layout = Layout::new(size, stripe_height).ok_or(EncodeError::Layout {
            width: size.width,
            height: size.height,
            stripe_height,
        })?;
        let stripes = (0..layout.stripes())
            .map(|index| Some(Box::new(Stripe::new(&layout, index, options))))
            .collect();
        Ok(Self {
            layout,
            options,
            stripes,
            workers: None,
        })
    }

    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Lets these stripes (bit n: stripe n) begin anew: their canvases are black, and the next [`encode`](Self::encode) gives an IDR
    /// picture of each, damaged or not. It holds, and draws, only what is damaged then, so that one without damage has about 1 kB.
    pub fn begin(&mut self, stripes: u64) {
        for stripe in self.stripes.iter_mut().flatten() {
            if stripes & (1 << stripe.index) != 0 {
                stripe.begin();
            }
        }
    }

    /// Makes the next [`encode`](Self::encode) give a picture of each of these stripes (bit n: stripe n) even without damage there:
    /// an empty one then, which no encoder saw and no decoder needs to see.
    pub fn touch(&mut self, stripes: u64) {
        for stripe in self.stripes.iter_mut().flatten() {
            stripe.picture_wanted |= stripes & (1 << stripe.index) != 0;
        }
    }

    /// What was last coded with a coarser quantiser than `qp`: the damage to encode again, finer, when the screen has been still for
    /// a moment. Encoding it with that `qp` costs only what the finer picture needs.
    #[must_use]
    pub fn coarser_than(&self, qp: u8) -> Vec<Rect> {
        let mut damage = Damage::default();
        for stripe in self.stripes.iter().flatten() {
            stripe
                .quality
                .coarser_than(qp, stripe.visible.y, &mut damage);
        }
        damage.rects().to_vec()
    }

    /// Codes `damage` of `frame` (not necessarily the frame's own: damage may have been held back and merged) with quantiser
    /// `qp` (0-51).
    ///
    /// # Errors
    /// When the frame has another size, or an encoder fails; the damaged stripes then start anew with a key picture each.
    pub fn encode(
        &mut self,
        frame: &Frame<'_>,
        damage: &[Rect],
        qp: u8,
    ) -> Result<Encoded, EncodeError> {
        if frame.size != self.layout.size() {
            return Err(EncodeError::Size {
                got: frame.size,
                expected: self.layout.size(),
            });
        }
        let started = Instant::now();
        let pixels = Pixels {
            bytes: frame.pixels,
            stride: frame.stride,
            size: frame.size,
        };
        let concerned: Vec<usize> = (0..self.stripes.len())
            .filter(|&index| {
                self.stripes[index]
                    .as_mut()
                    .is_some_and(|s| s.take_damage(damage))
            })
            .collect();
        let (results, convert) = match concerned[..] {
            [] => (Vec::new(), Duration::ZERO),
            [only] => self.encode_here(only, pixels, qp),
            _ => self.encode_parallel(&concerned, pixels, qp),
        };
        let mut coded = match results.into_iter().collect::<Result<Vec<CodedStripe>, _>>() {
            Ok(coded) => coded,
            Err(error) => {
                // The pictures that were made are not sent, so all of these stripes start anew.
                self.begin(concerned.iter().fold(0, |all, index| all | 1 << index));
                return Err(error);
            }
        };
        coded.extend(self.touched(qp));
        coded.sort_unstable_by_key(|stripe| stripe.index);
        Ok(Encoded {
            stripes: coded,
            convert,
            encode: started.elapsed().saturating_sub(convert),
        })
    }

    /// Empty pictures of the stripes that nothing else happened to.
    fn touched(&mut self, qp: u8) -> Vec<CodedStripe> {
        let stripes = self.stripes.iter_mut().flatten();
        stripes.filter_map(|stripe| stripe.touched(qp)).collect()
    }

    /// One stripe: no other thread is woken, which would cost more than it gains.
    fn encode_here(
        &mut self,
        index: usize,
        pixels: Pixels<'_>,
        qp: u8,
    ) -> (Vec<Result<CodedStripe, EncodeError>>, Duration) {
        let Some(stripe) = &mut self.stripes[index] else {
            return (vec![Err(EncodeError::Worker)], Duration::ZERO);
        };
        let started = Instant::now();
        stripe.convert(pixels);
        let convert = started.elapsed();
        (vec![stripe.encode(qp)], convert)
    }

    /// Several: this thread converts (it alone may see the frame) and hands each converted stripe over, then takes part.
    fn encode_parallel(
        &mut self,
        concerned: &[usize],
        pixels: Pixels<'_>,
        qp: u8,
    ) -> (Vec<Result<CodedStripe, EncodeError>>, Duration) {
        let workers = self
            .workers
            .get_or_insert_with(|| Workers::new(self.layout.stripes()));
        let mut convert = Duration::ZERO;
        for &index in concerned {
            if let Some(mut stripe) = self.stripes[index].take() {
                let started = Instant::now();
                stripe.convert(pixels);
                convert += started.elapsed();
                workers.submit(stripe, qp);
            }
        }
        let mut results = Vec::with_capacity(concerned.len());
        for (stripe, result) in workers.finish() {
            let index = usize::from(stripe.index);
            self.stripes[index] = Some(stripe);
            results.push(result);
        }
        for &index in concerned {
            if self.stripes[index].is_none() {
                self.stripes[index] =
                    Some(Box::new(Stripe::new(&self.layout, index, self.options)));
                results.push(Err(EncodeError::Worker));
            }
        }
        (results, convert)
    }
}

impl Stripe {
    fn new(layout: &Layout, index: usize, options: Options) -> Self {
        Self {
            index: index as u8,
            visible: layout.visible(index),
            canvas: Planes::new(layout.coded(index)),
            options,
            quality: Quality::new(layout.coded(index)),
            encoder: None,
            picture: 0,
            key_wanted: false,
            picture_wanted: false,
            draw: Vec::new(),
        }
    }

    fn begin(&mut self) {
        self.key_wanted = true;
        self.canvas.blacken();
        self.quality = Quality::new(self.canvas.size());
    }

    /// Notes what of `damage` is this stripe's, as whole macroblocks in screen pixels; `true` if a picture is due.
    fn take_damage(&mut self, damage: &[Rect]) -> bool {
        self.draw.clear();
        let due = self.key_wanted || damage.iter().any(|rect| rect.intersects(self.visible));
        if !due {
            return false;
        }
        self.picture_wanted = false;
        let mut cells = Damage::default();
        for rect in damage {
            cells.add(rect.intersect(self.visible).align16(self.reach()));
        }
        self.draw.extend_from_slice(cells.rects());
        true
    }

    /// The empty picture that is wanted of it, if no other was due.
    fn touched(&mut self, qp: u8) -> Option<CodedStripe> {
        std::mem::take(&mut self.picture_wanted).then(|| {
            self.picture += 1;
            CodedStripe {
                index: self.index,
                picture: self.picture,
                key: false,
                qp,
                draw: Vec::new(),
                data: Vec::new(),
            }
        })
    }

    /// How far aligned rectangles may reach.
    fn reach(&self) -> Size {
        let coded = self.canvas.size();
        Size::new(coded.width, self.visible.y + coded.height)
    }

    fn convert(&mut self, pixels: Pixels<'_>) {
        for rect in self.local() {
            self.canvas.convert(rect, pixels, self.visible.y);
        }
    }

    /// What is drawn, in the stripe's own rows.
    fn local(&self) -> Vec<Rect> {
        let top = self.visible.y;
        let moved = self.draw.iter().map(|rect| Rect {
            y: rect.y - top,
            ..*rect
        });
        moved.collect()
    }

    pub(crate) fn encode(&mut self, qp: u8) -> Result<CodedStripe, EncodeError> {
        let coded = self.try_encode(qp);
        if coded.is_err() {
            self.encoder = None; // the next picture starts anew
        }
        coded
    }

    fn try_encode(&mut self, wanted: u8) -> Result<CodedStripe, EncodeError> {
        let qp = self.quality.code(&self.local(), wanted.min(MAX_QP));
        let encoder = match &mut self.encoder {
            Some(encoder) => {
                encoder.set_rate(Rate::Quantiser(qp))?;
                if self.key_wanted {
                    encoder.force_key()?;
                }
                encoder
            }
            none => {
                let (size, rate) = (self.canvas.size(), Rate::Quantiser(qp));
                none.insert(Encoder::new(size, rate, self.options)?)
            }
        };
        let (data, key) = encoder.encode(&self.canvas)?;
        self.key_wanted = false;
        self.picture += 1;
        Ok(CodedStripe {
            index: self.index,
            picture: self.picture,
            key,
            qp,
            draw: std::mem::take(&mut self.draw),
            data,
        })
    }
}
