//! Keys, mouse and menus: what goes to the end user's computer and what stays here. Owns what is held, and that it is let go when focus,
//! controls or connection end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mayday_protocol::input::Event;
use winit::event::{KeyEvent, MouseButton, MouseScrollDelta};
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::{KeyCode, PhysicalKey};

use super::action::{Action, Menu};
use super::app::{App, Shown};
use super::figures::Figures;
use super::keyboard::{COMBINATIONS, Held, code_of};
use super::pointer::{self, Sent};
use super::situation::Situation;

/// How near to the edge the pointer pushes an overlarge picture, and how far a push goes.
const EDGE: i32 = 24;
const PUSH: i32 = 24;
const BETWEEN_PUSHES: Duration = Duration::from_millis(14);

/// What is held down at the other side.
#[derive(Debug, Default)]
pub struct Grip {
    keys: Held,
    buttons: BTreeSet<u8>,
}

impl Shown {
    /// Whether input may go to the other side now.
    pub(super) fn has_controls(&self) -> bool {
        let Some(viewer) = self.stay.viewer() else {
            return false;
        };
        viewer.state().is_some_and(|state| {
            state.rights.control && state.controller == Some(viewer.slot()) && !state.paused
        })
    }

    /// Lets go of everything at the other side.
    pub(super) fn release_all(&mut self) {
        let any = self.grip.keys.clear() | !self.grip.buttons.is_empty();
        self.grip.buttons.clear();
        if any && let Some(viewer) = self.stay.viewer() {
            viewer.input(vec![Event::ReleaseAll]);
        }
    }

    fn send(&self, events: Vec<Event>) {
        if self.has_controls()
            && let Some(viewer) = self.stay.viewer()
        {
            viewer.input(events);
        }
    }

    fn combination(&self, codes: &[u16]) {
        let key = |down| move |&code: &u16| Event::Key { code, down };
        let presses = codes.iter().map(key(true));
        let releases = codes.iter().rev().map(key(false));
        self.send(presses.chain(releases).collect());
    }

    /// Whether the bar is drawn now.
    pub(super) fn has_bar(&self) -> bool {
        !self.is_full || self.peeks || self.open.is_some() || self.focus.is_some()
    }

    pub(super) fn pointer_moved(&mut self, (x, y): (f64, f64)) {
        self.pointer = (x, y);
        self.pointer_is_in = true;
        if self.is_full {
            let bar = f64::from(self.measure.bar());
            self.peeks = y < 2.0 || (self.peeks && y < bar * 1.5);
        }
        if self.is_over_chrome() && self.grip.buttons.is_empty() {
            return;
        }
        let Some(place) = self.place() else { return };
        if self.has_controls()
            && let Some(viewer) = self.stay.viewer()
        {
            viewer.pointer(place.0, place.1);
            self.sent = Some(Sent {
                x: place.0,
                y: place.1,
                at: Instant::now(),
            });
        }
    }

    pub(super) fn pointer_left(&mut self) {
        self.pointer_is_in = false;
        self.peeks = false;
        if self.grip.buttons.is_empty() {
            self.pointer = (-1.0, -1.0);
        }
    }

    pub(super) fn wheel_turned(&mut self, delta: MouseScrollDelta) {
        if self.is_over_chrome() {
            return;
        }
        if let (Some((dx, dy)), Some((x, y))) = (self.wheel.turn(delta), self.place()) {
            self.send(vec![Event::Wheel { dx, dy, x, y }]);
        }
    }

    /// The remote pixel under the pointer.
    fn place(&self) -> Option<(u16, u16)> {
        let view = self.view.as_ref()?;
        Some(view.to_screen(self.pointer.0, self.pointer.1))
    }

    /// Whether the pointer is on something of ours rather than on the picture.
    fn is_over_chrome(&self) -> bool {
        let (x, y) = (self.pointer.0 as i32, self.pointer.1 as i32);
        let is_on = |layer: &super::shapes::Layer| layer.area.contains(x, y);
        let bar = self.has_bar() && y < self.measure.bar();
        bar || self.open.is_some() && self.layers.iter().rev().take(1).any(is_on)
            || self.targets.iter().any(|target| target.area.contains(x, y))
    }

