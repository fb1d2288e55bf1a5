//! Systems that have no cage yet: decoding stays in the viewer's own process there, behind the NAL check.

use std::path::Path;
use std::process::ExitCode;

use mayday_codec::{Canvas, Layout, Part};

use super::SandboxError;
use super::message::Answer;

/// Never made here.
pub enum Decoder {}

impl Decoder {
    /// # Errors
    /// Always.
    pub fn start(_: &Path) -> Result<Self, SandboxError> {
        Err(SandboxError::NoneHere)
    }

    pub fn begin(&mut self, _: Layout) -> Result<(), SandboxError> {
        match *self {}
    }

    pub fn clear(&mut self) {
        match *self {}
    }

    pub fn show(&mut self, _: &[Part<'_>], _: &mut Canvas) -> Result<Answer, SandboxError> {
        match *self {}
    }
}

#[must_use]
pub fn run_child() -> ExitCode {
    ExitCode::FAILURE
}
