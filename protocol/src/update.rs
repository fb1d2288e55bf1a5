//! The payload of an update: what changed on the screen, coded. Owns the bytes; what they mean for a picture is codec's and the viewers'.

use bytes::{BufMut, Bytes, BytesMut};

use crate::ids::{Epoch, Sequence};
use crate::limits;
use crate::reader::{Malformed, Reader};

/// A rectangle in screen pixels. Draw rectangles are 16-aligned and may reach past the screen's right and bottom edge by less than 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rect {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

/// How the screen is cut: full-width stripes of `stripe_height` rows (a multiple of 16), the last one possibly lower.
/// A stripe's coded picture is its size rounded up to 16 in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub width: u16,
    pub height: u16,
    pub stripe_height: u16,
}

impl Layout {
    /// Number of stripes.
    #[must_use]
    pub fn stripes(&self) -> usize {
        usize::from(self.height.div_ceil(self.stripe_height))
    }

    fn check(self) -> Result<Self, Malformed> {
        let side = |what, value: u16| {
            if value == 0 || value > limits::SCREEN_SIDE {
                return Err(Malformed::OutOfRange {
                    what,
                    value: value.into(),
                });
            }
            Ok(())
        };
        side("screen width", self.width)?;
        side("screen height", self.height)?;
        side("stripe height", self.stripe_height)?;
        if !self.stripe_height.is_multiple_of(16) || self.stripes() > limits::STRIPES {
            return Err(Malformed::OutOfRange {
                what: "stripe height",
                value: self.stripe_height.into(),
            });
        }
        Ok(self)
    }
}

/// Moves `source` to (`x`, `y`) on the viewer's canvas, as one exact copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    pub source: Rect,
    pub x: u16,
    pub y: u16,
}

/// What a picture needs of those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PictureKind {
    /// The one before it.
    #[default]
    Next,
    /// An IDR picture with its parameter sets. It has its turn after the one before, as what that one draws is drawn by no other.
    Key,
    /// An IDR picture for those who lack pictures before it: whatever they miss of the stripe comes again, in this update or others.
    Anew,
}

impl PictureKind {
    /// Whether a decoder can begin with it.
    #[must_use]
    pub fn is_key(self) -> bool {
        self != Self::Next
    }

    fn flags(self) -> u8 {
        match self {
            Self::Next => 0,
            Self::Key => KEY,
            Self::Anew => KEY | ANEW,
        }
    }

    fn of(flags: u8) -> Self {
        match (flags & KEY != 0, flags & ANEW != 0) {
            (false, _) => Self::Next,
            (true, false) => Self::Key,
            (true, true) => Self::Anew,
        }
    }
}

/// One coded picture of one stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripe {
    /// From the top, starting at 0.
    pub index: u8,
    /// Counts this stripe's pictures in this epoch, starting at 1: they must be decoded in this order without a gap,
    /// except that one which begins anew stands for all before it.
    pub picture: u32,
    pub kind: PictureKind,
    /// What of the decoded picture to draw.
    pub draw: Vec<Rect>,
    /// H.264 Annex B, Constrained Baseline. Empty in a picture that changes nothing: it only takes its turn.
    pub data: Bytes,
}

/// A rectangle that needs no decoder state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Begins at whole 16x16 blocks, and ends there or at the screen's edge.
    pub rect: Rect,
    /// How `data` is coded: [`SMALL`] or [`QUICK`], see docs/protocol.md. A viewer asks for a refresh of what it cannot read.
    pub format: u8,
    pub data: Bytes,
}

/// Every pixel exactly, by an adaptive range coder.
pub const SMALL: u8 = 1;
/// Every pixel exactly, as numbered colours packed by LZ4: far less work and about twice the bytes.
pub const QUICK: u8 = 2;

/// What each stage before sending took, in microseconds (three machines' clocks do not subtract).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// From the damage's notice to the start of the grab.
    pub wait_us: u32,
    pub grab_us: u32,
    pub convert_us: u32,
    pub encode_us: u32,
}

