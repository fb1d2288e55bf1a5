//! A played agent: what it sends and what it believes the technician sees. Owns no network and no viewer.

use std::collections::HashMap;

use bytes::Bytes;
use mayday_protocol::update::{Copy, PictureKind, StageTimes};

use super::dots::{Dots, parts};
use super::*;

/// Screens and their stripes: each resize is to another one. Few sides lie on the grid of blocks or of stripes.
const LAYOUTS: [Layout; 5] = [
    layout(96, 96, 32),
    layout(112, 84, 32),
    layout(68, 108, 48),
    layout(100, 64, 16),
    layout(48, 96, 96),
];

const fn layout(width: u16, height: u16, stripe_height: u16) -> Layout {
    Layout {
        width,
        height,
        stripe_height,
    }
}

/// What the agent knows of an update that not everybody reported.
struct Open {
    sequence: Sequence,
    has_copies: bool,
    stripes: u64,
}

/// An update, and what it draws, dot by dot.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) sequence: Sequence,
    pub(crate) update: Update,
    /// It draws again what the agent believes to be there.
    pub(crate) again: bool,
    pub(super) contents: HashMap<usize, u32>,
}

pub(super) struct Agent {
    /// A new one begins when the screen's size changes.
    epoch: u32,
    next: u32,
    layout: Layout,
    pictures: Vec<u32>,
    /// Stripes whose next picture must begin anew; what they show comes again as tiles.
    unkeyed: u64,
    /// The update with which each stripe began anew last.
    anew_at: Vec<Sequence>,
    open: Vec<Open>,
    /// What the technician sees.
    pub(super) belief: Dots,
    pub(super) outbox: Vec<Sent>,
}

