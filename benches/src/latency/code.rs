//! How a number looks on the screen: so that painting it and reading it off a decoded picture cannot disagree.

use mayday_codec::Canvas;
use x11rb::protocol::xproto::Rectangle;

/// Eight bits and the same bits inverted, as squares of this side: it survives the coarsest picture.
pub const SQUARE: u16 = 8;
const BITS: u16 = 16;
pub const WIDTH: u16 = SQUARE * BITS;

/// Whether the code for `n` can be read at this place of the screen.
#[must_use]
pub fn shows(canvas: &Canvas, left: u16, top: u16, n: u32) -> bool {
    let (pixels, stride) = (canvas.pixels(), canvas.stride());
    reads(left.into(), top.into(), n, |x, y| {
        pixels.get(y * stride + x * 4 + 1).copied()
    })
}

/// The same where only single pixels can be asked for, by the green of each, which stands for brightness.
pub fn reads(left: usize, top: usize, n: u32, green: impl Fn(usize, usize) -> Option<u8>) -> bool {
    (0..BITS).all(|bit| {
        let x = left + usize::from(bit * SQUARE + SQUARE / 2);
        let y = top + usize::from(SQUARE / 2);
        green(x, y).is_some_and(|green| (green > 128) == is_white(n, bit))
    })
}

/// The black (`false`) or white squares of the code for `n` at this place of a window.
#[must_use]
pub fn squares(left: u16, top: u16, n: u32, white: bool) -> Vec<Rectangle> {
    (0..BITS)
        .filter(|bit| is_white(n, *bit) == white)
        .map(|bit| Rectangle {
            x: (left + bit * SQUARE) as i16,
            y: top as i16,
            width: SQUARE,
            height: SQUARE,
        })
        .collect()
}

fn is_white(n: u32, bit: u16) -> bool {
    let plain = n >> (bit % 8) & 1 == 1;
    plain == (bit < 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_half_white_and_differs_from_the_next_hundred() {
        let code = |n| (0..BITS).map(|bit| is_white(n, bit)).collect::<Vec<_>>();
        for n in 1..1000 {
            assert_eq!(code(n).iter().filter(|white| **white).count(), 8);
            assert!((1..100).all(|more| code(n) != code(n + more)));
        }
    }
}
