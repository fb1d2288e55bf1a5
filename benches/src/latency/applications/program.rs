//! The programs that a technician works in: how each is started, what it has open, and which keys are pressed in it. Owns no measuring.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;
use mayday_tests::process::Running;
use mayday_viewer::keys::{ENTER, key_of};

use super::super::marker;

/// Of the terminal and the web page.
const TITLE: &str = "Printers";
const NOTES: &str = "printers.txt";
const SPACE: u16 = 57;
const B: u16 = 48;
const UP: u16 = 103;
const PAGE_UP: u16 = 104;
const DOWN: u16 = 108;
const PAGE_DOWN: u16 = 109;
/// Letters of a line before the next is begun.
const LINE: u32 = 60;
/// Steps one way before the way back.
const WAY: u32 = 40;
/// Lines of the texts: enough for [`WAY`] pages.
const LINES: usize = 4000;
/// Lines of the note that is written on.
const NOTE: usize = 12;

/// One program and what is done in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Application {
    /// Letters at a shell's prompt.
    XtermType,
    /// Pages of a text in a terminal.
    LessPage,
    /// Letters in a text editor (GTK).
    EditorType,
    /// A web page moves by the arrow keys.
    BrowserScroll,
    /// A web page moves by whole pages.
    BrowserPage,
}

impl Application {
    /// As its cells are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XtermType => "xterm-type",
            Self::LessPage => "less-page",
            Self::EditorType => "editor-type",
            Self::BrowserScroll => "browser-scroll",
            Self::BrowserPage => "browser-page",
        }
    }

    /// A program that it needs and the machine has not.
    #[must_use]
    pub fn missing(self) -> Option<&'static str> {
        let needed: &[&str] = match self {
            Self::XtermType => &["/usr/bin/xterm", "/bin/bash"],
            Self::LessPage => &["/usr/bin/xterm", "/usr/bin/less"],
            Self::EditorType => &["/usr/bin/mousepad"],
            Self::BrowserScroll | Self::BrowserPage => &["/usr/bin/chromium"],
        };
        let mut needed = needed.iter();
        needed.find(|file| !Path::new(file).exists()).copied()
    }

    /// The key of the `n`-th step.
    #[must_use]
    pub fn key(self, n: u32) -> u16 {
        let back = n / WAY % 2 == 1;
        match self {
            Self::XtermType | Self::EditorType => letter(n),
            Self::LessPage if back => B,
            Self::LessPage => SPACE,
            Self::BrowserScroll if back => UP,
            Self::BrowserScroll => DOWN,
            Self::BrowserPage if back => PAGE_UP,
            Self::BrowserPage => PAGE_DOWN,
        }
    }

    /// What is pressed after the `n`-th step and is no step itself.
    #[must_use]
    pub fn between(self, n: u32) -> Option<u16> {
        match self {
            Self::XtermType | Self::EditorType => (n % LINE == LINE - 1).then_some(ENTER),
            Self::LessPage | Self::BrowserScroll | Self::BrowserPage => None,
        }
    }

    /// How its window's title begins.
    ///
    /// # Errors
    /// When the system does not tell where `folder` lies.
    pub fn title(self, folder: &Path) -> Result<String> {
        Ok(match self {
            Self::EditorType => std::path::absolute(folder.join(NOTES))?
                .display()
                .to_string(),
            Self::XtermType | Self::LessPage | Self::BrowserScroll | Self::BrowserPage => {
                TITLE.to_owned()
            }
        })
    }

    /// Where its window is asked to be, and how large, in pixels.
    #[must_use]
    pub fn place(self) -> (u16, u16, u16, u16) {
        match self {
            Self::XtermType | Self::LessPage | Self::EditorType => (240, 160, 900, 640),
            Self::BrowserScroll | Self::BrowserPage => (240, 160, 1000, 800),
        }
    }

    /// Starts it on this display, with all that it writes in `folder`.
    ///
    /// # Errors
    /// When a file cannot be written or the program not started.
    pub fn start(self, display: &str, folder: &Path) -> Result<Running> {
        std::fs::create_dir_all(folder)?;
        let mut command = match self {
            Self::XtermType => terminal(&["bash", "--norc", "--noprofile"]),
            Self::LessPage => {
                let text = written(folder, NOTES, &text(LINES))?;
                let mut command = terminal(&["less"]);
                command.arg(text);
                command
            }
            Self::EditorType => editor(folder)?,
            Self::BrowserScroll | Self::BrowserPage => browser(folder)?,
        };
        command
            .env("DISPLAY", display)
            .env("HOME", folder)
            .env("XDG_CONFIG_HOME", folder)
            .env("XDG_CACHE_HOME", folder)
            .env("XDG_DATA_HOME", folder)
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env("PS1", "$ ")
            .env("LESSHISTFILE", "-")
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("LESS")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("WAYLAND_DISPLAY")
            .current_dir(folder);
        Running::start(command, self.name(), folder)
    }
}

