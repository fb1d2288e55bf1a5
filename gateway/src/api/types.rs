//! The shapes of REST: what JSON looks like, and nothing else. Domain types are converted here and never serialise themselves.

mod account;
mod audit;
mod call;
mod channel;
mod event;
mod group;
mod permission;
mod report;
mod scalar;
mod session;
mod system;
mod talk;

pub use account::*;
pub use audit::*;
pub use call::*;
pub use channel::*;
pub use event::*;
pub use group::*;
pub use permission::*;
pub use report::*;
pub use scalar::*;
pub use session::*;
pub use system::*;
pub use talk::*;
