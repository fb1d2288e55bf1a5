//! How messages lie on an ordered stream and on WebSocket. Owns the few bytes around a message, never its inside.
//!
//! Ordered stream (the one bidirectional stream of a QUIC or WebTransport connection, opened by the client): a sequence of
//! `length: u32` (of what follows), `kind: u8`, bytes. WebSocket: one binary message is `kind: u8`, bytes.

use bytes::{BufMut, Bytes, BytesMut};

use crate::limits;
use crate::reader::{Malformed, Reader};

/// A control message in MessagePack.
pub const KIND_CONTROL: u8 = 1;
/// A packet that must arrive, in order.
pub const KIND_ORDERED: u8 = 2;
/// WebSocket only: a packet that on QUIC would be a datagram.
pub const KIND_DATAGRAM: u8 = 3;
/// WebSocket only: a piece of what on QUIC would be a unidirectional stream.
pub const KIND_CHUNK: u8 = 4;

/// A message on the ordered stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    Control(Bytes),
    Packet(Bytes),
}

/// What one WebSocket message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebSocketMessage {
    Ordered(Ordered),
    Datagram(Bytes),
    Chunk(Chunk),
}

/// A piece of a stream on WebSocket; streams may be interleaved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Chosen by the sender, used once.
    pub stream: u32,
    pub end: End,
    pub data: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// More follows.
    Open,
    /// This was the last piece.
    Finished,
    /// The sender gave the stream up; what came is worthless.
    Abandoned,
}

impl Ordered {
    fn parts(&self) -> (u8, &Bytes) {
        match self {
            Self::Control(bytes) => (KIND_CONTROL, bytes),
            Self::Packet(bytes) => (KIND_ORDERED, bytes),
        }
    }

    #[must_use]
    pub fn encode(&self) -> Bytes {
        let (kind, bytes) = self.parts();
        let mut out = BytesMut::with_capacity(5 + bytes.len());
        out.put_u32(bytes.len() as u32 + 1);
        out.put_u8(kind);
        out.extend_from_slice(bytes);
        out.freeze()
    }
}

/// Takes the next whole message off `buffer`, or `None` when more must be read first.
///
/// # Errors
/// When a length is too large or a kind unknown; the stream is beyond repair then.
pub fn split_ordered(buffer: &mut BytesMut) -> Result<Option<Ordered>, Malformed> {
    let Some(head) = buffer.first_chunk::<5>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let limit = match head[4] {
        KIND_CONTROL => limits::CONTROL_BYTES,
        KIND_ORDERED => limits::ORDERED_BYTES,
        _ => {
            return Err(Malformed::Unknown {
                what: "message kind",
            });
        }
    };
    if length == 0 || length - 1 > limit {
        return Err(Malformed::TooLarge { limit });
    }
    let kind = head[4];
    if buffer.len() < 4 + length {
        return Ok(None);
    }
    let mut message = buffer.split_to(4 + length).freeze();
    let body = message.split_off(5);
    Ok(Some(if kind == KIND_CONTROL {
        Ordered::Control(body)
    } else {
        Ordered::Packet(body)
    }))
}

impl WebSocketMessage {
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::new();
        match self {
            Self::Ordered(ordered) => {
                let (kind, bytes) = ordered.parts();
                out.put_u8(kind);
                out.extend_from_slice(bytes);
            }
            Self::Datagram(bytes) => {
                out.put_u8(KIND_DATAGRAM);
                out.extend_from_slice(bytes);
            }
            Self::Chunk(chunk) => {
                out.put_u8(KIND_CHUNK);
                out.put_u32(chunk.stream);
                out.put_u8(match chunk.end {
                    End::Open => 0,
                    End::Finished => 1,
                    End::Abandoned => 2,
                });
                out.extend_from_slice(&chunk.data);
            }
        }
        out.freeze()
    }

    /// # Errors
    /// When it is empty, too large for its kind, or of an unknown kind.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let kind = reader.u8()?;
        let within = |body: Bytes, limit: usize| {
            if body.len() > limit {
                return Err(Malformed::TooLarge { limit });
            }
            Ok(body)
        };
        Ok(match kind {
            KIND_CONTROL => Self::Ordered(Ordered::Control(within(
                bytes.slice(1..),
                limits::CONTROL_BYTES,
            )?)),
            KIND_ORDERED => Self::Ordered(Ordered::Packet(within(
                bytes.slice(1..),
                limits::ORDERED_BYTES,
            )?)),
            KIND_DATAGRAM => Self::Datagram(within(
                bytes.slice(1..),
                limits::DATAGRAM_PAYLOAD_BYTES + crate::ClearHeader::BYTES,
            )?),
            KIND_CHUNK => {
                let stream = reader.u32()?;
                let end = match reader.u8()? {
                    0 => End::Open,
                    1 => End::Finished,
                    2 => End::Abandoned,
                    _ => return Err(Malformed::Unknown { what: "chunk end" }),
                };
                Self::Chunk(Chunk {
                    stream,
                    end,
                    data: within(bytes.slice(6..), limits::CHUNK_BYTES)?,
                })
            }
            _ => {
                return Err(Malformed::Unknown {
                    what: "message kind",
                });
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_messages_come_out_one_by_one_however_the_bytes_arrive() {
        let first = Ordered::Control(Bytes::from_static(b"one"));
        let second = Ordered::Packet(Bytes::from_static(b""));
        let mut wire = first.encode().to_vec();
        wire.extend_from_slice(&second.encode());
        let mut buffer = BytesMut::new();
        let mut seen = Vec::new();
        for byte in wire {
            buffer.put_u8(byte);
            while let Some(message) = split_ordered(&mut buffer).unwrap() {
                seen.push(message);
            }
        }
        assert_eq!(seen, [first, second]);
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_message_that_says_it_is_huge_is_refused_at_its_first_bytes() {
        let mut buffer = BytesMut::from(&[0x7f, 0xff, 0xff, 0xff, KIND_CONTROL][..]);
        assert!(matches!(
            split_ordered(&mut buffer),
            Err(Malformed::TooLarge { .. })
        ));
    }

    #[test]
    fn websocket_messages_come_back_as_they_went() {
        for message in [
            WebSocketMessage::Ordered(Ordered::Control(Bytes::from_static(b"c"))),
            WebSocketMessage::Ordered(Ordered::Packet(Bytes::from_static(b"p"))),
            WebSocketMessage::Datagram(Bytes::from_static(b"d")),
            WebSocketMessage::Chunk(Chunk {
                stream: 9,
                end: End::Finished,
                data: Bytes::from_static(b"data"),
            }),
        ] {
            assert_eq!(WebSocketMessage::decode(&message.encode()), Ok(message));
        }
    }
}
