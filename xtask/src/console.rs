//! Building the console before the gateway embeds it. Owns no page.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::Result;

use crate::shell;

fn npm() -> Command {
    let mut command = Command::new("npm");
    command.current_dir("console");
    command
}

/// Installs exactly what the lock file names, when it is newer than what is installed.
pub fn install() -> Result<()> {
    let installed = modified(Path::new("console/node_modules/.package-lock.json"));
    let locked = modified(Path::new("console/package-lock.json"));
    if installed.is_some() && installed >= locked {
        return Ok(());
    }
    shell::run_aside(npm().args(["ci", "--no-audit", "--no-fund"]))
}

/// Builds `console/dist` when a source is newer.
pub fn build() -> Result<()> {
    install()?;
    let built = modified(Path::new("console/dist/index.html"));
    if built.is_some() && built >= newest(Path::new("console/src"))? && built >= newest_settings() {
        return Ok(());
    }
    shell::run_aside(npm().args(["run", "build"]))
}

/// Types and lints, then unit tests.
pub fn test() -> Result<()> {
    install()?;
    shell::run(npm().args(["run", "lint"]))?;
    shell::run(npm().args(["run", "test"]))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

fn newest_settings() -> Option<SystemTime> {
    [
        "console/package-lock.json",
        "console/index.html",
        "console/vite.config.ts",
    ]
    .into_iter()
    .filter_map(|path| modified(Path::new(path)))
    .max()
}

fn newest(folder: &Path) -> Result<Option<SystemTime>> {
    let mut found = None;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let time = if path.is_dir() {
            newest(&path)?
        } else {
            modified(&path)
        };
        found = found.max(time);
    }
    Ok(found)
}
