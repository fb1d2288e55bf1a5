//! Makes an agent one gateway's own: writes the gateway's address, key pin and name into the agent's stamp section and signs it. Owns
//! no features and no texts of the agent, and appends nothing to any file.

mod image;
mod key;
mod show;
mod write;

pub use image::StampError;
pub use key::{KeyError, StampKey};
pub use mayday_protocol::stamp::{GatewayAddress, StampFields};
pub use show::{Shown, show_file};
pub use write::{FileError, stamp_file};
