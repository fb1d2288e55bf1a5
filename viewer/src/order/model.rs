//! A played agent, a hostile network and a canvas of dots: whatever comes late, twice or never, in the end the canvas is what the agent
//! believes it to be. Steps are taken from bytes, so that a test can walk at random and a fuzzer on purpose.

use std::collections::HashMap;

use bytes::Bytes;
use mayday_protocol::update::{Copy, PictureKind, StageTimes, Stripe, Tile};

use super::*;

/// A dot is 4x4 pixels: blocks are 4x4 dots, and copies need not lie on blocks.
const DOT: u16 = 4;
const DOTS: usize = 24;
const STRIPE_DOTS: usize = 8;
const LAYOUT: Layout = Layout {
    width: 96,
    height: 96,
    stripe_height: 32,
};

/// What the agent knows of an update that not everybody reported.
struct Open {
    sequence: Sequence,
    has_copies: bool,
    stripes: u64,
}

pub(crate) struct Model {
    order: Order,
    now: Duration,
    /// A new one begins when the screen's size changes.
    epoch: u32,
    next: u32,
    pictures: [u32; 3],
    /// Stripes whose next picture must begin anew; what they show comes again as tiles.
    unkeyed: u64,
    /// The update with which each stripe began anew last.
    anew_at: [Sequence; 3],
    /// What the agent believes the technician sees, and its contents so far.
    belief: Vec<u32>,
    content: u32,
    open: Vec<Open>,
    on_the_way: Vec<(Sequence, Update)>,
    /// What each update draws, dot by dot.
    contents: HashMap<u32, HashMap<usize, u32>>,
    canvas: Vec<u32>,
    pub(crate) copied: usize,
}

impl Model {
    pub(crate) fn walk(bytes: &[u8]) -> Self {
        let mut model = Self {
            order: Order::default(),
            now: Duration::ZERO,
            epoch: 1,
            next: 1,
            pictures: [0; 3],
            unkeyed: 0,
            anew_at: [Sequence(0); 3],
            belief: vec![0; DOTS * DOTS],
            content: 0,
            open: Vec::new(),
            on_the_way: Vec::new(),
            contents: HashMap::new(),
            canvas: vec![0; DOTS * DOTS],
            copied: 0,
        };
        model.send_keys(0b111);
        for step in bytes.chunks_exact(6) {
            model.step(step);
        }
        model.settle();
        model
    }

    pub(crate) fn is_right(&self) -> bool {
        self.canvas == self.belief
    }

    fn step(&mut self, step: &[u8]) {
        let [kind, a, b, c, d, e] = step.try_into().unwrap_or([0; 6]);
        let blocks = rect(a % 6 * 4, b % 6 * 4, c % 3 * 4 + 4, d % 3 * 4 + 4);
        match kind % 8 {
            0 => self.send_picture(blocks),
            1 | 2 => self.send_tile(blocks),
            3 => self.send_copy(rect(a % 24, b % 24, c % 12 + 1, d % 12 + 1), e),
            4 if a % 16 == 0 => self.resize(),
            4 => self.lose(a),
            5 => self.deliver(a, true),
            _ => self.deliver(a, false),
        }
        self.now += Duration::from_millis(u64::from(e));
        self.order.handle_timeout(self.now);
        self.perform();
    }

    fn send(&mut self, update: Update, drawn: HashMap<usize, u32>) {
        let sequence = Sequence(self.next);
        self.next += 1;
        let stripes = touched(&update, LAYOUT);
        if !update.copies.is_empty() || !update.tiles.is_empty() {
            self.open.push(Open {
                sequence,
                has_copies: !update.copies.is_empty(),
                stripes,
            });
        }
        self.belief_of(&drawn);
        self.contents.insert(sequence.0, drawn);
        self.on_the_way.push((sequence, update));
    }

    fn belief_of(&mut self, drawn: &HashMap<usize, u32>) {
        for (dot, content) in drawn {
            self.belief[*dot] = *content;
        }
    }

    fn fresh(&mut self, rect: Rect) -> HashMap<usize, u32> {
        self.content += 1000;
        let content = self.content;
        dots(rect).map(|dot| (dot, content + dot as u32)).collect()
    }

    /// The stripe's next picture, of the update that is sent next.
    fn picture(&mut self, stripe: usize, draw: Vec<Rect>) -> Stripe {
        self.pictures[stripe] += 1;
        let kind = if self.unkeyed & 1 << stripe != 0 {
            self.unkeyed &= !(1 << stripe);
            self.anew_at[stripe] = Sequence(self.next);
            PictureKind::Anew
        } else if self.content.is_multiple_of(3000) {
            PictureKind::Key
        } else {
            PictureKind::Next
        };
        Stripe {
            index: stripe as u8,
            picture: self.pictures[stripe],
            kind,
            draw,
            data: Bytes::new(),
        }
    }

