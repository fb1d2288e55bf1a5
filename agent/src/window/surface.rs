//! The two windows on the desktop: made, raised, kept on top, registered as the agent's own. Owns the windowing system's details; what the
//! windows say is `present`'s.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use mayday_protocol::invite::Pin;
use mayday_protocol::limits::TEXT_CHARS;
use mayday_session::verification::VerificationCode;
use slint::winit_030::winit::event::WindowEvent;
use slint::winit_030::winit::platform::x11::{WindowAttributesExtX11, WindowType};
use slint::winit_030::winit::window::{UserAttentionType, Window, WindowLevel};
use slint::winit_030::{EventResult, WinitWindowAccessor};
use slint::{
    BackendSelector, CloseRequestResponse, ComponentHandle, PlatformError, SharedString, Timer,
    TimerMode,
};

use super::banner::BannerStrip;
use super::conduct::Conduct;
use super::own_windows::{OwnWindows, Which};
use super::present::Presenter;
use super::ui::{Action, Actions, AgentWindow, Page, Texts as UiTexts, Theme};
use super::{NextView, Options, Scheme, Texts};
use crate::face::UserAction;

/// Title bar and panels, about: what a desktop takes of the screen's height, in logical pixels.
const DESKTOP_BARS: f64 = 90.0;

/// Should the desktop lose a wake-up or a repaint while it makes the window, nothing old stays there longer than this.
const LOOK_AGAIN_EVERY: Duration = Duration::from_millis(500);
/// So long after something new was shown it is painted again.
const FRESH: Duration = Duration::from_secs(3);

/// The main window and what drives it.
pub(super) struct Surface {
    main: AgentWindow,
    _look_again: Timer,
}

/// Which windows are made from now on: winit's hook for new windows is not told.
pub(super) struct NextWindows(Rc<Cell<Which>>);

/// winit with the software renderer: it runs on every desktop, without a graphics driver.
pub(super) fn select_backend() -> Result<NextWindows, PlatformError> {
    let next = NextWindows(Rc::new(Cell::new(Which::Main)));
    let made = next.0.clone();
    BackendSelector::new()
        .backend_name("winit".into())
        .renderer_name("software".into())
        .with_winit_window_attributes_hook(move |attributes| {
            let attributes = attributes.with_name("mayday-sos", "mayday-sos");
            match made.get() {
                Which::Main => attributes,
                // On every workspace, above the others, and never with the focus: the technician types into what had it.
                Which::Banner => attributes.with_x11_window_type(vec![WindowType::Dock]),
            }
        })
        .select()?;
    Ok(next)
}

