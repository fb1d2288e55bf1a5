//! The only place where capture is made, and only from a grant to see the screen.

use mayday_codec::{Capture, CaptureError, open_scrap, open_x11};
use mayday_session::consent::ViewGrant;

use crate::cli::CaptureBackend;

/// # Errors
/// When this screen cannot be captured that way.
pub fn open(_grant: &ViewGrant, backend: CaptureBackend) -> Result<Box<dyn Capture>, CaptureError> {
    match backend {
        CaptureBackend::X11 => open_x11(None),
        CaptureBackend::Scrap => open_scrap(),
    }
}
