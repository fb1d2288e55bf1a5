//! One screen of one size: its capture, its encoders and what of it waits to be sent. Lives for one epoch.

use std::time::Instant;

use mayday_codec::{Capture, DEFAULT_STRIPE_HEIGHT, Rect, StripeEncoder};
use mayday_protocol::update;
use mayday_session::consent::ViewGrant;

use super::plan::Plan;
use crate::capture_gate;
use crate::cli::{CaptureBackend, EncodeArm};

pub struct Screen {
    pub capture: Box<dyn Capture>,
    pub encoder: StripeEncoder,
    pub plan: Plan,
}

impl Screen {
    /// # Errors
    /// When it cannot be captured or cut into stripes.
    pub fn open(grant: &ViewGrant, backend: CaptureBackend, arm: EncodeArm) -> anyhow::Result<Self> {
        let capture = capture_gate::open(grant, backend)?;
        let size = capture.size();
        let stripe_height = match arm {
            EncodeArm::Stripes => DEFAULT_STRIPE_HEIGHT,
            EncodeArm::FullFrame => size.height.next_multiple_of(16),
        };
        let encoder = StripeEncoder::new(size, stripe_height)?;
        let plan = Plan::new(encoder.layout());
        Ok(Self { capture, encoder, plan })
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

/// The full-frame arm codes everything whenever anything changed.
pub fn arm_damage(plan: &mut Plan, damage: &[Rect], whole: Rect, arm: EncodeArm) {
    match arm {
        EncodeArm::FullFrame if !damage.is_empty() => plan.damage(&[whole]),
        EncodeArm::Stripes | EncodeArm::FullFrame => plan.damage(damage),
    }
}
