//! The agent file that gateways of tests and the demo prepare for download. Owns only making it small: an unoptimised agent is more than a
//! hundred megabytes, and each gateway writes a stamped copy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::process::{program, programs};

/// The built agent without symbols, made once for each build of it.
///
/// # Errors
/// When the agent is not built, or `strip` is missing, which comes with every linker.
pub fn agent_template() -> Result<PathBuf> {
    let built = program("mayday-sos")?;
    let template = programs()?.join("mayday-sos-template");
    if modified(&template).is_some_and(|made| modified(&built).is_some_and(|built| made >= built)) {
        return Ok(template);
    }
    // Other tests may make it at the same time: each in a file of its own, and the last one stays.
    static TURN: AtomicU32 = AtomicU32::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let fresh = template.with_extension(format!("{}-{turn}", std::process::id()));
    let mut strip = Command::new("strip");
    let stripped = strip.arg("-o").arg(&fresh).arg(&built).status();
    let stripped = stripped.context("`strip` cannot be started: install binutils")?;
    if !stripped.success() {
        bail!("`strip` failed on {}: {stripped}", built.display());
    }
    fs::rename(&fresh, &template)?;
    Ok(template)
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}
