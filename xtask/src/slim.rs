//! A second workspace of links in target/slim, in which the window's toolkit leaves out what Mayday's window never uses:
//! dictionaries for line breaking in Thai, Lao, Khmer and Burmese and for words in Chinese and Japanese, and decoders of
//! photographs. The toolkit's crates offer no switch for these, so copies of two of their manifests, taken from the
//! registry's sources at build time, lose some features. Owns no build; the repository's Cargo.toml and Cargo.lock stay
//! as they are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::shell;

/// A crate, a section of its manifest, and the features that go from there.
const LEFT_OUT: &[(&str, &str, &[&str])] = &[
    (
        "i-slint-core",
        "target.'cfg(not(target_arch = \"wasm32\"))'.dependencies.parley",
        &["complex-scripts"],
    ),
    ("i-slint-core", "dependencies.image", &["png", "jpeg"]),
    (
        "i-slint-core",
        "dependencies.resvg",
        &["raster-images", "svgz"],
    ),
    (
        "i-slint-common",
        "dependencies.resvg",
        &["raster-images", "svgz"],
    ),
];

/// What of the repository the second workspace does not link to.
const OWN: &[&str] = &["Cargo.lock", "target", ".git"];

/// A workspace whose programs are smaller, and the arguments that cargo needs there.
pub struct Slim {
    root: PathBuf,
    patches: Vec<String>,
}

impl Slim {
    /// Makes the workspace anew; sources that did not change keep their times, so that nothing builds twice.
    pub fn prepare() -> Result<Self> {
        let packages = packages()?;
        let target = std::path::absolute(shell::target())?;
        let root = target.join("slim/workspace");
        link_all(&root)?;
        let crates: BTreeSet<&str> = LEFT_OUT.iter().map(|(name, _, _)| *name).collect();
        let mut patches = Vec::new();
        for name in crates {
            let copy = target.join("slim/crates").join(name);
            let source = source_of(name, &packages)?;
            copy_folder(&source, &copy)?;
            write_if_new(&copy.join("Cargo.toml"), &slimmed(name, &source)?)?;
            patches.push(format!(
                "patch.crates-io.{name}.path={:?}",
                copy.to_string_lossy()
            ));
        }
        Ok(Self { root, patches })
    }

    /// `cargo build` there. The versions are those of the repository's lock file, and [`Self::check`] proves it.
    pub fn build(&self, arguments: &[&str]) -> Result<()> {
        let mut cargo = shell::cargo();
        cargo
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", std::path::absolute(shell::target())?);
        cargo.args(["build", "--offline"]).args(arguments);
        for patch in &self.patches {
            cargo.args(["--config", patch]);
        }
        shell::run(&mut cargo)?;
        self.check()
    }

    /// Nothing was built that the repository's lock file does not name in the same version.
    fn check(&self) -> Result<()> {
        let named = locked(Path::new("Cargo.lock"))?;
        let built = locked(&self.root.join("Cargo.lock"))?;
        let strange: Vec<_> = built.difference(&named).cloned().collect();
        ensure!(
            strange.is_empty(),
            "the small build uses packages that Cargo.lock does not name: {}",
            strange.join(", ")
        );
        Ok(())
    }
}

/// All packages that cargo resolves; fetches those that are not on this machine yet.
fn packages() -> Result<Vec<Value>> {
    let output = shell::cargo()
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .context("cargo metadata failed; is Cargo.lock current?")?;
    let packages = metadata["packages"].as_array().cloned();
    packages.context("cargo metadata names no packages")
}

fn source_of(name: &str, packages: &[Value]) -> Result<PathBuf> {
    let manifest = packages
        .iter()
        .find(|package| package["name"] == name)
        .and_then(|package| package["manifest_path"].as_str())
        .with_context(|| format!("{name} is not used any more: xtask/src/slim.rs names it"))?;
    let folder = Path::new(manifest).parent();
    Ok(folder.context("a manifest lies in a folder")?.to_owned())
}

