//! Dependencies that nothing names. Owns the search for names; which dependencies there are, cargo says.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

/// Named by nothing on purpose: it only switches a feature of another crate on.
const FOR_FEATURES: &[&str] = &["fontique"];

/// Adds a line for each dependency of a package, or of the workspace, that no source names.
pub fn check(wrong: &mut Vec<String>) -> Result<()> {
    let output = shell::cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")?;
    let mut wanted = BTreeSet::new();
    for package in list(&metadata["packages"]) {
        let manifest = package["manifest_path"].as_str().context("a path")?;
        let folder = Path::new(manifest).parent().context("a folder")?;
        let mut sources = String::new();
        read(folder, &mut sources)?;
        for dependency in list(&package["dependencies"]) {
            let name = dependency["name"].as_str().context("a name")?;
            wanted.insert(name.to_owned());
            let named = dependency["rename"].as_str().unwrap_or(name);
            if !FOR_FEATURES.contains(&name) && !names(&sources, &named.replace('-', "_")) {
                let package = package["name"].as_str().unwrap_or_default();
                wrong.push(format!("{package} depends on {name}, which nothing names"));
            }
        }
    }
    let manifest = std::fs::read_to_string("Cargo.toml")?;
    for name in of_the_workspace(&manifest) {
        if !wanted.contains(name) {
            wrong.push(format!(
                "Cargo.toml has {name}, which no package depends on"
            ));
        }
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// All Rust below this folder.
fn read(folder: &Path, into: &mut String) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != "node_modules" {
            read(&path, into)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push_str(&std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// As a word of its own.
fn names(sources: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    sources.match_indices(word).any(|(at, _)| {
        !sources[..at].ends_with(is_letter) && !sources[at + word.len()..].starts_with(is_letter)
    })
}

/// The names in `[workspace.dependencies]`, one a line.
fn of_the_workspace(manifest: &str) -> impl Iterator<Item = &str> {
    let table = manifest.split("[workspace.dependencies]").nth(1);
    let table = table.unwrap_or_default().split("\n[").next();
    let lines = table.unwrap_or_default().lines();
    lines.filter_map(|line| {
        let (name, _) = line.split_once(" = ")?;
        (!name.starts_with('#')).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_whole_word() {
        assert!(names("use url::Url;", "url"));
        assert!(!names("let curl = urls;", "url"));
    }

    #[test]
    fn the_workspaces_table_ends_where_the_next_begins() {
        let manifest = "[workspace.dependencies]\n# the wire\nserde = \"1\" # types\n\n[profile.dev]\ndebug = 1\n";
        assert_eq!(of_the_workspace(manifest).collect::<Vec<_>>(), ["serde"]);
    }
}
