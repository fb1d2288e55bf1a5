//! Parts of an update that are shown at once, and what of them a technician can take. Pure.

use bytes::Bytes;
use mayday_codec::{CodedStripe, Layout, Rect};
use mayday_protocol::update::{self, PictureKind, Tile};
use mayday_protocol::{Audience, Sequence, Slot, limits};

use super::cells::Cells;
use super::flow::Flow;
use super::ledger::Kind;
use super::plan::followers::{Followers, Take};
use super::screen::wire_rect;
use super::tiles::Tiled;

pub struct Piece {
    copies: Vec<update::Copy>,
    /// Stripes that the copies read or write.
    copied: u64,
    pictures: Vec<CodedStripe>,
    tiled: Tiled,
    /// Stripes that the tiles lie in.
    tiled_stripes: u64,
    /// Its pictures are of nothing: stripes begin anew with them.
    is_opening: bool,
}

/// What a technician takes of a piece; who takes the same gets the same packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub take: Take,
    /// Of its pictures, those with which a stripe begins anew.
    anew: u64,
    pub follows: Vec<Sequence>,
    pub knows_layout: bool,
}

impl Piece {
    /// Tiles need no decoder: they are a piece of their own, and do not wait with a picture that is lost. Copies and what they uncover,
    /// though, are shown at once.
    #[must_use]
    pub fn all(
        (copies, copied): (Vec<update::Copy>, u64),
        pictures: Vec<CodedStripe>,
        tiled: Tiled,
        layout: &Layout,
    ) -> Vec<Self> {
        if !copies.is_empty() || tiled.tiles.is_empty() || pictures.is_empty() {
            return Self::whole((copies, copied), pictures, tiled, layout);
        }
        let nothing = Tiled::nothing(layout.size());
        let pictures = Self {
            pictures,
            ..Self::of_tiles(nothing, layout)
        };
        vec![Self::of_tiles(tiled, layout), pictures]
    }

    /// Everything in one piece, or in none if there is nothing.
    #[must_use]
    pub fn whole(
        (copies, copied): (Vec<update::Copy>, u64),
        pictures: Vec<CodedStripe>,
        tiled: Tiled,
        layout: &Layout,
    ) -> Vec<Self> {
        if copies.is_empty() && tiled.tiles.is_empty() && pictures.is_empty() {
            return Vec::new();
        }
        vec![Self {
            copied: if copies.is_empty() { 0 } else { copied },
            copies,
            pictures,
            ..Self::of_tiles(tiled, layout)
        }]
    }

    #[must_use]
    pub fn of_tiles(tiled: Tiled, layout: &Layout) -> Self {
        Self {
            copies: Vec::new(),
            copied: 0,
            pictures: Vec::new(),
            tiled_stripes: tiled.cells.stripes(layout),
            tiled,
            is_opening: false,
        }
    }

    #[must_use]
    pub fn opening(pictures: Vec<CodedStripe>, layout: &Layout) -> Self {
        Self {
            pictures,
            is_opening: true,
            ..Self::of_tiles(Tiled::nothing(layout.size()), layout)
        }
    }

    #[must_use]
    pub fn has_copies(&self) -> bool {
        !self.copies.is_empty()
    }

    #[must_use]
    pub fn copied(&self) -> u64 {
        self.copied
    }

    /// Stripes with pictures.
    #[must_use]
    pub fn stripes(&self) -> u64 {
        let pictures = self.pictures.iter();
        pictures.fold(0, |all, picture| all | 1 << picture.index)
    }

    #[must_use]
    pub fn cells(&self) -> &Cells {
        &self.tiled.cells
    }

    #[must_use]
    pub fn tiled(&self) -> u64 {
        self.tiled_stripes
    }

    /// Where the tiles are.
    #[must_use]
    pub fn rects(&self) -> &[Rect] {
        &self.tiled.rects
    }

    /// What `slot` takes of it; `None` if that would follow more than an update can name.
    #[must_use]
    pub fn share(&self, slot: Slot, followers: &Followers, flow: &Flow) -> Option<Share> {
        let knows_layout = flow.knows_layout(Audience::only(slot));
        let stripes = self.stripes();
        if self.is_opening {
            let copies = false;
            return Some(Share {
                take: Take { stripes, copies },
                anew: followers.lacking(slot, stripes),
                follows: Vec::new(),
                knows_layout,
            });
        }
        let mut follows = flow.ledger.follows(Kind::Tiles, self.tiled_stripes, slot)?;
        let below = flow.ledger.follows(Kind::Copies, self.copied, slot);
        let below = below.filter(|below| below.len() + follows.len() <= limits::FOLLOWS);
        let copied = if below.is_some() { self.copied } else { 0 };
        let below = below.unwrap_or_default();
        let take = followers.take(slot, stripes, copied, &below);
        if take.copies {
            follows.extend(below);
        }
        Some(Share {
            take,
            anew: 0,
            follows,
            knows_layout,
        })
    }

    #[must_use]
    pub fn is_empty_for(&self, share: &Share) -> bool {
        share.take.stripes == 0 && !share.take.copies && self.tiled.tiles.is_empty()
    }

    #[must_use]
    pub fn copies(&self, share: &Share) -> Vec<update::Copy> {
        match share.take.copies {
            true => self.copies.clone(),
            false => Vec::new(),
        }
    }

    #[must_use]
    pub fn pictures(&self, share: &Share) -> Vec<update::Stripe> {
        let taken = |one: &&CodedStripe| share.take.stripes & 1 << one.index != 0;
        let wire = |one: &CodedStripe| update::Stripe {
            index: one.index,
            picture: one.picture,
            kind: match (one.key, share.anew & 1 << one.index != 0) {
                (true, true) => PictureKind::Anew,
                (true, false) => PictureKind::Key,
                (false, _) => PictureKind::Next,
            },
            draw: one.draw.iter().copied().map(wire_rect).collect(),
            data: Bytes::copy_from_slice(&one.data),
        };
        self.pictures.iter().filter(taken).map(wire).collect()
    }

    #[must_use]
    pub fn tiles(&self) -> Vec<Tile> {
        self.tiled.tiles.clone()
    }
}
