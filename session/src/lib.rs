//! The rules: the life of a session at the desk, who may do what, and the end user's consent. Pure: time is an argument.

pub mod audit;
pub mod chat;
pub mod consent;
pub mod desk;
pub mod form;
pub mod permission;
pub mod pin_guard;
pub mod request_guard;
pub mod routing;
pub mod text;
mod time;
pub mod verification;

pub use time::{ChannelId, GroupId, Timestamp};
