//! Keeps a technician's input off the agent's own windows. Owns the connection to the X server and asks the server itself, at the very
//! moment of the event: what lies under the pointer, who has the keyboard. Windows of the same X client as ours, and the window
//! manager's frames around them, count as ours.

use mayday_codec::capture::await_answer;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, InputFocus, Window};
use x11rb::rust_connection::RustConnection;

use super::InjectError;
use crate::window::OwnWindows;

/// Ancestors that a window may have.
const DEEPEST: usize = 16;

pub struct Guard {
    pub connection: RustConnection,
    pub root: Window,
    /// The bits of an id that one client may choose itself; the others name the client.
    client_bits: u32,
    own: OwnWindows,
    /// The last window that had the keyboard and was not ours, and which windows were ours then.
    foreign_focus: Option<(Window, Vec<Window>)>,
}

impl Guard {
    /// # Errors
    /// When the display cannot be reached.
    pub fn open(display: Option<&str>, own: OwnWindows) -> Result<Self, InjectError> {
        let (connection, screen) = RustConnection::connect(display)
            .map_err(|error| InjectError::Unreachable(error.to_string()))?;
        let root = connection.setup().roots[screen].root;
        let client_bits = connection.setup().resource_id_mask;
        Ok(Self {
            connection,
            root,
            client_bits,
            own,
            foreign_focus: None,
        })
    }

    /// Waits until the server has done everything that this connection asked for.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn settle(&self) -> Result<(), InjectError> {
        let answer = self.connection.get_input_focus().map_err(failed)?;
        answer.reply().map(drop).map_err(failed)
    }

    /// Whether a press of a button now would hit one of the agent's windows.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn is_pointer_ours(&mut self) -> Result<bool, InjectError> {
        let own = self.own.ids();
        if own.is_empty() {
            return Ok(false);
        }
        let pointer = self.connection.query_pointer(self.root).map_err(failed)?;
        let under = pointer.reply().map_err(failed)?.child;
        Ok(under != x11rb::NONE && self.is_ours(under, &own)?)
    }

    /// Whether a key pressed now would be typed into one of the agent's windows.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn is_keyboard_ours(&mut self) -> Result<bool, InjectError> {
        let own = self.own.ids();
        if own.is_empty() {
            return Ok(false);
        }
        let focus = self.connection.get_input_focus().map_err(failed)?;
        await_answer(&self.connection).map_err(failed)?;
        let focus = focus.reply().map_err(failed)?.focus;
        if focus == u32::from(InputFocus::NONE) {
            return Ok(false);
        }
        if focus == u32::from(InputFocus::POINTER_ROOT) || focus == self.root {
            return self.is_pointer_ours();
        }
        if self
            .foreign_focus
            .as_ref()
            .is_some_and(|(known, then)| *known == focus && *then == own)
        {
            return Ok(false);
        }
        let ours = self.is_ours(focus, &own)?;
        self.foreign_focus = (!ours).then_some((focus, own));
        Ok(ours)
    }

    /// One of ours, a child of one of ours, or a frame around one of ours.
    fn is_ours(&self, window: Window, own: &[Window]) -> Result<bool, InjectError> {
        let client = |id: Window| id & !self.client_bits;
        if own.iter().any(|id| client(*id) == client(window)) {
            return Ok(true);
        }
        for id in own {
            if self.ancestors(*id)?.contains(&window) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The windows around one, up to the child of the root.
    fn ancestors(&self, window: Window) -> Result<Vec<Window>, InjectError> {
        let mut around = Vec::new();
        let mut at = window;
        while around.len() < DEEPEST {
            let tree = self.connection.query_tree(at).map_err(failed)?;
            // A window that is gone has no frame.
            let Ok(tree) = tree.reply() else {
                break;
            };
            if tree.parent == x11rb::NONE || tree.parent == tree.root {
                break;
            }
            around.push(tree.parent);
            at = tree.parent;
        }
        Ok(around)
    }
}

pub fn failed(error: impl ToString) -> InjectError {
    InjectError::Failed(error.to_string())
}
