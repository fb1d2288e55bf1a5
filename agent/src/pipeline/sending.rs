//! Which technician gets which part of an update, and its packets. Most often there is one packet for all: another only for who cannot
//! decode all of it, did not get what it follows, or is waited for by nobody.

use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use mayday_protocol::update::Update;
use mayday_protocol::{Audience, Class, Sequence, Slot};

use super::ledger::Kind;
use super::making::{Coded, Context, Made, Mended, Opening, Round};
use super::piece::{Piece, Share};
use super::plan::followers::{Change, Take};
use super::{Counters, FULL_PACE, Pump, lock};

/// Tiles that are rough for now are no finer than the coarsest pictures.
const ROUGH_QP: u8 = 51;

/// How a piece is sent.
#[derive(Clone, Copy)]
struct Label {
    class: Class,
    context: Context,
    since: Instant,
    qp: u8,
}

/// What became of a piece.
struct Delivered {
    takes: [Option<Take>; Slot::COUNT],
    /// Of the largest packet.
    bytes: usize,
    last: Sequence,
}

impl Pump {
    /// One round: makes an update and sends it, if there is something and room for it.
    pub(super) fn send_update(&mut self) -> anyhow::Result<()> {
        let Some(screen) = &mut self.screen else {
            return Ok(());
        };
        let round = Round {
            flow: &self.flow,
            quality: &self.quality,
            pointer: self.pointer.place(),
            input: Sequence(self.setup.counters.injected.load(Ordering::Acquire)),
        };
        let outcome = screen.make(&round)?;
        self.fresh |= outcome.damaged;
        let since = *self.waiting_since.get_or_insert(outcome.context.noticed);
        let context = outcome.context;
        match outcome.made {
            Made::Update(coded) => {
                self.send_coded(*coded, context, since);
                self.rest();
            }
            Made::Opening(opening) => self.send_opening(opening, context),
            Made::Mended(mended) => {
                self.starve(outcome.damaged, false);
                self.send_mended(mended, context);
            }
            Made::Nothing => self.starve(outcome.damaged, true),
        }
        Ok(())
    }

    /// Without backlog nothing has been waiting.
    fn rest(&mut self) {
        let screen = self.screen.as_ref();
        if screen.is_some_and(|screen| !screen.plan.has_backlog()) {
            self.waiting_since = None;
            self.fresh = false;
        }
    }

    /// There is no room for what everybody gets: a report will ring, and until then damage is merged. `idle`: nor did anybody get
    /// something alone.
    fn starve(&mut self, damaged: bool, idle: bool) {
        let Some(screen) = &self.screen else { return };
        let backlog = screen.plan.has_backlog();
        let behind = screen.plan.followers.behind() != Audience::NOBODY;
        let now = Instant::now();
        {
            let mut flow = lock(&self.flow);
            flow.hungry = screen.plan.has_work(now);
            flow.repairs = behind && idle;
            if backlog && self.fresh {
                flow.hold_up(now);
            }
        }
        self.rest();
        if backlog && damaged && idle {
            self.bell.sleep(Some(FULL_PACE));
        }
    }

    fn send_coded(&mut self, coded: Coded, context: Context, since: Instant) {
        let takers = coded.opening.takers;
        let Some(screen) = &mut self.screen else {
            return;
        };
        if takers.0 & !self.outlet.permitted().0 != 0 {
            // Lowered meanwhile: nobody got this picture, so everybody needs new ones if it goes on.
            screen.plan.redo(&coded.batch);
            return;
        }
        let layout = screen.encoder.layout();
        lock(&self.flow).hungry = false;
        self.send_opening(coded.opening, context);
        let batch = coded.batch;
        let with_tiles = !coded.tiled.tiles.is_empty();
        let pictures = coded.pictures;
        let (mut stripes, mut qp) = (0, 0);
        for stripe in &coded.encoded.stripes {
            stripes |= 1 << stripe.index;
            qp = qp.max(stripe.qp);
        }
        let label = Label {
            class: match batch.exact {
                true => Class::Refinement,
                false => Class::Update,
            },
            context,
            since,
            qp,
        };
        let copies = (coded.copies, batch.touched);
        // Where a picture covers a tile it may be the last to be drawn.
        let mut tiles = coded.tiled.cells.clone();
        tiles.remove_all(&pictures);
        let mut sent = coded.tiled.cells.clone();
        if !batch.exact {
            sent.add_all(&pictures);
        }
        let pieces = match coded.is_film {
            true => Piece::whole(copies, coded.encoded.stripes, coded.tiled, &layout),
            false => Piece::all(copies, coded.encoded.stripes, coded.tiled, &layout),
        };
        for piece in pieces {
            let delivered = self.deliver(&piece, label, takers);
            if !batch.is_refinement() && !with_tiles {
                self.quality
                    .learn(coded.is_film, coded.blocks, qp, delivered.bytes);
            }
            let change = Change {
                moves: if piece.has_copies() {
                    &batch.moves
                } else {
                    &[]
                },
                stripes: piece.stripes(),
                pictures: &pictures,
                tiles: piece.cells(),
            };
            if let Some(screen) = &mut self.screen {
                let now = Instant::now();
                let followers = &mut screen.plan.followers;
                followers.sent(&change, &delivered.takes, now);
            }
        }
        if let Some(screen) = &mut self.screen {
            let now = Instant::now();
            screen.changes.sent(&sent, layout.size());
            screen
                .plan
                .sent(&batch, (stripes, qp), &pictures, &tiles, now);
        }
    }

