//! One packet on a stream of its own, coming or going bit by bit. Owns the count of its bytes.

use bytes::{Bytes, BytesMut};
use mayday_protocol::{ClearHeader, Malformed, Packet};

use crate::link::{Link, LinkError};
use crate::{quic, websocket};

/// A packet that is coming. Dropping it tells the peer that the rest is not wanted.
#[derive(Debug)]
pub struct IncomingStream {
    header: ClearHeader,
    source: Source,
    taken: usize,
    link: Link,
}

#[derive(Debug)]
pub(crate) enum Source {
    Quic(quic::Source),
    WebSocket(websocket::Source),
}

impl IncomingStream {
    pub(crate) fn new(header: ClearHeader, source: Source, link: Link) -> Self {
        Self {
            header,
            source,
            taken: 0,
            link,
        }
    }

    #[must_use]
    pub fn header(&self) -> ClearHeader {
        self.header
    }

    /// The next bytes of the payload, as they come; `None` after the last.
    ///
    /// # Errors
    /// [`LinkError::Abandoned`] when the sender gave it up. More or fewer bytes than the header said end the connection.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, LinkError> {
        let chunk = match &mut self.source {
            Source::Quic(source) => source.chunk().await?,
            Source::WebSocket(source) => source.chunk().await?,
        };
        let size = self.header.size as usize;
        match chunk {
            Some(bytes) => {
                self.taken += bytes.len();
                if self.taken > size {
                    return Err(self.link.blame(Malformed::Trailing));
                }
                Ok(Some(bytes))
            }
            None if self.taken < size => Err(self.link.blame(Malformed::Truncated)),
            None => Ok(None),
        }
    }

    /// The whole packet.
    ///
    /// # Errors
    /// As [`Self::chunk`].
    pub async fn read(mut self) -> Result<Packet, LinkError> {
        let first = self.chunk().await?.unwrap_or_default();
        let payload = if first.len() == self.header.size as usize {
            // The end is still waited for, so that a stream that goes on is caught.
            while self.chunk().await?.is_some() {}
            first
        } else {
            let mut whole = BytesMut::from(&first[..]);
            while let Some(bytes) = self.chunk().await? {
                whole.extend_from_slice(&bytes);
            }
            whole.freeze()
        };
        Ok(Packet {
            header: self.header,
            payload,
        })
    }
}

/// A packet that is going. Dropping it unfinished abandons it.
#[derive(Debug)]
pub struct OutgoingStream {
    sink: Option<Sink>,
}

#[derive(Debug)]
pub(crate) enum Sink {
    Quic(quic::Sink),
    WebSocket(websocket::Sink),
}

impl OutgoingStream {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink: Some(sink) }
    }

    /// Sends more of the payload; waits while the connection cannot take it. Not safe to cancel: abandon it then.
    ///
    /// # Errors
    /// When the connection is over or the peer does not want the stream.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), LinkError> {
        match &mut self.sink {
            Some(Sink::Quic(sink)) => sink.write(bytes).await,
            Some(Sink::WebSocket(sink)) => sink.write(bytes).await,
            None => Err(LinkError::Abandoned),
        }
    }

    /// The payload is whole.
    pub fn finish(mut self) {
        match self.sink.take() {
            Some(Sink::Quic(sink)) => sink.finish(),
            Some(Sink::WebSocket(sink)) => sink.finish(),
            None => {}
        }
    }

    /// The payload is whole; waits until the peer has all of it (on WebSocket: until the system has). Dropping this future gives up
    /// what has not arrived.
    ///
    /// # Errors
    /// When the connection is over or the peer does not want the stream.
    pub async fn deliver(mut self) -> Result<(), LinkError> {
        let delivered = match &mut self.sink {
            Some(Sink::Quic(sink)) => sink.deliver().await,
            Some(Sink::WebSocket(sink)) => sink.deliver().await,
            None => Err(LinkError::Abandoned),
        };
        if delivered.is_ok() {
            self.sink = None;
        }
        delivered
    }

    /// Gives it up: what was not sent yet is not sent, and the peer learns it.
    pub fn abandon(mut self) {
        self.give_up();
    }

    fn give_up(&mut self) {
        match self.sink.take() {
            Some(Sink::Quic(sink)) => sink.abandon(),
            Some(Sink::WebSocket(sink)) => sink.abandon(),
            None => {}
        }
    }
}

impl Drop for OutgoingStream {
    fn drop(&mut self) {
        self.give_up();
    }
}
