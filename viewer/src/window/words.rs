//! The card in the middle that says why there is no live picture, with what can be done about it. Owns its layout.

use super::action::{Action, Target};
use super::area::Area;
use super::letters::{Letters, Style};
use super::shapes::Layer;
use super::theme::{self, Measure};

/// What the card says and offers.
pub struct Look<'a> {
    pub place: Area,
    pub measure: Measure,
    pub title: String,
    pub text: String,
    /// Something quiet below, such as the next attempt.
    pub note: Option<String>,
    /// The first is the one that Enter presses.
    pub offers: &'a [(String, Action)],
    pub pointer: (i32, i32),
    /// The offer that has the keyboard.
    pub focus: Option<usize>,
}

pub fn lay_out(look: &Look<'_>, letters: &mut Letters) -> (Layer, Vec<Target>) {
    let measure = look.measure;
    let (title_px, text_px, note_px) = (
        measure.letters(20),
        measure.letters(15),
        measure.letters(13),
    );
    let pad = measure.px(26);
    let width = measure.px(460).min(look.place.width - measure.px(24));
    let inner = (width - 2 * pad).max(1);
    let titles = letters.wrap(&look.title, inner, (title_px, Style::Bold));
    let lines = letters.wrap(&look.text, inner, (text_px, Style::Plain));
    let (title_row, row) = (measure.px(28), measure.px(22));
    let button_row = measure.px(36);
    let mut height = 2 * pad + title_row * titles.len() as i32 + row * lines.len() as i32;
    height += measure.px(8);
    height += look.note.as_ref().map_or(0, |_| row + measure.px(6));
    if !look.offers.is_empty() {
        height += button_row + measure.px(18);
    }
    let area = Area::new(
        look.place.x + (look.place.width - width) / 2,
        look.place.y + (look.place.height - height) / 2,
        width,
        height,
    );
    let mut layer = Layer::new(area);
    layer.round(area, theme::EDGE, 255, measure.px(12));
    layer.round(area.inset(1), theme::CARD, 255, measure.px(12));
    let x = area.x + pad;
    let mut y = area.y + pad;
    for line in titles {
        let at = (x, y + title_row / 2);
        layer.text(at, (title_px, Style::Bold), theme::TEXT, line);
        y += title_row;
    }
    y += measure.px(8);
    for line in lines {
        layer.text((x, y + row / 2), (text_px, Style::Plain), theme::TEXT, line);
        y += row;
    }
    if let Some(note) = &look.note {
        y += measure.px(6);
        let at = (x, y + row / 2);
        layer.text(at, (note_px, Style::Plain), theme::QUIET, note.clone());
        y += row;
    }
    y += measure.px(18);
    let targets = offers(look, letters, &mut layer, (x, y, button_row));
    (layer, targets)
}

fn offers(
    look: &Look<'_>,
    letters: &mut Letters,
    layer: &mut Layer,
    (mut x, y, height): (i32, i32, i32),
) -> Vec<Target> {
    let measure = look.measure;
    let font = (measure.letters(14), Style::Plain);
    let (pad, radius) = (measure.px(16), measure.px(6));
    let mut targets = Vec::new();
    for (number, (label, action)) in look.offers.iter().enumerate() {
        let width = letters.width(label, font.0, font.1) + 2 * pad;
        let place = Area::new(x, y, width, height);
        if look.focus == Some(number) {
            let ring = place.inset(-measure.px(3));
            layer.round(ring, theme::FOCUS, 255, radius + 3);
        }
        let is_hot = place.contains(look.pointer.0, look.pointer.1);
        let colour = match (number, is_hot) {
            (0, _) => theme::ACCENT,
            (_, true) => theme::EDGE,
            (_, false) => theme::HOT,
        };
        layer.round(place, colour, 255, radius);
        layer.text((x + pad, y + height / 2), font, theme::TEXT, label.clone());
        targets.push(Target {
            area: place,
            action: *action,
        });
        x += width + measure.px(10);
    }
    targets
}
