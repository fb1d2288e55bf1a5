//! The stop key on a real X server: it hears what end users press, and not what the agent injects for a technician.

use std::sync::Arc;
use std::time::Duration;

use mayday_agent::face::UserAction;
use mayday_agent::permit::Permit;
use mayday_agent::stop_key::{self, InjectedKeys};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{KEY_PRESS_EVENT, KEY_RELEASE_EVENT};
use x11rb::protocol::xtest::ConnectionExt;
use x11rb::rust_connection::RustConnection;

use crate::desktop::{Desktop, until};

/// Ctrl, Alt, Shift and X on the server's default (evdev) keyboard.
const COMBINATION: [u8; 4] = [37, 64, 50, 53];

struct Hands {
    connection: RustConnection,
    root: u32,
}

impl Hands {
    fn key(&self, keycode: u8, pressed: bool) {
        let kind = if pressed {
            KEY_PRESS_EVENT
        } else {
            KEY_RELEASE_EVENT
        };
        self.connection
            .xtest_fake_input(kind, keycode, 0, self.root, 0, 0, 0)
            .unwrap()
            .check()
            .unwrap();
    }
}

struct Listening {
    _desktop: Desktop,
    hands: Hands,
    ledger: InjectedKeys,
    actions: UnboundedReceiver<UserAction>,
}

fn listening() -> Listening {
    let desktop = Desktop::start();
    let (sender, actions) = unbounded_channel();
    let ledger = InjectedKeys::default();
    stop_key::start(
        Some(&desktop.display),
        Arc::new(Permit::default()),
        sender,
        ledger.clone(),
    )
    .expect("a stop key");
    let (connection, screen) = x11rb::connect(Some(&desktop.display)).unwrap();
    let root = connection.setup().roots[screen].root;
    Listening {
        hands: Hands { connection, root },
        _desktop: desktop,
        ledger,
        actions,
    }
}

impl Listening {
    /// Waits for the first, then counts what else comes.
    fn stops_at_last(&mut self) -> usize {
        let first = until(|| self.actions.try_recv().ok());
        assert_eq!(first, Some(UserAction::Stop));
        1 + self.stops()
    }

    fn stops(&mut self) -> usize {
        std::thread::sleep(Duration::from_millis(500));
        std::iter::from_fn(|| self.actions.try_recv().ok())
            .filter(|action| *action == UserAction::Stop)
            .count()
    }
}

#[test]
fn what_the_agent_injects_never_stops_and_what_the_end_user_presses_does() {
    let mut listening = listening();
    for pressed in [true, false] {
        for keycode in COMBINATION {
            listening.ledger.about_to(keycode, pressed);
            listening.hands.key(keycode, pressed);
        }
    }
    assert_eq!(listening.stops(), 0, "a technician pressed the stop key");
    for pressed in [true, false] {
        for keycode in COMBINATION {
            listening.hands.key(keycode, pressed);
        }
    }
    assert_eq!(
        listening.stops_at_last(),
        1,
        "the end user pressed the stop key"
    );
}

#[test]
fn keys_that_a_technician_holds_do_not_make_the_end_users_x_a_stop() {
    let mut listening = listening();
    let [x, held @ ..] = [
        COMBINATION[3],
        COMBINATION[0],
        COMBINATION[1],
        COMBINATION[2],
    ];
    for keycode in held {
        listening.ledger.about_to(keycode, true);
        listening.hands.key(keycode, true);
    }
    listening.hands.key(x, true);
    listening.hands.key(x, false);
    assert_eq!(listening.stops(), 0);
}
