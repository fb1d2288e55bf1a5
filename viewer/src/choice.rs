//! The program's choice of where pictures are decoded. Owns what the command line and the system decide about it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use mayday_viewer::sandbox::{Decoder, SandboxError};

/// Where pictures are decoded.
#[derive(Clone, Debug)]
pub enum Decoding {
    Here,
    /// In a cage, by this program called anew.
    Apart(PathBuf),
}

impl Decoding {
    /// In a cage where there is one.
    ///
    /// # Errors
    /// When the system does not tell where this program lies, or builds no cage.
    pub fn of_this_system() -> Result<Self> {
        if !cfg!(target_os = "linux") {
            return Ok(Self::Here);
        }
        let program = std::env::current_exe().context("where this program lies is not known")?;
        Decoder::start(&program).context(
            "pictures would be decoded without a sandbox; if you accept that, start with --no-decode-sandbox",
        )?;
        Ok(Self::Apart(program))
    }

    /// A decoder for one stay.
    ///
    /// # Errors
    /// When the cage cannot be built.
    pub fn start(&self) -> Result<Option<Decoder>, SandboxError> {
        match self {
            Self::Here => Ok(None),
            Self::Apart(program) => Decoder::start(program).map(Some),
        }
    }
}
