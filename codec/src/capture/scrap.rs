//! The portable backend: the `scrap` crate polled, and tiles compared to find what changed. Owns its own copy of the screen,
//! so that a frame stays consistent; has no cursor.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use scrap::{Capturer, Display};

use super::{Capture, CaptureError, CursorState, Frame, Wake, Waker};
use crate::colour::PIXEL;
use crate::geometry::{Damage, Rect, Size};

/// Pause between looks while something changes: about 60 a second.
const BUSY: Duration = Duration::from_millis(16);
/// The longest pause, reached on a quiet screen: a look costs about a millisecond.
const QUIET: Duration = Duration::from_millis(250);
/// How long nothing must have changed before the pause grows.
const CALM_AFTER: Duration = Duration::from_secs(1);
/// How often the resolution is asked for: scrap does not tell that it changed.
const SIZE_CHECK: Duration = Duration::from_secs(2);
/// A grab this soon after the wait that found the damage does not look again.
const FRESH: Duration = Duration::from_millis(4);
/// Side of a compared tile, pixels.
const TILE: usize = 64;

pub(super) struct Scrap {
    capturer: Alone,
    size: Size,
    screen: Vec<u8>,
    damage: Damage,
    /// The list that the last frame lent.
    lent: Vec<Rect>,
    bell: Arc<Bell>,
    reinit: bool,
    whole: bool,
    pause: Duration,
    changed_at: Instant,
    checked_at: Instant,
    looked_at: Instant,
    noticed_at: Instant,
}

struct Alone(Capturer);

// SAFETY: scrap's capturer is not Send because it counts references to its connection without locks. All of these references
// are inside this one value, which is only ever used through `&mut` and moved as a whole, and the system libraries behind it
// (xcb, DXGI, CoreGraphics) have no thread affinity.
unsafe impl Send for Alone {}

#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Sleeps until it rings or the time is over; says whether it rang.
    fn sleep(&self, time: Duration) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .changed
            .wait_timeout_while(rung, time, |rung| !*rung)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *rung)
    }
}

impl Scrap {
    pub(super) fn open() -> Result<Self, CaptureError> {
        let display = Display::primary().map_err(|error| unreachable(&error))?;
        let size = size_of(&display);
        let capturer = Capturer::new(display).map_err(|error| unreachable(&error))?;
        let now = Instant::now();
        Ok(Self {
            capturer: Alone(capturer),
            size,
            screen: vec![0; size.area() as usize * PIXEL],
            damage: Damage::default(),
            lent: Vec::new(),
            bell: Arc::default(),
            reinit: false,
            whole: true,
            pause: BUSY,
            changed_at: now,
            checked_at: now,
            looked_at: now,
            noticed_at: now,
        })
    }

    /// Compares the screen with our copy and refreshes the copy where it differs.
    fn look(&mut self) -> Result<(), CaptureError> {
        let now = Instant::now();
        self.looked_at = now;
        if now.duration_since(self.checked_at) >= SIZE_CHECK {
            self.checked_at = now;
            self.reinit |= Display::primary().is_ok_and(|display| size_of(&display) != self.size);
        }
        let pixels = match self.capturer.0.frame() {
            Ok(pixels) => pixels,
            // Nothing new to show yet.
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                self.reinit = true;
                return Ok(());
            }
            Err(error) => {
                return Err(CaptureError::Gone {
                    reason: error.to_string(),
                });
            }
        };
        let had = !self.damage.is_empty();
        refresh(&pixels, &mut self.screen, self.size, &mut self.damage);
        if !self.damage.is_empty() && !had {
            self.noticed_at = now;
            self.changed_at = now;
            self.pause = BUSY;
        } else if now.duration_since(self.changed_at) > CALM_AFTER {
            self.pause = (self.pause * 2).min(QUIET);
        }
        Ok(())
    }
}

impl Capture for Scrap {
    fn size(&self) -> Size {
        self.size
    }