    fn send_picture(&mut self, rect: Rect) {
        let stripes = rows(LAYOUT, rect.y, rect.height) & 0b111;
        let drawn = self.fresh(rect);
        let mut update = empty(self.epoch);
        for stripe in bits(stripes) {
            let part = within(rect, stripe);
            let picture = self.picture(stripe, vec![part]);
            update.stripes.push(picture);
        }
        self.send(update, drawn);
    }

    /// These begin anew with pictures of all that they show.
    fn send_keys(&mut self, stripes: u64) {
        self.lose_stripes(stripes);
        let mut update = empty(self.epoch);
        let mut drawn = HashMap::new();
        for stripe in bits(stripes) {
            let whole = stripe_rect(stripe);
            drawn.extend(self.believed(whole));
            let picture = self.picture(stripe, vec![whole]);
            update.stripes.push(picture);
        }
        self.send(update, drawn);
    }

    /// These come again as tiles, and begin anew with pictures of nothing: before the tiles, after them, or when there is a picture.
    fn repair(&mut self, stripes: u64, how: u8) {
        self.lose_stripes(stripes);
        if how.is_multiple_of(3) {
            self.send_empty_keys(stripes);
        }
        for stripe in bits(stripes) {
            let whole = stripe_rect(stripe);
            let drawn = self.believed(whole);
            self.send_tile_of(whole, drawn);
        }
        if how % 3 == 1 {
            self.send_empty_keys(stripes);
        }
    }

    fn send_empty_keys(&mut self, stripes: u64) {
        let mut update = empty(self.epoch);
        for stripe in bits(stripes) {
            let picture = self.picture(stripe, vec![]);
            update.stripes.push(picture);
        }
        self.send(update, HashMap::new());
    }

    /// As the agent's ledger: what these stripes alone had open does not matter any more.
    fn lose_stripes(&mut self, stripes: u64) {
        self.unkeyed |= stripes;
        self.open.retain(|open| open.stripes & !stripes != 0);
    }

    fn believed(&self, rect: Rect) -> HashMap<usize, u32> {
        dots(rect).map(|dot| (dot, self.belief[dot])).collect()
    }

    fn send_tile(&mut self, rect: Rect) {
        let drawn = self.fresh(rect);
        self.send_tile_of(rect, drawn);
    }

    fn send_tile_of(&mut self, rect: Rect, drawn: HashMap<usize, u32>) {
        let mut update = empty(self.epoch);
        update.tiles.push(Tile {
            rect,
            format: LOSSLESS,
            data: Bytes::new(),
        });
        update.follows = self.following(touched(&update, LAYOUT), true);
        self.send(update, drawn);
    }

    /// One thing that goes one way, cut into two parts side by side: the foremost goes first, so that neither is under the other's feet.
    fn send_copy(&mut self, source: Rect, way: u8) {
        let edge = (DOTS as u16) * DOT;
        let source = Rect {
            width: source.width.min(edge - source.x),
            height: source.height.min(edge - source.y),
            ..source
        };
        let (right, down) = (i32::from(way % 16) - 8, i32::from(way / 16) - 8);
        let target = |at: u16, side: u16, by: i32| {
            (i32::from(at) + by * i32::from(DOT)).clamp(0, i32::from(edge - side)) as u16
        };
        let whole = Copy {
            source,
            x: target(source.x, source.width, right),
            y: target(source.y, source.height, down),
        };
        let mut update = empty(self.epoch);
        update.copies = parts(whole);
        let stripes = touched(&update, LAYOUT);
        update.follows = self.following(stripes, false);
        for stripe in bits(stripes) {
            let picture = self.picture(stripe, vec![]);
            update.stripes.push(picture);
        }
        // Viewers take what is older than a new beginning for shown.
        let anew = bits(stripes).map(|stripe| self.anew_at[stripe]).min();
        if update.follows.iter().any(|one| Some(*one) < anew) {
            return self.send(
                Update {
                    copies: vec![],
                    follows: vec![],
                    ..update
                },
                HashMap::new(),
            );
        }
        copy_dots(&mut self.belief, whole);
        self.send(update, HashMap::new());
    }

    fn following(&self, stripes: u64, copies: bool) -> Vec<Sequence> {
        let open = self.open.iter();
        open.filter(|open| open.has_copies == copies && open.stripes & stripes != 0)
            .map(|open| open.sequence)
            .collect()
    }

    /// The relay gives one up, and the agent hears of it.
    fn lose(&mut self, which: u8) {
        if self.on_the_way.is_empty() {
            return;
        }
        let at = usize::from(which) % self.on_the_way.len();
        let (_, update) = self.on_the_way.remove(at);
        if update.epoch == Epoch(self.epoch) {
            self.begin_anew(touched(&update, LAYOUT) & 0b111, which);
        }
    }

    fn begin_anew(&mut self, stripes: u64, how: u8) {
        match how % 4 {
            0 => self.send_keys(stripes),
            _ => self.repair(stripes, how / 4),
        }
    }

