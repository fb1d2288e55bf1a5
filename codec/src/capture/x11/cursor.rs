//! The cursor: its place by QueryPointer, asked only after XInput told of motion, its shape by XFixes. Owns which shapes were told.

use std::collections::VecDeque;

use x11rb::protocol::xfixes::{ConnectionExt as _, CursorNotifyMask, GetCursorImageReply};
use x11rb::protocol::xinput::{self, ConnectionExt as _, Device, EventMask, XIEventMask};
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::{gone, require};
use crate::capture::{CaptureError, CursorShape, CursorState};
use crate::geometry::Size;

/// Larger cursors are cut: they are pictures, not pointers.
const MAX_SIDE: u16 = 256;

pub(super) struct Cursor {
    /// The shape now shown, if it is known since the last change.
    current: Option<u32>,
    /// Serial numbers of shapes told, newest last, with what they were told as (0 if nothing of them can be seen).
    told: VecDeque<(u32, u32)>,
}

impl Cursor {
    pub(super) fn new(connection: &RustConnection, root: u32) -> Result<Self, CaptureError> {
        require(connection, xinput::X11_EXTENSION_NAME)?;
        connection
            .xfixes_select_cursor_input(root, CursorNotifyMask::DISPLAY_CURSOR)
            .map_err(gone)?;
        // From 2.2 on raw events come even while another client has grabbed the pointer.
        let version = connection.xinput_xi_query_version(2, 2).map_err(gone)?;
        version.reply().map_err(gone)?;
        let motion = EventMask {
            deviceid: Device::ALL_MASTER.into(),
            mask: vec![XIEventMask::RAW_MOTION],
        };
        connection
            .xinput_xi_select_events(root, &[motion])
            .map_err(gone)?;
        Ok(Self {
            current: None,
            told: VecDeque::new(),
        })
    }

    /// XFixes said that another shape is shown.
    pub(super) fn changed(&mut self, serial: u32) {
        self.current = self
            .told
            .iter()
            .find(|(told, _)| *told == serial)
            .map(|(_, id)| *id);
    }

    pub(super) fn state(
        &mut self,
        connection: &RustConnection,
        root: u32,
        size: Size,
    ) -> Result<CursorState, CaptureError> {
        let pointer = connection.query_pointer(root).map_err(gone)?;
        let mut shape = None;
        let shape_id = match self.current {
            Some(id) => id,
            None => {
                let image = connection.xfixes_get_cursor_image().map_err(gone)?;
                let image = image.reply().map_err(gone)?;
                shape = self.tell(&image);
                let id = shape.as_ref().map_or_else(
                    || self.known(image.cursor_serial).unwrap_or(0),
                    |shape| shape.id,
                );
                *self.current.insert(id)
            }
        };
        let pointer = pointer.reply().map_err(gone)?;
        let on_screen = |at: i16, side: u16| at.clamp(0, side as i16 - 1) as u16;
        Ok(CursorState {
            x: on_screen(pointer.root_x, size.width),
            y: on_screen(pointer.root_y, size.height),
            shape_id,
            shape,
        })
    }

    fn known(&self, serial: u32) -> Option<u32> {
        self.told
            .iter()
            .find(|(told, _)| *told == serial)
            .map(|(_, id)| *id)
    }

    /// The shape, if it can be seen and was not told before.
    fn tell(&mut self, image: &GetCursorImageReply) -> Option<CursorShape> {
        if self.known(image.cursor_serial).is_some() {
            return None;
        }
        let shape = shape(image);
        let id = shape.as_ref().map_or(0, |shape| shape.id);
        self.told.push_back((image.cursor_serial, id));
        if self.told.len() > CursorState::REMEMBERED {
            self.told.pop_front();
        }
        shape
    }
}

/// `None` if every pixel is transparent, which is how applications hide the cursor.
fn shape(image: &GetCursorImageReply) -> Option<CursorShape> {
    let (width, height) = (image.width.min(MAX_SIDE), image.height.min(MAX_SIDE));
    let rows = image
        .cursor_image
        .chunks_exact(usize::from(image.width).max(1))
        .take(height.into());
    let rgba: Vec<u8> = rows
        .flat_map(|row| &row[..width.into()])
        .flat_map(|&pixel| unpremultiplied(pixel))
        .collect();
    let seen = rgba.chunks_exact(4).any(|pixel| pixel[3] != 0);
    seen.then(|| CursorShape {
        id: image.cursor_serial.max(1),
        size: Size::new(width, height),
        hot_x: image.xhot.min(width.saturating_sub(1)),
        hot_y: image.yhot.min(height.saturating_sub(1)),
        rgba,
    })
}

/// ARGB with colour already multiplied by alpha -> RGBA without.
fn unpremultiplied(argb: u32) -> [u8; 4] {
    let [alpha, red, green, blue] = argb.to_be_bytes();
    let divide = |colour: u8| match alpha {
        0 => 0,
        _ => ((u32::from(colour) * 255 + u32::from(alpha) / 2) / u32::from(alpha)).min(255) as u8,
    };
    [divide(red), divide(green), divide(blue), alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premultiplied_colour_is_divided_by_alpha() {
        assert_eq!(unpremultiplied(0xff10_2030), [0x10, 0x20, 0x30, 0xff]);
        assert_eq!(unpremultiplied(0x8040_0080), [128, 0, 255, 0x80]);
        assert_eq!(unpremultiplied(0x0000_0000), [0, 0, 0, 0]);
    }
}
