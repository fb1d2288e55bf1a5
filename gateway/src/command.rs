//! The binary's commands, one file each.

pub mod audit;
pub mod openapi;
pub mod owner;
pub mod run;
