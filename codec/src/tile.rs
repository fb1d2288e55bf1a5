//! Lossless tiles: a rectangle of pixels as a few bytes that need no earlier picture. Owns the coding of one tile; which rectangles
//! are sent so, and in which order they are drawn, is the callers'.
//!
//! Text is a few colours in shapes that come again, so each pixel is first guessed from what stood beside the same surroundings
//! before, then from its neighbours, then from colours used lately; only then are its three channels written. Every choice is a
//! binary decision of an adaptive range coder: one pass, no tables, and any bytes at all decode to some pixels. That is the small
//! coding; the quick one is written in a fifth and read in a tenth of the time, for about twice the bytes.

mod many;
mod model;
mod novelty;
mod quick;
mod range;

use crate::geometry::Rect;

pub use many::{decode_all, encode_all};
pub use model::MAX_PIXELS;
pub use novelty::novelty;

/// What a tile's bytes are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As few bytes as can be.
    Small,
    /// As little work as can be.
    Quick,
}

/// Bytes that are no tile of this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    #[error("a tile of {width}x{height} pixels is empty or larger than {MAX_PIXELS} pixels")]
    Size { width: u16, height: u16 },
    #[error("{0} bytes are left over behind a tile")]
    LeftOver(usize),
    #[error("a quick tile has not the bytes of its size")]
    Torn,
}

/// Codes the pixels of `rect`, which lies within a picture of BGRX rows `stride` bytes apart.
///
/// # Errors
/// When the rectangle is empty or too large.
pub fn encode(
    pixels: &[u8],
    stride: usize,
    rect: Rect,
    coding: Coding,
) -> Result<Vec<u8>, TileError> {
    check(rect)?;
    if coding == Coding::Quick {
        return Ok(quick::encode(pixels, stride, rect));
    }
    let mut tile = model::Tile::new(rect.width, rect.height);
    for row in 0..usize::from(rect.height) {
        let from = (usize::from(rect.y) + row) * stride + usize::from(rect.x) * 4;
        tile.load(row, &pixels[from..][..usize::from(rect.width) * 4]);
    }
    let mut coder = range::Encoder::default();
    model::code(&mut tile, &mut coder);
    Ok(coder.finish())
}

/// The pixels of a tile of `rect`'s size: packed BGRX rows.
///
/// # Errors
/// When the size is not allowed (before any memory is taken), or more bytes are there than the tile needs, or of a quick one fewer.
pub fn decode(data: &[u8], rect: Rect, coding: Coding) -> Result<Vec<u8>, TileError> {
    check(rect)?;
    if coding == Coding::Quick {
        return quick::decode(data, rect);
    }
    let mut tile = model::Tile::new(rect.width, rect.height);
    let mut coder = range::Decoder::new(data);
    model::code(&mut tile, &mut coder);
    match coder.left_over() {
        0 => Ok(tile.bytes()),
        left => Err(TileError::LeftOver(left)),
    }
}

fn check(rect: Rect) -> Result<(), TileError> {
    if rect.is_empty() || rect.area() > MAX_PIXELS {
        return Err(TileError::Size {
            width: rect.width,
            height: rect.height,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
