//! The rules: the life of a session at the desk, who may do what, and the end user's consent. Pure: time is an argument.

pub mod audit;
pub mod consent;
pub mod desk;
pub mod permission;
pub mod pin_guard;
pub mod routing;
mod time;

pub use time::{ChannelId, GroupId, Timestamp};
