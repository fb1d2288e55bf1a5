//! What is drawn on: the window's pixels, of which only a clipped part may be touched. Owns fills, blends and rounded corners.

use super::area::Area;

/// 0xRRGGBB.
pub type Colour = u32;

/// The window's pixels, row after row.
pub struct Sheet<'a> {
    pixels: &'a mut [u32],
    size: Area,
    clip: Area,
}

impl<'a> Sheet<'a> {
    /// `pixels` has `width * height` of them.
    pub fn new(pixels: &'a mut [u32], width: i32, height: i32) -> Self {
        let size = Area::new(0, 0, width, height);
        debug_assert_eq!(pixels.len(), (width * height) as usize);
        Self {
            pixels,
            size,
            clip: size,
        }
    }

    /// From now on nothing outside of `clip` is touched.
    pub fn set_clip(&mut self, clip: Area) {
        self.clip = clip.intersect(self.size);
    }

    #[must_use]
    pub fn clip(&self) -> Area {
        self.clip
    }

    /// One row of the clipped area.
    pub fn row(&mut self, y: i32, x: i32, width: i32) -> &mut [u32] {
        let start = (y * self.size.width + x) as usize;
        &mut self.pixels[start..start + width as usize]
    }

    pub fn fill(&mut self, area: Area, colour: Colour) {
        let area = area.intersect(self.clip);
        for y in area.y..area.bottom() {
            self.row(y, area.x, area.width).fill(colour);
        }
    }

    /// Mixes in a colour; `alpha` of 255 covers.
    pub fn blend(&mut self, area: Area, colour: Colour, alpha: u8) {
        let area = area.intersect(self.clip);
        for y in area.y..area.bottom() {
            for pixel in self.row(y, area.x, area.width) {
                *pixel = mix(*pixel, colour, alpha);
            }
        }
    }

    /// A filled area with round corners.
    pub fn round(&mut self, area: Area, radius: i32, colour: Colour, alpha: u8) {
        let radius = radius.min(area.width / 2).min(area.height / 2).max(0);
        let seen = area.intersect(self.clip);
        for y in seen.y..seen.bottom() {
            let from_edge = (y - area.y).min(area.bottom() - 1 - y);
            for x in seen.x..seen.right() {
                let side = (x - area.x).min(area.right() - 1 - x);
                let cover = if from_edge >= radius || side >= radius {
                    alpha
                } else {
                    let cover = corner(radius, side, from_edge);
                    (f32::from(alpha) * cover) as u8
                };
                let pixel = &mut self.row(y, x, 1)[0];
                *pixel = mix(*pixel, colour, cover);
            }
        }
    }

    /// A letter's grey: how much of each pixel it covers.
    pub fn grey(&mut self, area: Area, grey: &[u8], colour: Colour) {
        let seen = area.intersect(self.clip);
        for y in seen.y..seen.bottom() {
            let from = ((y - area.y) * area.width + seen.x - area.x) as usize;
            let cover = &grey[from..from + seen.width as usize];
            for (pixel, cover) in self.row(y, seen.x, seen.width).iter_mut().zip(cover) {
                *pixel = mix(*pixel, colour, *cover);
            }
        }
    }

    /// An image with transparency, RGBA, not premultiplied.
    pub fn image(&mut self, area: Area, rgba: &[u8]) {
        let seen = area.intersect(self.clip);
        for y in seen.y..seen.bottom() {
            for x in seen.x..seen.right() {
                let at = (((y - area.y) * area.width + x - area.x) * 4) as usize;
                let Some(&[r, g, b, a]) = rgba.get(at..).and_then(<[u8]>::first_chunk) else {
                    return;
                };
                let pixel = &mut self.row(y, x, 1)[0];
                *pixel = mix(*pixel, u32::from_be_bytes([0, r, g, b]), a);
            }
        }
    }
}

/// How much of a pixel a round corner covers; `x` and `y` count from the corner's edges.
fn corner(radius: i32, x: i32, y: i32) -> f32 {
    let (dx, dy) = ((radius - x) as f32 - 0.5, (radius - y) as f32 - 0.5);
    (radius as f32 + 0.5 - dx.hypot(dy)).clamp(0.0, 1.0)
}

#[must_use]
pub fn mix(below: u32, above: Colour, alpha: u8) -> u32 {
    match alpha {
        0 => return below,
        255 => return above,
        _ => {}
    }
    let alpha = u32::from(alpha);
    let channel = |shift: u32| {
        let (under, over) = (below >> shift & 0xff, above >> shift & 0xff);
        ((under * (255 - alpha) + over * alpha + 127) / 255) << shift
    };
    channel(16) | channel(8) | channel(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_clip_is_touched() {
        let mut pixels = vec![0; 100];
        let mut sheet = Sheet::new(&mut pixels, 10, 10);
        sheet.set_clip(Area::new(2, 2, 3, 3));
        let everywhere = Area::new(-5, -5, 50, 50);
        sheet.fill(everywhere, 1);
        sheet.blend(everywhere, 0xff_ff_ff, 255);
        sheet.round(everywhere, 4, 0xff_ff_ff, 200);
        sheet.grey(Area::new(0, 0, 10, 10), &[255; 100], 0xff_ff_ff);
        let touched = pixels.iter().filter(|pixel| **pixel != 0).count();
        assert_eq!(touched, 9);
    }

    #[test]
    fn a_letter_beside_what_changed_is_left_alone() {
        let mut pixels = vec![0; 400];
        let mut sheet = Sheet::new(&mut pixels, 20, 20);
        sheet.set_clip(Area::new(15, 8, 3, 12));
        let letter = Area::new(2, 10, 4, 6);
        sheet.grey(letter, &[255; 24], 0xff_ff_ff);
        sheet.image(letter, &[255; 96]);
        sheet.round(letter, 2, 0xff_ff_ff, 255);
        let past_the_end = Area::new(400, 19, 4, 1);
        sheet.fill(past_the_end, 0xff_ff_ff);
        assert!(pixels.iter().all(|pixel| *pixel == 0));
    }

    #[test]
    fn colours_mix_by_their_share() {
        assert_eq!(mix(0x00_00_00, 0xff_ff_ff, 128), 0x80_80_80);
        assert_eq!(mix(0x12_34_56, 0xff_ff_ff, 0), 0x12_34_56);
        assert_eq!(mix(0x12_34_56, 0xff_ff_ff, 255), 0xff_ff_ff);
    }

    #[test]
    fn an_image_that_is_too_short_is_drawn_as_far_as_it_goes() {
        let mut pixels = vec![0; 16];
        Sheet::new(&mut pixels, 4, 4).image(Area::new(0, 0, 4, 4), &[255; 20]);
        assert_eq!(pixels.iter().filter(|pixel| **pixel != 0).count(), 5);
    }
}
