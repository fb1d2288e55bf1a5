//! One round's update: grabs, asks the plan what is due most, codes it. Who gets which part of it is `sending`'s.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use mayday_codec::{Encoded, Frame};
use mayday_protocol::update::{self, StageTimes};
use mayday_protocol::{Audience, Sequence, Slot, limits};

use super::cells::Cells;
use super::flow::Flow;
use super::plan::followers::Repair;
use super::plan::{Batch, Plan, Room};
use super::quality::Quality;
use super::screen::{Parts, Screen, View};
use super::tiles::{self, Tiled};
use super::{ALL_STRIPES, SMALL_BYTES, lock, micros};

/// What a round looks at besides the screen.
pub struct Round<'a> {
    pub flow: &'a Mutex<Flow>,
    pub quality: &'a Quality,
    pub pointer: (u16, u16),
    /// The newest input that was injected before the round.
    pub input: Sequence,
}

/// What a round gives.
pub struct Outcome {
    /// Something on the screen changed.
    pub damaged: bool,
    pub context: Context,
    pub made: Made,
}

pub enum Made {
    /// For everybody who is even, and who else has room.
    Update(Box<Coded>),
    /// Stripes that begin anew.
    Opening(Opening),
    /// For one technician alone.
    Mended(Mended),
    /// There is nothing to send, or no room.
    Nothing,
}

pub struct Coded {
    pub batch: Batch,
    pub opening: Opening,
    pub copies: Vec<update::Copy>,
    pub tiled: Tiled,
    pub encoded: Encoded,
    /// What its pictures draw.
    pub pictures: Cells,
    pub is_film: bool,
    /// Macroblocks that go as pictures.
    pub blocks: usize,
}

/// Pictures of nothing with which stripes begin anew.
pub struct Opening {
    pub encoded: Encoded,
    pub takers: Audience,
}

/// What one technician misses, as it is and roughly.
pub struct Mended {
    pub slot: Slot,
    pub exact: Tiled,
    pub rough: Tiled,
}

/// What is told of an update besides its pixels.
#[derive(Clone, Copy)]
pub struct Context {
    pub stages: StageTimes,
    pub input: Sequence,
    /// When the damage was noticed.
    pub noticed: Instant,
}

impl Context {
    fn coded(&mut self, encoded: &Encoded, tiling: Duration) {
        self.stages.convert_us = micros(encoded.convert);
        self.stages.encode_us = micros(encoded.encode + tiling);
    }
}

