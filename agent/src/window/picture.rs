//! The technician's picture: checks a PNG before the decoder sees it. Owns the limits; the decoder is slint's.

use slint::Image;

/// A picture is an avatar, not a photograph.
const MOST_BYTES: usize = 256 * 1024;
const LARGEST_SIDE: u32 = 512;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The picture, if `png` is one of a sensible size.
#[must_use]
pub fn decode(png: &[u8]) -> Option<Image> {
    let (width, height) = dimensions(png)?;
    let sensible = |side: u32| (1..=LARGEST_SIDE).contains(&side);
    if png.len() > MOST_BYTES || !sensible(width) || !sensible(height) {
        return None;
    }
    Image::load_from_data(png, Some("png")).ok()
}

/// Width and height from the IHDR chunk, which is always the first (PNG specification, 5.6).
fn dimensions(png: &[u8]) -> Option<(u32, u32)> {
    let header = png.strip_prefix(&SIGNATURE)?.get(4..16)?;
    let (kind, size) = header.split_at(4);
    if kind != b"IHDR" {
        return None;
    }
    let (width, height) = size.split_at(4);
    Some((
        u32::from_be_bytes(width.try_into().ok()?),
        u32::from_be_bytes(height.try_into().ok()?),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(width: u32, height: u32) -> Vec<u8> {
        let mut png = SIGNATURE.to_vec();
        png.extend_from_slice(&13_u32.to_be_bytes());
        png.extend_from_slice(b"IHDR");
        png.extend_from_slice(&width.to_be_bytes());
        png.extend_from_slice(&height.to_be_bytes());
        png
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_never_reaches_the_decoder() {
        assert_eq!(dimensions(&header(60_000, 60_000)), Some((60_000, 60_000)));
        assert!(decode(&header(60_000, 60_000)).is_none());
        assert!(decode(&header(0, 10)).is_none());
    }

    #[test]
    fn what_is_no_png_is_no_picture() {
        assert!(decode(b"").is_none());
        assert!(decode(b"GIF89a").is_none());
        assert!(decode(&header(16, 16)).is_none());
    }
}
