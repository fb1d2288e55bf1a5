//! The clear header in front of every media, input and feedback message, and the packet it makes with its payload.
//! The relay reads this and nothing else; the payload is opaque to it.

use bytes::{Bytes, BytesMut};

use crate::ids::{Sequence, SessionId, Slot};
use crate::limits;
use crate::reader::{Malformed, Reader};

/// Who a packet is for: bit 0-2 the technicians' slots, bit 7 the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Audience(pub u8);

impl Audience {
    pub const NOBODY: Self = Self(0);
    pub const AGENT: Self = Self(0x80);

    #[must_use]
    pub fn only(slot: Slot) -> Self {
        Self(1 << slot.index())
    }

    #[must_use]
    pub fn with(self, slot: Slot) -> Self {
        Self(self.0 | 1 << slot.index())
    }

    #[must_use]
    pub fn without(self, slot: Slot) -> Self {
        Self(self.0 & !(1 << slot.index()))
    }

    #[must_use]
    pub fn contains(self, slot: Slot) -> bool {
        self.0 & 1 << slot.index() != 0
    }

    pub fn technicians(self) -> impl Iterator<Item = Slot> {
        Slot::ALL
            .into_iter()
            .filter(move |slot| self.contains(*slot))
    }
}

/// What a payload holds, and with it how urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Agent to technicians: coded stripes, copies, tiles ([`crate::update::Update`]).
    Update = 1,
    /// Agent to technicians: shape or position of the pointer ([`crate::cursor::Cursor`]).
    Cursor = 2,
    /// Agent to technicians: the same as `Update`, lowest priority (finer and lossless cells).
    Refinement = 3,
    /// Agent to one technician: answers a ping ([`crate::feedback::Pong`]).
    Pong = 4,
    /// Technician to agent: keys, buttons, wheel, text; ordered by sequence, none lost ([`crate::input::Input`]).
    Input = 5,
    /// Technician to agent: where the pointer is; the newest wins ([`crate::input::Pointer`]).
    Pointer = 6,
    /// Technician to agent: what arrived and when it was drawn, or what must be sent again ([`crate::feedback::Feedback`]).
    Feedback = 7,
}

impl Class {
    fn from_byte(byte: u8) -> Result<Self, Malformed> {
        Ok(match byte {
            1 => Self::Update,
            2 => Self::Cursor,
            3 => Self::Refinement,
            4 => Self::Pong,
            5 => Self::Input,
            6 => Self::Pointer,
            7 => Self::Feedback,
            _ => return Err(Malformed::Unknown { what: "class" }),
        })
    }

    /// Whether a technician sends it (else the agent does).
    #[must_use]
    pub fn is_from_technician(self) -> bool {
        match self {
            Self::Input | Self::Pointer | Self::Feedback => true,
            Self::Update | Self::Cursor | Self::Refinement | Self::Pong => false,
        }
    }

    /// Priority on a connection; higher goes first (quinn's meaning).
    #[must_use]
    pub fn priority(self) -> i32 {
        match self {
            Self::Input | Self::Pointer | Self::Feedback | Self::Pong => 40,
            Self::Cursor => 30,
            Self::Update => 20,
            Self::Refinement => 10,
        }
    }
}

/// 24 bytes, big endian: version, class, source, audience, session (8), sequence (4), size (4), age (4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearHeader {
    pub class: Class,
    /// From the agent: the screen (0 is the first). From a technician: the slot; the relay overwrites it with the true one.
    pub source: u8,
    pub audience: Audience,
    pub session: SessionId,
    pub sequence: Sequence,
    /// Bytes of payload that follow, tag included.
    pub size: u32,
    /// Time since the capture or the event, up to this hop's sending, in microseconds. Each hop adds what it held.
    pub age_us: u32,
}

