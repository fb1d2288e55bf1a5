//! The figures over the picture: the way taken, the rates, and how long each stage takes. Owns their layout.

use std::time::Duration;

use mayday_transport::Path;
use mayday_viewer::why::Stage;

use super::app::App;
use super::area::Area;
use super::letters::{Letters, Style};
use super::shapes::Layer;
use super::theme::{self, Measure};

/// What is said, and the rows below.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    pub headline: String,
    pub rows: Vec<(String, String)>,
}

impl App {
    /// Measures again, if the figures are shown.
    pub(super) fn measure_figures(&mut self) {
        let Some(shown) = &mut self.shown else { return };
        let (Some(_), Some(viewer)) = (&shown.figures, shown.stay.viewer()) else {
            return;
        };
        let mut lately = viewer.lately();
        // What this window adds to the library's drawing.
        lately.stages[Stage::ALL.len() - 1] += shown.painting;
        let texts = &self.texts;
        let ms = |took: Duration| format!("{:.1} ms", took.as_secs_f64() * 1e3);
        let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        let row = |key: &str, value: String| (texts.text(key), value);
        let path = match viewer.path() {
            Path::Quic => "quic",
            Path::WebTransport => "webtransport",
            Path::WebSocket => "websocket",
        };
        let screen = shown.view.as_ref().map(super::scale::View::screen);
        let mut rows = vec![
            row("figures.path", texts.text(&format!("figures.{path}"))),
            row("figures.round_trip", ms(viewer.round_trip())),
            row(
                "figures.key",
                // What this window adds comes after the library's drawing.
                known(lately.key_to_pixel.map(|took| ms(took + shown.painting))),
            ),
            row(
                "figures.updates",
                format!("{:.1} /s", lately.updates_per_second),
            ),
            row(
                "figures.rate",
                format!("{:.0} kbit/s", lately.kilobits_per_second),
            ),
            row(
                "figures.quality",
                match (lately.updates, lately.quantiser) {
                    (0, _) => known(None),
                    (_, None) => texts.text("figures.exact"),
                    (_, Some(qp)) => format!("QP {qp:.0}"),
                },
            ),
            row(
                "figures.screen",
                known(screen.map(|size| format!("{} × {}", size.width, size.height))),
            ),
            row("figures.total", ms(lately.total())),
        ];
        for (stage, took) in Stage::ALL.into_iter().zip(lately.stages) {
            rows.push(row(&format!("stage.{}", stage.name()), ms(took)));
        }
        let (reason, took) = lately.reason();
        let took = format!("{:.0}", took.as_secs_f64() * 1e3);
        let headline = texts.filled(&format!("why.{}", reason.name()), &[("ms", &took)]);
        tracing::info!(why = reason.name(), headline, ?rows, "measured");
        shown.figures = Some(Figures { headline, rows });
    }
}

pub fn lay_out(figures: &Figures, place: Area, measure: Measure, letters: &mut Letters) -> Layer {
    let font = (measure.letters(13), Style::Plain);
    let (pad, row) = (measure.px(14), measure.px(20));
    let width = measure.px(330).min(place.width - measure.px(16));
    let inner = width - 2 * pad;
    let head = letters.wrap(
        &figures.headline,
        inner.max(1),
        (measure.letters(14), Style::Bold),
    );
    let height = 2 * pad
        + row * (figures.rows.len() + head.len()) as i32
        + if head.is_empty() { 0 } else { measure.px(6) };
    let area = Area::new(
        place.right() - width - measure.px(8),
        place.y + measure.px(8),
        width,
        height.min(place.height),
    );
    let mut layer = Layer::new(area);
    layer.round(area, theme::CARD, 235, measure.px(8));
    let mut y = area.y + pad;
    for line in head {
        let at = (area.x + pad, y + row / 2);
        layer.text(at, (measure.letters(14), Style::Bold), theme::TEXT, line);
        y += row;
    }
    if !figures.headline.is_empty() {
        y += measure.px(6);
    }
    for (name, value) in &figures.rows {
        layer.text(
            (area.x + pad, y + row / 2),
            font,
            theme::QUIET,
            name.clone(),
        );
        let left = area.right() - pad - letters.width(value, font.0, font.1);
        layer.text((left, y + row / 2), font, theme::TEXT, value.clone());
        y += row;
    }
    layer
}