/// Letters only: each of them shows.
fn letter(n: u32) -> u16 {
    let letter = char::from(b'a' + (n * 7 % 26) as u8);
    key_of(letter).map_or(SPACE, |(key, _)| key)
}

/// Its cursor does not blink unless asked to.
fn terminal(what: &[&str]) -> Command {
    let mut command = Command::new("xterm");
    command
        .args(["-title", TITLE, "-geometry", "100x34+240+160"])
        .args(["-fa", "DejaVu Sans Mono", "-fs", "11"])
        .arg("-e")
        .args(what);
    command
}

/// The caret does not blink: else it would be an answer to no key.
fn editor(folder: &Path) -> Result<Command> {
    let note = written(folder, NOTES, &text(NOTE))?;
    let settings = "[Settings]\ngtk-cursor-blink=false\ngtk-enable-animations=false\n";
    std::fs::create_dir_all(folder.join("gtk-3.0"))?;
    written(folder, "gtk-3.0/settings.ini", settings)?;
    let mut command = Command::new("mousepad");
    command.arg("--disable-server").arg(note);
    Ok(command)
}

/// A step is one jump: smooth scrolling is off, as its length would be the answer's.
fn browser(folder: &Path) -> Result<Command> {
    let page = written(folder, "printers.html", &page())?;
    let mut command = Command::new("chromium");
    command
        .args(["--no-sandbox", "--test-type", "--disable-gpu"])
        .args(["--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--lang=en"])
        .args(["--disable-smooth-scrolling", "--password-store=basic"])
        .args(["--window-position=240,160", "--window-size=1000,800"])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", page.display()));
    Ok(command)
}

fn written(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let file = std::path::absolute(folder.join(name))?;
    std::fs::write(&file, text)?;
    Ok(file)
}

fn text(lines: usize) -> String {
    let mut text = String::new();
    for number in 0..lines {
        let words = marker::line(number, 90);
        let _ = writeln!(text, "{number:5} {}", String::from_utf8_lossy(&words));
    }
    text
}

/// Headings, paragraphs, code and tables in several colours, as the manual of a device has them.
fn page() -> String {
    let words = |number: usize, columns: usize| {
        String::from_utf8_lossy(&marker::line(number, columns)).into_owned()
    };
    let mut page = format!(
        "<!DOCTYPE html><meta charset=utf-8><title>{TITLE}</title><style>body{{font:16px/1.5 'DejaVu Sans',sans-serif;max-width:52em;margin:2em \
         auto;color:#223}}h2{{color:#0a5}}code{{background:#eef;color:#a03}}td{{border:1px solid #99a;padding:2px 8px}}tr:nth-child(odd){{background:#f3f6fb}}a{{color:#06c}}</style><h1>{TITLE}</h1>\n"
    );
    for part in 0..LINES / 20 {
        let _ = write!(
            page,
            "<h2>{part}. {}</h2><p>{} <a href='#'>{}</a> {}</p><p><code>{}</code></p><table>",
            words(part, 30),
            words(part + 1000, 400),
            words(part + 2000, 20),
            words(part + 3000, 300),
            words(part + 4000, 60),
        );
        for row in 0..4 {
            let cell = |column: usize| words(part * 12 + row * 3 + column + 5000, 18);
            let _ = write!(page, "<tr><td>{}<td>{}<td>{}", cell(0), cell(1), cell(2));
        }
        page.push_str("</table>\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_pages_forth_pages_back_as_far() {
        for (application, forth, back) in [
            (Application::LessPage, SPACE, B),
            (Application::BrowserScroll, DOWN, UP),
            (Application::BrowserPage, PAGE_DOWN, PAGE_UP),
        ] {
            let keys = (0..2 * WAY).map(|n| application.key(n));
            let keys: Vec<_> = keys.collect();
            let count = |key| keys.iter().filter(|one| **one == key).count();
            assert_eq!(count(forth), count(back));
            assert_eq!(keys[0], forth);
        }
    }

    #[test]
    fn a_step_of_typing_is_a_letter_and_lines_end() {
        for application in [Application::XtermType, Application::EditorType] {
            let keys = (0..26).map(|n| application.key(n));
            let different: std::collections::BTreeSet<_> = keys.collect();
            assert_eq!(different.len(), 26);
            let ends = (0..2 * LINE).filter_map(|n| application.between(n));
            assert_eq!(ends.count(), 2);
        }
    }

    #[test]
    fn the_page_is_long_enough_for_the_way() {
        assert!(page().matches("<h2>").count() > WAY as usize);
        assert!(text(LINES).lines().count() > 34 * (WAY as usize + 1));
    }
}
