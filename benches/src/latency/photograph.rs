//! A picture as a camera makes it: detail at every size, soft colours, and the grain of a sensor. Pure; owns no window.

/// Where it hangs in the marker's window, and how large it is.
pub const PLACE: (u16, u16) = (380, 160);
pub const SIZE: (u16, u16) = (640, 480);
/// How many different ones there are.
pub const COUNT: u32 = 3;
/// Sides of the patches of light and shade, in pixels, and how strong each is.
const PATCHES: [(u32, f64); 5] = [(160, 90.0), (64, 45.0), (24, 22.0), (9, 11.0), (4, 6.0)];
const TINT: u32 = 120;

/// All of them, one after the other, as BGRX.
#[must_use]
pub fn all() -> Vec<u8> {
    let (width, height) = (u32::from(SIZE.0), u32::from(SIZE.1));
    let pictures = 0..COUNT;
    let places =
        pictures.flat_map(|n| (0..height).flat_map(move |y| (0..width).map(move |x| (n, x, y))));
    places.flat_map(|(n, x, y)| pixel(n, x, y)).collect()
}

fn pixel(n: u32, x: u32, y: u32) -> [u8; 4] {
    let light: f64 = PATCHES
        .iter()
        .map(|(side, strength)| strength * smooth(n * 16 + side, *side, x, y))
        .sum();
    let tint = |channel: u32| 40.0 * smooth(n * 16 + channel, TINT, x, y);
    let grain = 5.0 * chance(n + 99, x, y);
    let byte = |channel| (128.0 + light + tint(channel) + grain).clamp(0.0, 255.0) as u8;
    [byte(1), byte(2), byte(3), 0]
}

/// Noise of -1 to 1 that changes softly over `side` pixels.
fn smooth(seed: u32, side: u32, x: u32, y: u32) -> f64 {
    let (column, row) = (x / side, y / side);
    let part = |at: u32| {
        let part = f64::from(at % side) / f64::from(side);
        part * part * (3.0 - 2.0 * part)
    };
    let (right, down) = (part(x), part(y));
    let mix = |from: f64, to: f64, part: f64| from + (to - from) * part;
    let above = mix(
        chance(seed, column, row),
        chance(seed, column + 1, row),
        right,
    );
    let below = mix(
        chance(seed, column, row + 1),
        chance(seed, column + 1, row + 1),
        right,
    );
    mix(above, below, down)
}

/// -1 to 1, the same for the same place.
fn chance(seed: u32, x: u32, y: u32) -> f64 {
    let mut mixed = seed
        .wrapping_mul(0x9e37_79b1)
        .wrapping_add(x.wrapping_mul(0x85eb_ca6b))
        .wrapping_add(y.wrapping_mul(0xc2b2_ae35));
    mixed = (mixed ^ mixed >> 15).wrapping_mul(0x2c1b_3c6d);
    mixed = (mixed ^ mixed >> 12).wrapping_mul(0x297a_2d39);
    f64::from((mixed ^ mixed >> 15) >> 16) / 32_767.5 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_colours_of_a_photograph_and_no_two_are_alike() {
        let all = all();
        let one = all.len() / COUNT as usize;
        assert_eq!(one, usize::from(SIZE.0) * usize::from(SIZE.1) * 4);
        let (first, second) = (&all[..one], &all[one..2 * one]);
        let colours = |picture: &[u8]| {
            let colours: std::collections::HashSet<_> = picture.chunks_exact(4).collect();
            colours.len()
        };
        assert!(colours(first) > 10_000 && colours(second) > 10_000);
        let same = first.chunks_exact(4).zip(second.chunks_exact(4));
        assert!(same.filter(|(one, other)| one == other).count() < 1000);
    }
}
