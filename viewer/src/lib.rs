//! The technician's side without a window: joins a session by its link, decodes the screen, sends input, reports. Owns no window and
//! no policy; tests, benches and the command line use it.

mod again;
mod client;
mod damage;
mod decoding;
mod hands;
mod incoming;
pub mod keys;
#[cfg(feature = "oracle")]
pub mod oracle;
mod order;
mod ping;
pub mod sandbox;
mod screen;
mod shared;
mod statistics;
mod url;
mod viewer;
pub mod why;

pub use damage::Damage;
pub use order::{Arrival, Effect, Order, Shown};
pub use shared::{Event, Sight};
pub use statistics::{Spread, Statistics};
pub use url::{NativeLink, NotALink};
pub use viewer::{Glimpse, OpenError, Viewer};
