//! What people download: stripped release programs in target/dist, and how large they are. Owns no program.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::slim::Slim;
use crate::{console, setup, shell};

/// Package, program, and its profile: the agent aborts on a panic to be small; the servers unwind, so that one bad
/// connection ends alone.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("mayday-agent", "mayday-sos", "dist-agent"),
    ("mayday-gateway", "mayday-gateway", "dist"),
    ("mayday-viewer", "mayday-viewer", "dist"),
];

pub fn run() -> Result<()> {
    setup::run()?;
    console::build()?;
    let out = shell::target().join("dist");
    let slim = Slim::prepare()?;
    let mut sizes = BTreeMap::new();
    for (package, program, profile) in PROGRAMS {
        slim.build(&["--profile", profile, "-p", package, "--bin", program])?;
        std::fs::create_dir_all(&out)?;
        let built = shell::target().join(profile).join(program);
        let placed = out.join(program);
        if built != placed {
            std::fs::copy(&built, &placed).with_context(|| built.display().to_string())?;
        }
        sizes.insert(*program, placed.metadata()?.len());
    }
    // For those who make packages: it tells desktops that mayday: links belong to the viewer.
    let entry = shell::workspace_root()?.join("viewer/mayday-viewer.desktop");
    std::fs::copy(&entry, out.join("mayday-viewer.desktop"))
        .with_context(|| entry.display().to_string())?;
    let json = serde_json::to_string_pretty(&sizes)?;
    std::fs::write(out.join("sizes.json"), &json)?;
    println!("{json}");
    Ok(())
}
