//! The command line of `mayday-sos`: which gateway, which invite, which language, which arms. Owns parsing and the exit codes. Nothing
//! here, and no variable, grants consent.

/// The languages the agent speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    En,
    De,
}
