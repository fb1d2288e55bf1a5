//! From what there is to pixels: takes the damage, lays out what lies over the picture, draws what changed and shows it before returning.
//! There is no frame clock: a change is on its way to the screen the moment it is known.

use std::time::Instant;

use bytes::Bytes;
use mayday_protocol::cursor::Shape as CursorShape;
use mayday_viewer::Glimpse;
use winit::event_loop::ActiveEventLoop;
use winit::window::{Cursor, CursorIcon, CustomCursor};

use super::action::Target;
use super::app::{App, Shown};
use super::area::Area;
use super::bar;
use super::figures;
use super::letters::Letters;
use super::pointer;
use super::scale::View;
use super::shapes::{Layer, Shape, changed};
use super::situation::Situation;
use super::texts::Texts;
use super::theme;
use super::words;

/// Systems refuse larger images as a pointer.
const LARGEST_POINTER: u16 = 128;

/// What the technician's own pointer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorLook {
    Arrow,
    Hand,
    Hidden,
    /// The remote shape of this id.
    Remote(u32),
}

/// What is known when the window is drawn.
struct Scene<'a> {
    picture: Option<&'a Glimpse<'a>>,
    now: Option<&'a Glimpse<'a>>,
    situation: Situation,
    /// Whether input goes to the other side.
    has_controls: bool,
}

impl App {
    /// Shows everything that changed.
    pub(super) fn paint(&mut self, event_loop: &ActiveEventLoop) {
        let Some(mut shown) = self.shown.take() else {
            return;
        };
        let (texts, letters) = (&self.texts, &mut self.letters);
        let has_controls = shown.has_controls();
        // The stay is taken out for the time of the look: what it shows is drawn by the rest.
        let result = shown.look(|shown, picture, now, situation| {
            let scene = Scene {
                picture,
                now,
                situation,
                has_controls: has_controls && situation == Situation::Live,
            };
            shown.set_cursor(event_loop, &scene);
            shown.set_title(&scene, texts);
            shown.note_situation(situation, texts);
            shown.draw(&scene, texts, letters)
        });
        self.shown = Some(shown);
        if let Err(error) = result {
            self.fail(event_loop, error);
        }
    }
}

impl Shown {
    fn draw(
        &mut self,
        scene: &Scene<'_>,
        texts: &Texts,
        letters: &mut Letters,
    ) -> anyhow::Result<()> {
        let whole = self.surface.area();
        if whole.is_empty() {
            return Ok(());
        }
        let mut areas = self.place_picture(scene);
        let (layers, targets) = self.lay_out(scene, texts, letters);
        areas.extend(changed(&self.layers, &layers));
        self.layers = layers;
        self.targets = targets;
        if std::mem::take(&mut self.draws_all) {
            areas = vec![whole];
        }
        let began = Instant::now();
        let has_news = !areas.is_empty();
        let (view, layers) = (&self.view, &self.layers);
        let pixels = scene.picture.and_then(|picture| picture.canvas);
        let shown = self.surface.show(areas, |sheet| {
            let clip = sheet.clip();
            match (view, pixels) {
                (Some(view), Some(canvas)) => {
                    if clip.intersect(view.seen()) != clip {
                        sheet.fill(clip, theme::GROUND);
                    }
                    view.draw(sheet, canvas.pixels());
                }
                _ => sheet.fill(clip, theme::GROUND),
            }
            for layer in layers {
                layer.paint(sheet, letters);
            }
        });
        if has_news {
            self.painting = self.painting.mul_f64(0.8) + began.elapsed().mul_f64(0.2);
        }
        shown
    }

    /// Where the picture lies now, and what of the window its damage reaches.
    fn place_picture(&mut self, scene: &Scene<'_>) -> Vec<Area> {
        let canvas = scene.picture.and_then(|picture| picture.canvas);
        let (Some(picture), Some(canvas)) = (scene.picture, canvas) else {
            if self.view.take().is_some() {
                self.draws_all = true;
            }
            return Vec::new();
        };
        let place = self.picture_place();
        let is_current = self
            .view
            .as_ref()
            .is_some_and(|view| view.screen() == canvas.size() && !self.draws_all);
        if !is_current {
            let view = View::new(canvas.size(), place, self.scaling, self.offset);
            self.draws_all |= self.view.as_ref() != Some(&view);
            self.view = Some(view);
            self.fit_window(canvas.size());
        }
        let Some(view) = &self.view else {
            return Vec::new();
        };
        let damage = picture.damage.rects(canvas.size());
        damage
            .into_iter()
            .map(|rect| view.to_window(rect))
            .collect()
    }

