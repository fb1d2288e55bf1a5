//! The binary's commands, one file each.

pub mod audit;
pub mod openapi;
pub mod owner;
mod ready;
pub mod run;
