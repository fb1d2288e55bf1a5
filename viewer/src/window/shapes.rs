//! What lies over the picture, as a list of simple shapes that can be compared: what did not change is not drawn again. Owns the
//! comparison and the drawing; what is shown where is decided elsewhere.

use bytes::Bytes;

use super::area::Area;
use super::letters::{Letters, Style};
use super::sheet::{Colour, Sheet};

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Fill {
        area: Area,
        colour: Colour,
        alpha: u8,
        radius: i32,
    },
    /// A line of text: its left edge and its middle.
    Text {
        at: (i32, i32),
        px: u16,
        style: Style,
        colour: Colour,
        text: String,
    },
    /// RGBA.
    Image { area: Area, rgba: Bytes },
}

/// Shapes that appear and go together, inside `area`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    pub area: Area,
    pub shapes: Vec<Shape>,
}

impl Layer {
    pub fn new(area: Area) -> Self {
        Self {
            area,
            shapes: Vec::new(),
        }
    }

    pub fn fill(&mut self, area: Area, colour: Colour) {
        self.round(area, colour, 255, 0);
    }

    pub fn round(&mut self, area: Area, colour: Colour, alpha: u8, radius: i32) {
        self.shapes.push(Shape::Fill {
            area,
            colour,
            alpha,
            radius,
        });
    }

    pub fn text(&mut self, at: (i32, i32), font: (u16, Style), colour: Colour, text: String) {
        self.shapes.push(Shape::Text {
            at,
            px: font.0,
            style: font.1,
            colour,
            text,
        });
    }

    pub fn paint(&self, sheet: &mut Sheet<'_>, letters: &mut Letters) {
        if !self.area.intersects(sheet.clip()) {
            return;
        }
        for shape in &self.shapes {
            match shape {
                Shape::Fill {
                    area,
                    colour,
                    alpha: 255,
                    radius: 0,
                } => sheet.fill(*area, *colour),
                Shape::Fill {
                    area,
                    colour,
                    alpha,
                    radius: 0,
                } => sheet.blend(*area, *colour, *alpha),
                Shape::Fill {
                    area,
                    colour,
                    alpha,
                    radius,
                } => sheet.round(*area, *radius, *colour, *alpha),
                Shape::Text {
                    at,
                    px,
                    style,
                    colour,
                    text,
                } => {
                    letters.draw(sheet, text, *at, (*px, *style), *colour);
                }
                Shape::Image { area, rgba } => sheet.image(*area, rgba),
            }
        }
    }
}

/// Where the window must be drawn again, so that `after` is seen instead of `before`.
#[must_use]
pub fn changed(before: &[Layer], after: &[Layer]) -> Vec<Area> {
    let most = before.len().max(after.len());
    (0..most)
        .filter_map(|at| match (before.get(at), after.get(at)) {
            (Some(one), Some(other)) if one == other => None,
            (one, other) => {
                let area = |layer: Option<&Layer>| layer.map_or(Area::default(), |l| l.area);
                Some([area(one), area(other)])
            }
        })
        .flatten()
        .filter(|area| !area.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(x: i32, colour: Colour) -> Layer {
        let area = Area::new(x, 0, 10, 10);
        let mut layer = Layer::new(area);
        layer.fill(area, colour);
        layer
    }

    #[test]
    fn what_stays_as_it_is_is_not_drawn_again() {
        let before = [layer(0, 1), layer(20, 2)];
        assert!(changed(&before, &before.clone()).is_empty());
    }

    #[test]
    fn what_moves_is_drawn_where_it_was_and_where_it_is() {
        let areas = changed(&[layer(0, 1), layer(20, 2)], &[layer(0, 1), layer(40, 2)]);
        assert_eq!(areas, [Area::new(20, 0, 10, 10), Area::new(40, 0, 10, 10)]);
        let gone = changed(&[layer(0, 1)], &[]);
        assert_eq!(gone, [Area::new(0, 0, 10, 10)]);
    }
}
