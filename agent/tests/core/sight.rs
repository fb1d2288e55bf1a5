//! What a technician sees: every update drawn in its order, to be compared with the screen. What was given up on the way is left out, and
//! what needs it is asked for again.

use std::collections::{BTreeMap, BTreeSet};

use mayday_codec::tile::{self, Coding};
use mayday_codec::{Layout, Part, Rect, ScreenDecoder, Size};
use mayday_protocol::update::{self, PictureKind, Update};

/// What became of one sequence.
pub enum Came {
    Update(Box<Update>),
    GivenUp,
    /// It was for another technician.
    Theirs,
}

/// Instead of a picture's number: only one that begins anew is shown.
const ANEW: u32 = u32::MAX;

#[derive(Default)]
pub struct Sight {
    screen: Option<ScreenDecoder>,
    shown: u32,
    waiting: BTreeMap<u32, Came>,
    given_up: BTreeSet<u32>,
    /// Lost, and not come again yet.
    lost: BTreeSet<u32>,
    /// Per stripe its last picture, and the update with which it last began anew.
    pictures: BTreeMap<u8, u32>,
    anew: BTreeMap<u8, u32>,
    /// Key pictures of stripes that had begun before.
    pub keys: usize,
    /// Of key pictures that draw something.
    pub drawn_keys: usize,
    /// The most bytes of key pictures in one update.
    pub key_bytes: usize,
    /// Of updates.
    pub bytes: usize,
    pub copies: usize,
}

impl Sight {
    /// Draws `update` as soon as everything before it is drawn or given up. Gives the stripes that must begin anew, one bit each.
    pub fn take(&mut self, sequence: u32, came: Came) -> u64 {
        self.lost.remove(&sequence);
        // What came by itself does not go when its copy is given up: the agent was told that it came.
        let has_come = matches!(self.waiting.get(&sequence), Some(Came::Update(_)));
        if sequence > self.shown && !has_come {
            self.waiting.insert(sequence, came);
        }
        let mut spoilt = 0;
        while let Some(came) = self.waiting.remove(&(self.shown + 1)) {
            self.shown += 1;
            match came {
                Came::Update(update) => spoilt |= self.show(&update),
                Came::GivenUp => drop(self.given_up.insert(self.shown)),
                Came::Theirs => {}
            }
        }
        spoilt
    }

    /// A first copy that will not come.
    pub fn lose(&mut self, sequence: u32) {
        self.lost.insert(sequence);
    }

    /// The viewer is another one from now on, and has seen nothing. What the one before lost comes to nobody any more.
    pub fn forget(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend(self.lost.iter().map(|lost| (*lost, Came::Theirs)));
        *self = Self {
            shown: self.shown,
            waiting,
            ..Self::default()
        };
    }

    pub fn pixels(&self) -> Option<(Size, &[u8])> {
        let canvas = self.screen.as_ref()?.canvas();
        Some((canvas.size(), canvas.pixels()))
    }

    /// What it waits for, in words.
    pub fn state(&self) -> String {
        let waiting = self.waiting.keys();
        let waiting: Vec<_> = waiting.take(8).collect();
        format!("drawn up to {}, waiting {waiting:?}", self.shown)
    }

    fn count_keys(&mut self, update: &Update) {
        let keys = || update.stripes.iter().filter(|one| one.kind.is_key());
        self.drawn_keys += keys().filter(|one| !one.draw.is_empty()).count();
        let bytes = keys().map(|one| one.data.len()).sum();
        self.key_bytes = self.key_bytes.max(bytes);
    }

    fn show(&mut self, update: &Update) -> u64 {
        if let Some(layout) = update.layout
            && self.screen.is_none()
        {
            let size = Size::new(layout.width, layout.height);
            let layout = Layout::new(size, layout.stripe_height).unwrap();
            self.screen = Some(ScreenDecoder::new(layout));
        }
        if self.screen.is_none() {
            return 0; // on the way when the viewer before it went
        }
        self.count_keys(update);
        let mut spoilt = 0;
        let mut waits = false;
        for stripe in &update.stripes {
            let before = self.pictures.get(&stripe.index).copied().unwrap_or(0);
            self.keys += usize::from(stripe.kind.is_key() && before > 0);
            if stripe.kind == PictureKind::Anew {
                self.anew.insert(stripe.index, self.shown);
            } else if before == ANEW {
                waits = true;
                continue;
            } else if stripe.picture != before + 1 {
                spoilt |= 1 << stripe.index;
                continue;
            }
            self.pictures.insert(stripe.index, stripe.picture);
        }
        if !update.copies.is_empty() {
            let stripes = update.stripes.iter().map(|stripe| stripe.index);
            let anew = |index| self.anew.get(&index).copied().unwrap_or(0);
            let since = stripes.clone().map(anew).min().unwrap_or(0);
            let mut follows = update.follows.iter();
            let misses = follows.any(|one| self.given_up.contains(&one.0) && one.0 >= since);
            if misses || waits || spoilt != 0 {
                spoilt |= stripes
                    .filter(|index| self.pictures.get(index) != Some(&ANEW))
                    .fold(0, |all, index| all | 1 << index);
            } else {
                self.copies += update.copies.len();
                for copy in &update.copies {
                    let screen = self.screen.as_mut().expect("it has begun");
                    screen.canvas_mut().copy(rect(copy.source), copy.x, copy.y);
                }
            }
        }
        let parts: Vec<_> = update
            .stripes
            .iter()
            .filter(|stripe| self.pictures.get(&stripe.index) == Some(&stripe.picture))
            .map(|stripe| Part {
                index: stripe.index,
                draw: stripe.draw.iter().copied().map(rect).collect(),
                data: &stripe.data,
            })
            .collect();
        let screen = self.screen.as_mut().expect("it has begun");
        assert!(screen.show(&parts).failed.is_empty());
        for tile in &update.tiles {
            let whole = rect(tile.rect);
            let coding = match tile.format {
                update::QUICK => Coding::Quick,
                _ => Coding::Small,
            };
            let pixels = tile::decode(&tile.data, whole, coding).expect("a tile can be read");
            screen.canvas_mut().put(whole, &pixels, whole);
        }
        for index in (0..64).filter(|index| spoilt & 1 << index != 0) {
            self.pictures.insert(index, ANEW);
        }
        spoilt
    }
}

fn rect(rect: update::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}
