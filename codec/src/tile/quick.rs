//! The quick coding of one tile, for lines that carry more than processors code: colours are numbered, numbers packed into bits, and
//! LZ4 finds what comes again. Owns these bytes; when they are worth it is the callers' to say.

use lz4_flex::block;

use super::TileError;
use crate::geometry::Rect;

/// More colours than this are not numbered.
const COLOURS: usize = 256;
/// Places of colours: most are empty, so that one look is enough.
const PLACE_BITS: u32 = 10;
/// Bits of a pixel that is written as it is.
const PLAIN: u8 = 32;
/// Without the byte that means nothing.
const COLOUR: u32 = 0x00ff_ffff;

/// Every pixel of `rect` within a picture of BGRX rows `stride` bytes apart.
pub(super) fn encode(pixels: &[u8], stride: usize, rect: Rect) -> Vec<u8> {
    let rows = (rect.y..rect.bottom()).map(|y| {
        let from = usize::from(y) * stride + usize::from(rect.x) * 4;
        &pixels[from..][..usize::from(rect.width) * 4]
    });
    let mut out = Vec::new();
    let plane = match numbered(rows.clone(), rect.area() as usize) {
        Some((palette, numbers)) => {
            let bits = bits_for(palette.len());
            out.extend([bits, (palette.len() - 1) as u8]);
            for colour in palette {
                out.extend_from_slice(&colour.to_le_bytes()[..3]);
            }
            packed(numbers, rect.width.into(), bits)
        }
        None => {
            out.push(PLAIN);
            rows.flat_map(|row| row.chunks_exact(4).map(colour))
                .flat_map(u32::to_le_bytes)
                .collect()
        }
    };
    out.extend(block::compress(&plane));
    out
}

/// The pixels of a tile of `rect`'s size: packed BGRX rows.
pub(super) fn decode(data: &[u8], rect: Rect) -> Result<Vec<u8>, TileError> {
    let (width, height) = (usize::from(rect.width), usize::from(rect.height));
    let (bits, palette, rest) = match data {
        [PLAIN, rest @ ..] => return plane(rest, width * height * 4),
        [bits @ (1 | 2 | 4 | 8), last, rest @ ..] => {
            let colours = usize::from(*last) + 1;
            let palette = rest.get(..colours * 3).ok_or(TileError::Torn)?;
            (*bits, palette, &rest[colours * 3..])
        }
        _ => return Err(TileError::Torn),
    };
    // What has no colour is black.
    let mut colours = [0; COLOURS];
    for (colour, bytes) in colours.iter_mut().zip(palette.chunks_exact(3)) {
        *colour = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    }
    let in_row = (width * usize::from(bits)).div_ceil(8);
    let plane = plane(rest, in_row * height)?;
    Ok(match bits {
        1 => unpacked::<32>(&plane, in_row, width, &colours),
        2 => unpacked::<16>(&plane, in_row, width, &colours),
        4 => unpacked::<8>(&plane, in_row, width, &colours),
        _ => unpacked::<4>(&plane, in_row, width, &colours),
    })
}

fn colour(bgrx: &[u8]) -> u32 {
    u32::from_le_bytes([bgrx[0], bgrx[1], bgrx[2], bgrx[3]]) & COLOUR
}

fn bits_for(colours: usize) -> u8 {
    match colours {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    }
}

/// The colours in the order in which they come, and each pixel's number; `None` if there are too many.
fn numbered<'a>(
    rows: impl Iterator<Item = &'a [u8]>,
    pixels: usize,
) -> Option<(Vec<u32>, Vec<u8>)> {
    let mut palette = Vec::with_capacity(COLOURS);
    // A colour and one more than its number: 0 is an empty place.
    let mut places = [(0_u32, 0_u16); 1 << PLACE_BITS];
    let mut numbers = Vec::with_capacity(pixels);
    let (mut last, mut number) = (u32::MAX, 0);
    for row in rows {
        for bgrx in row.chunks_exact(4) {
            let colour = colour(bgrx);
            if colour != last {
                last = colour;
                number = number_of(colour, &mut places, &mut palette)?;
            }
            numbers.push(number);
        }
    }
    Some((palette, numbers))
}

fn number_of(colour: u32, places: &mut [(u32, u16)], palette: &mut Vec<u32>) -> Option<u8> {
    let mut at = (colour.wrapping_mul(0x9e37_79b1) >> (32 - PLACE_BITS)) as usize;
    loop {
        match places[at] {
            (_, 0) if palette.len() == COLOURS => return None,
            (_, 0) => {
                palette.push(colour);
                places[at] = (colour, palette.len() as u16);
                return Some((palette.len() - 1) as u8);
            }
            (known, number) if known == colour => return Some((number - 1) as u8),
            _ => at = (at + 1) % places.len(),
        }
    }
}

/// Numbers side by side in bytes, the first in the lowest bits; each row begins with a byte of its own.
fn packed(numbers: Vec<u8>, width: usize, bits: u8) -> Vec<u8> {
    match bits {
        1 => packed_by::<8>(&numbers, width),
        2 => packed_by::<4>(&numbers, width),
        4 => packed_by::<2>(&numbers, width),
        _ => numbers,
    }
}

fn packed_by<const IN_BYTE: usize>(numbers: &[u8], width: usize) -> Vec<u8> {
    let byte = |numbers: &[u8]| {
        let each = numbers.iter().enumerate();
        each.fold(0, |byte, (at, number)| byte | number << (at * 8 / IN_BYTE))
    };
    let mut bytes = Vec::with_capacity(numbers.len() / IN_BYTE + numbers.len() / width);
    for row in numbers.chunks_exact(width) {
        let (whole, rest) = row.as_chunks::<IN_BYTE>();
        bytes.extend(whole.iter().map(|numbers| byte(numbers)));
        if !rest.is_empty() {
            bytes.push(byte(rest));
        }
    }
    bytes
}

/// `SIZE` bytes of pixels for each byte of numbers.
fn unpacked<const SIZE: usize>(
    plane: &[u8],
    in_row: usize,
    width: usize,
    colours: &[u32; COLOURS],
) -> Vec<u8> {
    let bits = 32 / SIZE;
    let mut pixels_of = [[0_u8; SIZE]; 256];
    for (byte, pixels) in pixels_of.iter_mut().enumerate() {
        for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
            let number = byte >> (at * bits) & ((1 << bits) - 1);
            pixel.copy_from_slice(&colours[number].to_le_bytes());
        }
    }
    let mut out = Vec::with_capacity(plane.len() / in_row * width * 4 + SIZE);
    for row in plane.chunks_exact(in_row) {
        let end = out.len() + width * 4;
        for byte in row {
            out.extend_from_slice(&pixels_of[usize::from(*byte)]);
        }
        out.truncate(end);
    }
    out
}

/// What LZ4 makes of `data`, which must be so many bytes.
fn plane(data: &[u8], size: usize) -> Result<Vec<u8>, TileError> {
    let mut plane = vec![0; size];
    match block::decompress_into(data, &mut plane) {
        Ok(written) if written == size => Ok(plane),
        Ok(_) | Err(_) => Err(TileError::Torn),
    }
}
