//! Letters: finds the system's fonts, keeps each letter's grey once it was drawn, measures and draws lines. Owns no layout.

use std::collections::HashMap;

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont as _, point};
use fontdb::{Database, Family, Query, Weight};

use super::area::Area;
use super::sheet::{Colour, Sheet};

/// Tried in this order, then whatever the system has.
const FAMILIES: [&str; 9] = [
    "Inter",
    "Noto Sans",
    "Cantarell",
    "Ubuntu",
    "DejaVu Sans",
    "Liberation Sans",
    "Segoe UI",
    "Helvetica Neue",
    "Arial",
];
/// Asked for what the first font does not have.
const OTHER_SCRIPTS: [&str; 8] = [
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "IPAGothic",
    "Yu Gothic UI",
    "Hiragino Sans",
    "Noto Sans",
    "DejaVu Sans",
    "Unifont",
];
/// Letters kept; beyond it everything is drawn anew.
const KEPT: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    Plain,
    Bold,
}

/// No font, no words: the viewer says so on the terminal instead of showing an empty window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this system has no font that the viewer can use: install one, such as fonts-dejavu-core or fonts-noto-core"
)]
pub struct NoFont;

pub struct Letters {
    database: Database,
    plain: FontVec,
    bold: Option<FontVec>,
    /// Loaded when the first letter needs them.
    others: Option<Vec<FontVec>>,
    drawn: HashMap<(char, u16, Style), Letter>,
}

struct Letter {
    advance: f32,
    left: i32,
    /// From the baseline, downwards.
    top: i32,
    width: i32,
    height: i32,
    grey: Vec<u8>,
}

impl Letters {
    /// # Errors
    /// When the system has no font.
    pub fn find() -> Result<Self, NoFont> {
        let mut database = Database::new();
        database.load_system_fonts();
        let family = FAMILIES
            .iter()
            .map(|name| Family::Name(name))
            .chain([Family::SansSerif])
            .find_map(|family| load(&database, family, Weight::NORMAL).map(|font| (family, font)));
        let (plain, bold) = match family {
            Some((family, plain)) => (plain, load(&database, family, Weight::SEMIBOLD)),
            None => (any(&database).ok_or(NoFont)?, None),
        };
        Ok(Self {
            database,
            plain,
            bold,
            others: None,
            drawn: HashMap::new(),
        })
    }

    /// How wide a line is.
    pub fn width(&mut self, text: &str, px: u16, style: Style) -> i32 {
        let sum: f32 = text
            .chars()
            .map(|letter| self.letter(letter, px, style).advance)
            .sum();
        sum.ceil() as i32
    }

    /// Draws a line with its left edge at `x` and its middle at `middle`; gives where it ends.
    pub fn draw(
        &mut self,
        sheet: &mut Sheet<'_>,
        text: &str,
        (x, middle): (i32, i32),
        (px, style): (u16, Style),
        colour: Colour,
    ) -> i32 {
        // Capitals have about 0.7 of the letters' height.
        let baseline = middle + (f32::from(px) * 0.35).round() as i32;
        let mut at = x as f32;
        for character in text.chars() {
            let letter = self.letter(character, px, style);
            let place = Area::new(
                at.round() as i32 + letter.left,
                baseline + letter.top,
                letter.width,
                letter.height,
            );
            sheet.grey(place, &letter.grey, colour);
            at += letter.advance;
        }
        at.ceil() as i32
    }

