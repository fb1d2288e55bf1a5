//! Keeps the decoded pictures of a part of the screen with the time at which each was there. What they show is judged later, when it
//! is known what they had to show.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use mayday_codec::Canvas;
use mayday_tests::desktop::Area;
use mayday_viewer::Viewer;

const PIXEL: usize = 4;
/// Pictures whose memory is there from the start, so that keeping one costs a copy and no more.
const READY: usize = 8;

pub type Picture = (Instant, Vec<u8>);

/// Runs while it is asked to, as long as it lives.
pub struct Recorder(Arc<Mutex<Reel>>);

struct Reel {
    area: Area,
    runs: bool,
    pictures: Vec<Picture>,
    spare: Vec<Vec<u8>>,
}

impl Recorder {
    /// Looks at each picture that this viewer decodes from now on.
    #[must_use]
    pub fn of(viewer: &Viewer, area: Area) -> Self {
        let bytes = usize::from(area.width) * usize::from(area.height) * PIXEL;
        let reel = Arc::new(Mutex::new(Reel {
            area,
            runs: false,
            pictures: Vec::new(),
            // Written to once, so that the memory is really there.
            spare: (0..READY).map(|_| vec![1; bytes]).collect(),
        }));
        let weak = Arc::downgrade(&reel);
        // Nobody waits for it: it ends with the recorder.
        drop(viewer.watch(move |canvas| {
            let Some(reel) = weak.upgrade() else {
                return true;
            };
            let now = Instant::now();
            lock(&reel).keep(now, canvas);
            false
        }));
        Self(reel)
    }

    /// Forgets what it has, and keeps what comes.
    pub fn start(&self) {
        let mut reel = lock(&self.0);
        let old = std::mem::take(&mut reel.pictures);
        reel.spare
            .extend(old.into_iter().map(|(_, picture)| picture));
        reel.spare.truncate(READY);
        reel.runs = true;
    }

    pub fn stop(&self) {
        lock(&self.0).runs = false;
    }

    /// When the first picture was there of which this is true, among those from number `from` on; how many there are now.
    pub fn first(
        &self,
        from: usize,
        mut shows: impl FnMut(&[u8]) -> bool,
    ) -> (Option<Instant>, usize) {
        // Judging takes longer than the viewer may wait.
        let (taken, count) = {
            let mut reel = lock(&self.0);
            let count = reel.pictures.len();
            let taken: Vec<_> = reel.pictures[from.min(count)..]
                .iter_mut()
                .map(|(at, picture)| (*at, std::mem::take(picture)))
                .collect();
            (taken, count)
        };
        let found = taken.iter().find(|(_, picture)| shows(picture));
        let found = found.map(|(at, _)| *at);
        let mut reel = lock(&self.0);
        for (at, (_, picture)) in taken.into_iter().enumerate() {
            reel.pictures[from + at].1 = picture;
        }
        (found, count)
    }
}

impl Reel {
    fn keep(&mut self, now: Instant, canvas: &Canvas) {
        if !self.runs {
            return;
        }
        let row = usize::from(self.area.width) * PIXEL;
        let mut picture = self.spare.pop().unwrap_or_default();
        picture.resize(row * usize::from(self.area.height), 0);
        let (left, top) = (self.area.x.max(0) as usize, self.area.y.max(0) as usize);
        let rows = canvas.pixels().chunks_exact(canvas.stride().max(1));
        for (to, from) in picture.chunks_exact_mut(row.max(1)).zip(rows.skip(top)) {
            let from = from.get(left * PIXEL..).unwrap_or_default();
            let length = row.min(from.len());
            to[..length].copy_from_slice(&from[..length]);
        }
        self.pictures.push((now, picture));
    }
}

fn lock(reel: &Mutex<Reel>) -> MutexGuard<'_, Reel> {
    reel.lock().unwrap_or_else(PoisonError::into_inner)
}
