//! Tells the desktop that `mayday:` links belong to this program, for this person only. Owns the one file that says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

const NAME: &str = "mayday-viewer.desktop";

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
    // Both are conveniences of a desktop: without them it finds the entry by itself, if more slowly.
    for (tool, arguments) in [
        ("update-desktop-database", vec![applications.as_os_str()]),
        (
            "xdg-mime",
            ["default", NAME, "x-scheme-handler/mayday"]
                .map(str::as_ref)
                .to_vec(),
        ),
    ] {
        let _ = Command::new(tool).args(arguments).output();
    }
    Ok(path)
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
    format!(
        "[Desktop Entry]\nType=Application\nName=Mayday Viewer\nComment=Remote support\n\
         Comment[de]=Fernwartung\nExec=\"{quoted}\" --open %u\nTerminal=false\nNoDisplay=true\n\
         MimeType=x-scheme-handler/mayday;\nCategories=Network;RemoteAccess;\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_names_the_program_and_the_links() {
        let folder = std::env::temp_dir().join(format!("mayday-register-{}", std::process::id()));
        let path = register(&folder, Path::new("/opt/my tools/mayday-viewer")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(text.contains("Exec=\"/opt/my tools/mayday-viewer\" --open %u\n"));
        assert!(text.contains("MimeType=x-scheme-handler/mayday;\n"));
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
