//! The main job on this machine, for a newcomer to try or played by itself. Owns only building and starting it.

use std::process::Command;

use anyhow::Result;

use crate::{console, setup, shell};

pub fn run(auto: bool) -> Result<()> {
    setup::run()?;
    console::build()?;
    shell::run(shell::cargo().args([
        "build",
        "--locked",
        "--bins",
        "-p",
        "mayday-gateway",
        "-p",
        "mayday-agent",
        "-p",
        "mayday-tests",
    ]))?;
    let mut story = Command::new(shell::target().join("debug/story"));
    story.arg("--out").arg(shell::target().join("demo"));
    if auto {
        story.arg("--auto");
    }
    shell::run(&mut story)
}
