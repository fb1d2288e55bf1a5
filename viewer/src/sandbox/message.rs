//! What parent and child say to each other: a fixed head over the socket, the rest in the memory both see. Pure. The child may have been
//! taken over: nothing it says is trusted further than its length.

use mayday_codec::{Layout, Part, Rect, Size};

/// Bytes of a head, in both directions.
pub const HEAD: usize = 24;
/// Coded data and what to draw of it, at most: an update's bytes and 64 stripes with 64 rectangles.
pub const INPUT: usize = mayday_protocol::limits::UPDATE_BYTES + 64 * 1024;

/// What the parent wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Try what must not be possible.
    Prove,
    Begin {
        width: u16,
        height: u16,
        stripe_height: u16,
    },
    Clear,
    /// Decode and draw the parts that lie in the input, this many bytes.
    Show {
        length: u32,
    },
}

/// The child's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Stripes that could not be decoded, or for [`Wish::Prove`] what was possible.
    pub failed: u64,
    pub decode_us: u32,
    pub draw_us: u32,
}

impl Wish {
    pub fn encode(self) -> [u8; HEAD] {
        let (kind, words): (u32, [u32; 3]) = match self {
            Self::Prove => (1, [0; 3]),
            Self::Begin {
                width,
                height,
                stripe_height,
            } => (2, [width, height, stripe_height].map(u32::from)),
            Self::Clear => (3, [0; 3]),
            Self::Show { length } => (4, [length, 0, 0]),
        };
        let mut head = [0; HEAD];
        head[..4].copy_from_slice(&kind.to_le_bytes());
        for (place, word) in head[4..].chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        head
    }

    pub fn decode(head: &[u8; HEAD]) -> Option<Self> {
        let word = |at: usize| {
            let bytes = head[at * 4..at * 4 + 4].try_into();
            u32::from_le_bytes(bytes.expect("four bytes are four"))
        };
        let side = |at: usize| u16::try_from(word(at)).ok();
        match word(0) {
            1 => Some(Self::Prove),
            2 => Some(Self::Begin {
                width: side(1)?,
                height: side(2)?,
                stripe_height: side(3)?,
            }),
            3 => Some(Self::Clear),
            4 => Some(Self::Show { length: word(1) }),
            _ => None,
        }
    }
}

impl Answer {
    pub fn encode(self) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(&self.failed.to_le_bytes());
        head[8..12].copy_from_slice(&self.decode_us.to_le_bytes());
        head[12..16].copy_from_slice(&self.draw_us.to_le_bytes());
        head
    }

    pub fn decode(head: &[u8; HEAD]) -> Self {
        let four = |at: usize| {
            let bytes = head[at..at + 4].try_into();
            u32::from_le_bytes(bytes.expect("four bytes are four"))
        };
        Self {
            failed: u64::from(four(0)) | u64::from(four(4)) << 32,
            decode_us: four(8),
            draw_us: four(12),
        }
    }
}

/// The layout of a `Begin`.
pub fn layout(width: u16, height: u16, stripe_height: u16) -> Option<Layout> {
    Layout::new(Size::new(width, height), stripe_height)
}

/// Writes parts as the child reads them; `None` when they do not fit.
pub fn encode_parts(parts: &[Part<'_>]) -> Vec<u8> {
    let coded: usize = parts
        .iter()
        .map(|part| 12 + 8 * part.draw.len() + part.data.len())
        .sum();
    let mut out = Vec::with_capacity(coded);
    for part in parts {
        out.push(part.index);
        out.push(0);
        out.extend((part.draw.len() as u16).to_le_bytes());
        out.extend((part.data.len() as u32).to_le_bytes());
        for rect in &part.draw {
            for side in [rect.x, rect.y, rect.width, rect.height] {
                out.extend(side.to_le_bytes());
            }
        }
        out.extend(part.data);
    }
    out
}

/// Reads them again; `None` when something is cut.
pub fn decode_parts(mut bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let draws = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let (rects, rest) = rest.split_at_checked(draws * 8)?;
        let (data, rest) = rest.split_at_checked(length)?;
        let draw = rects
            .chunks_exact(8)
            .map(|rect| {
                let side = |at: usize| u16::from_le_bytes([rect[at], rect[at + 1]]);
                Rect::new(side(0), side(2), side(4), side(6))
            })
            .collect();
        parts.push(Part {
            index: head[0],
            draw,
            data,
        });
        bytes = rest;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_and_answers_come_back_as_they_went() {
        for wish in [
            Wish::Prove,
            Wish::Begin {
                width: 1920,
                height: 1080,
                stripe_height: 144,
            },
            Wish::Clear,
            Wish::Show { length: 77 },
        ] {
            assert_eq!(Wish::decode(&wish.encode()), Some(wish));
        }
        assert_eq!(Wish::decode(&[9; HEAD]), None);
        let answer = Answer {
            failed: 1 << 63 | 5,
            decode_us: 7,
            draw_us: 8,
        };
        assert_eq!(Answer::decode(&answer.encode()), answer);
    }

    #[test]
    fn parts_come_back_as_they_went_and_every_cut_is_noticed() {
        let part = |index, data| Part {
            index,
            draw: vec![Rect::new(1, 2, 3, 4), Rect::new(5, 6, 7, 8)],
            data,
        };
        let bytes = encode_parts(&[part(0, b"one"), part(7, b"")]);
        let parts = decode_parts(&bytes).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].index, parts[0].data), (0, &b"one"[..]));
        assert_eq!(parts[1].draw[1], Rect::new(5, 6, 7, 8));
        let first = 8 + 16 + 3;
        for end in (1..bytes.len()).filter(|end| *end != first) {
            assert!(decode_parts(&bytes[..end]).is_none(), "cut at {end}");
        }
    }
}
