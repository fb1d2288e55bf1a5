//! Pictures of a screen: pixels, PNG files, and finding things by their colour as a person does. Owns no X.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};

/// RGB, 8 bits each, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

impl Image {
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// How far apart two pictures of one size are: the mean over all channels of all pixels, 0 to 255. Infinite for other sizes.
    #[must_use]
    pub fn difference(&self, other: &Self) -> f64 {
        if (self.width, self.height) != (other.width, other.height) {
            return f64::INFINITY;
        }
        let apart = |(one, other): (&u8, &u8)| f64::from(one.abs_diff(*other));
        let sum: f64 = self.rgb.iter().zip(&other.rgb).map(apart).sum();
        sum / self.rgb.len() as f64
    }

    /// How many pixels are not the same in both, and the rectangle they lie in (left, top, right, bottom, the last two not included);
    /// `None` when the pictures are equal. Pictures of different sizes differ everywhere.
    #[must_use]
    pub fn apart(&self, other: &Self) -> Option<(usize, [usize; 4])> {
        if (self.width, self.height) != (other.width, other.height) {
            let (width, height) = (self.width.max(other.width), self.height.max(other.height));
            return Some((width * height, [0, 0, width, height]));
        }
        let mut differs = None;
        let pairs = self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3));
        for (at, _) in pairs.enumerate().filter(|(_, (one, other))| one != other) {
            let (x, y) = (at % self.width, at / self.width);
            let (count, [left, top, right, bottom]) = differs.unwrap_or((0, [x, y, x, y]));
            let area = [left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)];
            differs = Some((count + 1, area));
        }
        differs
    }

    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let mut encoder = png::Encoder::new(
            BufWriter::new(file),
            u32::try_from(self.width)?,
            u32::try_from(self.height)?,
        );
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&self.rgb)?;
        Ok(())
    }

    /// The middle of the largest connected area of exactly `colour` (0xRRGGBB), and how many pixels it has.
    #[must_use]
    pub fn find_colour(&self, colour: u32) -> Option<(usize, usize, usize)> {
        let wanted = [(colour >> 16) as u8, (colour >> 8) as u8, colour as u8];
        let mut left: Vec<bool> = self
            .rgb
            .chunks_exact(3)
            .map(|pixel| pixel == wanted)
            .collect();
        let mut best = None;
        for start in 0..left.len() {
            if left[start] {
                let area = self.take_area(&mut left, start);
                if best.is_none_or(|best: Area| best.pixels < area.pixels) {
                    best = Some(area);
                }
            }
        }
        best.map(|area| {
            (
                (area.left + area.right) / 2,
                (area.top + area.bottom) / 2,
                area.pixels,
            )
        })
    }

    /// Takes all pixels connected with `start` out of `left`.
    fn take_area(&self, left: &mut [bool], start: usize) -> Area {
        let (x, y) = (start % self.width, start / self.width);
        let mut area = Area {
            left: x,
            right: x,
            top: y,
            bottom: y,
            pixels: 0,
        };
        let mut next = vec![start];
        left[start] = false;
        while let Some(at) = next.pop() {
            let (x, y) = (at % self.width, at / self.width);
            area.pixels += 1;
            area.left = area.left.min(x);
            area.right = area.right.max(x);
            area.top = area.top.min(y);
            area.bottom = area.bottom.max(y);
            let sideways = [
                (x > 0).then(|| at - 1),
                (x + 1 < self.width).then(|| at + 1),
            ];
            let upright = [at.checked_sub(self.width), Some(at + self.width)];
            for neighbour in sideways.into_iter().chain(upright).flatten() {
                if left.get(neighbour) == Some(&true) {
                    left[neighbour] = false;
                    next.push(neighbour);
                }
            }
        }
        area
    }
}

#[derive(Clone, Copy)]
struct Area {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    pixels: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_found_by_its_colour() {
        let mut image = Image {
            width: 40,
            height: 20,
            rgb: vec![0; 40 * 20 * 3],
        };
        // A thin line of the same colour is wider, but smaller.
        for x in 0..40 {
            let at = x * 3;
            image.rgb[at..at + 3].copy_from_slice(&[0x12, 0x34, 0x56]);
        }
        for y in 5..15 {
            for x in 10..30 {
                let at = (y * 40 + x) * 3;
                image.rgb[at..at + 3].copy_from_slice(&[0x12, 0x34, 0x56]);
            }
        }
        assert_eq!(image.find_colour(0x12_34_56), Some((19, 9, 200)));
        assert_eq!(image.find_colour(0xff_ff_ff), None);
    }

    #[test]
    fn one_other_pixel_is_found() {
        let image = Image {
            width: 40,
            height: 20,
            rgb: vec![0; 40 * 20 * 3],
        };
        let mut other = image.clone();
        assert_eq!(image.apart(&other), None);
        other.rgb[(7 * 40 + 12) * 3 + 1] = 1;
        assert_eq!(image.apart(&other), Some((1, [12, 7, 13, 8])));
        other.width = 20;
        other.height = 40;
        assert_eq!(image.apart(&other).unwrap().0, 40 * 40);
    }
}