/// The crate's manifest without the features of [`LEFT_OUT`].
fn slimmed(name: &str, source: &Path) -> Result<String> {
    let mut text = std::fs::read_to_string(source.join("Cargo.toml"))?;
    for (_, section, features) in LEFT_OUT.iter().filter(|(of, _, _)| *of == name) {
        text = without(&text, section, features).with_context(|| name.to_owned())?;
    }
    // It is nobody's member, wherever it lies.
    Ok(text + "\n[workspace]\n")
}

/// The manifest without `features` in `section`. Fails when one is not there: the next version of the crate is looked at
/// by a person.
fn without(manifest: &str, section: &str, features: &[&str]) -> Result<String> {
    let head = format!("\n[{section}]\n");
    let start = manifest
        .find(&head)
        .with_context(|| format!("the manifest has no section [{section}]"))?
        + head.len();
    let end = manifest[start..]
        .find("\n[")
        .map_or(manifest.len(), |length| start + length);
    let mut body = manifest[start..end].to_owned();
    for feature in features {
        let quoted = format!("\"{feature}\"");
        let place = body
            .find(&quoted)
            .with_context(|| format!("[{section}] has no feature {feature}"))?;
        let mut length = quoted.len();
        length += usize::from(body[place + length..].starts_with(','));
        body.replace_range(place..place + length, "");
    }
    Ok(format!("{}{body}{}", &manifest[..start], &manifest[end..]))
}

/// `name version` of all packages in a lock file.
fn locked(file: &Path) -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let value = |line: &str, key: &str| {
        let rest = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(rest.trim_end_matches('"').to_owned())
    };
    let lines: Vec<_> = text.lines().collect();
    Ok(lines
        .windows(2)
        .filter_map(|pair| {
            let (name, version) = (value(pair[0], "name")?, value(pair[1], "version")?);
            Some(format!("{name} {version}"))
        })
        .collect())
}

/// Links to everything of the repository, and a copy of its lock file that cargo may change.
fn link_all(root: &Path) -> Result<()> {
    std::fs::create_dir_all(root)?;
    let repository = shell::workspace_root()?;
    for entry in std::fs::read_dir(&repository)? {
        let name = entry?.file_name();
        if OWN.iter().any(|own| name == *own) {
            continue;
        }
        let link = root.join(&name);
        if std::fs::read_link(&link).is_ok_and(|to| to == repository.join(&name)) {
            continue;
        }
        if link.symlink_metadata().is_ok() {
            bail!(
                "{} is in the way; remove target/slim and try again",
                link.display()
            );
        }
        std::os::unix::fs::symlink(repository.join(&name), link)?;
    }
    std::fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock"))?;
    Ok(())
}

/// Copies what differs.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &copy)?;
        } else if entry.file_name() != "Cargo.toml" {
            write_if_new(&copy, &std::fs::read(&source)?)?;
        }
    }
    Ok(())
}

fn write_if_new(path: &Path, text: &(impl AsRef<[u8]> + ?Sized)) -> Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == text.as_ref()) {
        return Ok(());
    }
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::without;

    const MANIFEST: &str = "[package]\nname = \"x\"\n\n[dependencies.image]\nfeatures = [\n    \"png\",\n    \"jpeg\",\n]\n\
        optional = true\n\n[dependencies.other]\nfeatures = [\"png\"]\n";

    #[test]
    fn a_feature_goes_from_its_section_only() {
        let left = without(MANIFEST, "dependencies.image", &["png"]).unwrap();
        assert!(left.contains("\"jpeg\""));
        assert_eq!(left.matches("\"png\"").count(), 1);
        let none = without(&left, "dependencies.other", &["png"]).unwrap();
        assert!(none.ends_with("features = []\n"));
    }

    #[test]
    fn what_is_not_there_is_said() {
        let feature = without(MANIFEST, "dependencies.image", &["webp"]).unwrap_err();
        assert!(feature.to_string().contains("no feature webp"));
        let section = without(MANIFEST, "dependencies.gone", &["png"]).unwrap_err();
        assert!(section.to_string().contains("no section"));
    }
}