    fn picture_place(&self) -> Area {
        let whole = self.surface.area();
        let bar = if self.is_full { 0 } else { self.measure.bar() };
        Area::new(0, bar, whole.width, (whole.height - bar).max(1))
    }

    /// Everything over the picture, from the lowest to the highest.
    fn lay_out(
        &self,
        scene: &Scene<'_>,
        texts: &Texts,
        letters: &mut Letters,
    ) -> (Vec<Layer>, Vec<Target>) {
        let place = self.picture_place();
        let pointer = (self.pointer.0 as i32, self.pointer.1 as i32);
        let mut layers = Vec::new();
        let is_live = scene.situation == Situation::Live && !self.asks_to_close;
        layers.push(self.remote_pointer(scene).unwrap_or_default());
        let mut dim = Layer::default();
        if !is_live {
            dim.area = place;
            let keeps = scene.situation.keeps_picture();
            let alpha = if keeps { theme::DIM } else { 255 };
            dim.round(place, theme::GROUND, alpha, 0);
        }
        layers.push(dim);
        layers.push(self.figures.as_ref().map_or_else(Layer::default, |one| {
            figures::lay_out(one, place, self.measure, letters)
        }));
        let mut targets = Vec::new();
        let mut card = Layer::default();
        if !is_live {
            let has_keys = self.focus.filter(|_| self.asks_to_close);
            let look = self.words(scene, texts);
            let offers: Vec<_> = self
                .offers(scene.situation)
                .into_iter()
                .map(|(key, action)| (texts.text(key), action))
                .collect();
            (card, targets) = words::lay_out(
                &words::Look {
                    place,
                    measure: self.measure,
                    title: look.0,
                    text: look.1,
                    note: look.2,
                    offers: &offers,
                    pointer,
                    focus: has_keys,
                },
                letters,
            );
        }
        layers.push(card);
        if self.has_bar() {
            let in_bar = bar::Look {
                width: place.width,
                measure: self.measure,
                title: &self.title,
                state: scene.now.and_then(|now| now.state),
                slot: self.slot(),
                scaling: self.scaling,
                figures: self.figures.is_some(),
                is_full: self.is_full,
                open: self.open,
                pointer,
                focus: self.focus.filter(|_| !self.asks_to_close),
            };
            let (bar, in_bar) = bar::lay_out(&in_bar, texts, letters);
            layers.extend(bar);
            // The keyboard walks through what is in front: the question, else the bar.
            if self.asks_to_close {
                targets.extend(in_bar);
            } else {
                targets = [in_bar, targets].concat();
            }
        }
        (layers, targets)
    }

    fn words(&self, scene: &Scene<'_>, texts: &Texts) -> (String, String, Option<String>) {
        let host = self.host(scene);
        let places = [
            ("host", if host.is_empty() { "?" } else { &host }),
            ("cause", self.stay.cause()),
        ];
        let key = if self.asks_to_close {
            "close"
        } else {
            scene.situation.key()
        };
        let note = match self.stay.attempts() {
            _ if self.asks_to_close => None,
            (0, _) => None,
            (count, None) => Some(texts.filled("words.attempt", &[("count", &count.to_string())])),
            (count, Some(due)) => {
                let left = due.saturating_duration_since(Instant::now());
                let seconds = left.as_secs_f64().ceil().to_string();
                let places = [("count", &*count.to_string()), ("seconds", &seconds)];
                Some(texts.filled("words.seconds", &places))
            }
        };
        (
            texts.text(&format!("{key}.title")),
            texts.filled(&format!("{key}.text"), &places),
            note,
        )
    }

