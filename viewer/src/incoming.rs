//! Streams on their way in: read side by side, each bit told to the order, so that nobody is called late while bytes flow.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use mayday_protocol::ClearHeader;
use mayday_transport::{IncomingStream, LinkError};

/// A packet's bytes and when they came.
pub(crate) struct Whole {
    pub(crate) header: ClearHeader,
    pub(crate) payload: Bytes,
    pub(crate) first: Duration,
    pub(crate) last: Duration,
}

/// Reads a stream's packet. `flowing` hears of every piece that is not the last.
pub(crate) async fn read(
    mut stream: IncomingStream,
    began: Instant,
    flowing: impl Fn(Duration),
) -> Result<Whole, (ClearHeader, LinkError)> {
    let header = stream.header();
    let first = began.elapsed();
    let failed = |error| (header, error);
    let mut payload = stream.chunk().await.map_err(failed)?.unwrap_or_default();
    if payload.len() < header.size as usize {
        let mut pieces = BytesMut::from(&payload[..]);
        while pieces.len() < header.size as usize {
            flowing(began.elapsed());
            match stream.chunk().await.map_err(failed)? {
                Some(piece) => pieces.extend_from_slice(&piece),
                None => break,
            }
        }
        payload = pieces.freeze();
    }
    let last = began.elapsed();
    // The stream's end may come in a later packet. Whoever lets go of it before tells the sender that it was not wanted.
    tokio::spawn(async move { while matches!(stream.chunk().await, Ok(Some(_))) {} });
    Ok(Whole {
        header,
        payload,
        first,
        last,
    })
}
