//! Running other programs and saying so. Owns no knowledge of what they do.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The folder of the workspace's Cargo.toml.
pub fn workspace_root() -> Result<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    Ok(own
        .parent()
        .context("xtask lies in the workspace")?
        .to_owned())
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from)
}

pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command with its output on ours, and fails when it does.
pub fn run(command: &mut Command) -> Result<()> {
    let words = words(command);
    eprintln!("» {words}");
    let start = Instant::now();
    let status = command
        .status()
        .with_context(|| format!("cannot start `{words}`"))?;
    if !status.success() {
        bail!("`{words}` failed ({status})");
    }
    eprintln!("  done in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// As [`run`], with our standard output kept free for a machine to read.
pub fn run_aside(command: &mut Command) -> Result<()> {
    run(command.stdout(Stdio::from(std::io::stderr())))
}

/// Runs a command silently and gives its standard output, or `None` when it is not there or fails.
pub fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn words(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
