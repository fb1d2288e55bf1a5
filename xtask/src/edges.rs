//! The dependency directions of docs/architecture.md, checked against what cargo resolves. Owns the table, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell;

/// Who may depend on which of our crates; what is absent is forbidden.
const ALLOWED: &[(&str, &[&str])] = &[
    ("mayday-protocol", &[]),
    ("mayday-session", &["mayday-protocol"]),
    ("mayday-codec", &[]),
    ("mayday-transport", &["mayday-protocol"]),
    ("mayday-installer", &["mayday-protocol"]),
    (
        "mayday-agent",
        &[
            "mayday-protocol",
            "mayday-session",
            "mayday-codec",
            "mayday-transport",
        ],
    ),
    (
        "mayday-viewer",
        &[
            "mayday-protocol",
            "mayday-session",
            "mayday-codec",
            "mayday-transport",
        ],
    ),
    (
        "mayday-gateway",
        &[
            "mayday-protocol",
            "mayday-session",
            "mayday-transport",
            "mayday-installer",
        ],
    ),
];

/// These may depend on anything of ours, and nothing on them.
const LEAVES: &[&str] = &["mayday-tests", "mayday-benches", "xtask"];

/// Crates from elsewhere that must not be reached, directly or not.
const UNREACHABLE: &[(&str, &[&str])] = &[
    ("mayday-protocol", &["tokio", "quinn", "rustls", "x11rb"]),
    ("mayday-session", &["tokio", "quinn", "rustls", "x11rb"]),
    ("mayday-codec", &["tokio", "quinn", "rustls"]),
    ("mayday-gateway", &["openh264-sys2", "slint"]),
];

/// Named directly by one crate only.
const ONLY: &[(&str, &str)] = &[
    ("quinn", "mayday-transport"),
    ("rustls", "mayday-transport"),
    ("tokio-rustls", "mayday-transport"),
    ("web-transport-quinn", "mayday-transport"),
    ("tokio-tungstenite", "mayday-transport"),
    ("openh264-sys2", "mayday-codec"),
];

pub fn check() -> Result<()> {
    let graph = Graph::read()?;
    let mut wrong = Vec::new();
    for (name, allowed) in ALLOWED {
        for dependency in graph.direct(name) {
            let ours = dependency.starts_with("mayday-") || dependency == "xtask";
            if ours && !allowed.contains(&dependency.as_str()) {
                wrong.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    for (name, unreachable) in UNREACHABLE {
        for found in graph.reachable(name) {
            if unreachable.contains(&found.as_str()) {
                wrong.push(format!("{name} reaches {found}"));
            }
        }
    }
    for (dependency, owner) in ONLY {
        for name in graph.direct.keys().filter(|name| {
            name.starts_with("mayday-") && name != owner && !LEAVES.contains(&name.as_str())
        }) {
            if graph.direct(name).contains(*dependency) {
                wrong.push(format!("{name} names {dependency}, which only {owner} may"));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("forbidden dependency edges:\n  {}", wrong.join("\n  "))
}

/// Normal dependencies (not for building or testing) by package name.
struct Graph {
    direct: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read() -> Result<Self> {
        let output = shell::cargo()
            .args(["metadata", "--format-version", "1", "--locked"])
            .output()?;
        let metadata: Value = serde_json::from_slice(&output.stdout)
            .context("cargo metadata failed; is Cargo.lock current?")?;
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let names: BTreeMap<String, String> = list(&metadata["packages"])
            .iter()
            .map(|package| (text(&package["id"]), text(&package["name"])))
            .collect();
        let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let name = names[&text(&node["id"])].clone();
            let dependencies = list(&node["deps"])
                .iter()
                .filter(|dependency| {
                    list(&dependency["dep_kinds"])
                        .iter()
                        .any(|kind| kind["kind"].is_null())
                })
                .map(|dependency| names[&text(&dependency["pkg"])].clone())
                .collect::<BTreeSet<_>>();
            direct.entry(name).or_default().extend(dependencies);
        }
        Ok(Self { direct })
    }

    fn direct(&self, name: &str) -> BTreeSet<String> {
        self.direct.get(name).cloned().unwrap_or_default()
    }

    fn reachable(&self, name: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut next = vec![name.to_owned()];
        while let Some(name) = next.pop() {
            for dependency in self.direct(&name) {
                if seen.insert(dependency.clone()) {
                    next.push(dependency);
                }
            }
        }
        seen
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