    fn host(&self, scene: &Scene<'_>) -> String {
        let of = |glimpse: Option<&Glimpse<'_>>| {
            let state = glimpse?.state?;
            (!state.host_name.is_empty()).then(|| state.host_name.clone())
        };
        of(scene.now)
            .or_else(|| of(scene.picture))
            .unwrap_or_default()
    }

    /// For whoever reads the log later.
    fn note_situation(&mut self, situation: Situation, texts: &Texts) {
        if situation != self.situation {
            self.situation = situation;
            let title = match situation {
                Situation::Live => String::new(),
                _ => texts.text(&format!("{}.title", situation.key())),
            };
            tracing::info!(
                situation = situation.key(),
                title,
                "the situation is another one"
            );
        }
    }

    fn set_title(&mut self, scene: &Scene<'_>, texts: &Texts) {
        let glimpse = scene.now.or(scene.picture);
        let name = glimpse.map(|one| one.name).unwrap_or_default();
        let host = self.host(scene);
        let title = match (name.is_empty(), host.is_empty()) {
            (true, true) => "Mayday".to_owned(),
            (false, true) => name.to_owned(),
            (true, false) => host,
            (false, false) => format!("{name} · {host}"),
        };
        if title != self.title {
            let shown = if title == "Mayday" {
                title.clone()
            } else {
                texts.filled("title", &[("name", &title)])
            };
            self.window.set_title(&shown);
            self.title = title;
        }
    }

    fn slot(&self) -> Option<mayday_protocol::Slot> {
        self.stay.viewer().map(mayday_viewer::Viewer::slot)
    }

    /// The end user's pointer, where it is not simply the technician's own.
    fn remote_pointer(&self, scene: &Scene<'_>) -> Option<Layer> {
        let glimpse = scene.now?;
        let (x, y, id) = glimpse.pointer?;
        let (shape, view) = (glimpse.shape?, self.view.as_ref()?);
        let sent = self.sent.filter(|_| self.pointer_is_in);
        if id == 0 || !pointer::shows_remote((x, y), sent, scene.has_controls, Instant::now()) {
            return None;
        }
        let at = view.to_window(mayday_codec::Rect::new(x, y, 1, 1));
        if at.is_empty() {
            return None;
        }
        let area = Area::new(
            at.x - i32::from(shape.hot_x),
            at.y - i32::from(shape.hot_y),
            i32::from(shape.width),
            i32::from(shape.height),
        );
        let mut layer = Layer::new(area.intersect(view.seen()));
        layer.shapes.push(Shape::Image {
            area,
            rgba: Bytes::clone(&shape.rgba),
        });
        Some(layer)
    }

    fn set_cursor(&mut self, event_loop: &ActiveEventLoop, scene: &Scene<'_>) {
        let (x, y) = (self.pointer.0 as i32, self.pointer.1 as i32);
        let is_on = |target: &Target| target.area.contains(x, y);
        let over_picture = self.view.as_ref().is_some_and(|view| {
            view.seen().contains(x, y) && !(self.has_bar() && y < self.measure.bar())
        });
        let shape = scene.now.and_then(|now| now.shape);
        let look = if self.targets.iter().any(is_on) {
            CursorLook::Hand
        } else if !(over_picture && scene.has_controls) || self.open.is_some() {
            CursorLook::Arrow
        } else {
            match scene.now.and_then(|now| now.pointer) {
                Some((_, _, 0)) => CursorLook::Hidden,
                Some((_, _, id)) if shape.is_some_and(fits) => CursorLook::Remote(id),
                _ => CursorLook::Arrow,
            }
        };
        if look == self.cursor {
            return;
        }
        self.cursor = look;
        self.window.set_cursor_visible(look != CursorLook::Hidden);
        match look {
            CursorLook::Arrow | CursorLook::Hidden => {
                self.window.set_cursor(CursorIcon::Default);
            }
            CursorLook::Hand => self.window.set_cursor(CursorIcon::Pointer),
            CursorLook::Remote(_) => {
                if let Some(cursor) = shape.and_then(|shape| own(event_loop, shape)) {
                    self.window.set_cursor(cursor);
                }
            }
        }
    }

    /// As [`super::stay::Stay::look`], with everything else at hand.
    fn look<T>(
        &mut self,
        look: impl FnOnce(&mut Self, Option<&Glimpse<'_>>, Option<&Glimpse<'_>>, Situation) -> T,
    ) -> T {
        let glance = self.stay.glance();
        glance.look(|picture, now, situation| look(self, picture, now, situation))
    }
}

fn fits(shape: &CursorShape) -> bool {
    let side = shape.width.max(shape.height);
    shape.width > 0 && shape.height > 0 && side <= LARGEST_POINTER
}

fn own(event_loop: &ActiveEventLoop, shape: &CursorShape) -> Option<Cursor> {
    let source = CustomCursor::from_rgba(
        shape.rgba.to_vec(),
        shape.width,
        shape.height,
        shape.hot_x.min(shape.width - 1),
        shape.hot_y.min(shape.height - 1),
    );
    Some(event_loop.create_custom_cursor(source.ok()?).into())
}
