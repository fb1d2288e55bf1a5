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

    /// The middle of the widest run of exactly `colour` (0xRRGGBB), and how many pixels have it.
    #[must_use]
    pub fn find_colour(&self, colour: u32) -> Option<(usize, usize, usize)> {
        let wanted = [(colour >> 16) as u8, (colour >> 8) as u8, colour as u8];
        let (mut count, mut rows) = (0, Vec::new());
        for y in 0..self.height {
            let mut start = None;
            for x in 0..=self.width {
                let same = x < self.width && self.pixel(x, y) == wanted;
                match (same, start) {
                    (true, None) => start = Some(x),
                    (false, Some(from)) => {
                        count += x - from;
                        rows.push((x - from, from, y));
                        start = None;
                    }
                    (true, Some(_)) | (false, None) => {}
                }
            }
        }
        let widest = rows.iter().map(|row| row.0).max()?;
        let best: Vec<_> = rows.iter().filter(|row| row.0 * 10 >= widest * 9).collect();
        let middle = best[best.len() / 2];
        Some((middle.1 + middle.0 / 2, middle.2, count))
    }
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
        for y in 5..15 {
            for x in 10..30 {
                let at = (y * 40 + x) * 3;
                image.rgb[at..at + 3].copy_from_slice(&[0x12, 0x34, 0x56]);
            }
        }
        assert_eq!(image.find_colour(0x12_34_56), Some((20, 10, 200)));
        assert_eq!(image.find_colour(0xff_ff_ff), None);
    }
}