/// One change of the screen, to be shown at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub epoch: Epoch,
    /// Present in the first updates of an epoch, until a viewer has acknowledged one.
    pub layout: Option<Layout>,
    pub stages: StageTimes,
    /// Mean quantiser of the stripes, 0-51: 0 without pictures where all tiles are exact, 51 with tiles that are rough for now.
    pub qp: u8,
    /// The newest input that had been injected when the pixels were grabbed; 0 for none.
    pub input: Sequence,
    /// Updates that must be shown before this one.
    pub follows: Vec<Sequence>,
    pub copies: Vec<Copy>,
    pub stripes: Vec<Stripe>,
    pub tiles: Vec<Tile>,
}

const HAS_LAYOUT: u8 = 1;
const KEY: u8 = 1;
const ANEW: u8 = 2;

/// The form of updates, tiles included: the first byte of each. Form 1 had no such byte and began with an epoch's first one, which was 0;
/// form 2 had no empty pictures, form 3 no quick tiles.
pub const FORMAT: u8 = 4;

/// Why an update cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error(
        "the picture comes in form {theirs}, this program reads form {FORMAT}: bring the older of both up to date"
    )]
    Format { theirs: u8 },
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Update {
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let coded: usize = self
            .stripes
            .iter()
            .map(|s| s.data.len() + 16 + 8 * s.draw.len())
            .sum();
        let tiles: usize = self.tiles.iter().map(|t| t.data.len() + 16).sum();
        let mut out = BytesMut::with_capacity(
            64 + 4 * self.follows.len() + 12 * self.copies.len() + coded + tiles,
        );
        out.put_u8(FORMAT);
        out.put_u32(self.epoch.0);
        out.put_u8(if self.layout.is_some() { HAS_LAYOUT } else { 0 });
        if let Some(layout) = self.layout {
            out.put_u16(layout.width);
            out.put_u16(layout.height);
            out.put_u16(layout.stripe_height);
        }
        out.put_u32(self.stages.wait_us);
        out.put_u32(self.stages.grab_us);
        out.put_u32(self.stages.convert_us);
        out.put_u32(self.stages.encode_us);
        out.put_u8(self.qp);
        out.put_u32(self.input.0);
        out.put_u8(self.follows.len() as u8);
        for sequence in &self.follows {
            out.put_u32(sequence.0);
        }
        out.put_u8(self.copies.len() as u8);
        for copy in &self.copies {
            put_rect(&mut out, copy.source);
            out.put_u16(copy.x);
            out.put_u16(copy.y);
        }
        out.put_u8(self.stripes.len() as u8);
        for stripe in &self.stripes {
            out.put_u8(stripe.index);
            out.put_u32(stripe.picture);
            out.put_u8(stripe.kind.flags());
            out.put_u8(stripe.draw.len() as u8);
            for rect in &stripe.draw {
                put_rect(&mut out, *rect);
            }
            out.put_u32(stripe.data.len() as u32);
            out.extend_from_slice(&stripe.data);
        }
        out.put_u16(self.tiles.len() as u16);
        for tile in &self.tiles {
            put_rect(&mut out, tile.rect);
            out.put_u8(tile.format);
            out.put_u32(tile.data.len() as u32);
            out.extend_from_slice(&tile.data);
        }
        out.freeze()
    }

    /// Reads an update; coded data stays shared with `bytes`.
    ///
    /// # Errors
    /// When it has another form, or anything is cut, too many, or out of range.
    pub fn decode(bytes: &Bytes) -> Result<Self, Unreadable> {
        if bytes.len() > limits::UPDATE_BYTES {
            let limit = limits::UPDATE_BYTES;
            return Err(Malformed::TooLarge { limit }.into());
        }
        let mut reader = Reader::new(bytes);
        match reader.u8()? {
            FORMAT => Ok(Self::read(reader, bytes)?),
            theirs => Err(Unreadable::Format { theirs }),
        }
    }

    fn read(mut reader: Reader<'_>, bytes: &Bytes) -> Result<Self, Malformed> {
        let epoch = Epoch(reader.u32()?);
        let layout = match reader.u8()? & HAS_LAYOUT {
            0 => None,
            _ => Some(
                Layout {
                    width: reader.u16()?,
                    height: reader.u16()?,
                    stripe_height: reader.u16()?,
                }
                .check()?,
            ),
        };
        let stages = StageTimes {
            wait_us: reader.u32()?,
            grab_us: reader.u32()?,
            convert_us: reader.u32()?,
            encode_us: reader.u32()?,
        };
        let qp = reader.u8()?;
        let input = Sequence(reader.u32()?);
        let follows = {
            let count = usize::from(reader.u8()?);
            let count = reader.count("number of updates to follow", count, limits::FOLLOWS)?;
            (0..count)
                .map(|_| Ok(Sequence(reader.u32()?)))
                .collect::<Result<_, Malformed>>()?
        };
        let copies = {
            let count = usize::from(reader.u8()?);
            let count = reader.count("number of copies", count, limits::COPIES)?;
            (0..count)
                .map(|_| {
                    Ok(Copy {
                        source: rect(&mut reader)?,
                        x: reader.u16()?,
                        y: reader.u16()?,
                    })
                })
                .collect::<Result<_, Malformed>>()?
        };
        let stripes = {
            let count = usize::from(reader.u8()?);
            let count = reader.count("number of stripes", count, limits::STRIPES)?;
            (0..count)
                .map(|_| stripe(&mut reader, bytes))
                .collect::<Result<_, Malformed>>()?
        };
        let tiles = tiles(&mut reader, bytes)?;
        reader.end()?;
        Ok(Self {
            epoch,
            layout,
            stages,
            qp,
            input,
            follows,
            copies,
            stripes,
            tiles,
        })
    }
}

