//! What must be on the machine before anything builds or runs. Installs Debian packages as root; elsewhere says what to run.

use std::process::Command;

use anyhow::{Result, bail};

use crate::shell;

/// A Debian package and the file or program that shows it is there.
struct Package {
    name: &'static str,
    shown_by: &'static str,
}

const fn package(name: &'static str, shown_by: &'static str) -> Package {
    Package { name, shown_by }
}

/// Building, running the window, and testing with a real X server and browser.
const PACKAGES: &[Package] = &[
    package("nasm", "/usr/bin/nasm"),
    package("g++", "/usr/bin/g++"),
    package("pkg-config", "/usr/bin/pkg-config"),
    package("libxcb1-dev", "/usr/include/xcb/xcb.h"),
    package("libxcb-shm0-dev", "/usr/include/xcb/shm.h"),
    package("libxcb-randr0-dev", "/usr/include/xcb/randr.h"),
    package("libfontconfig1-dev", "/usr/include/fontconfig/fontconfig.h"),
    package("libxkbcommon-x11-0", "libxkbcommon-x11.so.0"),
    package("libx11-xcb1", "libX11-xcb.so.1"),
    package("libxcursor1", "libXcursor.so.1"),
    package("libxi6", "libXi.so.6"),
    package("xvfb", "/usr/bin/Xvfb"),
    package("openbox", "/usr/bin/openbox"),
    package("xterm", "/usr/bin/xterm"),
    package("less", "/usr/bin/less"),
    package("mousepad", "/usr/bin/mousepad"),
    package("xdotool", "/usr/bin/xdotool"),
    package("x11-utils", "/usr/bin/xprop"),
    package("x11-xserver-utils", "/usr/bin/xrandr"),
    package("imagemagick", "/usr/bin/import"),
    package(
        "fonts-dejavu-core",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    ),
    package("chromium", "/usr/bin/chromium"),
    package("chromium-driver", "/usr/bin/chromedriver"),
    package("firefox-esr", "/usr/bin/firefox-esr"),
    package("valgrind", "/usr/bin/valgrind"),
];

/// Other remote desktops, to compare with; nothing else needs them.
const PEERS: &[Package] = &[
    package("tigervnc-scraping-server", "/usr/bin/X0tigervnc"),
    package("tigervnc-standalone-server", "/usr/bin/Xtigervnc"),
    package("tigervnc-viewer", "/usr/bin/xtigervncviewer"),
    package("novnc", "/usr/share/novnc/vnc_lite.html"),
    package("websockify", "/usr/bin/websockify"),
];

/// Oldest Node.js that the console's tools run on.
const NODE: (u32, u32) = (20, 19);

pub fn run() -> Result<()> {
    let mut wanted = missing(PACKAGES);
    if shell::ask("npm", &["--version"]).is_none() {
        wanted.extend(["nodejs", "npm"]);
    }
    install(&wanted)?;
    node()
}

/// What `bench peers` compares with. Without root it is left to the bench to say who is not there.
pub fn peers() -> Result<()> {
    let wanted = missing(PEERS);
    if wanted.is_empty() || !is_root() {
        return Ok(());
    }
    install(&wanted)
}

fn missing(packages: &[Package]) -> Vec<&'static str> {
    let missing = packages
        .iter()
        .filter(|package| !is_there(package.shown_by));
    missing.map(|package| package.name).collect()
}

fn is_root() -> bool {
    shell::ask("id", &["-u"]).as_deref() == Some("0")
}

fn is_there(shown_by: &str) -> bool {
    if shown_by.starts_with('/') {
        return std::path::Path::new(shown_by).exists();
    }
    shell::ask("ldconfig", &["-p"])
        .or_else(|| shell::ask("/sbin/ldconfig", &["-p"]))
        .is_some_and(|libraries| libraries.contains(shown_by))
}

fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let line = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if shell::ask("apt-get", &["--version"]).is_none() {
        bail!(
            "these Debian packages, or what your system calls them, are missing: {}",
            packages.join(" ")
        );
    }
    if !is_root() {
        bail!("some packages are missing; please run: sudo {line}");
    }
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        command
    };
    shell::run_aside(apt().arg("update"))?;
    shell::run_aside(
        apt()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )
}

/// Makes sure of a Node.js that is new enough: the machine's, else the one in the npm package `node`.
fn node() -> Result<()> {
    if node_version().is_some_and(|version| version >= NODE) {
        return Ok(());
    }
    let tools = shell::target().join("tools");
    let bin = tools.join("node_modules/node/bin");
    if !bin.join("node").exists() {
        std::fs::create_dir_all(&tools)?;
        shell::run_aside(
            Command::new("npm")
                .args(["install", "--no-save", "--prefix"])
                .arg(&tools)
                .arg("node@22"),
        )?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(std::path::absolute(bin)?).chain(std::env::split_paths(&path));
    let joined = std::env::join_paths(folders)?;
    // SAFETY: xtask has one thread, so nobody reads the environment meanwhile.
    unsafe { std::env::set_var("PATH", joined) };
    if node_version().is_none_or(|version| version < NODE) {
        bail!("Node.js {}.{} or newer is needed", NODE.0, NODE.1);
    }
    Ok(())
}

fn node_version() -> Option<(u32, u32)> {
    let text = shell::ask("node", &["--version"])?;
    let mut parts = text.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
