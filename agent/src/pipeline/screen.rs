//! One screen of one size: its capture, its encoders and what of it waits to be sent. Lives for one epoch.

use std::time::Instant;

use mayday_codec::{Capture, DEFAULT_STRIPE_HEIGHT, Frame, MoveFinder, Rect, StripeEncoder};
use mayday_protocol::update;
use mayday_session::consent::ViewGrant;

use super::plan::{Batch, Plan, Room};
use super::quality::Quality;
use crate::capture_gate;
use crate::cli::{CaptureBackend, EncodeArm};

/// Room that copies and the pictures of the stripes they touch need.
const COPY_BYTES: usize = 2 * 1024;

pub struct Screen {
    pub capture: Box<dyn Capture>,
    pub encoder: StripeEncoder,
    pub plan: Plan,
    pub changes: Changes,
}

/// What the screen's damage means: for the stripes' arm something may have moved, for the full-frame arm all of it changed.
pub enum Changes {
    Stripes(Box<MoveFinder>),
    FullFrame,
}

impl Screen {
    /// # Errors
    /// When it cannot be captured or cut into stripes.
    pub fn open(
        grant: &ViewGrant,
        backend: CaptureBackend,
        arm: EncodeArm,
    ) -> anyhow::Result<Self> {
        let capture = capture_gate::open(grant, backend)?;
        let size = capture.size();
        let stripe_height = match arm {
            EncodeArm::Stripes => DEFAULT_STRIPE_HEIGHT,
            EncodeArm::FullFrame => size.height.next_multiple_of(16),
        };
        let encoder = StripeEncoder::new(size, stripe_height)?;
        let plan = Plan::new(encoder.layout());
        let changes = match arm {
            EncodeArm::Stripes => Changes::Stripes(Box::new(MoveFinder::new(size))),
            EncodeArm::FullFrame => Changes::FullFrame,
        };
        Ok(Self {
            capture,
            encoder,
            plan,
            changes,
        })
    }

    /// Something can be sent by itself, without new damage.
    #[must_use]
    pub fn has_work(&self, now: Instant) -> bool {
        self.plan.has_backlog() || self.plan.refine_at().is_some_and(|at| at <= now)
    }

    #[must_use]
    pub fn wire_layout(&self) -> update::Layout {
        let layout = self.encoder.layout();
        update::Layout {
            width: layout.size().width,
            height: layout.size().height,
            stripe_height: layout.stripe_height(),
        }
    }
}

impl Changes {
    /// Notes the frame's damage in `plan`; if something moved and can be copied at once, gives the copies and what goes with them.
    pub fn note(
        &mut self,
        frame: &Frame<'_>,
        plan: &mut Plan,
        room: Room,
        quality: &Quality,
        now: Instant,
    ) -> Option<(Vec<update::Copy>, Batch)> {
        if frame.damage.is_empty() {
            return None;
        }
        let finder = match self {
            Self::FullFrame => {
                plan.damage(&[frame.size.rect()]);
                return None;
            }
            Self::Stripes(finder) => finder,
        };
        if !plan.is_calm() || room.bytes < COPY_BYTES {
            finder.remember(frame, frame.damage);
            plan.damage(frame.damage);
            return None;
        }
        let moved = finder.find(frame, frame.damage);
        if moved.moves.is_empty() {
            plan.damage(&moved.rest);
            return None;
        }
        let target = |one: &mayday_codec::Move| Rect {
            x: one.x,
            y: one.y,
            ..one.source
        };
        let both: Vec<_> = moved
            .moves
            .iter()
            .map(|one| (one.source, target(one)))
            .collect();
        let batch = plan.moved(&both, &moved.rest, room, quality, now);
        let copies = moved.moves.iter().map(wire_copy).collect();
        Some((copies, batch))
    }
}

fn wire_copy(one: &mayday_codec::Move) -> update::Copy {
    let source = wire_rect(one.source);
    update::Copy {
        source,
        x: one.x,
        y: one.y,
    }
}

pub fn wire_rect(rect: Rect) -> update::Rect {
    update::Rect {
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
    }
}
