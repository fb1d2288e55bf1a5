//! Disk: how much a whole run needs, and how a run on a fresh clone stays small. Owns no build step.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell;

/// What `cargo xtask test` leaves in an empty target folder, with some room for the tests' own files.
const TEST_GIGABYTES: u64 = 9;

/// Fails before the first build when the disk cannot hold it: a full disk ends in a linker's crash that tells nobody why.
pub fn check() -> Result<()> {
    let target = shell::target();
    let has = used(&target).unwrap_or(0);
    let Some(free) = free(&target) else {
        return Ok(());
    };
    if (free + has) / 1_000_000 < TEST_GIGABYTES {
        bail!(
            "the tests need about {TEST_GIGABYTES} GB of disk for {}, and there are {:.1} GB: \
             free some, or set CARGO_TARGET_DIR to a folder on a larger disk",
            target.display(),
            (free + has) as f64 / 1e6
        );
    }
    Ok(())
}

/// On a fresh clone nobody goes on from an earlier build and nobody debugs: files for both would double the folder.
pub fn spare() {
    if has_earlier_builds(&shell::target().join("debug/incremental")) {
        return;
    }
    for (name, value) in [
        ("CARGO_INCREMENTAL", "0"),
        ("CARGO_PROFILE_DEV_DEBUG", "0"),
        ("CARGO_PROFILE_DEV_STRIP", "debuginfo"),
    ] {
        // SAFETY: xtask has one thread, so nobody reads the environment meanwhile.
        unsafe { std::env::set_var(name, value) };
    }
}

fn has_earlier_builds(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("mayday_"))
    })
}

/// Thousands of bytes free where this folder is, or will be.
fn free(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(Path::new("."));
    let text = shell::ask("df", &["-Pk", there.to_str()?])?;
    let blocks: u64 = text
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(blocks * 1024 / 1000)
}

/// Thousands of bytes in a folder.
fn used(folder: &Path) -> Option<u64> {
    let text = shell::ask("du", &["-sk", folder.to_str()?])?;
    let blocks: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(blocks * 1024 / 1000)
}
