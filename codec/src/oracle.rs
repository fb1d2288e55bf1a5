//! A judge for fuzzing: what always holds for lossless tiles, whatever bytes come; beside it the one for access units. Knows no fuzzer.

mod access_unit;

pub use access_unit::access_unit;

use crate::geometry::Rect;
use crate::tile::{self, Coding, TileError};

/// The first two bytes are a size, the rest is a tile, and the pixels of another: the reader gives as many pixels as were asked for or
/// refuses, and what the writer wrote comes back.
///
/// # Panics
/// When it does not.
pub fn tile(bytes: &[u8]) {
    let [width, height, data @ ..] = bytes else {
        return;
    };
    let rect = Rect::new(0, 0, u16::from(*width) * 3 + 1, u16::from(*height) % 64 + 1);
    let size = rect.area() as usize * 4;
    match tile::decode(data, rect, Coding::Small) {
        Ok(pixels) => {
            assert_eq!(pixels.len(), size);
            comes_back(&pixels, rect);
        }
        Err(TileError::LeftOver(left)) => assert!(left > 0 && left <= data.len()),
        Err(error @ (TileError::Size { .. } | TileError::Torn)) => panic!("{error}"),
    }
    match tile::decode(data, rect, Coding::Quick) {
        Ok(pixels) => {
            assert_eq!(pixels.len(), size);
            comes_back(&pixels, rect);
        }
        Err(TileError::Torn) => {}
        Err(error @ (TileError::Size { .. } | TileError::LeftOver(_))) => panic!("{error}"),
    }
    let pixels: Vec<u8> = data.iter().copied().cycle().take(size).collect();
    if pixels.len() == size {
        comes_back(&pixels, rect);
    }
}

fn comes_back(pixels: &[u8], rect: Rect) {
    let stride = usize::from(rect.width) * 4;
    for coding in [Coding::Small, Coding::Quick] {
        let data = tile::encode(pixels, stride, rect, coding).expect("the size is allowed");
        let shown = tile::decode(&data, rect, coding).expect("it is what was written");
        let pairs = shown.chunks_exact(4).zip(pixels.chunks_exact(4));
        for (shown, real) in pairs {
            assert_eq!(shown[..3], real[..3]);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn random_bytes_pass() {
        let mut state = 5_u32;
        for length in 0..300 {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8 >> (length % 7)
                })
                .collect();
            super::tile(&bytes);
        }
    }
}
