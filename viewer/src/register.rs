//! Tells the desktop that `mayday:` links belong to this program, for this person only. Owns the one file that says so.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

const NAME: &str = "mayday-viewer.desktop";
/// What a package installs in `/usr/share/applications`; `cargo xtask dist` places it beside the program.
const PACKAGED: &str = include_str!("../mayday-viewer.desktop");
const INSTALLED: &str = "Exec=mayday-viewer";
const LINKS: &str = "x-scheme-handler/mayday";

/// Writes the desktop entry below `applications` and makes it the one for these links; gives where it is.
///
/// # Errors
/// When the file cannot be written.
pub fn register(applications: &Path, program: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(applications)
        .with_context(|| format!("cannot make {}", applications.display()))?;
    let path = applications.join(NAME);
    std::fs::write(&path, entry(program))
        .with_context(|| format!("cannot write {}", path.display()))?;
    refresh(applications);
    let default = ["default", NAME, LINKS];
    // A convenience of the desktop: with one entry only it is the one for these links anyway.
    let _ = Command::new("xdg-mime").args(default).output();
    Ok(path)
}

/// Removes the desktop entry below `applications`, and that it was the one for these links; gives where it was, if it was there.
///
/// # Errors
/// When the file cannot be removed.
pub fn unregister(applications: &Path) -> Result<Option<PathBuf>> {
    for list in lists(applications) {
        let _ = forget(&list);
    }
    let path = applications.join(NAME);
    match std::fs::remove_file(&path) {
        Ok(()) => {
            refresh(applications);
            Ok(Some(path))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot remove {}", path.display())),
    }
}

/// Where `xdg-mime default` writes, today and on older desktops.
fn lists(applications: &Path) -> Vec<PathBuf> {
    let of = |name| std::env::var_os(name).map(PathBuf::from);
    let settings = of("XDG_CONFIG_HOME").or_else(|| Some(of("HOME")?.join(".config")));
    let settings = settings.map(|settings| settings.join("mimeapps.list"));
    let older = ["mimeapps.list", "defaults.list"].map(|name| applications.join(name));
    settings.into_iter().chain(older).collect()
}

/// Takes our line out of such a list; the others stay as they are.
fn forget(list: &Path) -> std::io::Result<()> {
    let text = std::fs::read_to_string(list)?;
    let ours = format!("{LINKS}={NAME}");
    let is_ours = |line: &str| line.trim_end().trim_end_matches(';') == ours;
    let kept: String = text
        .split_inclusive('\n')
        .filter(|line| !is_ours(line))
        .collect();
    match kept == text {
        true => Ok(()),
        false => std::fs::write(list, kept),
    }
}

/// Without it the desktop finds out by itself, if more slowly.
fn refresh(applications: &Path) {
    let _ = Command::new("update-desktop-database")
        .arg(applications)
        .output();
}

/// Where this person's desktop entries are.
///
/// # Errors
/// When the person has no home.
pub fn applications() -> Result<PathBuf> {
    let of = |name| std::env::var_os(name).map(PathBuf::from);
    of("XDG_DATA_HOME")
        .or_else(|| Some(of("HOME")?.join(".local/share")))
        .map(|data| data.join("applications"))
        .context("neither XDG_DATA_HOME nor HOME is set: where would the desktop look?")
}

fn entry(program: &Path) -> String {
    // A desktop entry quotes with backslashes (Desktop Entry Specification, "Exec").
    let mut quoted = String::new();
    for letter in program.to_string_lossy().chars() {
        match letter {
            '"' | '`' | '$' | '\\' => quoted.extend(['\\', '\\', letter]),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(letter),
        }
    }
    PACKAGED.replace(INSTALLED, &format!("Exec=\"{quoted}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_names_the_program_and_the_links() {
        let folder = std::env::temp_dir().join(format!("mayday-register-{}", std::process::id()));
        let path = register(&folder, Path::new("/opt/my tools/mayday-viewer")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(unregister(&folder).unwrap(), Some(path.clone()));
        assert!(!path.exists());
        assert_eq!(unregister(&folder).unwrap(), None, "twice does no harm");
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(text.contains("Exec=\"/opt/my tools/mayday-viewer\" --open %u\n"));
        assert!(text.contains("MimeType=x-scheme-handler/mayday;\n"));
    }

    #[test]
    fn only_our_line_of_the_desktops_list_goes() {
        let folder = std::env::temp_dir().join(format!("mayday-forget-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let list = folder.join("mimeapps.list");
        let others = "[Default Applications]\nx-scheme-handler/maydays=mayday-viewer.desktop\ntext/html=a.desktop;\n";
        let ours = "x-scheme-handler/mayday=mayday-viewer.desktop\n";
        std::fs::write(&list, format!("{others}{ours}")).unwrap();
        forget(&list).unwrap();
        assert_eq!(std::fs::read_to_string(&list).unwrap(), others);
        forget(&list).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(forget(&list).is_err(), "without a list nothing is made");
    }

    #[test]
    fn what_a_desktop_would_expand_is_quoted() {
        let text = entry(Path::new("/a$b/100%/v"));
        assert!(
            text.contains(r#"Exec="/a\\$b/100%%/v" --open %u"#),
            "{text}"
        );
    }
}
