//! House rules that no compiler checks: first lines, file sizes, notes-to-self, facts that live once. Owns no code it reads.

use std::process::Command;

use crate::unused;
use anyhow::{Context, Result, bail};

/// No file has more lines; style.md says why 800 is the end.
const LONGEST: usize = 800;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "helpers", "manager", "common", "misc"];

pub fn check() -> Result<()> {
    let mut wrong = Vec::new();
    for path in tracked()? {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if path.ends_with(".rs") {
            rust(&path, &text, &mut wrong);
        }
        if [".rs", ".ts", ".tsx"].iter().any(|end| path.ends_with(end)) {
            source(&path, &text, &mut wrong);
        }
        if path.ends_with("package-lock.json") && text.contains("\"resolved\": \"http") {
            wrong.push(format!("{path} records download addresses; keep omit-lockfile-registry-resolved=true in .npmrc"));
        }
    }
    versions(&mut wrong)?;
    unused::check(&mut wrong)?;
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("house rules:\n  {}", wrong.join("\n  "))
}

fn tracked() -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard"])
        .output()
        .context("git is needed to know which files are ours")?;
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect())
}

fn rust(path: &str, text: &str, wrong: &mut Vec<String>) {
    if !text.starts_with("//!") {
        wrong.push(format!(
            "{path}: the first line must be //! and say what the file owns and does not"
        ));
    }
    let stem = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs");
    if EMPTY_NAMES.contains(&stem) {
        wrong.push(format!(
            "{path}: the name says nothing about what is inside"
        ));
    }
}

fn source(path: &str, text: &str, wrong: &mut Vec<String>) {
    let lines = text.lines().count();
    let generated = text.lines().take(5).any(|line| line.contains("generated"));
    if lines > LONGEST && !generated {
        wrong.push(format!("{path}: {lines} lines; one reason per file"));
    }
    // Put together here, so that this file does not accuse itself.
    let notes = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["to", "do!("].concat(),
    ];
    for (number, line) in text.lines().enumerate() {
        if notes.iter().any(|note| line.contains(note.as_str())) {
            wrong.push(format!(
                "{path}:{}: a note-to-self left in the code",
                number + 1
            ));
        }
    }
}

/// The oldest Rust stands in Cargo.toml, the usual port in the gateway's command line; the README repeats both for people.
fn versions(wrong: &mut Vec<String>) -> Result<()> {
    let manifest = std::fs::read_to_string("Cargo.toml")?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))
        .and_then(|rest| rest.strip_suffix('"'))
        .context("the workspace names its rust-version")?;
    let readme = std::fs::read_to_string("README.md").unwrap_or_default();
    if !readme.contains(&format!("Rust {version}")) {
        wrong.push(format!(
            "README.md does not name Rust {version}, the rust-version of Cargo.toml"
        ));
    }
    let options = std::fs::read_to_string("gateway/src/cli.rs")?;
    let address = options
        .split_once("default_value = \"[::]:")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(port, _)| port)
        .context("the gateway listens somewhere by itself")?;
    for words in [
        format!("--listen '[::]:{address}'"),
        format!("UDP {address}"),
    ] {
        if !readme.contains(&words) {
            wrong.push(format!("README.md lacks “{words}”, the gateway's own port"));
        }
    }
    for command in ["cargo xtask demo", "cargo xtask test"] {
        if !readme.contains(command) {
            wrong.push(format!("README.md lacks `{command}`"));
        }
    }
    Ok(())
}