impl Agent {
    pub(super) fn new() -> Self {
        let layout = LAYOUTS[0];
        let mut agent = Self {
            epoch: 1,
            next: 1,
            layout,
            pictures: vec![0; layout.stripes()],
            unkeyed: 0,
            anew_at: vec![Sequence(0); layout.stripes()],
            open: Vec::new(),
            belief: Dots::of(layout),
            outbox: Vec::new(),
        };
        agent.send_keys(agent.all());
        agent
    }

    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }

    pub(super) fn stripes(&self) -> usize {
        self.layout.stripes()
    }

    /// The number of the update that is sent next.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    fn all(&self) -> u64 {
        (1 << self.stripes()) - 1
    }

    pub(super) fn send_picture(&mut self, rect: Rect) {
        let contents = self.fresh(rect);
        let mut update = self.empty();
        for stripe in bits(rows(self.layout, rect.y, rect.height) & self.all()) {
            let part = within(rect, self.stripe(stripe));
            let picture = self.picture(stripe, vec![part]);
            update.stripes.push(picture);
        }
        self.send(update, contents, false);
    }

    pub(super) fn send_tile(&mut self, rect: Rect) {
        let contents = self.fresh(rect);
        self.send_tile_of(rect, contents, false);
    }

    /// One thing that goes one way, cut into two parts side by side: the foremost goes first, so that neither is under the other's feet.
    pub(super) fn send_copy(&mut self, source: Rect, way: u8) {
        let (right, down) = (i32::from(way % 16) - 8, i32::from(way / 16) - 8);
        let (x, y) = self.belief.target(source, right, down);
        let whole = Copy { source, x, y };
        let mut update = self.empty();
        update.copies = parts(whole);
        let stripes = touched(&update, self.layout);
        update.follows = self.following(stripes, false);
        for stripe in bits(stripes) {
            let picture = self.picture(stripe, vec![]);
            update.stripes.push(picture);
        }
        // Viewers take what is older than a new beginning for shown.
        let anew = bits(stripes).map(|stripe| self.anew_at[stripe]).min();
        if update.follows.iter().any(|one| Some(*one) < anew) {
            update.copies.clear();
            update.follows.clear();
        } else {
            self.belief.copy(whole);
        }
        self.send(update, HashMap::new(), false);
    }

    /// What is still on the way belongs to a screen that is gone.
    pub(super) fn resize(&mut self, which: u8) {
        self.epoch += 1;
        // Another one than before.
        let now = LAYOUTS.iter().position(|one| *one == self.layout);
        let by = 1 + usize::from(which) % (LAYOUTS.len() - 1);
        self.layout = LAYOUTS[(now.unwrap_or(0) + by) % LAYOUTS.len()];
        self.pictures = vec![0; self.stripes()];
        self.anew_at = vec![Sequence(0); self.stripes()];
        self.unkeyed = 0;
        self.open.clear();
        self.belief = Dots::of(self.layout);
        self.send_keys(self.all());
    }

    /// Hears that an update will not arrive.
    pub(super) fn lost(&mut self, update: &Update, how: u8) {
        if update.epoch == self.epoch() {
            self.begin_anew(touched(update, self.layout), how);
        }
    }

    /// Hears that an update is shown.
    pub(super) fn shown(&mut self, sequence: Sequence) {
        self.open.retain(|open| open.sequence != sequence);
    }

    pub(super) fn begin_anew(&mut self, stripes: u64, how: u8) {
        let stripes = stripes & self.all();
        match how % 4 {
            0 => self.send_keys(stripes),
            _ => self.repair(stripes, how / 4),
        }
    }

    /// These begin anew with pictures of all that they show.
    fn send_keys(&mut self, stripes: u64) {
        self.lose_stripes(stripes);
        let mut update = self.empty();
        let mut contents = HashMap::new();
        for stripe in bits(stripes) {
            let whole = self.stripe(stripe);
            contents.extend(self.believed(whole));
            let picture = self.picture(stripe, vec![whole]);
            update.stripes.push(picture);
        }
        self.send(update, contents, true);
    }

    /// These come again as tiles, and begin anew with pictures of nothing: before the tiles, after them, or when there is a picture.
    fn repair(&mut self, stripes: u64, how: u8) {
        self.lose_stripes(stripes);
        if how.is_multiple_of(3) {
            self.send_empty_keys(stripes);
        }
        for stripe in bits(stripes) {
            let whole = self.stripe(stripe);
            let contents = self.believed(whole);
            self.send_tile_of(whole, contents, true);
        }
        if how % 3 == 1 {
            self.send_empty_keys(stripes);
        }
    }

    fn send_empty_keys(&mut self, stripes: u64) {
        let mut update = self.empty();
        for stripe in bits(stripes) {
            let picture = self.picture(stripe, vec![]);
            update.stripes.push(picture);
        }
        self.send(update, HashMap::new(), true);
    }

    fn send_tile_of(&mut self, rect: Rect, contents: HashMap<usize, u32>, again: bool) {
        let mut update = self.empty();
        update.tiles.push(Tile {
            rect,
            format: SMALL,
            data: Bytes::new(),
        });
        update.follows = self.following(touched(&update, self.layout), true);
        self.send(update, contents, again);
    }

    fn send(&mut self, update: Update, contents: HashMap<usize, u32>, again: bool) {
        let sequence = Sequence(self.next);
        self.next += 1;
        if !update.copies.is_empty() || !update.tiles.is_empty() {
            self.open.push(Open {
                sequence,
                has_copies: !update.copies.is_empty(),
                stripes: touched(&update, self.layout),
            });
        }
        for (dot, content) in &contents {
            self.belief.put(*dot, *content);
        }
        self.outbox.push(Sent {
            sequence,
            update,
            again,
            contents,
        });
    }

    /// The stripe's next picture, of the update that is sent next.
    fn picture(&mut self, stripe: usize, draw: Vec<Rect>) -> Stripe {
        self.pictures[stripe] += 1;
        let kind = if self.unkeyed & 1 << stripe != 0 {
            self.unkeyed &= !(1 << stripe);
            self.anew_at[stripe] = Sequence(self.next);
            PictureKind::Anew
        } else if self.next.is_multiple_of(3) {
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

    /// As the agent's ledger: what these stripes alone had open does not matter any more.
    fn lose_stripes(&mut self, stripes: u64) {
        self.unkeyed |= stripes;
        self.open.retain(|open| open.stripes & !stripes != 0);
    }

    fn following(&self, stripes: u64, copies: bool) -> Vec<Sequence> {
        let open = self.open.iter();
        open.filter(|open| open.has_copies == copies && open.stripes & stripes != 0)
            .map(|open| open.sequence)
            .collect()
    }

    /// No two dots of the screen were ever alike.
    fn fresh(&self, rect: Rect) -> HashMap<usize, u32> {
        let content = self.next * 1000;
        let dots = self.belief.within(rect);
        dots.map(|dot| (dot, content + dot as u32)).collect()
    }

    fn believed(&self, rect: Rect) -> HashMap<usize, u32> {
        let dots = self.belief.within(rect);
        dots.map(|dot| (dot, self.belief.at(dot))).collect()
    }

    fn stripe(&self, stripe: usize) -> Rect {
        let Layout {
            width,
            height,
            stripe_height,
        } = self.layout;
        let y = stripe as u16 * stripe_height;
        Rect {
            x: 0,
            y,
            width,
            height: stripe_height.min(height - y),
        }
    }

    /// The layout goes along with each second one only: who has not seen one must wait.
    fn empty(&self) -> Update {
        let tells = self.unkeyed == self.all() || self.next.is_multiple_of(2);
        Update {
            epoch: self.epoch(),
            layout: tells.then_some(self.layout),
            stages: StageTimes::default(),
            qp: 0,
            input: Sequence(0),
            follows: vec![],
            copies: vec![],
            stripes: vec![],
            tiles: vec![],
        }
    }
}

/// What of `rect` lies in these rows.
fn within(rect: Rect, stripe: Rect) -> Rect {
    let top = rect.y.max(stripe.y);
    let bottom = (rect.y + rect.height).min(stripe.y + stripe.height);
    Rect {
        y: top,
        height: bottom - top,
        ..rect
    }
}
