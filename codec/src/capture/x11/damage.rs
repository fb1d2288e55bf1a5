//! XDamage: which rectangles changed. Owns the damage object and the merged set; grabs no pixels.

use x11rb::connection::Connection;
use x11rb::protocol::damage::{self, ConnectionExt as _, ReportLevel};
use x11rb::protocol::xfixes::{self, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use super::{await_answer, gone, require};
use crate::capture::CaptureError;
use crate::geometry::{Damage, Rect, Size};

pub(super) struct DamageTracker {
    object: u32,
    region: u32,
    size: Size,
    /// The server has told of damage that was not fetched.
    notified: bool,
    /// The whole screen counts as damaged.
    all: bool,
    merged: Damage,
}

impl DamageTracker {
    pub(super) fn new(
        connection: &RustConnection,
        root: u32,
        size: Size,
    ) -> Result<Self, CaptureError> {
        require(connection, damage::X11_EXTENSION_NAME)?;
        require(connection, xfixes::X11_EXTENSION_NAME)?;
        let damage_version = connection.damage_query_version(1, 1).map_err(gone)?;
        let xfixes_version = connection.xfixes_query_version(5, 0).map_err(gone)?;
        damage_version.reply().map_err(gone)?;
        xfixes_version.reply().map_err(gone)?;
        let object = connection.generate_id().map_err(no_id)?;
        let region = connection.generate_id().map_err(no_id)?;
        connection.xfixes_create_region(region, &[]).map_err(gone)?;
        // One notice when the damage stops being empty; the exact rectangles are fetched with the pixels.
        let created = connection
            .damage_create(object, root, ReportLevel::NON_EMPTY)
            .map_err(gone)?;
        created.check().map_err(gone)?;
        Ok(Self {
            object,
            region,
            size,
            notified: false,
            all: true,
            merged: Damage::default(),
        })
    }

    pub(super) fn notified(&mut self) {
        self.notified = true;
    }

    pub(super) fn all(&mut self) {
        self.all = true;
    }

    /// Moves the damage so far into `rects`. What is damaged from now on is told anew, so pixels must be fetched after this.
    pub(super) fn take(
        &mut self,
        connection: &RustConnection,
        rects: &mut Vec<Rect>,
    ) -> Result<(), CaptureError> {
        if self.notified {
            connection
                .damage_subtract(self.object, x11rb::NONE, self.region)
                .map_err(gone)?;
        }
        if self.all {
            rects.push(self.size.rect());
        } else if self.notified {
            let region = connection.xfixes_fetch_region(self.region).map_err(gone)?;
            await_answer(connection).map_err(gone)?;
            let region = region.reply().map_err(gone)?;
            self.merged.clear();
            for part in &region.rectangles {
                let (left, top) = (i32::from(part.x), i32::from(part.y));
                let (right, bottom) = (left + i32::from(part.width), top + i32::from(part.height));
                self.merged
                    .add(Rect::clipped(left, top, right, bottom, self.size));
            }
            rects.extend_from_slice(self.merged.rects());
        }
        self.notified = false;
        self.all = false;
        Ok(())
    }
}

fn no_id(error: x11rb::errors::ReplyOrIdError) -> CaptureError {
    CaptureError::Gone {
        reason: error.to_string(),
    }
}
