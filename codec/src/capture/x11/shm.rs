//! MIT-SHM: the screen's pixels in memory that the X server writes and we read. Owns the mapping; knows nothing of damage.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr::NonNull;

use x11rb::connection::Connection;
use x11rb::cookie::Cookie;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::shm::{self, ConnectionExt as _, GetImageReply};
use x11rb::protocol::xproto::ImageFormat;
use x11rb::rust_connection::RustConnection;

use super::{await_answer, gone, require};
use crate::capture::CaptureError;
use crate::colour::PIXEL;
use crate::geometry::{Rect, Size};

/// The whole screen, followed by as much room for packed rectangles.
pub(super) struct SharedScreen {
    size: Size,
    segment: u32,
    mapping: Mapping,
}

impl SharedScreen {
    pub(super) fn new(connection: &RustConnection, size: Size) -> Result<Self, CaptureError> {
        require(connection, shm::X11_EXTENSION_NAME)?;
        let version = connection.shm_query_version().map_err(gone)?;
        let version = version.reply().map_err(gone)?;
        if (version.major_version, version.minor_version) < (1, 2) {
            return Err(CaptureError::Missing {
                extension: "MIT-SHM 1.2",
            });
        }
        let bytes = 2 * size.area() as usize * PIXEL;
        let file = memory_file(bytes).map_err(CaptureError::Memory)?;
        let mapping = Mapping::new(&file, bytes).map_err(CaptureError::Memory)?;
        let segment = connection
            .generate_id()
            .map_err(|error| CaptureError::Unreachable {
                reason: error.to_string(),
            })?;
        let attached = connection
            .shm_attach_fd(segment, file, false)
            .map_err(gone)?;
        attached.check().map_err(|_| CaptureError::Missing {
            extension: "local MIT-SHM",
        })?;
        Ok(Self {
            size,
            segment,
            mapping,
        })
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn stride(&self) -> usize {
        usize::from(self.size.width) * PIXEL
    }

    pub(super) fn pixels(&self) -> &[u8] {
        &self.mapping.bytes()[..self.screen_bytes()]
    }

    fn screen_bytes(&self) -> usize {
        self.size.area() as usize * PIXEL
    }

    /// Refreshes disjoint rectangles inside the screen: all requests at once, one round trip.
    ///
    /// The server packs rows to the width it is asked for. Wide rectangles are therefore asked for as full-width bands, straight
    /// into place; narrow ones are packed behind the screen and copied, which is cheaper than moving whole rows.
    pub(super) fn fetch(
        &mut self,
        connection: &RustConnection,
        root: u32,
        rects: &[Rect],
    ) -> Result<(), ReplyError> {
        let mut packed_at = self.screen_bytes();
        let mut requests = Vec::with_capacity(rects.len());
        for &rect in rects {
            if self.in_place(rect) {
                let band = Rect::new(0, rect.y, self.size.width, rect.height);
                let at = usize::from(rect.y) * self.stride();
                requests.push((self.request(connection, root, band, at)?, None));
            } else {
                let cookie = self.request(connection, root, rect, packed_at)?;
                requests.push((cookie, Some((rect, packed_at))));
                packed_at += rect.area() as usize * PIXEL;
            }
        }
        await_answer(connection)?;
        for (cookie, packed) in requests {
            cookie.reply()?;
            if let Some((rect, at)) = packed {
                self.unpack(rect, at);
            }
        }
        Ok(())
    }

    fn in_place(&self, rect: Rect) -> bool {
        u32::from(rect.width) * 2 >= u32::from(self.size.width)
    }

    fn request<'c>(
        &self,
        connection: &'c RustConnection,
        root: u32,
        rect: Rect,
        at: usize,
    ) -> Result<Cookie<'c, RustConnection, GetImageReply>, ConnectionError> {
        connection.shm_get_image(
            root,
            rect.x as i16,
            rect.y as i16,
            rect.width,
            rect.height,
            !0,
            ImageFormat::Z_PIXMAP.into(),
            self.segment,
            at as u32,
        )
    }

    fn unpack(&mut self, rect: Rect, at: usize) {
        let (stride, row) = (self.stride(), usize::from(rect.width) * PIXEL);
        let corner = usize::from(rect.y) * stride + usize::from(rect.x) * PIXEL;
        let screen_bytes = self.screen_bytes();
        let (screen, packed) = self.mapping.bytes_mut().split_at_mut(screen_bytes);
        let packed = &packed[at - screen_bytes..][..row * usize::from(rect.height)];
        for (y, source) in packed.chunks_exact(row).enumerate() {
            screen[corner + y * stride..][..row].copy_from_slice(source);
        }
    }
}

/// Anonymous memory that can be handed to the server and goes with the last that has it.
fn memory_file(bytes: usize) -> io::Result<File> {
    // SAFETY: the name is a valid C string.
    let fd = unsafe { libc::memfd_create(c"mayday-screen".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `fd` was just made and has no other owner.
    let file = unsafe { File::from_raw_fd(fd) };
    file.set_len(bytes as u64)?;
    Ok(file)
}

struct Mapping {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: the mapping belongs to this value alone within the process.
unsafe impl Send for Mapping {}

impl Mapping {
    fn new(file: &File, bytes: usize) -> io::Result<Self> {
        // SAFETY: a new mapping of a file that is `bytes` long, at an address the system chooses.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        NonNull::new(start.cast())
            .map(|start| Self { start, bytes })
            .ok_or_else(|| io::Error::other("mapped at address 0"))
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping is `bytes` long and lives as long as `self`. The X server writes to it only while it answers a
        // request of `fetch`, which has `&mut self` and waits for the answers.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` makes it the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.bytes) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping was made in `new` and no reference into it outlives `self`.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes) };
    }
}