    fn wait(&mut self, timeout: Duration) -> Result<Wake, CaptureError> {
        let until = Instant::now() + timeout;
        let mut wake = Wake::default();
        loop {
            self.look()?;
            wake.damage = self.whole || !self.damage.is_empty();
            wake.reinit = self.reinit;
            let left = until.saturating_duration_since(Instant::now());
            if wake.any() || left.is_zero() {
                return Ok(wake);
            }
            if self.bell.sleep(self.pause.min(left)) {
                // Who wakes us usually did something that will change the screen.
                self.pause = BUSY;
                self.changed_at = Instant::now();
                wake.woken = true;
            }
        }
    }

    fn grab(&mut self) -> Result<Frame<'_>, CaptureError> {
        let started = Instant::now();
        if self.damage.is_empty() || self.looked_at.elapsed() > FRESH {
            self.look()?;
        }
        self.lent.clear();
        if self.whole {
            self.lent.push(self.size.rect());
        } else {
            self.lent.extend_from_slice(self.damage.rects());
        }
        self.damage.clear();
        self.whole = false;
        Ok(Frame {
            pixels: &self.screen,
            stride: usize::from(self.size.width) * PIXEL,
            size: self.size,
            damage: &self.lent,
            noticed_at: self.noticed_at,
            grab: started.elapsed(),
        })
    }

    fn damage_all(&mut self) {
        self.whole = true;
        self.noticed_at = Instant::now();
    }

    fn cursor(&mut self) -> Result<CursorState, CaptureError> {
        Ok(CursorState::default())
    }

    fn focus(&mut self) -> Option<Rect> {
        None
    }

    fn waker(&self) -> Waker {
        let bell = self.bell.clone();
        Waker::new(move || bell.ring())
    }
}

/// Copies what differs from `now` to `screen`, tile by tile, and adds its bounding boxes (rows exact, columns by tile) to `damage`.
fn refresh(now: &[u8], screen: &mut [u8], size: Size, damage: &mut Damage) {
    let (width, height) = (usize::from(size.width), usize::from(size.height));
    let stride = width * PIXEL;
    let from_stride = now.len() / height.max(1);
    for top in (0..height).step_by(TILE) {
        let bottom = (top + TILE).min(height);
        for left in (0..width).step_by(TILE) {
            let right = (left + TILE).min(width);
            let differs = |y: usize, screen: &[u8]| {
                now[y * from_stride + left * PIXEL..y * from_stride + right * PIXEL]
                    != screen[y * stride + left * PIXEL..y * stride + right * PIXEL]
            };
            let Some(first) = (top..bottom).find(|&y| differs(y, screen)) else {
                continue;
            };
            let last = (first..bottom)
                .rfind(|&y| differs(y, screen))
                .unwrap_or(first);
            for y in first..=last {
                screen[y * stride + left * PIXEL..y * stride + right * PIXEL].copy_from_slice(
                    &now[y * from_stride + left * PIXEL..y * from_stride + right * PIXEL],
                );
            }
            damage.add(Rect::new(
                left as u16,
                first as u16,
                (right - left) as u16,
                (last + 1 - first) as u16,
            ));
        }
    }
}

fn size_of(display: &Display) -> Size {
    Size::new(display.width() as u16, display.height() as u16)
}

fn unreachable(error: &std::io::Error) -> CaptureError {
    CaptureError::Unreachable {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_found_copied_and_nothing_else_is_damaged() {
        let size = Size::new(200, 130);
        let mut screen = vec![7u8; size.area() as usize * PIXEL];
        let mut now = screen.clone();
        for y in 70..75 {
            for x in 130..140 {
                now[(y * 200 + x) * PIXEL] = 9;
            }
        }
        let mut damage = Damage::default();
        refresh(&now, &mut screen, size, &mut damage);
        assert_eq!(damage.rects(), [Rect::new(128, 70, 64, 5)]);
        assert_eq!(screen, now);
        damage.clear();
        refresh(&now, &mut screen, size, &mut damage);
        assert!(damage.is_empty());
    }
}