impl Surface {
    pub(super) fn new(
        options: Options,
        next: NextView,
        windows: &NextWindows,
    ) -> Result<Rc<Self>, PlatformError> {
        let main = AgentWindow::new()?;
        let conduct = Rc::new(Conduct::new(options.actions, options.permit));
        let banner = BannerStrip::new(
            options.texts.clone(),
            conduct.clone(),
            options.own_windows.clone(),
            options.scheme,
        );
        let presenter = Rc::new(Presenter::new(
            main.as_weak(),
            options.texts.clone(),
            conduct.clone(),
            banner,
        ));

        speak(&main.global::<UiTexts<'_>>(), &options.texts);
        set_scheme(&main.global::<Theme<'_>>(), options.scheme);
        main.set_version(env!("CARGO_PKG_VERSION").into());
        connect_actions(&main.global::<Actions<'_>>(), &conduct, &presenter);
        connect_window(&main, &presenter, &options.own_windows);
        windows.0.set(Which::Banner);
        let look_again = look_again(&main, &presenter, next.clone());
        main.on_views_arrived(move || {
            if let Some(view) = next.take() {
                presenter.show(view);
            }
        });
        Ok(Rc::new(Self {
            main,
            _look_again: look_again,
        }))
    }

    pub(super) fn main(&self) -> &AgentWindow {
        &self.main
    }
}

fn look_again(main: &AgentWindow, presenter: &Rc<Presenter>, next: NextView) -> Timer {
    let (weak, presenter) = (main.as_weak(), presenter.clone());
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, LOOK_AGAIN_EVERY, move || {
        if let Some(view) = next.take() {
            presenter.show(view);
        }
        if let Some(main) = weak.upgrade()
            && presenter.shown_at().is_some_and(|at| at.elapsed() < FRESH)
        {
            main.window().with_winit_window(Window::request_redraw);
        }
    });
    timer
}

/// Gives a window its words. Every window has globals of its own.
pub(super) fn speak(ui: &UiTexts<'_>, texts: &Texts) {
    let words = texts.clone();
    ui.on_t(move |key| words.text(&key).into());
    let words = texts.clone();
    ui.on_with(move |key, value| words.with(&key, &value).into());
    let words = texts.clone();
    ui.on_is_letter(move |key, typed| words.is_letter(&key, &typed));
}

/// Light or dark, where the desktop is not to decide.
pub(super) fn set_scheme(theme: &Theme<'_>, scheme: Scheme) {
    match scheme {
        Scheme::Desktop => {}
        Scheme::Light => theme.invoke_force(slint::language::ColorScheme::Light),
        Scheme::Dark => theme.invoke_force(slint::language::ColorScheme::Dark),
    }
}

fn connect_actions(actions: &Actions<'_>, conduct: &Rc<Conduct>, presenter: &Rc<Presenter>) {
    let acting = presenter.clone();
    actions.on_act(move |action| acting.act(action));
    let sending = conduct.clone();
    actions.on_pin(move |pin| sending.pin(&pin));
    let sending = conduct.clone();
    actions.on_say(move |text| sending.say(&text));
    actions.on_shortened(|text| text.chars().take(TEXT_CHARS).collect::<String>().into());
    let sending = conduct.clone();
    actions.on_rate(move |stars, words| sending.rate(stars, &words));
    let sending = conduct.clone();
    actions.on_gateway(move |address| sending.gateway(&address));
    let form = presenter.clone();
    actions.on_answer(move |index, value| form.requests().answer(index, &value));
    let form = presenter.clone();
    actions.on_send(move || form.requests().send());
    let prompt = presenter.clone();
    actions.on_code(move |typed| prompt.verify(UserAction::Code(typed.into())));
    let prompt = presenter.clone();
    actions.on_same_code(move |same| prompt.verify(UserAction::SameCode(same)));
    let early = presenter.clone();
    actions.on_early_key(move || early.early_key());
    actions.on_digits(|typed| digits(&typed, Pin::DIGITS));
    actions.on_code_digits(|typed| digits(&typed, VerificationCode::DIGITS));
    actions.on_digit_at(|typed, index| {
        let digit = usize::try_from(index)
            .ok()
            .and_then(|index| typed.chars().nth(index));
        digit.map(String::from).unwrap_or_default().into()
    });
}

fn digits(typed: &str, most: usize) -> SharedString {
    let digits = typed.chars().filter(char::is_ascii_digit).take(most);
    digits.collect::<String>().into()
}

/// What the window manager does to the main window.
fn connect_window(main: &AgentWindow, presenter: &Rc<Presenter>, own_windows: &OwnWindows) {
    let weak = main.as_weak();
    register(main.window(), Which::Main, own_windows, move |window, _| {
        if let (Some(main), Some(room)) = (weak.upgrade(), room(window)) {
            main.set_tallest(room);
            fit(&main, room);
        }
    });
    let closing = presenter.clone();
    let weak = main.as_weak();
    main.window().on_close_requested(move || {
        if let Some(main) = weak.upgrade() {
            match meaning_of_close(main.get_page(), closing.is_shared()) {
                Some(meant) => closing.act(meant),
                None => put_out_of_sight(&main),
            }
        }
        CloseRequestResponse::KeepWindowShown
    });
}

/// Notes the window's id as soon as there is one, and tells `seen` of the window at each of its events.
pub(super) fn register(
    window: &slint::Window,
    which: Which,
    own_windows: &OwnWindows,
    mut seen: impl FnMut(&Window, &WindowEvent) + 'static,
) {
    let list = own_windows.clone();
    window.on_winit_window_event(move |window, event| {
        window.with_winit_window(|winit| {
            list.made(which, winit);
            seen(winit, event);
        });
        EventResult::Propagate
    });
}

/// The height that a window may have on its screen, in logical pixels.
fn room(window: &Window) -> Option<f32> {
    let screen = f64::from(window.current_monitor()?.size().height) / window.scale_factor();
    Some((screen - DESKTOP_BARS) as f32)
}

/// Makes the window as low as the screen needs it.
fn fit(main: &AgentWindow, room: f32) {
    let scale = main.window().scale_factor();
    let size = main.window().size().to_logical(scale);
    if size.height > room + 1.0 {
        main.window()
            .set_size(slint::LogicalSize::new(size.width, room));
    }
}

/// Brings the main window before everything else, as far as the desktop lets us.
pub(super) fn raise(main: &AgentWindow) {
    main.window().set_minimized(false);
    main.window().with_winit_window(|window| {
        window.set_window_level(WindowLevel::AlwaysOnTop);
        window.request_user_attention(Some(UserAttentionType::Critical));
        window.focus_window();
    });
}

/// Brings the main window up because the end user asked for it.
pub(super) fn bring_up(main: &AgentWindow) {
    main.window().set_minimized(false);
    main.window().with_winit_window(Window::focus_window);
}

/// Something is new, but not so urgent that it may take the focus.
pub(super) fn hint(main: &AgentWindow) {
    main.window().with_winit_window(|window| {
        window.request_user_attention(Some(UserAttentionType::Informational));
    });
}

/// The window stands among the others again.
pub(super) fn lower(main: &AgentWindow) {
    main.window().with_winit_window(|window| {
        window.set_window_level(WindowLevel::Normal);
        window.request_user_attention(None);
    });
}

/// Minimised even if the toolkit believes that it still is: a task bar that brings the window back does not tell it.
fn put_out_of_sight(main: &AgentWindow) {
    main.window().set_minimized(true);
    main.window()
        .with_winit_window(|window| window.set_minimized(true));
}

/// What closing the window by its frame means on this page; `None` means out of sight. A technician who controls reaches the window
/// manager's Close (in its task bar, by its shortcut) though not the window itself, and must not end the session as the end user.
/// While a prompt is shown nobody controls.
fn meaning_of_close(page: Page, shared: bool) -> Option<Action> {
    match page {
        Page::Prompt => Some(Action::Reject),
        _ if shared => None,
        Page::Waiting | Page::Reconnecting | Page::Connected | Page::Chat => Some(Action::Leave),
        Page::Pin
        | Page::Form
        | Page::Code
        | Page::Confirm
        | Page::Connecting
        | Page::Rating
        | Page::Over => Some(Action::Quit),
    }
}