    /// Which way the pointer pushes an overlarge picture.
    pub(super) fn pushes(&self) -> (i32, i32) {
        let Some(view) = &self.view else {
            return (0, 0);
        };
        let (slack, seen) = (view.slack(), view.seen());
        let (x, y) = (self.pointer.0 as i32, self.pointer.1 as i32);
        if !self.pointer_is_in || self.is_over_chrome() || !seen.contains(x, y) {
            return (0, 0);
        }
        let push = |at: i32, from: i32, to: i32, slack: i32, offset: i32| {
            if slack > 0 && at < from + EDGE && offset > 0 {
                -1
            } else if slack > 0 && at >= to - EDGE && offset < slack {
                1
            } else {
                0
            }
        };
        (
            push(x, seen.x, seen.right(), slack.0, self.offset.0),
            push(y, seen.y, seen.bottom(), slack.1, self.offset.1),
        )
    }

    /// Moves an overlarge picture while the pointer pushes.
    pub(super) fn pan(&mut self) {
        let (dx, dy) = self.pushes();
        if (dx, dy) == (0, 0) || self.panned.elapsed() < BETWEEN_PUSHES {
            return;
        }
        let Some(view) = &self.view else { return };
        let slack = view.slack();
        self.offset.0 = (self.offset.0 + dx * PUSH).clamp(0, slack.0);
        self.offset.1 = (self.offset.1 + dy * PUSH).clamp(0, slack.1);
        self.panned = Instant::now();
        self.draws_all = true;
    }

    fn way_out(&self, key: PhysicalKey) -> bool {
        let chord = self.modifiers.control_key() && self.modifiers.alt_key();
        chord && key == PhysicalKey::Code(KeyCode::Home)
    }
}

impl App {
    pub(super) fn key(&mut self, event_loop: &ActiveEventLoop, event: &KeyEvent) {
        let Some(shown) = &mut self.shown else { return };
        let (key, down) = (event.physical_key, event.state.is_pressed());
        if down && shown.way_out(key) {
            shown.release_all();
            shown.focus = if shown.focus.is_some() { None } else { Some(0) };
            shown.open = None;
            return;
        }
        if down && key == PhysicalKey::Code(KeyCode::F11) && shown.modifiers.is_empty() {
            let full = !shown.is_full;
            return self.set_full(full);
        }
        if shown.focus.is_some() || shown.open.is_some() {
            if down {
                self.key_in_chrome(event_loop, key);
            }
            return;
        }
        let Some(code) = code_of(key) else { return };
        // Whatever happens to the controls meanwhile, what went down goes up.
        if (!down || shown.has_controls())
            && shown.grip.keys.change(code, down)
            && let Some(viewer) = shown.stay.viewer()
        {
            viewer.input(vec![Event::Key { code, down }]);
        }
    }

    fn key_in_chrome(&mut self, event_loop: &ActiveEventLoop, key: PhysicalKey) {
        let Some(shown) = &mut self.shown else { return };
        let count = shown.targets.len();
        let PhysicalKey::Code(key) = key else { return };
        let step = |by: usize| {
            let at = shown.focus.unwrap_or(0);
            (count > 0).then(|| (at + by) % count)
        };
        match key {
            KeyCode::ArrowRight | KeyCode::ArrowDown => shown.focus = step(1),
            KeyCode::Tab if !shown.modifiers.shift_key() => shown.focus = step(1),
            KeyCode::ArrowLeft | KeyCode::ArrowUp | KeyCode::Tab => {
                shown.focus = step(count.saturating_sub(1));
            }
            KeyCode::Escape => {
                shown.open = None;
                shown.focus = None;
                shown.asks_to_close = false;
            }
            KeyCode::Enter | KeyCode::NumpadEnter | KeyCode::Space => {
                let target = shown.focus.and_then(|at| shown.targets.get(at)).copied();
                if let Some(target) = target {
                    self.act(event_loop, target.action, true);
                }
            }
            _ => {}
        }
    }

