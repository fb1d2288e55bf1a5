//! The window's life: winit's events to what they mean. Owns the window's state; input.rs and paint.rs do the rest.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mayday_viewer::NativeLink;
use winit::application::ApplicationHandler;
use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event::{StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoopProxy};
use winit::keyboard::ModifiersState;
use winit::window::{Fullscreen, Window, WindowId};

use super::Options;
use super::action::{Menu, Target};
use super::figures::Figures;
use super::input::Grip;
use super::letters::Letters;
use super::pointer::{Sent, Wheel};
use super::scale::{Scaling, View};
use super::shapes::Layer;
use super::situation::Situation;
use super::stay::{Stay, Wake};
use super::surface::Surface;
use super::texts::Texts;
use super::theme::Measure;
use crate::choice::Decoding;

/// How often words and figures are looked at; pixels do not wait for it.
const TICK: Duration = Duration::from_millis(500);
/// While the pointer pushes at an edge.
const PAN_TICK: Duration = Duration::from_millis(16);

pub struct App {
    link: Option<NativeLink>,
    decoding: Decoding,
    proxy: EventLoopProxy<Wake>,
    pub(super) texts: Texts,
    pub(super) letters: Letters,
    pub(super) shown: Option<Shown>,
    outcome: Result<()>,
    begins_full: bool,
}

/// Everything that is there while the window is.
pub struct Shown {
    pub window: Rc<Window>,
    pub surface: Surface,
    pub stay: Stay,
    pub measure: Measure,
    pub scaling: Scaling,
    /// How far an overlarge picture was moved.
    pub offset: (i32, i32),
    pub view: Option<View>,
    pub is_full: bool,
    /// In full screen: the bar is there because the pointer came to the top.
    pub peeks: bool,
    pub open: Option<Menu>,
    /// The target that has the keyboard instead of the picture.
    pub focus: Option<usize>,
    pub asks_to_close: bool,
    pub figures: Option<Figures>,
    pub layers: Vec<Layer>,
    pub targets: Vec<Target>,
    pub draws_all: bool,
    pub pointer: (f64, f64),
    pub pointer_is_in: bool,
    pub sent: Option<Sent>,
    pub cursor: super::paint::CursorLook,
    pub grip: Grip,
    pub wheel: Wheel,
    pub modifiers: ModifiersState,
    pub title: String,
    /// What is said instead of a live picture.
    pub situation: Situation,
    pub fitted: bool,
    /// How long it takes lately from the library's word to the pixels' being on the screen.
    pub painting: Duration,
    /// When an overlarge picture was moved last.
    pub panned: Instant,
}

impl App {
    pub fn new(
        link: NativeLink,
        proxy: EventLoopProxy<Wake>,
        letters: Letters,
        texts: Texts,
        options: &Options,
    ) -> Self {
        Self {
            link: Some(link),
            decoding: options.decoding.clone(),
            proxy,
            texts,
            letters,
            shown: None,
            outcome: Ok(()),
            begins_full: options.full_screen,
        }
    }

    /// Why the window ended, if not because the person wanted it.
    pub fn outcome(self) -> Result<()> {
        self.outcome
    }

    fn begin(&mut self, event_loop: &ActiveEventLoop, link: NativeLink) -> Result<()> {
        let full = Fullscreen::Borderless(None);
        // Without a window manager nobody else keeps it on a small screen.
        let monitor = event_loop.primary_monitor();
        let scale = monitor.as_ref().map_or(1.0, |one| one.scale_factor());
        let wanted: PhysicalSize<u32> = LogicalSize::new(1120, 700).to_physical(scale);
        let room = monitor.map_or(wanted, |monitor| monitor.size());
        let attributes = Window::default_attributes()
            .with_title("Mayday")
            .with_inner_size(PhysicalSize::new(
                wanted.width.min(room.width.max(320)),
                wanted.height.min(room.height.max(240)),
            ))
            .with_min_inner_size(LogicalSize::new(320, 240))
            .with_fullscreen(self.begins_full.then_some(full));
        let window = event_loop
            .create_window(attributes)
            .context("the window cannot be opened")?;
        let window = Rc::new(window);
        self.shown = Some(Shown {
            surface: Surface::new(&window)?,
            measure: Measure::new(window.scale_factor()),
            stay: Stay::open(link, self.decoding.clone(), self.proxy.clone()),
            window,
            scaling: Scaling::Fit,
            offset: (0, 0),
            view: None,
            is_full: self.begins_full,
            peeks: false,
            open: None,
            focus: None,
            asks_to_close: false,
            figures: None,
            layers: Vec::new(),
            targets: Vec::new(),
            draws_all: true,
            pointer: (-1.0, -1.0),
            pointer_is_in: false,
            sent: None,
            cursor: super::paint::CursorLook::Arrow,
            grip: Grip::default(),
            wheel: Wheel::default(),
            modifiers: ModifiersState::empty(),
            title: String::new(),
            situation: Situation::Connecting,
            fitted: false,
            painting: Duration::ZERO,
            panned: Instant::now(),
        });
        Ok(())
    }

