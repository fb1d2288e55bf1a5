//! A judge for fuzzing: what the check before the C decoder lets through, looked at once more and more slowly, and what the decoder makes of
//! it. Knows no fuzzer.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::capture::Frame;
use crate::geometry::{Rect, Size};
use crate::h264::decoder::StripeDecoder;
use crate::h264::nal::{self, MAX_ACCESS_UNIT, MAX_NAL_UNITS};
use crate::layout::Layout;
use crate::stripes::StripeEncoder;

const SIZE: Size = Size {
    width: 64,
    height: 32,
};
const HEIGHT: u16 = 32;
const PICTURES: usize = 4;
/// Bytes of one change: what is done, where (two), and with what.
const CHANGE: usize = 4;

/// The first byte chooses: 0, and the rest is an access unit itself; else a real stream's pictures, harmed as the rest says.
///
/// # Panics
/// When something is let through that our encoder never makes, when what it makes is refused, or the decoder gives another picture than asked for.
pub fn access_unit(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let mut decoder = StripeDecoder::new(SIZE).expect("the library makes one");
    if first == 0 {
        show(&mut decoder, rest);
        return;
    }
    for (number, real) in real().iter().enumerate() {
        let changes = rest.chunks_exact(CHANGE).skip(number).step_by(PICTURES);
        let mut harmed = real.clone();
        for change in changes.take(usize::from(first % 8)) {
            harm(&mut harmed, change);
        }
        if harmed == *real {
            let checked = nal::check(real, SIZE).expect("what the encoder makes is let through");
            assert_eq!(checked.key, number == 0);
        }
        show(&mut decoder, &harmed);
    }
}

/// Checks, looks again, and decodes.
fn show(decoder: &mut StripeDecoder, data: &[u8]) {
    if let Ok(checked) = nal::check(data, SIZE) {
        assert!(data.len() <= MAX_ACCESS_UNIT);
        let kinds = kinds(data);
        assert!(kinds.len() <= MAX_NAL_UNITS, "{kinds:?}");
        assert!(
            kinds.iter().all(|kind| [1, 5, 6, 7, 8, 9].contains(kind)),
            "{kinds:?}"
        );
        assert!(kinds.contains(&1) || kinds.contains(&5), "{kinds:?}");
        let key = kinds.iter().position(|kind| *kind == 5);
        assert_eq!(checked.key, key.is_some(), "{kinds:?}");
        let before = &kinds[..key.unwrap_or(0)];
        assert!(key.is_none() || before.contains(&7) && before.contains(&8));
    }
    if let Ok(picture) = decoder.decode(data) {
        assert_eq!(picture.size, SIZE);
    }
}

/// The kinds of the NAL units, found by looking at every byte.
fn kinds(data: &[u8]) -> Vec<u8> {
    let codes = data.windows(3).enumerate();
    codes
        .filter(|(_, code)| *code == [0, 0, 1])
        .map(|(at, _)| {
            let header = data[at + 3];
            assert!(header < 0x80, "the forbidden bit");
            header & 0x1f
        })
        .collect()
}

fn harm(unit: &mut Vec<u8>, change: &[u8]) {
    let at = usize::from(change[1]) << 8 | usize::from(change[2]);
    let at = at % unit.len().max(1);
    match change[0] % 5 {
        _ if unit.is_empty() => unit.push(change[3]),
        0 => unit[at] = change[3],
        1 => unit[at] ^= 1 << (change[3] % 8),
        2 => unit.insert(at, change[3]),
        3 => drop(unit.remove(at)),
        _ => unit.truncate(at),
    }
}

/// Pictures of one stripe as the encoder makes them, the first a key.
fn real() -> &'static [Vec<u8>] {
    static REAL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    REAL.get_or_init(|| {
        assert_eq!(Layout::new(SIZE, HEIGHT).expect("it fits").coded(0), SIZE);
        let mut encoder = StripeEncoder::new(SIZE, HEIGHT).expect("the library makes one");
        let mut pixels = vec![255; SIZE.area() as usize * 4];
        let picture = |number: usize| {
            for (at, byte) in pixels.iter_mut().enumerate().skip(number * 700).step_by(3) {
                *byte = (at * (number + 3)) as u8;
            }
            let whole = [Rect::new(0, 0, SIZE.width, SIZE.height)];
            let frame = Frame {
                pixels: &pixels,
                stride: usize::from(SIZE.width) * 4,
                size: SIZE,
                damage: &whole,
                noticed_at: Instant::now(),
                grab: Duration::ZERO,
            };
            let mut encoded = encoder.encode(&frame, &whole, 24).expect("it is encoded");
            encoded.stripes.remove(0).data
        };
        (0..PICTURES).map(picture).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmed_pictures_pass() {
        let mut state = 9_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for _ in 0..400 {
            let bytes: Vec<u8> = (0..1 + PICTURES * CHANGE * 8).map(|_| random()).collect();
            access_unit(&bytes);
            let real = &real()[0];
            let from = usize::from(random()) % real.len();
            access_unit(&[&[0], &real[..from], &bytes[..4]].concat());
        }
    }

    #[test]
    fn what_the_encoder_makes_passes_whole() {
        access_unit(&[8]);
        access_unit(&[&[0], &real()[0][..]].concat());
        assert!(nal::check(&real()[0], SIZE).is_ok_and(|checked| checked.key));
    }
}
