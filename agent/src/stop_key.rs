//! The global stop key, Ctrl+Alt+Shift+X: a thread and an X connection of its own, so that it works with the window hung and the network
//! gone. Owns listening; what stopping means is the permit's and the core's. Why it is made this way: docs/stop-key.md.

mod combination;
mod ledger;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc::UnboundedSender;
use x11rb::connection::Connection;
use x11rb::errors::{ConnectError, ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xinput::{self, ConnectionExt as _, Device, XIEventMask};
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use self::combination::{Combination, Keys};
pub use self::ledger::InjectedKeys;
use crate::face::UserAction;
use crate::permit::Permit;

/// Raw events that come whoever has grabbed the keyboard need XInput 2.1 (XI2proto.txt, "Changes in version 2.1").
const XINPUT: (u16, u16) = (2, 2);

/// Why there is no stop key.
#[derive(Debug, thiserror::Error)]
pub enum StopKeyError {
    #[error("the stop key cannot connect to the x server")]
    Connect(#[from] ConnectError),
    #[error("the stop key lost the x server")]
    Connection(#[from] ConnectionError),
    #[error("the x server refused the stop key")]
    Refused(#[from] ReplyError),
    #[error("the x server has no xinput 2.1, so there is no stop key; use the banner")]
    TooOld,
    #[error("the stop key's thread cannot start")]
    Thread(#[from] std::io::Error),
}

/// Listens on `display` until the process ends, and stops on the combination.
pub fn start(
    display: Option<&str>,
    permit: Arc<Permit>,
    actions: UnboundedSender<UserAction>,
    ledger: InjectedKeys,
) -> Result<(), StopKeyError> {
    let (connection, screen) = x11rb::connect(display)?;
    let root = connection.setup().roots[screen].root;
    select_raw_keys(&connection, root)?;
    let mut ear = Ear {
        keys: keyboard_map(&connection)?,
        xtest: xtest_keyboards(&connection)?,
        connection,
        ledger,
        combination: Combination::default(),
    };
    thread::Builder::new()
        .name("stop-key".into())
        .spawn(move || {
            let stop = || {
                permit.stop();
                let _core_is_gone = actions.send(UserAction::Stop);
            };
            if let Err(error) = ear.listen(stop) {
                tracing::warn!("no stop key any more: {error}");
            }
        })?;
    Ok(())
}

struct Ear {
    connection: RustConnection,
    keys: Keys,
    /// The devices through which XTEST speaks, the agent's own injections among it.
    xtest: BTreeSet<u16>,
    ledger: InjectedKeys,
    combination: Combination,
}

impl Ear {
    fn listen(&mut self, stop: impl Fn()) -> Result<(), StopKeyError> {
        loop {
            match self.connection.wait_for_event()? {
                Event::XinputRawKeyPress(event) if self.hears(&event, true) => stop(),
                Event::XinputRawKeyRelease(event) => {
                    self.hears(&event, false);
                }
                Event::MappingNotify(_) => self.keys = keyboard_map(&self.connection)?,
                Event::XinputHierarchy(_) => self.xtest = xtest_keyboards(&self.connection)?,
                // Presses that complete nothing, and what else the server says to everybody.
                _ => {}
            }
        }
    }

    /// Takes one key event; whether the stop key is now pressed.
    fn hears(&mut self, event: &xinput::RawKeyPressEvent, pressed: bool) -> bool {
        let Ok(keycode) = u8::try_from(event.detail) else {
            return false;
        };
        if self.xtest.contains(&event.sourceid) && self.ledger.strike_out(keycode, pressed) {
            return false;
        }
        self.combination.handle_key(&self.keys, keycode, pressed)
    }
}

fn select_raw_keys(connection: &RustConnection, root: u32) -> Result<(), StopKeyError> {
    let version = connection
        .xinput_xi_query_version(XINPUT.0, XINPUT.1)?
        .reply()?;
    if (version.major_version, version.minor_version) < (2, 1) {
        return Err(StopKeyError::TooOld);
    }
    // From the master devices only: slaves would tell each key a second time.
    let keys = xinput::EventMask {
        deviceid: Device::ALL_MASTER.into(),
        mask: vec![XIEventMask::RAW_KEY_PRESS | XIEventMask::RAW_KEY_RELEASE],
    };
    let devices = xinput::EventMask {
        deviceid: Device::ALL.into(),
        mask: vec![XIEventMask::HIERARCHY],
    };
    connection
        .xinput_xi_select_events(root, &[keys, devices])?
        .check()?;
    Ok(())
}

fn keyboard_map(connection: &RustConnection) -> Result<Keys, StopKeyError> {
    let (first, last) = (
        connection.setup().min_keycode,
        connection.setup().max_keycode,
    );
    let map = connection
        .get_keyboard_mapping(first, last - first + 1)?
        .reply()?;
    Ok(Keys::from_map(first, map.keysyms_per_keycode, &map.keysyms))
}

fn xtest_keyboards(connection: &RustConnection) -> Result<BTreeSet<u16>, StopKeyError> {
    let devices = connection.xinput_xi_query_device(Device::ALL)?.reply()?;
    let is_xtest = |info: &&xinput::XIDeviceInfo| {
        String::from_utf8_lossy(&info.name).contains("XTEST keyboard")
    };
    Ok(devices
        .infos
        .iter()
        .filter(is_xtest)
        .map(|info| info.deviceid)
        .collect())
}
