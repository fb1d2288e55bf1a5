//! What a technician's hands do: payloads of `Input` (reliable, ordered) and `Pointer` (newest wins) packets.

use bytes::{BufMut, Bytes, BytesMut};

use crate::ids::{Epoch, Sequence};
use crate::limits;
use crate::reader::{Malformed, Reader};

/// One event. Keys are physical: Linux input event codes (`input-event-codes.h`; X11's keycode is 8 more), so that the end
/// user's keyboard layout decides what is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Key {
        code: u16,
        down: bool,
    },
    /// `button`: 1 left, 2 middle, 3 right, 8 back, 9 forward. The place comes along, because moves may be lost.
    Button {
        button: u8,
        down: bool,
        x: u16,
        y: u16,
    },
    /// In 1/120 of a notch; positive is right and down.
    Wheel {
        dx: i16,
        dy: i16,
        x: u16,
        y: u16,
    },
    /// Text that has no key (text mode), at most [`limits::TEXT_CHARS`] characters.
    Text(String),
    /// Everything held goes up.
    ReleaseAll,
}

/// Payload of an `Input` packet. The packet's sequence counts `Input` packets of this technician, without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Whose pixels the places mean.
    pub epoch: Epoch,
    pub events: Vec<Event>,
}

/// Payload of a `Pointer` packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    pub epoch: Epoch,
    pub x: u16,
    pub y: u16,
    /// The last `Input` sequence before this move: it is not injected before that one.
    pub after: Sequence,
}

impl Input {
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(8 + 8 * self.events.len());
        out.put_u32(self.epoch.0);
        out.put_u8(self.events.len() as u8);
        for event in &self.events {
            match event {
                Event::Key { code, down } => {
                    out.put_u8(1);
                    out.put_u16(*code);
                    out.put_u8(u8::from(*down));
                }
                Event::Button { button, down, x, y } => {
                    out.put_u8(2);
                    out.put_u8(*button);
                    out.put_u8(u8::from(*down));
                    out.put_u16(*x);
                    out.put_u16(*y);
                }
                Event::Wheel { dx, dy, x, y } => {
                    out.put_u8(3);
                    out.put_i16(*dx);
                    out.put_i16(*dy);
                    out.put_u16(*x);
                    out.put_u16(*y);
                }
                Event::Text(text) => {
                    out.put_u8(4);
                    out.put_u16(text.len() as u16);
                    out.extend_from_slice(text.as_bytes());
                }
                Event::ReleaseAll => out.put_u8(5),
            }
        }
        out.freeze()
    }

    /// # Errors
    /// When it is cut, has too many events, or one that cannot be.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let epoch = Epoch(reader.u32()?);
        let count = usize::from(reader.u8()?);
        let count = reader.count("number of events", count, limits::INPUT_EVENTS)?;
        let events = (0..count)
            .map(|_| event(&mut reader))
            .collect::<Result<_, Malformed>>()?;
        reader.end()?;
        Ok(Self { epoch, events })
    }
}

fn event(reader: &mut Reader<'_>) -> Result<Event, Malformed> {
    Ok(match reader.u8()? {
        1 => Event::Key {
            code: reader.u16()?,
            down: reader.u8()? != 0,
        },
        2 => Event::Button {
            button: reader.u8()?,
            down: reader.u8()? != 0,
            x: reader.u16()?,
            y: reader.u16()?,
        },
        3 => Event::Wheel {
            dx: reader.i16()?,
            dy: reader.i16()?,
            x: reader.u16()?,
            y: reader.u16()?,
        },
        4 => {
            let length = usize::from(reader.u16()?);
            let text = std::str::from_utf8(reader.take(length)?).map_err(|_| Malformed::NotText)?;
            reader.count("text length", text.chars().count(), limits::TEXT_CHARS)?;
            Event::Text(text.to_owned())
        }
        5 => Event::ReleaseAll,
        _ => {
            return Err(Malformed::Unknown {
                what: "input event",
            });
        }
    })
}

impl Pointer {
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(12);
        out.put_u32(self.epoch.0);
        out.put_u16(self.x);
        out.put_u16(self.y);
        out.put_u32(self.after.0);
        out.freeze()
    }

    /// # Errors
    /// When it is cut or goes on.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let pointer = Self {
            epoch: Epoch(reader.u32()?),
            x: reader.u16()?,
            y: reader.u16()?,
            after: Sequence(reader.u32()?),
        };
        reader.end()?;
        Ok(pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_comes_back_as_it_went_and_every_cut_is_refused() {
        let input = Input {
            epoch: Epoch(2),
            events: vec![
                Event::Key {
                    code: 30,
                    down: true,
                },
                Event::Button {
                    button: 1,
                    down: false,
                    x: 10,
                    y: 20,
                },
                Event::Wheel {
                    dx: 0,
                    dy: -120,
                    x: 1,
                    y: 2,
                },
                Event::Text("aé€ß".to_owned()),
                Event::ReleaseAll,
            ],
        };
        let bytes = input.encode();
        assert_eq!(Input::decode(&bytes), Ok(input));
        for end in 0..bytes.len() {
            assert!(Input::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_pointer_comes_back_as_it_went() {
        let pointer = Pointer {
            epoch: Epoch(1),
            x: 3,
            y: 4,
            after: Sequence(5),
        };
        assert_eq!(Pointer::decode(&pointer.encode()), Ok(pointer));
    }
}
