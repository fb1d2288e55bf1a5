//! Injection into a real X server: what a client receives is what the technician did, and nothing of it reaches our own windows.

use std::cell::Cell;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mayday_protocol::control::Rights;
use mayday_protocol::input::{Event, Input, Pointer};
use mayday_protocol::{Epoch, Sequence, Slot};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event as XEvent;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateWindowAux, EventMask, InputFocus, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::guard::Guard;
use super::{Backend, Hands, PIECE, Turn, enigo, xtest};
use crate::permit::Permit;
use crate::stop_key::InjectedKeys;
use crate::window::OwnWindows;

const EPOCH: Epoch = Epoch(1);

/// An X server of this test alone.
struct Server {
    process: Child,
    display: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed by `cargo xtask test`");
        let mut number = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut number).unwrap();
        Self {
            process,
            display: format!(":{}", number.trim()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An application's window that writes down what it gets.
struct Application {
    connection: RustConnection,
    window: u32,
}

impl Application {
    fn open(display: &str, x: i16, y: i16) -> Self {
        let (connection, screen) = RustConnection::connect(Some(display)).unwrap();
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().unwrap();
        let events = EventMask::KEY_PRESS
            | EventMask::KEY_RELEASE
            | EventMask::BUTTON_PRESS
            | EventMask::BUTTON_RELEASE;
        let how = CreateWindowAux::new()
            .event_mask(events)
            .override_redirect(1);
        connection
            .create_window(
                24,
                window,
                root,
                x,
                y,
                200,
                200,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &how,
            )
            .unwrap();
        connection.map_window(window).unwrap();
        connection.get_input_focus().unwrap().reply().unwrap();
        Self { connection, window }
    }

    fn take_focus(&self) {
        let focus = self
            .connection
            .set_input_focus(InputFocus::PARENT, self.window, 0u32);
        focus.unwrap().check().unwrap();
    }

    /// The next `count` events, in words.
    fn events(&self, count: usize) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(5);
        let mut events = Vec::new();
        while events.len() < count && Instant::now() < until {
            match self.connection.poll_for_event().unwrap() {
                Some(XEvent::KeyPress(key)) => events.push(format!("key {} down", key.detail)),
                Some(XEvent::KeyRelease(key)) => events.push(format!("key {} up", key.detail)),
                Some(XEvent::ButtonPress(button)) => {
                    events.push(format!(
                        "button {} down at {},{}",
                        button.detail, button.root_x, button.root_y
                    ));
                }
                Some(XEvent::ButtonRelease(button)) => {
                    events.push(format!(
                        "button {} up at {},{}",
                        button.detail, button.root_x, button.root_y
                    ));
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        events
    }

    /// What comes within a moment.
    fn nothing_comes(&self) -> bool {
        std::thread::sleep(Duration::from_millis(100));
        self.connection.get_input_focus().unwrap().reply().unwrap();
        self.events_now().is_empty()
    }

    fn events_now(&self) -> Vec<XEvent> {
        std::iter::from_fn(|| self.connection.poll_for_event().unwrap())
            .filter(|event| {
                matches!(
                    event,
                    XEvent::KeyPress(_)
                        | XEvent::KeyRelease(_)
                        | XEvent::ButtonPress(_)
                        | XEvent::ButtonRelease(_)
                )
            })
            .collect()
    }
}

fn hands(display: &str, own: OwnWindows) -> Hands {
    let guard = Guard::open(Some(display), own).unwrap();
    let backend: Box<dyn Backend> =
        Box::new(xtest::Xtest::new(guard, InjectedKeys::default()).unwrap());
    Hands::new(backend)
}

fn perform(hands: &mut Hands, events: Vec<Event>) {
    let turn = Turn::Input(
        Sequence(1),
        Input {
            epoch: EPOCH,
            events,
        },
    );
    assert_eq!(
        hands.perform(turn, EPOCH, &|| true).unwrap(),
        Some(Sequence(1))
    );
}

fn key(code: u16, down: bool) -> Event {
    Event::Key { code, down }
}

fn button(down: bool, x: u16, y: u16) -> Event {
    Event::Button {
        button: 1,
        down,
        x,
        y,
    }
}

#[test]
fn keys_buttons_and_wheel_arrive_as_they_were_done() {
    let server = Server::start();
    let application = Application::open(&server.display, 100, 100);
    application.take_focus();
    let mut hands = hands(&server.display, OwnWindows::default());
    perform(
        &mut hands,
        vec![
            key(30, true),
            key(30, false),
            button(true, 150, 160),
            button(false, 155, 165),
        ],
    );
    assert_eq!(
        application.events(4),
        [
            "key 38 down",
            "key 38 up",
            "button 1 down at 150,160",
            "button 1 up at 155,165"
        ]
    );
    let half = Event::Wheel {
        dx: 0,
        dy: 60,
        x: 150,
        y: 150,
    };
    perform(&mut hands, vec![half.clone()]);
    assert!(application.nothing_comes(), "half a notch is none");
    perform(
        &mut hands,
        vec![
            half,
            Event::Wheel {
                dx: -120,
                dy: 0,
                x: 150,
                y: 150,
            },
        ],
    );
    assert_eq!(
        application.events(4),
        [
            "button 5 down at 150,150",
            "button 5 up at 150,150",
            "button 6 down at 150,150",
            "button 6 up at 150,150"
        ]
    );
}

#[test]
fn what_is_held_goes_up_when_the_hands_go() {
    let server = Server::start();
    let application = Application::open(&server.display, 100, 100);
    application.take_focus();
    let mut hands = hands(&server.display, OwnWindows::default());
    perform(&mut hands, vec![key(42, true), button(true, 150, 150)]);
    assert_eq!(
        application.events(2),
        ["key 50 down", "button 1 down at 150,150"]
    );
    drop(hands);
    assert_eq!(
        application.events(2),
        ["button 1 up at 150,150", "key 50 up"]
    );
}

#[test]
fn nothing_is_pressed_on_our_own_windows_and_nothing_typed_into_them() {
    let server = Server::start();
    let ours = Application::open(&server.display, 100, 100);
    let other = Application::open(&server.display, 400, 100);
    let mut hands = hands(&server.display, OwnWindows::of(&[ours.window]));
    ours.take_focus();
    let click = |x| vec![button(true, x, 150), button(false, x, 150)];
    perform(
        &mut hands,
        vec![key(28, true), key(28, false), Event::Text("y".into())],
    );
    perform(&mut hands, click(150));
    perform(
        &mut hands,
        vec![Event::Wheel {
            dx: 0,
            dy: 120,
            x: 150,
            y: 150,
        }],
    );
    assert!(ours.nothing_comes());
    perform(&mut hands, click(450));
    assert_eq!(
        other.events(2),
        ["button 1 down at 450,150", "button 1 up at 450,150"]
    );
    other.take_focus();
    perform(&mut hands, vec![key(28, true), key(28, false)]);
    assert_eq!(other.events(2), ["key 36 down", "key 36 up"]);
}

#[test]
fn the_window_managers_frame_around_our_window_counts_as_ours() {
    let server = Server::start();
    let ours = Application::open(&server.display, 100, 100);
    let frame = Application::open(&server.display, 90, 80);
    let reparented = frame
        .connection
        .reparent_window(ours.window, frame.window, 10, 20);
    reparented.unwrap().check().unwrap();
    frame.connection.map_window(ours.window).unwrap();
    frame.connection.get_input_focus().unwrap().reply().unwrap();
    let mut hands = hands(&server.display, OwnWindows::of(&[ours.window]));
    perform(
        &mut hands,
        vec![button(true, 95, 85), button(false, 95, 85)],
    );
    perform(
        &mut hands,
        vec![button(true, 110, 110), button(false, 110, 110)],
    );
    frame.take_focus();
    perform(&mut hands, vec![key(28, true), key(28, false)]);
    assert!(frame.nothing_comes());
    assert!(ours.nothing_comes());
}

#[test]
fn a_drag_that_ends_over_our_window_lets_go_there_without_having_pressed_it() {
    let server = Server::start();
    let ours = Application::open(&server.display, 100, 100);
    let other = Application::open(&server.display, 400, 100);
    let mut hands = hands(&server.display, OwnWindows::of(&[ours.window]));
    perform(&mut hands, vec![button(true, 450, 150)]);
    let pointer = Pointer {
        epoch: EPOCH,
        x: 150,
        y: 150,
        after: Sequence(1),
    };
    hands.perform(Turn::Move(pointer), EPOCH, &|| true).unwrap();
    perform(&mut hands, vec![button(false, 150, 150)]);
    assert_eq!(
        other.events(2),
        ["button 1 down at 450,150", "button 1 up at 150,150"]
    );
    assert!(ours.nothing_comes());
}

#[test]
fn places_of_an_older_screen_are_not_clicked_but_what_is_held_is_let_go() {
    let server = Server::start();
    let application = Application::open(&server.display, 100, 100);
    let mut hands = hands(&server.display, OwnWindows::default());
    perform(&mut hands, vec![button(true, 150, 150)]);
    assert_eq!(application.events(1).len(), 1);
    let old = Input {
        epoch: Epoch(0),
        events: vec![button(false, 150, 150), button(true, 150, 150)],
    };
    hands
        .perform(Turn::Input(Sequence(2), old), EPOCH, &|| true)
        .unwrap();
    assert_eq!(application.events(1), ["button 1 up at 150,150"]);
    assert!(application.nothing_comes());
}

#[test]
fn text_that_the_layout_lacks_is_typed_with_borrowed_keys() {
    let server = Server::start();
    let application = Application::open(&server.display, 100, 100);
    application.take_focus();
    let mut hands = hands(&server.display, OwnWindows::default());
    perform(&mut hands, vec![Event::Text("aA€".into())]);
    let events = application.events(8);
    assert_eq!(
        events[..6],
        [
            "key 38 down",
            "key 38 up",
            "key 50 down",
            "key 38 down",
            "key 38 up",
            "key 50 up"
        ]
    );
    let borrowed: u8 = events[6].split(' ').nth(1).unwrap().parse().unwrap();
    let mapping = application
        .connection
        .get_keyboard_mapping(borrowed, 1)
        .unwrap()
        .reply()
        .unwrap();
    assert_eq!(mapping.keysyms[0], 0x0100_20ac);
}

/// What an application gets of a turn when the end user stops right after the agent asked for the `asked`th time.
fn stopped_within(events: Vec<Event>, asked: usize) -> usize {
    let server = Server::start();
    let application = Application::open(&server.display, 100, 100);
    application.take_focus();
    let mut hands = hands(&server.display, OwnWindows::default());
    let permit = Permit::default();
    let slot = Slot::ALL[0];
    let seen = permit.lowerings();
    permit.allow(slot, Rights::CONTROL, seen).unwrap();
    let questions = Cell::new(0);
    let permitted = || {
        let may = permit.may_control(slot);
        questions.set(questions.get() + 1);
        if questions.get() == asked {
            permit.stop();
        }
        may
    };
    let input = Input {
        epoch: EPOCH,
        events,
    };
    let done = hands.perform(Turn::Input(Sequence(1), input), EPOCH, &permitted);
    assert_eq!(done.unwrap(), None, "it was not done");
    std::thread::sleep(Duration::from_millis(100));
    application
        .connection
        .get_input_focus()
        .unwrap()
        .reply()
        .unwrap();
    application.events_now().len()
}

#[test]
fn a_stop_in_the_middle_of_a_long_text_ends_it_within_a_few_strokes() {
    let texts = || vec![Event::Text("a".repeat(1000)), Event::Text("b".into())];
    // Asked for the event and for each of its pieces; a stroke is two events.
    assert_eq!(stopped_within(texts(), 1), 0);
    assert_eq!(stopped_within(texts(), 2), PIECE * 2);
    assert_eq!(stopped_within(texts(), 4), PIECE * 6);
}

#[test]
fn a_stop_in_the_middle_of_many_turns_of_the_wheel_ends_them() {
    let turn = Event::Wheel {
        dx: 0,
        dy: i16::MAX,
        x: 150,
        y: 150,
    };
    assert_eq!(stopped_within(vec![turn; 64], 2), 2 * 2 * 16);
}

#[test]
fn a_text_is_typed_without_what_the_technician_holds() {
    let server = Server::start();
    let application = Application::open(&server.display, 100, 100);
    application.take_focus();
    let mut hands = hands(&server.display, OwnWindows::default());
    let held = vec![key(29, true), key(56, true), Event::Text("X".into())];
    perform(&mut hands, held);
    assert_eq!(
        application.events(8),
        [
            "key 37 down",
            "key 64 down",
            "key 37 up",
            "key 64 up",
            "key 50 down",
            "key 53 down",
            "key 53 up",
            "key 50 up"
        ]
    );
    perform(&mut hands, vec![key(29, false), key(56, false)]);
    assert!(application.nothing_comes(), "they went up already");
}

#[test]
fn the_portable_backend_types_and_clicks_too() {
    let server = Server::start();
    let application = Application::open(&server.display, 100, 100);
    application.take_focus();
    let guard = Guard::open(Some(&server.display), OwnWindows::default()).unwrap();
    let backend =
        enigo::Portable::on(Some(&server.display), guard, InjectedKeys::default()).unwrap();
    let mut hands = Hands::new(Box::new(backend));
    perform(
        &mut hands,
        vec![
            key(30, true),
            key(30, false),
            button(true, 150, 160),
            button(false, 150, 160),
        ],
    );
    assert_eq!(
        application.events(4),
        [
            "key 38 down",
            "key 38 up",
            "button 1 down at 150,160",
            "button 1 up at 150,160"
        ]
    );
}