    /// Ends the window; the other side hears goodbye.
    pub(super) fn end(&mut self, event_loop: &ActiveEventLoop) {
        if let Some(shown) = &mut self.shown {
            shown.release_all();
            shown.stay.close();
        }
        event_loop.exit();
    }

    pub(super) fn fail(&mut self, event_loop: &ActiveEventLoop, error: anyhow::Error) {
        self.outcome = Err(error);
        self.end(event_loop);
    }

    pub(super) fn set_full(&mut self, full: bool) {
        if let Some(shown) = &mut self.shown {
            shown.is_full = full;
            shown.peeks = false;
            shown.open = None;
            shown
                .window
                .set_fullscreen(full.then_some(Fullscreen::Borderless(None)));
            shown.draws_all = true;
        }
    }

    /// What time does: reconnecting, words that count, figures.
    fn tick(&mut self, event_loop: &ActiveEventLoop) {
        if let Some(shown) = &mut self.shown {
            shown.stay.handle_time(Instant::now());
            shown.pan();
        }
        self.measure_figures();
        self.paint(event_loop);
    }
}

impl ApplicationHandler<Wake> for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if let Some(link) = self.link.take()
            && let Err(error) = self.begin(event_loop, link)
        {
            self.fail(event_loop, error);
        }
    }

    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        if matches!(cause, StartCause::ResumeTimeReached { .. }) {
            self.tick(event_loop);
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, wake: Wake) {
        let Some(shown) = &mut self.shown else { return };
        let now = Instant::now();
        match wake {
            Wake::Changed => shown.stay.handle_time(now),
            Wake::Opened(number, result) => shown.stay.handle_opened(number, *result, now),
        }
        self.paint(event_loop);
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(shown) = &mut self.shown else { return };
        match event {
            WindowEvent::Resized(size) => {
                if let Err(error) = shown.surface.resize(size) {
                    return self.fail(event_loop, error);
                }
                shown.draws_all = true;
                shown.is_full = shown.window.fullscreen().is_some();
            }
            WindowEvent::ScaleFactorChanged { scale_factor, .. } => {
                shown.measure = Measure::new(scale_factor);
                shown.draws_all = true;
            }
            WindowEvent::RedrawRequested => shown.draws_all = true,
            WindowEvent::CloseRequested => {
                // The window manager took Alt+F4; it may have been meant for the other side.
                if shown.modifiers.alt_key() && shown.has_controls() && !shown.asks_to_close {
                    shown.asks_to_close = true;
                    shown.focus = Some(0);
                    shown.release_all();
                } else {
                    return self.end(event_loop);
                }
            }
            WindowEvent::Focused(false) => {
                shown.release_all();
                shown.open = None;
            }
            WindowEvent::ModifiersChanged(modifiers) => shown.modifiers = modifiers.state(),
            WindowEvent::KeyboardInput {
                event,
                is_synthetic,
                ..
            } => {
                if !(is_synthetic && event.state.is_pressed()) {
                    self.key(event_loop, &event);
                }
            }
            WindowEvent::CursorMoved { position, .. } => shown.pointer_moved(position.into()),
            WindowEvent::CursorLeft { .. } => shown.pointer_left(),
            WindowEvent::MouseInput { state, button, .. } => {
                self.clicked(event_loop, button, state.is_pressed());
            }
            WindowEvent::MouseWheel { delta, .. } => shown.wheel_turned(delta),
            _ => return,
        }
        self.paint(event_loop);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        let Some(shown) = &self.shown else { return };
        let now = Instant::now();
        let tick = if shown.pushes() != (0, 0) {
            PAN_TICK
        } else {
            TICK
        };
        let due = shown.stay.attempts().1;
        let next = due.map_or(now + tick, |due| due.min(now + tick));
        // Whoever is woken all the time still gets their ticks.
        match event_loop.control_flow() {
            ControlFlow::WaitUntil(set) if set > now && set <= next => {}
            _ => event_loop.set_control_flow(ControlFlow::WaitUntil(next)),
        }
    }
}

impl Shown {
    /// The first time a screen's size is known, the window becomes as large as it, where the monitor allows that.
    pub(super) fn fit_window(&mut self, screen: mayday_codec::Size) {
        if self.fitted || self.is_full {
            return;
        }
        self.fitted = true;
        let Some(monitor) = self.window.current_monitor() else {
            return;
        };
        let room = monitor.size();
        let share = |side: u32| side * 9 / 10;
        let wanted = PhysicalSize::new(
            u32::from(screen.width).min(share(room.width)),
            (u32::from(screen.height) + self.measure.bar() as u32).min(share(room.height)),
        );
        if room.width > 0 && room.height > 0 {
            let _ = self.window.request_inner_size(wanted);
        }
    }
}