impl Screen {
    /// # Errors
    /// When the screen cannot be grabbed or coded any more.
    pub fn make(&mut self, round: &Round<'_>) -> anyhow::Result<Outcome> {
        if self.plan.followers.asks_focus() {
            let focus = self.capture.focus();
            self.plan.followers.focus_on(focus);
        }
        let grabbing = Instant::now();
        let frame = self.capture.grab()?;
        let damaged = !frame.damage.is_empty();
        let noticed = if damaged { frame.noticed_at } else { grabbing };
        let mut context = Context {
            stages: StageTimes {
                wait_us: micros(grabbing.saturating_duration_since(noticed)),
                grab_us: micros(frame.grab),
                ..StageTimes::default()
            },
            input: round.input,
            noticed,
        };
        self.restless.note(frame.damage, grabbing);
        self.plan.note_input(round.input, grabbing);
        let even = self.plan.audience();
        let (room, may_copy) = {
            let flow = lock(round.flow);
            let room = flow.room(even, SMALL_BYTES, grabbing);
            (room, flow.ledger.may_copy(ALL_STRIPES, even))
        };
        let moved = self.changes.note(
            &frame,
            &mut self.plan,
            room,
            may_copy,
            round.quality,
            grabbing,
        );
        let next = moved.or_else(|| {
            let batch = self.plan.next(room, round.pointer, round.quality, grabbing);
            batch.map(|batch| (Vec::new(), batch))
        });
        let coding = Instant::now();
        let made = if let Some((copies, mut batch)) = next {
            let parts = if self.with_tiles {
                let view = View {
                    frame: &frame,
                    layout: self.encoder.layout(),
                    room,
                    quality: round.quality,
                    pointer: round.pointer,
                    troubled: self.plan.troubled(grabbing),
                };
                Parts::of(&batch, &view, &mut self.restless)
            } else {
                Parts::pictures(&batch, &frame)
            };
            let tiling = coding.elapsed();
            self.plan.put_back(&parts.left);
            batch.cells.remove_all(&parts.left);
            let layout = self.encoder.layout();
            let pictured = parts.pictures.iter();
            let stripes = pictured.fold(batch.touched, |all, rect| all | layout.touched(*rect));
            let model = round.quality.of(parts.is_film);
            let expected = parts.tiled.bytes + model.expect(parts.blocks(), parts.qp);
            let takers = takers(&self.plan, round.flow, expected, grabbing);
            let open = self.plan.followers.to_open(stripes, takers, grabbing);
            self.encoder.begin(open);
            let opening = self.encoder.encode(&frame, &[], parts.qp)?;
            self.encoder.touch(batch.touched);
            let mut encoded = self.encoder.encode(&frame, &parts.pictures, parts.qp)?;
            context.coded(&encoded, tiling);
            let mut pictures = batch.only.clone().unwrap_or_else(|| batch.cells.clone());
            pictures.remove_all(&parts.tiled.cells);
            draw_only(&mut encoded, &mut pictures, &layout);
            Made::Update(Box::new(Coded {
                blocks: parts.blocks(),
                opening: Opening {
                    encoded: opening,
                    takers,
                },
                copies,
                tiled: parts.tiled,
                encoded,
                pictures,
                is_film: parts.is_film,
                batch,
            }))
        } else {
            let takers = takers(&self.plan, round.flow, SMALL_BYTES, grabbing);
            let open = self.plan.followers.to_open(0, takers, grabbing);
            if open == 0 {
                let room =
                    |slot| lock(round.flow).room(Audience::only(slot), SMALL_BYTES, grabbing);
                let repair = self.plan.next_repair(round.pointer, room);
                let mended = repair
                    .map(|(slot, room, repair)| mend(&frame, slot, room, &repair, round.pointer.1));
                context.coded(&Encoded::default(), coding.elapsed());
                mended.map_or(Made::Nothing, Made::Mended)
            } else {
                self.encoder.begin(open);
                let encoded = self.encoder.encode(&frame, &[], super::quality::GOOD)?;
                context.coded(&encoded, Duration::ZERO);
                Made::Opening(Opening { encoded, takers })
            }
        };
        Ok(Outcome {
            damaged,
            context,
            made,
        })
    }
}

/// Those who are even, for whom there is room, and whoever is behind and has room for `expected` bytes, about.
fn takers(plan: &Plan, flow: &Mutex<Flow>, expected: usize, now: Instant) -> Audience {
    let flow = lock(flow);
    let has_room = |slot: &Slot| {
        let room = flow.room(Audience::only(*slot), SMALL_BYTES, now);
        room.bytes >= expected / 2 || (room.small && expected <= SMALL_BYTES)
    };
    let behind = plan.followers.behind().technicians().filter(has_room);
    behind.fold(plan.audience(), Audience::with)
}

/// What is text goes as it is, from the nearest on; then what would take many bytes, roughly for now.
fn mend(frame: &Frame<'_>, slot: Slot, room: Room, repair: &Repair, near: u16) -> Mended {
    let budget = room.bytes.clamp(SMALL_BYTES, tiles::EXACT_BYTES);
    let (text, exact) = if repair.is_first {
        let text = tiles::like_text(frame, &repair.cells);
        let coding = tiles::coding_for(&text, room);
        let exact = tiles::code(frame, &text, near, budget, coding);
        (text, exact)
    } else {
        let exact = tiles::code_exactly(frame, &repair.cells, near, budget);
        (repair.cells.clone(), exact)
    };
    let mut rest = repair.cells.clone();
    rest.remove_all(&text);
    let left = budget.saturating_sub(exact.bytes);
    let rough = if rest.is_empty() || (left == 0 && !text.is_empty()) {
        Tiled::nothing(frame.size)
    } else {
        tiles::code_roughly(frame, &rest, near, left)
    };
    Mended { slot, exact, rough }
}

/// Draws nothing but `pictures`: the encoder's rectangles may hold what lies between, which is exact already. Where that would be too
/// many rectangles it draws them, and `pictures` gains what is between.
fn draw_only(encoded: &mut Encoded, pictures: &mut Cells, layout: &mayday_codec::Layout) {
    for stripe in &mut encoded.stripes {
        let cells = pictures.in_stripe(layout, usize::from(stripe.index));
        let rects = cells.rects(layout.size().align16());
        if rects.len() <= limits::RECTS_PER_STRIPE {
            stripe.draw = rects;
        } else {
            stripe.draw.iter().for_each(|rect| pictures.add(*rect));
        }
    }
}