    /// What is still on the way belongs to a screen that is gone.
    fn resize(&mut self) {
        self.epoch += 1;
        self.pictures = [0; 3];
        self.anew_at = [Sequence(0); 3];
        self.open.clear();
        self.send_keys(0b111);
    }

    fn deliver(&mut self, which: u8, twice: bool) {
        if self.on_the_way.is_empty() {
            return;
        }
        let at = usize::from(which) % self.on_the_way.len();
        let (sequence, update) = if twice {
            self.on_the_way[at].clone()
        } else {
            self.on_the_way.remove(at)
        };
        let arrival = Arrival {
            first: self.now,
            last: self.now,
            bytes: 10,
        };
        self.order
            .handle_update(Class::Update, sequence, update, arrival);
        self.perform();
    }

    fn perform(&mut self) {
        while let Some(effect) = self.order.poll_effect() {
            match effect {
                Effect::Reset(_) => self.canvas.fill(0),
                Effect::Refresh { epoch, stripes } if epoch == Epoch(self.epoch) => {
                    // Asked for: without a picture the stripe would be asked for again and again.
                    let how = self.next as u8;
                    self.begin_anew(stripes & 0b111, if how / 4 % 3 == 2 { 0 } else { how });
                }
                Effect::Refresh { .. } => {}
                Effect::Show(shown) => self.show(&shown),
            }
        }
    }

    fn show(&mut self, shown: &Shown) {
        for copy in &shown.update.copies {
            copy_dots(&mut self.canvas, *copy);
            self.copied += 1;
        }
        let contents = &self.contents[&shown.sequence.0];
        let pictures = shown.update.stripes.iter().flat_map(|one| &one.draw);
        let tiles = shown.tiles.iter().flat_map(|one| &one.draw);
        for rect in pictures.chain(tiles) {
            for dot in dots(*rect) {
                self.canvas[dot] = contents[&dot];
            }
        }
        self.open.retain(|open| open.sequence != shown.sequence);
    }

    /// Everything arrives, and what was asked for is answered.
    fn settle(&mut self) {
        for _ in 0..64 {
            while !self.on_the_way.is_empty() {
                self.deliver(0, false);
            }
            self.now += Duration::from_secs(2);
            self.order.handle_timeout(self.now);
            self.perform();
        }
    }
}

/// Both halves of a copy, in an order in which they add up to it; all of it if it is too narrow.
fn parts(whole: Copy) -> Vec<Copy> {
    let Copy { source, x, y } = whole;
    let half = source.width / DOT / 2 * DOT;
    if half == 0 {
        return vec![whole];
    }
    let left = Rect {
        width: half,
        ..source
    };
    let right = Rect {
        x: source.x + half,
        width: source.width - half,
        ..source
    };
    let (left, right) = (
        Copy { source: left, x, y },
        Copy {
            source: right,
            x: x + half,
            y,
        },
    );
    match x > source.x {
        true => vec![right, left],
        false => vec![left, right],
    }
}

fn empty(epoch: u32) -> Update {
    Update {
        epoch: Epoch(epoch),
        layout: Some(LAYOUT),
        stages: StageTimes::default(),
        qp: 0,
        input: Sequence(0),
        follows: vec![],
        copies: vec![],
        stripes: vec![],
        tiles: vec![],
    }
}

/// In dots, clipped to the canvas.
fn rect(x: u8, y: u8, width: u8, height: u8) -> Rect {
    let clip = |at: u8, side: u8| u16::from(side).min(DOTS as u16 - u16::from(at)) * DOT;
    Rect {
        x: u16::from(x) * DOT,
        y: u16::from(y) * DOT,
        width: clip(x, width),
        height: clip(y, height),
    }
}

fn stripe_rect(stripe: usize) -> Rect {
    let y = (stripe * STRIPE_DOTS) as u8;
    rect(0, y, DOTS as u8, STRIPE_DOTS as u8)
}

fn within(rect: Rect, stripe: usize) -> Rect {
    let whole = stripe_rect(stripe);
    let (top, bottom) = (
        rect.y.max(whole.y),
        (rect.y + rect.height).min(whole.y + whole.height),
    );
    Rect {
        y: top,
        height: bottom - top,
        ..rect
    }
}

fn dots(rect: Rect) -> impl Iterator<Item = usize> {
    let (left, right) = (rect.x / DOT, (rect.x + rect.width) / DOT);
    (rect.y / DOT..(rect.y + rect.height) / DOT)
        .flat_map(move |y| (left..right).map(move |x| usize::from(y) * DOTS + usize::from(x)))
}

fn copy_dots(canvas: &mut [u32], copy: Copy) {
    let before: Vec<u32> = dots(copy.source).map(|dot| canvas[dot]).collect();
    let target = Rect {
        x: copy.x,
        y: copy.y,
        ..copy.source
    };
    for (dot, content) in dots(target).zip(before) {
        canvas[dot] = content;
    }
}
