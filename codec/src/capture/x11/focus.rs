//! Which window has the keyboard. Asked when somebody joins, never on the way of a change.

use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::geometry::{Rect, Size};

/// Windows within windows, at most: the one with the keyboard may be a single pixel of an application.
const DEPTH: usize = 16;

/// Where the application's window is that has the keyboard, with its frame; `None` if no window has it, or it is gone meanwhile.
pub(super) fn focus(connection: &RustConnection, root: u32, size: Size) -> Option<Rect> {
    let mut window = connection.get_input_focus().ok()?.reply().ok()?.focus;
    for _ in 0..DEPTH {
        // 0 and 1 are nobody and whoever is under the pointer.
        if window <= 1 || window == root {
            return None;
        }
        let tree = connection.query_tree(window).ok()?.reply().ok()?;
        if tree.parent == root {
            let place = connection.get_geometry(window).ok()?.reply().ok()?;
            return on_screen(place.x, place.y, (place.width, place.height), size);
        }
        window = tree.parent;
    }
    None
}

/// What of it is on the screen.
fn on_screen(x: i16, y: i16, (width, height): (u16, u16), size: Size) -> Option<Rect> {
    let within = |from: i16, length: u16, most: u16| {
        let end = (i32::from(from) + i32::from(length)).clamp(0, most.into()) as u16;
        let from = i32::from(from).clamp(0, most.into()) as u16;
        (from, end.saturating_sub(from))
    };
    let (x, width) = within(x, width, size.width);
    let (y, height) = within(y, height, size.height);
    let rect = Rect::new(x, y, width, height);
    (!rect.is_empty()).then_some(rect)
}