    pub(super) fn clicked(&mut self, event_loop: &ActiveEventLoop, which: MouseButton, down: bool) {
        let Some(shown) = &mut self.shown else { return };
        let Some(number) = pointer::button(which) else {
            return;
        };
        if !down {
            if shown.grip.buttons.remove(&number)
                && let (Some((x, y)), Some(viewer)) = (shown.place(), shown.stay.viewer())
            {
                viewer.button(number, false, x, y);
            }
            return;
        }
        let (x, y) = (shown.pointer.0 as i32, shown.pointer.1 as i32);
        let mut targets = shown.targets.iter().rev();
        let target = targets.find(|target| target.area.contains(x, y)).copied();
        if let Some(target) = target {
            return self.act(event_loop, target.action, false);
        }
        if shown.is_over_chrome() {
            return;
        }
        // A press beside an open menu closes it and does nothing else.
        if shown.open.take().is_some() || shown.focus.take().is_some() {
            return;
        }
        if shown.has_controls()
            && let (Some((x, y)), Some(viewer)) = (shown.place(), shown.stay.viewer())
        {
            shown.grip.buttons.insert(number);
            viewer.button(number, true, x, y);
        }
    }

    fn act(&mut self, event_loop: &ActiveEventLoop, action: Action, by_key: bool) {
        let Some(shown) = &mut self.shown else { return };
        let was_open = shown.open.take();
        if !by_key {
            shown.focus = None;
        }
        match action {
            Action::Open(menu) => {
                shown.open = (was_open != Some(menu)).then_some(menu);
                if by_key && shown.open.is_some() {
                    shown.focus = Some(shown.first_of(menu));
                }
                return;
            }
            Action::Scale(scaling) => {
                shown.scaling = scaling;
                shown.offset = (0, 0);
                shown.draws_all = true;
            }
            Action::Press(number) => {
                if let Some((_, codes)) = COMBINATIONS.get(number) {
                    shown.combination(codes);
                }
            }
            Action::ReleaseKeys => {
                shown.grip = Grip::default();
                shown.send(vec![Event::ReleaseAll]);
            }
            Action::Figures => {
                let shows = shown.figures.is_none();
                shown.figures = shows.then(Figures::default);
                self.measure_figures();
            }
            Action::FullScreen => {
                let full = !shown.is_full;
                self.set_full(full);
            }
            Action::Controls(slot) => {
                shown.release_all();
                if let Some(viewer) = shown.stay.viewer() {
                    viewer.give_controls(slot);
                }
            }
            Action::TryAgain => shown.stay.try_again(),
            Action::SendAltF4 => {
                shown.asks_to_close = false;
                shown.combination(&[super::keyboard::code::LEFT_ALT, super::keyboard::code::F4]);
            }
            Action::Stay => shown.asks_to_close = false,
            Action::Leave => return self.end(event_loop),
        }
        // The keyboard goes back to the picture.
        if let Some(shown) = &mut self.shown {
            shown.focus = None;
        }
    }
}

impl Shown {
    /// The first target of a menu that is about to open: the bar's come before it.
    fn first_of(&self, menu: Menu) -> usize {
        let bar = self.measure.bar();
        let in_bar = |target: &&super::action::Target| target.area.bottom() <= bar;
        match menu {
            Menu::Keys | Menu::Controls | Menu::All => self.targets.iter().filter(in_bar).count(),
        }
    }

    /// What the card offers in this situation.
    pub(super) fn offers(&self, situation: Situation) -> Vec<(&'static str, Action)> {
        if self.asks_to_close {
            return vec![
                ("close.leave", Action::Leave),
                ("close.send", Action::SendAltF4),
                ("close.stay", Action::Stay),
            ];
        }
        match situation {
            Situation::Unreachable | Situation::Reconnecting | Situation::Busy => {
                vec![
                    ("words.again", Action::TryAgain),
                    ("words.close", Action::Leave),
                ]
            }
            situation if situation.is_final() => vec![("words.close", Action::Leave)],
            _ => Vec::new(),
        }
    }
}