/// Tiles are small enough, each and together, before anybody makes room for their pixels.
fn tiles(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Vec<Tile>, Malformed> {
    let count = usize::from(reader.u16()?);
    let count = reader.count("number of tiles", count, limits::TILES)?;
    let mut all = 0;
    (0..count)
        .map(|_| {
            let rect = rect(reader)?;
            let pixels = usize::from(rect.width) * usize::from(rect.height);
            if pixels == 0 || !rect.x.is_multiple_of(16) || !rect.y.is_multiple_of(16) {
                return Err(Malformed::OutOfRange {
                    what: "tile",
                    value: pixels as u64,
                });
            }
            reader.count("pixels of a tile", pixels, limits::TILE_PIXELS)?;
            all = reader.count("pixels of tiles", all + pixels, limits::UPDATE_TILE_PIXELS)?;
            Ok(Tile {
                rect,
                format: reader.u8()?,
                data: data(reader, bytes)?,
            })
        })
        .collect()
}

fn stripe(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Stripe, Malformed> {
    let index = reader.u8()?;
    reader.count("stripe", usize::from(index), limits::STRIPES - 1)?;
    let picture = reader.u32()?;
    let kind = PictureKind::of(reader.u8()?);
    let count = usize::from(reader.u8()?);
    let count = reader.count("number of rectangles", count, limits::RECTS_PER_STRIPE)?;
    let draw = (0..count)
        .map(|_| rect(reader))
        .collect::<Result<Vec<_>, Malformed>>()?;
    let data = data(reader, bytes)?;
    if data.is_empty() && (kind != PictureKind::Next || !draw.is_empty()) {
        return Err(Malformed::OutOfRange {
            what: "empty picture",
            value: draw.len() as u64,
        });
    }
    Ok(Stripe {
        index,
        picture,
        kind,
        draw,
        data,
    })
}

fn data(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Bytes, Malformed> {
    let length = reader.u32()? as usize;
    Ok(bytes.slice_ref(reader.take(length)?))
}

fn put_rect(out: &mut BytesMut, rect: Rect) {
    out.put_u16(rect.x);
    out.put_u16(rect.y);
    out.put_u16(rect.width);
    out.put_u16(rect.height);
}

fn rect(reader: &mut Reader<'_>) -> Result<Rect, Malformed> {
    let rect = Rect {
        x: reader.u16()?,
        y: reader.u16()?,
        width: reader.u16()?,
        height: reader.u16()?,
    };
    let reaches = |at: u16, side: u16| u32::from(at) + u32::from(side);
    if reaches(rect.x, rect.width) > u32::from(limits::SCREEN_SIDE) + 16
        || reaches(rect.y, rect.height) > u32::from(limits::SCREEN_SIDE) + 16
    {
        return Err(Malformed::OutOfRange {
            what: "rectangle",
            value: reaches(rect.x, rect.width)
                .max(reaches(rect.y, rect.height))
                .into(),
        });
    }
    Ok(rect)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> Update {
        let rect = Rect {
            x: 16,
            y: 144,
            width: 32,
            height: 16,
        };
        Update {
            epoch: Epoch(3),
            layout: Some(Layout {
                width: 1920,
                height: 1080,
                stripe_height: 144,
            }),
            stages: StageTimes {
                wait_us: 1,
                grab_us: 2,
                convert_us: 3,
                encode_us: 4,
            },
            qp: 24,
            input: Sequence(9),
            follows: vec![Sequence(4), Sequence(8)],
            copies: vec![Copy {
                source: rect,
                x: 16,
                y: 128,
            }],
            stripes: vec![Stripe {
                index: 1,
                picture: 5,
                kind: PictureKind::Anew,
                draw: vec![rect],
                data: Bytes::from_static(&[0, 0, 0, 1, 0x65, 0xaa]),
            }],
            tiles: vec![Tile {
                rect,
                format: 1,
                data: Bytes::from_static(b"tile"),
            }],
        }
    }

    #[test]
    fn an_update_comes_back_as_it_went() {
        let update = sample();
        assert_eq!(Update::decode(&update.encode()), Ok(update));
    }

    #[test]
    fn every_cut_is_refused() {
        let bytes = sample().encode();
        for end in 0..bytes.len() {
            assert!(Update::decode(&bytes.slice(..end)).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_layout_with_a_stripe_height_that_is_no_multiple_of_16_is_refused() {
        let mut update = sample();
        update.layout = Some(Layout {
            width: 1920,
            height: 1080,
            stripe_height: 100,
        });
        assert!(matches!(
            Update::decode(&update.encode()),
            Err(Unreadable::Malformed(Malformed::OutOfRange { .. }))
        ));
    }

    #[test]
    fn only_a_picture_that_changes_nothing_is_empty() {
        let read = |kind, draws: usize| {
            let mut update = sample();
            let stripe = &mut update.stripes[0];
            stripe.draw.truncate(draws);
            (stripe.kind, stripe.data) = (kind, Bytes::new());
            Update::decode(&update.encode())
        };
        assert!(read(PictureKind::Next, 0).is_ok());
        assert!(read(PictureKind::Next, 1).is_err());
        assert!(read(PictureKind::Key, 0).is_err());
        assert!(read(PictureKind::Anew, 0).is_err());
    }

    #[test]
    fn another_form_is_told_from_damage() {
        let mut bytes = sample().encode().to_vec();
        bytes[0] = FORMAT + 1;
        let theirs = FORMAT + 1;
        let read = Update::decode(&bytes.into());
        assert_eq!(read, Err(Unreadable::Format { theirs }));
    }

    #[test]
    fn tiles_that_are_too_large_or_lie_between_blocks_are_refused() {
        let rect = |x, width, height| Rect {
            x,
            y: 16,
            width,
            height,
        };
        let tile = |rect| Tile {
            rect,
            format: SMALL,
            data: Bytes::new(),
        };
        let refused = |tiles: Vec<Tile>| {
            let mut update = sample();
            update.tiles = tiles;
            Update::decode(&update.encode()).is_err()
        };
        assert!(!refused(vec![tile(rect(16, 1024, 128))]));
        assert!(refused(vec![tile(rect(16, 1024, 129))]));
        assert!(refused(vec![tile(rect(17, 16, 16))]));
        assert!(refused(vec![tile(rect(16, 0, 16))]));
        assert!(!refused(vec![tile(rect(0, 1024, 128)); 32]));
        assert!(refused(vec![tile(rect(0, 1024, 128)); 33]));
    }

    #[test]
    fn no_single_changed_byte_makes_the_reader_panic() {
        let bytes = sample().encode();
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.to_vec();
                changed[at] = value;
                let _ = Update::decode(&changed.into());
            }
        }
    }
}