impl ClearHeader {
    pub const BYTES: usize = 24;

    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[0] = crate::VERSION;
        out[1] = self.class as u8;
        out[2] = self.source;
        out[3] = self.audience.0;
        out[4..12].copy_from_slice(&self.session.0.to_be_bytes());
        out[12..16].copy_from_slice(&self.sequence.0.to_be_bytes());
        out[16..20].copy_from_slice(&self.size.to_be_bytes());
        out[20..24].copy_from_slice(&self.age_us.to_be_bytes());
        out
    }

    /// Reads a header; `bytes` may go on with the payload.
    ///
    /// # Errors
    /// When it ends early, is of another version, or names a class or size that cannot be.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != crate::VERSION {
            return Err(Malformed::OutOfRange {
                what: "version",
                value: version.into(),
            });
        }
        let header = Self {
            class: Class::from_byte(reader.u8()?)?,
            source: reader.u8()?,
            audience: Audience(reader.u8()?),
            session: SessionId(reader.u64()?),
            sequence: Sequence(reader.u32()?),
            size: reader.u32()?,
            age_us: reader.u32()?,
        };
        if header.size as usize > limits::UPDATE_BYTES {
            return Err(Malformed::TooLarge {
                limit: limits::UPDATE_BYTES,
            });
        }
        Ok(header)
    }
}

/// A clear header and its payload, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub header: ClearHeader,
    pub payload: Bytes,
}

impl Packet {
    /// Puts a header before `payload` and sets its size.
    #[must_use]
    pub fn new(mut header: ClearHeader, payload: Bytes) -> Self {
        header.size = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        Self { header, payload }
    }

    /// Whether it may go as one datagram, with the room for a tag.
    #[must_use]
    pub fn fits_datagram(&self) -> bool {
        self.payload.len() + limits::TAG_BYTES <= limits::DATAGRAM_PAYLOAD_BYTES
    }

    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(ClearHeader::BYTES + self.payload.len());
        out.extend_from_slice(&self.header.encode());
        out.extend_from_slice(&self.payload);
        out.freeze()
    }

    /// Reads a whole packet; its size must be exactly what the header says.
    ///
    /// # Errors
    /// As [`ClearHeader::decode`], and when the payload is shorter or longer than said.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let header = ClearHeader::decode(bytes)?;
        let payload = bytes.slice(ClearHeader::BYTES..);
        match payload.len().cmp(&(header.size as usize)) {
            std::cmp::Ordering::Less => Err(Malformed::Truncated),
            std::cmp::Ordering::Greater => Err(Malformed::Trailing),
            std::cmp::Ordering::Equal => Ok(Self { header, payload }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> ClearHeader {
        ClearHeader {
            class: Class::Update,
            source: 0,
            audience: Audience(0b101),
            session: SessionId(0x0102_0304_0506_0708),
            sequence: Sequence(7),
            size: 3,
            age_us: 1500,
        }
    }

    #[test]
    fn a_packet_comes_back_as_it_went() {
        let packet = Packet::new(header(), Bytes::from_static(b"abc"));
        let bytes = packet.encode();
        assert_eq!(bytes.len(), 27);
        assert_eq!(
            bytes[..24],
            [
                1, 1, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 5, 220
            ]
        );
        assert_eq!(Packet::decode(&bytes), Ok(packet));
    }

    #[test]
    fn every_cut_and_every_addition_is_refused() {
        let bytes = Packet::new(header(), Bytes::from_static(b"abc")).encode();
        for end in 0..bytes.len() {
            assert!(Packet::decode(&bytes.slice(..end)).is_err(), "cut at {end}");
        }
        let mut longer = bytes.to_vec();
        longer.push(0);
        assert_eq!(Packet::decode(&longer.into()), Err(Malformed::Trailing));
    }

    #[test]
    fn a_size_that_no_update_has_is_refused_before_anything_is_allocated() {
        let mut bytes = header().encode();
        bytes[16] = 0xff;
        assert!(matches!(
            ClearHeader::decode(&bytes),
            Err(Malformed::TooLarge { .. })
        ));
    }

    #[test]
    fn an_audience_names_its_technicians() {
        let both = Audience::NOBODY.with(Slot::ALL[0]).with(Slot::ALL[2]);
        assert_eq!(
            both.technicians().collect::<Vec<_>>(),
            [Slot::ALL[0], Slot::ALL[2]]
        );
        assert!(!both.without(Slot::ALL[0]).contains(Slot::ALL[0]));
    }
}
