//! From the screen to H.264 and back to pixels: capture, damage, colour, encode, decode. Knows no network and no consent:
//! whoever calls decides what may be captured and where it goes.
//!
//! Agent: [`capture::open_x11`] -> [`Capture::wait`] -> [`Capture::grab`] -> [`StripeEncoder::encode`].
//! Viewer: [`ScreenDecoder::show`], which is [`StripeDecoder::decode`], one per stripe -> [`Canvas::draw`].

pub mod canvas;
pub mod capture;
mod colour;
pub mod geometry;
pub mod h264;
pub mod layout;
pub mod moves;
#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
mod quality;
pub mod screen_decoder;
pub mod stripes;
pub mod tile;
mod workers;

pub use canvas::Canvas;
pub use capture::{
    Capture, CaptureError, CursorShape, CursorState, Frame, Wake, Waker, open_scrap, open_x11,
};
pub use colour::{Pixels, Planes};
pub use geometry::{Rect, Size};
pub use h264::decoder::{DecodeError, Picture, References, StripeDecoder};
pub use h264::encoder::{Encoder, EncoderFault};
pub use h264::options::{Content, Options, Rate};
pub use layout::{DEFAULT_STRIPE_HEIGHT, Layout};
pub use moves::{Move, MoveFinder, Moved};
pub use screen_decoder::{Part, ScreenDecoder, Shown};
pub use stripes::{CodedStripe, EncodeError, Encoded, StripeEncoder};
