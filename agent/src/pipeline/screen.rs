//! One screen of one size: its capture, its encoders and what of it waits to be sent. Lives for one epoch.

use std::time::Instant;

use mayday_codec::{
    Capture, DEFAULT_STRIPE_HEIGHT, Frame, Layout, MoveFinder, Rect, Size, StripeEncoder,
};
use mayday_protocol::{Audience, update};
use mayday_session::consent::ViewGrant;

use super::cells::Cells;
use super::plan::{self, Batch, CRUMB_BYTES, Plan, Room};
use super::quality::Quality;
use super::restless::Restless;
use super::tiles::{self, Tiled};
use crate::capture_gate;
use crate::cli::{CaptureBackend, EncodeArm};

/// While a film moves nobody sees finer than this; it is still above 38 dB, and costs less in both coders.
const MOVING: u8 = 28;
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
    /// Their quantiser.
    pub qp: u8,
    /// What there is no room for.
    pub left: Cells,
    /// Part of it is a film, which is shown picture by picture or torn.
    pub is_film: bool,
}

/// What the choice of [`Parts`] looks at.
pub struct View<'a> {
    pub frame: &'a Frame<'a>,
    pub layout: Layout,
    pub room: Room,
    pub quality: &'a Quality,
    pub pointer: (u16, u16),
    /// Stripes of which nothing goes as a picture.
    pub troubled: u64,
}

impl Parts {
    /// Chooses, and codes the tiles.
    #[must_use]
    pub fn of(batch: &Batch, view: &View<'_>, restless: &mut Restless) -> Self {
        let size = view.frame.size;
        let (near, room) = (view.pointer.1, view.room.bytes.max(SMALL_BYTES));
        let nothing = Cells::none(size);
        if batch.is_refinement() {
            return Self::pictures(batch, view.frame);
        }
        if batch.exact {
            let most = room.min(tiles::EXACT_BYTES);
            return Self {
                tiled: tiles::code_exactly(view.frame, &batch.cells, near, most),
                pictures: Vec::new(),
                qp: batch.qp,
                left: nothing,
                is_film: false,
            };
        }
        let (mut text, is_film) = view.text(&batch.cells, restless);
        let coding = tiles::coding_for(&text, view.room);
        let tiled = tiles::code(view.frame, &text, near, room, coding);
        let mut pictures = batch.cells.clone();
        pictures.remove_all(&text);
        text.remove_all(&tiled.cells);
        let mut left = text;
        let room = room.saturating_sub(tiled.bytes);
        let model = view.quality.of(is_film);
        let room = match is_film && room < tiles::ROOMY {
            true => room * 2 / 3, // the next picture follows at once: what is typed fits in between
            false => room,
        };
        let most = model.most_blocks(room);
        if pictures.count() > most {
            let fitting = match room < CRUMB_BYTES && !tiled.tiles.is_empty() {
                true => nothing,
                false => plan::nearest(&view.layout, &pictures, view.pointer, most),
            };
            pictures.remove_all(&fitting);
            left.add_all(&pictures);
            pictures = fitting;
        }
        let qp = model.quantiser(pictures.count(), room);
        Self {
            tiled,
            pictures: pictures.rects(size),
            qp: if is_film { qp.max(MOVING) } else { qp },
            left,
            is_film,
        }
    }

    /// Everything as pictures.
    #[must_use]
    pub fn pictures(batch: &Batch, frame: &Frame<'_>) -> Self {
        Self {
            tiled: Tiled::nothing(frame.size),
            pictures: batch.rects.clone(),
            qp: batch.qp,
            left: Cells::none(frame.size),
            is_film: false,
        }
    }

    /// Macroblocks that go as pictures.
    #[must_use]
    pub fn blocks(&self) -> usize {
        let each = self.pictures.iter();
        each.map(|rect| rect.area() as usize).sum::<usize>() / 256
    }
}

impl View<'_> {
    /// What of it goes as tiles, and whether there is a film in it.
    fn text(&self, cells: &Cells, restless: &mut Restless) -> (Cells, bool) {
        let again = restless.among(cells, Instant::now());
        let mut unknown = cells.clone();
        unknown.remove_all(&restless.still_film(&again));
        let mut text = tiles::like_text(self.frame, &unknown);
        let mut is_film = false;
        if !again.is_empty() {
            let film = restless.film(&again, &text);
            is_film = !film.is_empty();
            text.remove_all(&film);
        }
        for stripe in (0..self.layout.stripes()).filter(|stripe| self.troubled & 1 << stripe != 0) {
            text.add_all(&cells.in_stripe(&self.layout, stripe));
        }
        (text, is_film)
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
