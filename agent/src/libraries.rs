//! Whether this desktop can show a window at all, found out before the windowing libraries are used: some of them panic when another
//! is missing. Owns which libraries that are and what to install; it opens each and closes it again, no more.

use std::ffi::{CStr, CString};

use x11rb::connection::RequestConnection as _;

use crate::window::Texts;

/// One library, by the name that the loader knows, and the packages that bring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Library {
    /// Any of these names will do.
    pub names: &'static [&'static str],
    pub debian: &'static str,
    pub fedora: &'static str,
}

const fn library(
    names: &'static [&'static str],
    debian: &'static str,
    fedora: &'static str,
) -> Library {
    Library {
        names,
        debian,
        fedora,
    }
}

const EVERYWHERE: [Library; 2] = [
    library(
        &["libfontconfig.so.1", "libfontconfig.so"],
        "libfontconfig1",
        "fontconfig",
    ),
    library(
        &["libxkbcommon.so.0", "libxkbcommon.so"],
        "libxkbcommon0",
        "libxkbcommon",
    ),
];

const X11: [Library; 7] = [
    library(&["libX11.so.6", "libX11.so"], "libx11-6", "libX11"),
    library(
        &["libX11-xcb.so.1", "libX11-xcb.so"],
        "libx11-xcb1",
        "libX11-xcb",
    ),
    library(
        &["libXcursor.so.1", "libXcursor.so"],
        "libxcursor1",
        "libXcursor",
    ),
    library(&["libXi.so.6", "libXi.so"], "libxi6", "libXi"),
    library(
        &["libXrender.so.1", "libXrender.so"],
        "libxrender1",
        "libXrender",
    ),
    library(&["libXext.so.6", "libXext.so"], "libxext6", "libXext"),
    library(
        &["libxkbcommon-x11.so.0", "libxkbcommon-x11.so"],
        "libxkbcommon-x11-0",
        "libxkbcommon-x11",
    ),
];

const WAYLAND: [Library; 1] = [library(
    &["libwayland-client.so.0", "libwayland-client.so"],
    "libwayland-client0",
    "libwayland-client",
)];

/// What the desktop's variables say.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub wayland_display: Option<String>,
    pub display: Option<String>,
}

impl Surroundings {
    #[must_use]
    pub fn from_env() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            wayland_display: set("WAYLAND_DISPLAY"),
            display: set("DISPLAY"),
        }
    }
}

/// What keeps the window from being shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Neither X11 nor Wayland is there.
    Display,
    /// This X display does not answer.
    Unreachable(String),
    Library(Library),
}

impl Missing {
    /// What to tell the end user, in one sentence.
    #[must_use]
    pub fn sentence(&self, texts: &Texts) -> String {
        match self {
            Self::Display => texts.text("missing.display"),
            Self::Unreachable(display) => texts.with("missing.display-unreachable", display),
            Self::Library(library) => texts.filled(
                "missing.library",
                &[
                    ("x", library.names[0].to_owned()),
                    ("debian", library.debian.to_owned()),
                    ("fedora", library.fedora.to_owned()),
                ],
            ),
        }
    }
}

/// Whether a window can be shown here.
pub fn check(surroundings: &Surroundings) -> Result<(), Missing> {
    check_with(surroundings, can_be_loaded, answers)
}

/// The same with the loader and the display given: what a test needs to take libraries away.
fn check_with(
    surroundings: &Surroundings,
    loads: impl Fn(&str) -> bool,
    answers: impl Fn(&str) -> bool,
) -> Result<(), Missing> {
    let needed: &[Library] = match surroundings {
        Surroundings {
            wayland_display: Some(_),
            ..
        } => &WAYLAND,
        Surroundings {
            display: Some(_), ..
        } => &X11,
        Surroundings {
            wayland_display: None,
            display: None,
        } => return Err(Missing::Display),
    };
    let there = |library: &&Library| library.names.iter().any(|name| loads(name));
    if let Some(missing) = EVERYWHERE
        .iter()
        .chain(needed)
        .find(|library| !there(library))
    {
        return Err(Missing::Library(*missing));
    }
    match (&surroundings.wayland_display, &surroundings.display) {
        (None, Some(display)) if !answers(display) => Err(Missing::Unreachable(display.clone())),
        _ => Ok(()),
    }
}

fn answers(display: &str) -> bool {
    // A server without its big requests is still a server: only the connection counts.
    x11rb::connect(Some(display))
        .is_ok_and(|(connection, _)| connection.maximum_request_bytes() > 0)
}

fn can_be_loaded(name: &str) -> bool {
    let Ok(name) = CString::new(name) else {
        return false;
    };
    opens(&name)
}

fn opens(name: &CStr) -> bool {
    // SAFETY: `name` is a C string that lives for the call. The libraries opened here are plain system libraries whose initialisers
    // run in any program that shows a window.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
    if handle.is_null() {
        return false;
    }
    // SAFETY: `handle` came from dlopen just now and is closed once.
    unsafe { libc::dlclose(handle) };
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Language;

    fn x11() -> Surroundings {
        Surroundings {
            wayland_display: None,
            display: Some(":1".into()),
        }
    }

    #[test]
    fn a_missing_library_is_named_with_its_packages() {
        let without = |hidden: &'static str| {
            check_with(&x11(), move |name| !name.starts_with(hidden), |_| true)
        };
        for library in EVERYWHERE.iter().chain(&X11) {
            let stem = library.names[1];
            assert_eq!(without(stem), Err(Missing::Library(*library)));
        }
        let sentence = without("libxkbcommon-x11")
            .unwrap_err()
            .sentence(&Texts::new(Language::En));
        assert!(
            sentence.contains("libxkbcommon-x11.so.0 is missing"),
            "{sentence}"
        );
        assert!(
            sentence.contains("sudo apt install libxkbcommon-x11-0"),
            "{sentence}"
        );
        assert!(
            sentence.contains("sudo dnf install libxkbcommon-x11"),
            "{sentence}"
        );
    }

    #[test]
    fn wayland_needs_no_x11() {
        let wayland = Surroundings {
            wayland_display: Some("wayland-0".into()),
            display: Some(":1".into()),
        };
        assert_eq!(
            check_with(&wayland, |name| !name.starts_with("libX"), |_| false),
            Ok(())
        );
    }

    #[test]
    fn no_desktop_is_told() {
        assert_eq!(
            check_with(&Surroundings::default(), |_| true, |_| true),
            Err(Missing::Display)
        );
        assert_eq!(
            check_with(&x11(), |_| true, |_| false),
            Err(Missing::Unreachable(":1".into()))
        );
    }

    #[test]
    fn the_loader_tells_what_there_is() {
        assert!(can_be_loaded("libc.so.6"));
        assert!(!can_be_loaded("libmayday-has-no-such-library.so.1"));
    }
}
