//! What people download: stripped release programs in target/dist, and how large they are. Owns no program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::slim::Slim;
use crate::{console, setup, shell};

struct Program {
    package: &'static str,
    name: &'static str,
    profile: &'static str,
    /// For the compiler. Given only to the program: what runs while building needs to unwind.
    flags: &'static [&'static str],
}

/// The agent aborts on a panic and has no tables for unwinding, to be small; the others unwind, so that one bad connection
/// ends alone.
const PROGRAMS: &[Program] = &[
    Program {
        package: "mayday-agent",
        name: "mayday-sos",
        profile: "dist-agent",
        flags: &["-C", "force-unwind-tables=no"],
    },
    Program {
        package: "mayday-gateway",
        name: "mayday-gateway",
        profile: "dist",
        flags: &[],
    },
    Program {
        package: "mayday-viewer",
        name: "mayday-viewer",
        profile: "dist",
        flags: &[],
    },
];

pub fn run() -> Result<()> {
    setup::run()?;
    console::build()?;
    let out = shell::target().join("dist");
    let slim = Slim::prepare()?;
    let mut sizes = BTreeMap::new();
    for program in PROGRAMS {
        let built = build(&slim, program)?;
        std::fs::create_dir_all(&out)?;
        let placed = out.join(program.name);
        if built != placed {
            std::fs::copy(&built, &placed).with_context(|| built.display().to_string())?;
        }
        sizes.insert(program.name, placed.metadata()?.len());
    }
    let json = serde_json::to_string_pretty(&sizes)?;
    std::fs::write(out.join("sizes.json"), &json)?;
    println!("{json}");
    Ok(())
}

/// Where the built program is.
fn build(slim: &Slim, program: &Program) -> Result<PathBuf> {
    let Program {
        package,
        name,
        profile,
        flags,
    } = program;
    let arguments = ["--profile", profile, "-p", package, "--bin", name];
    let mut folder = shell::target();
    let mut arguments: Vec<_> = arguments.map(str::to_owned).into();
    if !flags.is_empty() {
        let host = host()?;
        folder.push(&host);
        let config = format!("target.{host}.rustflags={flags:?}");
        arguments.extend(["--target".to_owned(), host, "--config".to_owned(), config]);
    }
    slim.build(&arguments)?;
    Ok(folder.join(profile).join(name))
}

/// This machine in the compiler's words, such as x86_64-unknown-linux-gnu.
fn host() -> Result<String> {
    let words = shell::ask("rustc", &["-vV"]).context("rustc does not answer")?;
    let host = words.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}