    /// The text in lines not wider than `width`, broken between words, and where a script has none, between letters.
    pub fn wrap(&mut self, text: &str, width: i32, (px, style): (u16, Style)) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_inclusive([' ', '、', '。']) {
            let wider = format!("{line}{word}");
            if self.width(wider.trim_end(), px, style) <= width {
                line = wider;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            for letter in word.chars() {
                line.push(letter);
                if self.width(line.trim_end(), px, style) > width {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(letter);
                }
            }
        }
        if !line.is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    /// The text, shortened with an ellipsis if it is wider than `width`.
    pub fn shorten(&mut self, text: &str, width: i32, px: u16, style: Style) -> String {
        if self.width(text, px, style) <= width {
            return text.to_owned();
        }
        let mut kept: String = text.to_owned();
        while kept.pop().is_some() {
            let shorter = format!("{}…", kept.trim_end());
            if self.width(&shorter, px, style) <= width {
                return shorter;
            }
        }
        String::new()
    }

    fn letter(&mut self, character: char, px: u16, style: Style) -> &Letter {
        if self.drawn.len() > KEPT {
            self.drawn.clear();
        }
        let key = (character, px, style);
        if !self.drawn.contains_key(&key) {
            let letter = self.make(character, px, style);
            self.drawn.insert(key, letter);
        }
        &self.drawn[&key]
    }

    fn make(&mut self, character: char, px: u16, style: Style) -> Letter {
        let first = match (style, &self.bold) {
            (Style::Bold, Some(bold)) => bold,
            _ => &self.plain,
        };
        if has(first, character) {
            return outline(first, character, px);
        }
        let others = self.others.get_or_insert_with(|| {
            let named = OTHER_SCRIPTS.iter().map(|name| Family::Name(name));
            named
                .filter_map(|family| load(&self.database, family, Weight::NORMAL))
                .collect()
        });
        let other = others.iter().find(|font| has(font, character));
        outline(other.unwrap_or(&self.plain), character, px)
    }
}

fn has(font: &FontVec, character: char) -> bool {
    font.glyph_id(character).0 != 0
}

fn outline(font: &FontVec, character: char, px: u16) -> Letter {
    // ab_glyph's scale is ascent to descent; `px` means the size that type designers name (the em).
    let units = font.units_per_em().unwrap_or(1000.0);
    let scale = PxScale::from(f32::from(px) * font.height_unscaled() / units);
    let scaled = font.as_scaled(scale);
    let id = font.glyph_id(character);
    let advance = scaled.h_advance(id);
    let Some(drawn) = font.outline_glyph(id.with_scale_and_position(scale, point(0.0, 0.0))) else {
        return Letter {
            advance,
            left: 0,
            top: 0,
            width: 0,
            height: 0,
            grey: Vec::new(),
        };
    };
    let bounds = drawn.px_bounds();
    let (width, height) = (bounds.width() as i32, bounds.height() as i32);
    let mut grey = vec![0; (width * height) as usize];
    drawn.draw(|x, y, cover| {
        if let Some(place) = grey.get_mut((y as i32 * width + x as i32) as usize) {
            *place = (cover * 255.0) as u8;
        }
    });
    Letter {
        advance,
        left: bounds.min.x as i32,
        top: bounds.min.y as i32,
        width,
        height,
        grey,
    }
}

fn load(database: &Database, family: Family<'_>, weight: Weight) -> Option<FontVec> {
    let id = database.query(&Query {
        families: &[family],
        weight,
        ..Query::default()
    })?;
    read(database, id)
}

fn any(database: &Database) -> Option<FontVec> {
    database.faces().find_map(|face| {
        let font = read(database, face.id)?;
        has(&font, 'e').then_some(font)
    })
}

fn read(database: &Database, id: fontdb::ID) -> Option<FontVec> {
    database.with_face_data(id, |data, index| {
        FontVec::try_from_vec_and_index(data.to_vec(), index).ok()
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_into_lines_that_fit_and_loses_no_letter() {
        let mut letters = Letters::find().expect("test machines have a font");
        let text = "The end user did not allow it, or did not answer in time.";
        let lines = letters.wrap(text, 160, (14, Style::Plain));
        assert!(lines.len() > 2, "{lines:?}");
        assert_eq!(lines.join(" "), text);
        for line in &lines {
            assert!(letters.width(line, 14, Style::Plain) <= 160, "{line}");
        }
        let without_spaces = letters.wrap(&"あ".repeat(40), 100, (14, Style::Bold));
        assert_eq!(without_spaces.concat(), "あ".repeat(40));
    }

    #[test]
    fn what_is_too_wide_ends_with_an_ellipsis() {
        let mut letters = Letters::find().expect("test machines have a font");
        let short = letters.shorten("Printer on the third floor", 80, 14, Style::Plain);
        assert!(short.ends_with('…') && short.starts_with('P'), "{short}");
        assert!(letters.width(&short, 14, Style::Plain) <= 80);
        assert_eq!(letters.shorten("PC", 80, 14, Style::Plain), "PC");
    }
}
