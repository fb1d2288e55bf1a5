//! What a viewer tells the agent: the fate of each update (the rate control's food), what it must have again, and pings.

use bytes::{BufMut, Bytes, BytesMut};

use crate::ids::{Epoch, Sequence};
use crate::reader::{Malformed, Reader};

/// Payload of a `Feedback` packet. Reports may be lost (datagrams); a refresh goes on the ordered stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    Drawn(Report),
    /// These stripes (bit = index) cannot be decoded any more: an IDR of each is needed.
    Refresh {
        epoch: Epoch,
        stripes: u64,
    },
    Ping {
        id: u32,
    },
}

/// How one update fared at the viewer; durations in microseconds on the viewer's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    pub update: Sequence,
    /// Bytes of payload.
    pub bytes: u32,
    /// The viewer's clock at the last byte's arrival; only differences of two reports mean something. Wraps.
    pub arrival_us: u32,
    /// First to last byte.
    pub spread_us: u32,
    /// Waiting for its turn.
    pub wait_us: u32,
    pub decode_us: u32,
    pub draw_us: u32,
    /// Updates received and not yet drawn, this one not counted.
    pub queued: u8,
}

/// Payload of a `Pong` packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    pub id: u32,
}

impl Feedback {
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(40);
        match self {
            Self::Drawn(report) => {
                out.put_u8(1);
                out.put_u32(report.update.0);
                out.put_u32(report.bytes);
                out.put_u32(report.arrival_us);
                out.put_u32(report.spread_us);
                out.put_u32(report.wait_us);
                out.put_u32(report.decode_us);
                out.put_u32(report.draw_us);
                out.put_u8(report.queued);
            }
            Self::Refresh { epoch, stripes } => {
                out.put_u8(2);
                out.put_u32(epoch.0);
                out.put_u64(*stripes);
            }
            Self::Ping { id } => {
                out.put_u8(3);
                out.put_u32(*id);
            }
        }
        out.freeze()
    }

    /// # Errors
    /// When it is cut, goes on, or is of an unknown kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let feedback = match reader.u8()? {
            1 => Self::Drawn(Report {
                update: Sequence(reader.u32()?),
                bytes: reader.u32()?,
                arrival_us: reader.u32()?,
                spread_us: reader.u32()?,
                wait_us: reader.u32()?,
                decode_us: reader.u32()?,
                draw_us: reader.u32()?,
                queued: reader.u8()?,
            }),
            2 => Self::Refresh {
                epoch: Epoch(reader.u32()?),
                stripes: reader.u64()?,
            },
            3 => Self::Ping { id: reader.u32()? },
            _ => {
                return Err(Malformed::Unknown {
                    what: "feedback kind",
                });
            }
        };
        reader.end()?;
        Ok(feedback)
    }
}

impl Pong {
    #[must_use]
    pub fn encode(self) -> Bytes {
        Bytes::copy_from_slice(&self.id.to_be_bytes())
    }

    /// # Errors
    /// When it is not 4 bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let pong = Self { id: reader.u32()? };
        reader.end()?;
        Ok(pong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_comes_back_as_it_went_and_every_cut_is_refused() {
        for feedback in [
            Feedback::Drawn(Report {
                update: Sequence(1),
                bytes: 2,
                arrival_us: 3,
                spread_us: 4,
                wait_us: 5,
                decode_us: 6,
                draw_us: 7,
                queued: 8,
            }),
            Feedback::Refresh {
                epoch: Epoch(1),
                stripes: 0b1010,
            },
            Feedback::Ping { id: 77 },
        ] {
            let bytes = feedback.encode();
            assert_eq!(Feedback::decode(&bytes), Ok(feedback));
            for end in 0..bytes.len() {
                assert!(Feedback::decode(&bytes[..end]).is_err());
            }
        }
        assert_eq!(Pong::decode(&Pong { id: 9 }.encode()), Ok(Pong { id: 9 }));
    }
}
