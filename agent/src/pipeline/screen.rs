//! One screen of one size: its capture, its encoders and what of it waits to be sent. Lives for one epoch.

use std::time::Instant;

use mayday_codec::{
    Capture, DEFAULT_STRIPE_HEIGHT, Frame, Layout, MoveFinder, Rect, Size, StripeEncoder,
};
use mayday_protocol::{Audience, update};
use mayday_session::consent::ViewGrant;

use super::cells::Cells;
use super::plan::{Batch, CRUMB_BYTES, Plan, Room};
use super::quality::Quality;
use super::restless::Restless;
use super::tiles::{self, Tiled};
use crate::capture_gate;
use crate::cli::{CaptureBackend, EncodeArm};

/// Something small may go beyond the window.
const SMALL_BYTES: usize = 1100;

pub struct Screen {
    pub capture: Box<dyn Capture>,
    pub encoder: StripeEncoder,
    pub plan: Plan,
    pub changes: Changes,
    pub with_tiles: bool,
    pub restless: Restless,
}

/// How the parts of one batch are coded.
pub struct Parts {
    pub tiled: Tiled,
    /// What goes as pictures.
    pub pictures: Vec<Rect>,
    /// What has no room as tiles.
    pub left: Cells,
    /// Part of it is a film, which is shown picture by picture or torn.
    pub is_film: bool,
}

impl Parts {
    /// Chooses, and codes the tiles.
    #[must_use]
    pub fn of(
        batch: &Batch,
        frame: &Frame<'_>,
        room: Room,
        near: u16,
        (layout, troubled): (&Layout, u64),
        restless: &mut Restless,
    ) -> Self {
        let nothing = Cells::none(frame.size);
        let mut is_film = false;
        let mut text = if batch.exact {
            batch.cells.clone()
        } else if batch.is_refinement() {
            nothing.clone()
        } else {
            let again = restless.among(&batch.cells, Instant::now());
            let mut text = tiles::like_text(frame, &batch.cells);
            if !again.is_empty() {
                text.remove_all(&restless.film(&again, &text));
                is_film = !again.is_within(&text);
            }
            for stripe in (0..layout.stripes()).filter(|stripe| troubled & 1 << stripe != 0) {
                text.add_all(&batch.cells.in_stripe(layout, stripe));
            }
            text
        };
        let most = if batch.exact {
            tiles::EXACT_BYTES
        } else {
            usize::MAX
        };
        let tiled = tiles::code(frame, &text, near, room.bytes.clamp(SMALL_BYTES, most));
        let mut pictures = batch.cells.clone();
        pictures.remove_all(&text);
        text.remove_all(&tiled.cells);
        Self {
            pictures: pictures.rects(frame.size),
            left: if batch.exact { nothing } else { text },
            tiled,
            is_film,
        }
    }

    /// Everything as pictures.
    #[must_use]
    pub fn pictures(batch: &Batch, frame: &Frame<'_>) -> Self {
        let nothing = Cells::none(frame.size);
        Self {
            tiled: Tiled::nothing(frame.size),
            pictures: batch.rects.clone(),
            left: nothing,
            is_film: false,
        }
    }
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
        let with_tiles = arm == EncodeArm::Stripes && tiles::fit(size);
        let plan = Plan::new(encoder.layout(), with_tiles);
        let changes = match arm {
            EncodeArm::Stripes => Changes::Stripes(Box::new(MoveFinder::new(size))),
            EncodeArm::FullFrame => Changes::FullFrame,
        };
        Ok(Self {
            capture,
            encoder,
            plan,
            changes,
            with_tiles,
            restless: Restless::new(size),
        })
    }

    /// Something can be sent by itself, without new damage.
    #[must_use]
    pub fn has_work(&self, now: Instant) -> bool {
        let followers = &self.plan.followers;
        let opens = followers.opens_at(now).is_some_and(|at| at <= now);
        self.plan.has_work(now) || opens || followers.behind() != Audience::NOBODY
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
        may_copy: bool,
        quality: &Quality,
        now: Instant,
    ) -> Option<(Vec<update::Copy>, Batch)> {
        let finder = match self {
            Self::FullFrame => {
                if !frame.damage.is_empty() {
                    plan.damage(&[frame.size.rect()], now);
                }
                return None;
            }
            Self::Stripes(finder) => finder,
        };
        finder.forget(plan.take_unknown().rects(frame.size));
        // Copies need as much room as a part of a page: what could be copied is not sent before it was looked at.
        let has_room = room.bytes >= CRUMB_BYTES && plan.audience() != Audience::NOBODY;
        if !may_copy || !has_room {
            finder.note(frame, frame.damage);
            plan.damage(frame.damage, now);
            return None;
        }
        let moved = finder.find(frame, frame.damage);
        if moved.moves.is_empty() {
            plan.damage(&moved.rest, now);
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

    /// These were sent to everybody who is even, as the screen was when it was noted.
    pub fn sent(&mut self, cells: &Cells, size: Size) {
        match self {
            Self::FullFrame => {}
            Self::Stripes(finder) => finder.sent(cells.rects(size)),
        }
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
