//! All stripes of a screen, decoded and drawn: small updates at once on the caller's thread, large ones on all cores.
//! Owns the decoders and the canvas; the order of updates is the caller's.

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crate::canvas::{Canvas, draw_rows};
use crate::geometry::Rect;
use crate::h264::decoder::{DecodeError, StripeDecoder};
use crate::layout::Layout;

/// Less than this is decoded before another thread would have begun.
const WORTH_THREADS: usize = 16 * 1024;

/// One stripe's part of an update.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    pub index: u8,
    /// What to draw of it, in screen pixels.
    pub draw: Vec<Rect>,
    /// The access unit in Annex B form.
    pub data: &'a [u8],
}

/// What showing an update took.
#[derive(Debug, Default)]
pub struct Shown {
    pub decode: Duration,
    pub draw: Duration,
    /// Stripes that could not be decoded and need a key picture. The others are drawn.
    pub failed: Vec<(u8, DecodeError)>,
}

pub struct ScreenDecoder {
    layout: Layout,
    /// Made when their first picture comes.
    decoders: Vec<Option<StripeDecoder>>,
    canvas: Canvas,
}

/// What one thread needs for one stripe.
struct Job<'a> {
    part: &'a Part<'a>,
    decoder: &'a mut Option<StripeDecoder>,
    rows: &'a mut [u8],
}

impl ScreenDecoder {
    /// A black canvas; every stripe begins with a key picture.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self::over(layout, Canvas::new(layout.size()))
    }

    /// Draws on a canvas of the caller's, which must have the screen's size.
    #[must_use]
    pub fn over(layout: Layout, canvas: Canvas) -> Self {
        debug_assert!(canvas.size() == layout.size());
        Self {
            layout,
            decoders: (0..layout.stripes()).map(|_| None).collect(),
            canvas,
        }
    }

    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    #[must_use]
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// For copies and raw tiles.
    pub fn canvas_mut(&mut self) -> &mut Canvas {
        &mut self.canvas
    }

    /// Black, and every stripe begins anew.
    pub fn clear(&mut self) {
        self.decoders.fill_with(|| None);
        self.canvas.clear();
    }

    /// Decodes and draws the parts of one update; empty ones need no decoder. A stripe that does not exist, or comes twice, fails.
    pub fn show(&mut self, parts: &[Part<'_>]) -> Shown {
        let began = Instant::now();
        let layout = self.layout;
        let stripes = self.canvas.stripes_mut(layout.stripe_height());
        let mut places: Vec<_> = self.decoders.iter_mut().zip(stripes).map(Some).collect();
        let mut shown = Shown::default();
        let mut jobs = Vec::with_capacity(parts.len());
        for part in parts.iter().filter(|part| !part.data.is_empty()) {
            match places
                .get_mut(usize::from(part.index))
                .and_then(Option::take)
            {
                Some((decoder, rows)) => jobs.push(Job {
                    part,
                    decoder,
                    rows,
                }),
                None => shown.failed.push((part.index, DecodeError::NeedsKey)),
            }
        }
        let bytes: usize = jobs.iter().map(|job| job.part.data.len()).sum();
        if jobs.len() < 2 || bytes < WORTH_THREADS {
            for job in jobs {
                job.run(&layout, &mut shown);
            }
        } else {
            run_parallel(jobs, &layout, &mut shown);
            // Times of threads that ran side by side add up to more than passed: only their proportion counts.
            let (took, sum) = (began.elapsed(), shown.decode + shown.draw);
            let share = shown.draw.as_secs_f64() / sum.as_secs_f64().max(1e-9);
            shown.draw = took.mul_f64(share.clamp(0.0, 1.0));
            shown.decode = took.saturating_sub(shown.draw);
        }
        shown
    }
}

fn run_parallel(mut jobs: Vec<Job<'_>>, layout: &Layout, shown: &mut Shown) {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(jobs.len());
    // Taken from the end: the largest first, so that no thread is left with it alone.
    jobs.sort_by_key(|job| job.part.data.len());
    let (queue, all) = (Mutex::new(jobs), Mutex::new(shown));
    let work = || {
        let mut mine = Shown::default();
        loop {
            let job = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(job) = job else { break };
            job.run(layout, &mut mine);
        }
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.decode += mine.decode;
        all.draw += mine.draw;
        all.failed.append(&mut mine.failed);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Without another thread the work is done here.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
}

impl Job<'_> {
    fn run(self, layout: &Layout, shown: &mut Shown) {
        let index = self.part.index;
        if let Err(error) = self.try_run(layout, shown) {
            shown.failed.push((index, error));
        }
    }

    fn try_run(self, layout: &Layout, shown: &mut Shown) -> Result<(), DecodeError> {
        let index = usize::from(self.part.index);
        let began = Instant::now();
        let decoder = match self.decoder {
            Some(decoder) => decoder,
            none => none.insert(StripeDecoder::new(layout.coded(index))?),
        };
        let picture = decoder.decode(self.part.data);
        let decode = began.elapsed();
        shown.decode += decode;
        let (width, top) = (layout.size().width, layout.top(index));
        draw_rows(self.rows, width, &picture?, top, &self.part.draw);
        shown.draw += began.elapsed() - decode;
        Ok(())
    }
}
