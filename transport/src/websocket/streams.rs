//! Streams on a WebSocket: what the application holds while one comes or goes. Owns neither the queue nor the connection.

use std::sync::Arc;

use bytes::Bytes;
use mayday_protocol::ClearHeader;
use mayday_protocol::framing::End;
use tokio::sync::mpsc;

use super::Shared;
use super::inbox::Piece;
use crate::link::LinkError;

/// A stream that is coming.
#[derive(Debug)]
pub(crate) struct Source {
    pieces: mpsc::UnboundedReceiver<Piece>,
}

impl Source {
    pub(super) fn new(pieces: mpsc::UnboundedReceiver<Piece>) -> Self {
        Self { pieces }
    }

    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, LinkError> {
        loop {
            let Some(piece) = self.pieces.recv().await else {
                return Ok(None);
            };
            let (bytes, end) = piece.thing;
            match end {
                End::Abandoned => return Err(LinkError::Abandoned),
                End::Finished => {
                    self.pieces.close();
                    if !bytes.is_empty() {
                        return Ok(Some(bytes));
                    }
                }
                End::Open if bytes.is_empty() => {}
                End::Open => return Ok(Some(bytes)),
            }
        }
    }
}

/// A stream that is going.
#[derive(Debug)]
pub(crate) struct Sink {
    shared: Arc<Shared>,
    id: u32,
    header: Option<Bytes>,
}

impl Sink {
    pub(super) fn new(shared: Arc<Shared>, id: u32, header: &ClearHeader) -> Self {
        Self {
            shared,
            id,
            header: Some(Bytes::copy_from_slice(&header.encode())),
        }
    }

    pub(crate) async fn write(&mut self, mut bytes: Bytes) -> Result<(), LinkError> {
        let shared = self.shared.clone();
        loop {
            let emptied = shared.emptied.notified();
            shared.check()?;
            self.push(&mut bytes);
            if bytes.is_empty() {
                return Ok(());
            }
            emptied.await;
        }
    }

    fn push(&mut self, bytes: &mut Bytes) {
        let mut outbox = self.shared.outbox();
        if let Some(mut header) = self.header.take() {
            outbox.push_stream(self.id, &mut header);
        }
        outbox.push_stream(self.id, bytes);
        drop(outbox);
        self.shared.filled.notify_one();
    }

    pub(crate) fn finish(mut self) {
        self.push(&mut Bytes::new());
        self.end(End::Finished);
    }

    pub(crate) async fn deliver(&mut self) -> Result<(), LinkError> {
        self.push(&mut Bytes::new());
        self.end(End::Finished);
        loop {
            let emptied = self.shared.emptied.notified();
            self.shared.check()?;
            if !self.shared.outbox().has(self.id) {
                return Ok(());
            }
            emptied.await;
        }
    }

    pub(crate) fn abandon(self) {
        self.end(End::Abandoned);
    }

    fn end(&self, end: End) {
        self.shared.outbox().end(self.id, end);
        self.shared.filled.notify_one();
    }
}
