//! Decoding in a process of its own that can do nothing else: no file, no network, no new process. Owns the child's life and the memory
//! both share; what is decoded is the codec's business, and the order of updates the caller's.
//!
//! The C++ decoder eats bytes that the end user's computer, or whoever controls it, made. What takes it over gets a process without
//! any right beside its own memory; it can show wrong pixels, which its owner could anyway.

mod message;

#[cfg(target_os = "linux")]
mod cage;
#[cfg(target_os = "linux")]
mod child;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Decoder, run_child};
#[cfg(target_os = "linux")]
pub use {child::run as run_child, linux::Decoder};

pub use message::Answer;

/// The argument with which a program that uses this library must call [`run_child`] and nothing else.
pub const ARGUMENT: &str = "--decode-for-parent";

/// Why no cage could be built.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the decoder's process cannot be started: {0}")]
    Start(std::io::Error),
    #[error("the decoder's process ended by itself, or does not answer")]
    Gone,
    #[error("the decoder's process could still {0}: it is not used")]
    NotCaged(&'static str),
    #[error("this system has no sandbox for the decoder yet")]
    NoneHere,
}
