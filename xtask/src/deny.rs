//! Licences, bans and sources of all dependencies, by cargo-deny. Owns only how to get it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::shell;

/// The version that deny.toml is written for.
const VERSION: &str = "0.20.2";

pub fn check() -> Result<()> {
    let program = program()?;
    shell::run(Command::new(&program).args([
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    advisories(&program);
    Ok(())
}

fn program() -> Result<PathBuf> {
    let on_path = shell::ask("cargo-deny", &["--version"]);
    if on_path.is_some_and(|version| version.ends_with(VERSION)) {
        return Ok("cargo-deny".into());
    }
    let tools = std::path::absolute(shell::target().join("tools"))?;
    let own = tools.join("bin/cargo-deny");
    if !own.is_file() {
        // A debug build is quicker to make, and fast enough to run once.
        shell::run(
            shell::cargo()
                .args([
                    "install",
                    "--quiet",
                    "--debug",
                    "--locked",
                    "--no-default-features",
                ])
                .args(["cargo-deny", "--version", VERSION, "--root"])
                .arg(&tools),
        )?;
    }
    Ok(own)
}

/// Known vulnerabilities, where their database can be reached; a machine without it says so and goes on.
fn advisories(program: &PathBuf) {
    let checked = Command::new(program)
        .args(["--all-features", "check", "advisories"])
        .output();
    match checked {
        Ok(output) if output.status.success() => eprintln!("advisories: none"),
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("failed to fetch") => {
            eprintln!("advisories: not checked, their database cannot be reached from here");
        }
        Ok(output) => eprintln!("advisories: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("advisories: not checked, {error}"),
    }
}
