//! What waits to be sent on a WebSocket, and what goes next: ordered messages, then datagrams, then pieces of streams by priority
//! and age. No time, no I/O.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use mayday_protocol::framing::{Chunk, End, Ordered, WebSocketMessage};
use mayday_protocol::limits::CHUNK_BYTES;

/// Ordered bytes that may wait before senders must.
const ORDERED_BYTES: usize = 256 * 1024;
/// Datagram bytes that may wait; the oldest go first when there are more.
const DATAGRAM_BYTES: usize = 64 * 1024;
/// Bytes of one stream that may wait before its writer must.
const STREAM_BYTES: usize = 2 * CHUNK_BYTES;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    ordered: VecDeque<Ordered>,
    ordered_bytes: usize,
    datagrams: VecDeque<Bytes>,
    datagram_bytes: usize,
    streams: Vec<Stream>,
    last_stream: u32,
}

#[derive(Debug)]
struct Stream {
    id: u32,
    priority: i32,
    waiting: BytesMut,
    /// Whether the peer knows of it.
    begun: bool,
    end: End,
}

impl Outbox {
    /// Whether there is room for one more ordered message.
    pub(super) fn takes_ordered(&self) -> bool {
        self.ordered_bytes < ORDERED_BYTES
    }

    pub(super) fn push_ordered(&mut self, message: Ordered) {
        self.ordered_bytes += length(&message);
        self.ordered.push_back(message);
    }

    pub(super) fn push_datagram(&mut self, bytes: Bytes) {
        self.datagram_bytes += bytes.len();
        self.datagrams.push_back(bytes);
        while self.datagram_bytes > DATAGRAM_BYTES {
            let Some(oldest) = self.datagrams.pop_front() else {
                break;
            };
            self.datagram_bytes -= oldest.len();
        }
    }

    pub(super) fn open(&mut self, priority: i32) -> u32 {
        self.last_stream = self.last_stream.wrapping_add(1);
        self.streams.push(Stream {
            id: self.last_stream,
            priority,
            waiting: BytesMut::new(),
            begun: false,
            end: End::Open,
        });
        self.last_stream
    }

    /// Adds as much of `bytes` as there is room for and takes it off; the caller comes back with the rest.
    pub(super) fn push_stream(&mut self, id: u32, bytes: &mut Bytes) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == id) {
            let room = STREAM_BYTES.saturating_sub(stream.waiting.len());
            let now = bytes.split_to(room.min(bytes.len()));
            stream.waiting.extend_from_slice(&now);
        }
    }

    /// Ends a stream, whole or given up.
    pub(super) fn end(&mut self, id: u32, end: End) {
        let Some(at) = self.streams.iter().position(|stream| stream.id == id) else {
            return;
        };
        let stream = &mut self.streams[at];
        stream.end = end;
        if end == End::Abandoned {
            stream.waiting.clear();
            if !stream.begun {
                self.streams.remove(at);
            }
        }
    }

    /// Whether a stream is not yet sent to its end.
    pub(super) fn has(&self, id: u32) -> bool {
        self.streams.iter().any(|stream| stream.id == id)
    }

    /// The most urgent message.
    pub(super) fn next(&mut self) -> Option<WebSocketMessage> {
        if let Some(message) = self.ordered.pop_front() {
            self.ordered_bytes -= length(&message);
            return Some(WebSocketMessage::Ordered(message));
        }
        if let Some(bytes) = self.datagrams.pop_front() {
            self.datagram_bytes -= bytes.len();
            return Some(WebSocketMessage::Datagram(bytes));
        }
        self.next_chunk().map(WebSocketMessage::Chunk)
    }

    fn next_chunk(&mut self) -> Option<Chunk> {
        let at = (0..self.streams.len())
            .filter(|at| self.streams[*at].has_something())
            .min_by_key(|at| (-self.streams[*at].priority, *at))?;
        let stream = &mut self.streams[at];
        let length = stream.waiting.len().min(CHUNK_BYTES);
        let data = stream.waiting.split_to(length).freeze();
        stream.begun = true;
        let end = if stream.waiting.is_empty() {
            stream.end
        } else {
            End::Open
        };
        let id = stream.id;
        if end != End::Open {
            self.streams.remove(at);
        }
        Some(Chunk {
            stream: id,
            end,
            data,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ordered.is_empty()
            && self.datagrams.is_empty()
            && !self.streams.iter().any(Stream::has_something)
    }
}

impl Stream {
    fn has_something(&self) -> bool {
        !self.waiting.is_empty() || self.end != End::Open
    }
}

fn length(message: &Ordered) -> usize {
    match message {
        Ordered::Control(bytes) | Ordered::Packet(bytes) => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(outbox: &mut Outbox) -> (u32, usize, End) {
        match outbox.next() {
            Some(WebSocketMessage::Chunk(chunk)) => (chunk.stream, chunk.data.len(), chunk.end),
            other => panic!("no chunk but {other:?}"),
        }
    }

    #[test]
    fn urgent_messages_get_between_the_pieces_of_a_stream() {
        let mut outbox = Outbox::default();
        let low = outbox.open(10);
        outbox.push_stream(low, &mut Bytes::from(vec![0; 20_000]));
        assert_eq!(chunk(&mut outbox), (low, CHUNK_BYTES, End::Open));
        outbox.push_datagram(Bytes::from_static(b"pointer"));
        outbox.push_ordered(Ordered::Control(Bytes::from_static(b"stop")));
        let high = outbox.open(20);
        outbox.push_stream(high, &mut Bytes::from_static(b"newer"));
        outbox.end(high, End::Finished);
        assert!(matches!(
            outbox.next(),
            Some(WebSocketMessage::Ordered(Ordered::Control(_)))
        ));
        assert!(matches!(outbox.next(), Some(WebSocketMessage::Datagram(_))));
        assert_eq!(chunk(&mut outbox), (high, 5, End::Finished));
        assert_eq!(chunk(&mut outbox), (low, 20_000 - CHUNK_BYTES, End::Open));
        outbox.end(low, End::Finished);
        assert_eq!(chunk(&mut outbox), (low, 0, End::Finished));
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_stream_takes_no_more_than_its_room() {
        let mut outbox = Outbox::default();
        let id = outbox.open(20);
        let mut bytes = Bytes::from(vec![0; 100_000]);
        outbox.push_stream(id, &mut bytes);
        assert_eq!(bytes.len(), 100_000 - STREAM_BYTES);
    }

    #[test]
    fn an_abandoned_stream_is_told_only_if_the_peer_knows_it() {
        let mut outbox = Outbox::default();
        let unknown = outbox.open(20);
        outbox.push_stream(unknown, &mut Bytes::from_static(b"x"));
        outbox.end(unknown, End::Abandoned);
        assert!(outbox.is_empty());
        let known = outbox.open(20);
        outbox.push_stream(known, &mut Bytes::from(vec![0; 20_000]));
        assert_eq!(chunk(&mut outbox).0, known);
        outbox.end(known, End::Abandoned);
        assert_eq!(chunk(&mut outbox), (known, 0, End::Abandoned));
        assert!(outbox.is_empty());
    }

    #[test]
    fn too_many_datagrams_lose_the_oldest() {
        let mut outbox = Outbox::default();
        for n in 0..100u8 {
            outbox.push_datagram(Bytes::from(vec![n; 1000]));
        }
        let Some(WebSocketMessage::Datagram(first)) = outbox.next() else {
            panic!("no datagram");
        };
        assert_eq!(first[0], 100 - 65);
    }
}
