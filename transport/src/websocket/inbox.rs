//! What came on a WebSocket: messages to hand up, and the streams that are still coming. Owns the bound on what waits here.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use mayday_protocol::framing::{Chunk, End, WebSocketMessage};
use mayday_protocol::{ClearHeader, Malformed};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Source;
use crate::link::RawReceived;
use crate::stream;

/// Bytes that may wait for the application; then the connection is not read any further.
const WAITING_BYTES: usize = 4 * 1024 * 1024;
/// Every message counts this much at least, so that empty ones are bounded, too.
const MESSAGE_COST: usize = 256;
/// Streams that may be coming at once.
const STREAMS: usize = 1024;

/// A thing and its share of the waiting bytes.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    pub(super) thing: T,
    pub(super) _share: OwnedSemaphorePermit,
}

pub(super) type Piece = Waiting<(Bytes, End)>;

pub(super) struct Inbox {
    room: Arc<Semaphore>,
    up: mpsc::UnboundedSender<Waiting<RawReceived>>,
    streams: HashMap<u32, mpsc::UnboundedSender<Piece>>,
}

impl Inbox {
    pub(super) fn new(up: mpsc::UnboundedSender<Waiting<RawReceived>>) -> Self {
        Self {
            room: Arc::new(Semaphore::new(WAITING_BYTES)),
            up,
            streams: HashMap::new(),
        }
    }

    /// Takes a message; waits while too much is waiting already.
    pub(super) async fn take(&mut self, bytes: &Bytes) -> Result<(), Malformed> {
        let cost = (bytes.len() + MESSAGE_COST) as u32;
        let Ok(share) = self.room.clone().acquire_many_owned(cost).await else {
            return Ok(());
        };
        match WebSocketMessage::decode(bytes)? {
            WebSocketMessage::Ordered(message) => {
                self.hand_up(RawReceived::Ordered(message), share);
            }
            WebSocketMessage::Datagram(bytes) => {
                self.hand_up(RawReceived::Datagram(bytes), share);
            }
            WebSocketMessage::Chunk(chunk) => self.chunk(chunk, share)?,
        }
        Ok(())
    }

    fn hand_up(&self, thing: RawReceived, share: OwnedSemaphorePermit) {
        // Nobody there any more: the link is going away.
        let _ = self.up.send(Waiting {
            thing,
            _share: share,
        });
    }

    fn chunk(&mut self, mut chunk: Chunk, share: OwnedSemaphorePermit) -> Result<(), Malformed> {
        // In any order: a stream that was opened later may be more urgent.
        if !self.streams.contains_key(&chunk.stream) {
            self.begin(&mut chunk)?;
        }
        let Some(pieces) = self.streams.get(&chunk.stream) else {
            return Err(Malformed::Unknown { what: "stream" });
        };
        let _ = pieces.send(Waiting {
            thing: (chunk.data, chunk.end),
            _share: share,
        });
        if chunk.end != End::Open {
            self.streams.remove(&chunk.stream);
        }
        Ok(())
    }

    /// A stream's first piece holds at least the whole clear header.
    fn begin(&mut self, chunk: &mut Chunk) -> Result<(), Malformed> {
        if self.streams.len() >= STREAMS {
            return Err(Malformed::OutOfRange {
                what: "number of streams",
                value: self.streams.len() as u64,
            });
        }
        let header = ClearHeader::decode(&chunk.data)?;
        chunk.data.advance(ClearHeader::BYTES);
        let (pieces, source) = mpsc::unbounded_channel();
        self.streams.insert(chunk.stream, pieces);
        let share = self.room.clone().try_acquire_many_owned(0);
        if let Ok(share) = share {
            let source = stream::Source::WebSocket(Source::new(source));
            self.hand_up(RawReceived::Stream(header, source), share);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mayday_protocol::{Audience, Class, Sequence, SessionId};

    use super::*;

    fn piece(stream: u32, end: End) -> Bytes {
        let header = ClearHeader {
            class: Class::Update,
            session: SessionId(7),
            audience: Audience::NOBODY,
            source: 0,
            sequence: Sequence(stream),
            age_us: 0,
            size: 1,
        };
        let mut data = header.encode().to_vec();
        data.push(b'x');
        WebSocketMessage::Chunk(Chunk {
            stream,
            end,
            data: data.into(),
        })
        .encode()
    }

    #[tokio::test]
    async fn a_stream_that_was_opened_earlier_may_come_later() {
        let (up, mut received) = mpsc::unbounded_channel();
        let mut inbox = Inbox::new(up);
        for stream in [2, 1] {
            inbox.take(&piece(stream, End::Finished)).await.unwrap();
            let come = received.try_recv().unwrap();
            let RawReceived::Stream(header, _) = come.thing else {
                panic!("no stream");
            };
            assert_eq!(header.sequence, Sequence(stream));
        }
    }
}
