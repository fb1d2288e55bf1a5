//! The pointer as data: its shape and place travel beside the video, and the viewer draws it.

use bytes::{BufMut, Bytes, BytesMut};

use crate::limits;
use crate::reader::{Malformed, Reader};

/// Payload of a `Cursor` packet. The newest sequence wins; a shape goes reliably, a position may be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// Where the pointer's hot spot is, in screen pixels, and the shape it has there (0: hidden).
    Position { x: u16, y: u16, shape: u32 },
    /// A shape that positions name from now on.
    Shape(Shape),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub id: u32,
    pub width: u16,
    pub height: u16,
    pub hot_x: u16,
    pub hot_y: u16,
    /// RGBA, not premultiplied, `width * height * 4` bytes.
    pub rgba: Bytes,
}

impl Cursor {
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::new();
        match self {
            Self::Position { x, y, shape } => {
                out.put_u8(1);
                out.put_u16(*x);
                out.put_u16(*y);
                out.put_u32(*shape);
            }
            Self::Shape(shape) => {
                out.put_u8(2);
                out.put_u32(shape.id);
                out.put_u16(shape.width);
                out.put_u16(shape.height);
                out.put_u16(shape.hot_x);
                out.put_u16(shape.hot_y);
                out.extend_from_slice(&shape.rgba);
            }
        }
        out.freeze()
    }

    /// # Errors
    /// When it is cut, of an unknown kind, or larger than a pointer may be.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let cursor = match reader.u8()? {
            1 => Self::Position {
                x: reader.u16()?,
                y: reader.u16()?,
                shape: reader.u32()?,
            },
            2 => {
                let (id, width, height) = (reader.u32()?, reader.u16()?, reader.u16()?);
                let (hot_x, hot_y) = (reader.u16()?, reader.u16()?);
                for side in [width, height] {
                    reader.count(
                        "cursor side",
                        usize::from(side),
                        usize::from(limits::CURSOR_SIDE),
                    )?;
                }
                let rgba = reader.take(usize::from(width) * usize::from(height) * 4)?;
                Self::Shape(Shape {
                    id,
                    width,
                    height,
                    hot_x,
                    hot_y,
                    rgba: bytes.slice_ref(rgba),
                })
            }
            _ => {
                return Err(Malformed::Unknown {
                    what: "cursor kind",
                });
            }
        };
        reader.end()?;
        Ok(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_positions_come_back_as_they_went() {
        for cursor in [
            Cursor::Position {
                x: 5,
                y: 6,
                shape: 7,
            },
            Cursor::Shape(Shape {
                id: 7,
                width: 2,
                height: 1,
                hot_x: 1,
                hot_y: 0,
                rgba: Bytes::from_static(&[1, 2, 3, 4, 5, 6, 7, 8]),
            }),
        ] {
            let bytes = cursor.encode();
            assert_eq!(Cursor::decode(&bytes), Ok(cursor));
            for end in 0..bytes.len() {
                assert!(Cursor::decode(&bytes.slice(..end)).is_err());
            }
        }
    }

    #[test]
    fn a_giant_cursor_is_refused() {
        let bytes = Bytes::from_static(&[2, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 0]);
        assert!(matches!(
            Cursor::decode(&bytes),
            Err(Malformed::OutOfRange { .. })
        ));
    }
}