    /// Pictures of nothing, with which stripes begin anew.
    fn send_opening(&mut self, opening: Opening, context: Context) {
        if opening.encoded.stripes.is_empty() {
            return;
        }
        let Some(screen) = &mut self.screen else {
            return;
        };
        let piece = Piece::opening(opening.encoded.stripes, &screen.encoder.layout());
        let label = Label {
            class: Class::Update,
            context,
            since: context.noticed,
            qp: 0,
        };
        if opening.takers.0 & !self.outlet.permitted().0 != 0 {
            screen.plan.followers.spoil(piece.stripes());
            return;
        }
        let last = self.deliver(&piece, label, opening.takers).last;
        if let Some(screen) = &mut self.screen {
            let followers = &mut screen.plan.followers;
            followers.opened(piece.stripes(), opening.takers, last, Instant::now());
        }
    }

    /// What one technician alone misses.
    fn send_mended(&mut self, mended: Mended, context: Context) {
        let Some(screen) = &mut self.screen else {
            return;
        };
        let only = Audience::only(mended.slot);
        if only.0 & !self.outlet.permitted().0 != 0 {
            lock(&self.flow).repairs = true; // not again before something happens
            return;
        }
        let layout = screen.encoder.layout();
        let (exact, rough) = (mended.exact.cells.clone(), mended.rough.cells.clone());
        let piece = Piece::of_tiles(mended.exact.and(mended.rough), &layout);
        let label = Label {
            class: Class::Refinement,
            context,
            since: context.noticed,
            qp: if rough.is_empty() { 0 } else { ROUGH_QP },
        };
        let delivered = self.deliver(&piece, label, only);
        if let Some(screen) = &mut self.screen
            && delivered.takes[mended.slot.index()].is_some()
        {
            screen.plan.followers.repaired(mended.slot, &exact, &rough);
        } else {
            // Too much is open that it would have to follow.
            lock(&self.flow).repairs = true;
        }
    }

    /// Sends each of `takers` what they can take of a piece.
    fn deliver(&mut self, piece: &Piece, label: Label, takers: Audience) -> Delivered {
        let mut delivered = Delivered {
            takes: [None; Slot::COUNT],
            bytes: 0,
            last: Sequence(self.setup.counters.update.load(Ordering::Relaxed)),
        };
        let Some(screen) = &self.screen else {
            return delivered;
        };
        let mut groups: Vec<(Share, Audience)> = Vec::new();
        {
            let flow = lock(&self.flow);
            for slot in takers.technicians() {
                let Some(share) = piece.share(slot, &screen.plan.followers, &flow) else {
                    continue;
                };
                delivered.takes[slot.index()] = Some(share.take);
                match groups.iter_mut().find(|(other, _)| *other == share) {
                    Some((_, audience)) => *audience = audience.with(slot),
                    None => groups.push((share, Audience::only(slot))),
                }
            }
        }
        let layout = screen.wire_layout();
        for (share, audience) in groups {
            if piece.is_empty_for(&share) {
                continue;
            }
            let update = Update {
                epoch: self.setup.counters.epoch(),
                layout: (!share.knows_layout).then_some(layout),
                stages: label.context.stages,
                qp: label.qp,
                input: label.context.input,
                copies: piece.copies(&share),
                stripes: piece.pictures(&share),
                tiles: piece.tiles(),
                follows: share.follows,
            };
            let payload = update.encode();
            delivered.bytes = delivered.bytes.max(payload.len());
            delivered.last = self.post(piece, &share.take, audience, label, payload);
        }
        delivered
    }

    /// One packet.
    fn post(
        &mut self,
        piece: &Piece,
        take: &Take,
        audience: Audience,
        label: Label,
        payload: Bytes,
    ) -> Sequence {
        let sequence = Sequence(Counters::next(&self.setup.counters.update));
        tracing::trace!(
            sequence = sequence.0,
            audience = audience.0,
            qp = label.qp,
            bytes = payload.len(),
            stripes = take.stripes,
            copies = take.copies,
            tiles = piece.cells().count(),
            "update"
        );
        let packet = self.packet(label.class, audience, sequence, label.since, payload);
        let is_small = packet.fits_datagram();
        // Noted before it leaves: the report may be here before this thread runs again.
        {
            let mut flow = lock(&self.flow);
            let rects = piece.rects().to_vec();
            flow.sent(&packet, take.stripes, rects, is_small, Instant::now());
            let copied = if take.copies { piece.copied() } else { 0 };
            for (kind, stripes) in [(Kind::Copies, copied), (Kind::Tiles, piece.tiled())] {
                if stripes != 0 {
                    flow.ledger.sent(sequence, kind, stripes, audience);
                }
            }
        }
        if !(is_small && self.outlet.datagram(&packet)) {
            self.outlet.stream(packet);
        }
        sequence
    }
}
