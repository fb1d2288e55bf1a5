//! Which remote desktops there are, and how each is started as its own documentation says, with its defaults.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use mayday_tests::browser::Browser;
use mayday_tests::gateway::{Gateway, OWNER, PASSWORD};
use mayday_tests::process::{Running, program};
use mayday_tests::rest::Rest;
use mayday_tests::wait;
use mayday_tests::xserver::XServer;
use serde_json::json;

use super::arm::{Arm, Shows, Side};
use super::hands::Hands;
use crate::eye::Eye;
use crate::host::{EndUser, Host};

const PATIENCE: Duration = Duration::from_secs(30);
/// The end user's screen, and a technician's with a program in full screen.
pub const SCREEN: (u16, u16) = (1920, 1080);
/// A technician's with a browser: the picture must fit in one to one, beside what the page has around it.
const LARGE: (u16, u16) = (2400, 1440);
const NOVNC: &str = "/usr/share/novnc";

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// Mayday's agent → gateway → mayday-viewer's window.
    Mayday,
    /// TigerVNC beside the X server (x0vncserver) → vncviewer.
    X0vncserver,
    /// TigerVNC as the X server itself → vncviewer.
    Xtigervnc,
    /// Mayday's agent → gateway → the console in Chromium.
    MaydayChromium,
    /// x0vncserver → websockify → noVNC in Chromium.
    Novnc,
}

impl Peer {
    pub const ALL: [Self; 5] = [
        Self::Mayday,
        Self::X0vncserver,
        Self::Xtigervnc,
        Self::MaydayChromium,
        Self::Novnc,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mayday => "Mayday, mayday-viewer",
            Self::X0vncserver => "TigerVNC x0vncserver, vncviewer",
            Self::Xtigervnc => "TigerVNC Xtigervnc, vncviewer",
            Self::MaydayChromium => "Mayday, console in Chromium",
            Self::Novnc => "x0vncserver, noVNC in Chromium",
        }
    }

    /// Where Mayday is the other one anyhow.
    #[must_use]
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Mayday | Self::MaydayChromium => "Mayday",
            Self::X0vncserver => "x0vncserver",
            Self::Xtigervnc => "Xtigervnc",
            Self::Novnc => "noVNC",
        }
    }

    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Mayday => "mayday-viewer",
            Self::X0vncserver => "x0vncserver",
            Self::Xtigervnc => "xtigervnc",
            Self::MaydayChromium => "mayday-chromium",
            Self::Novnc => "novnc",
        }
    }

    /// Connections over which a picture goes, one after the other.
    #[must_use]
    pub fn hops(self) -> u8 {
        match self {
            Self::X0vncserver | Self::Xtigervnc => 1,
            Self::Mayday | Self::MaydayChromium | Self::Novnc => 2,
        }
    }

    /// Goes through the gateway.
    #[must_use]
    pub fn is_mayday(self) -> bool {
        matches!(self, Self::Mayday | Self::MaydayChromium)
    }

    /// A file that this peer needs and the machine has not.
    #[must_use]
    pub fn missing(self) -> Option<&'static str> {
        let needed: &[&str] = match self {
            Self::Mayday => &[],
            Self::X0vncserver => &["/usr/bin/X0tigervnc", "/usr/bin/xtigervncviewer"],
            Self::Xtigervnc => &["/usr/bin/Xtigervnc", "/usr/bin/xtigervncviewer"],
            Self::MaydayChromium => &["/usr/bin/chromium", "/usr/bin/chromedriver"],
            Self::Novnc => &[
                "/usr/bin/X0tigervnc",
                "/usr/bin/websockify",
                "/usr/share/novnc/vnc_lite.html",
                "/usr/bin/chromedriver",
            ],
        };
        needed
            .iter()
            .copied()
            .find(|file| !Path::new(file).exists())
    }

    /// The Debian packages whose versions are named beside the figures.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Mayday => &[],
            Self::X0vncserver => &["tigervnc-scraping-server", "tigervnc-viewer"],
            Self::Xtigervnc => &["tigervnc-standalone-server", "tigervnc-viewer"],
            Self::MaydayChromium => &["chromium"],
            Self::Novnc => &[
                "tigervnc-scraping-server",
                "websockify",
                "novnc",
                "chromium",
            ],
        }
    }

    fn version(self) -> String {
        let versions = self.packages().iter().map(|package| {
            let asked = Command::new("dpkg-query")
                .args(["--show", "--showformat=${Version}", package])
                .output();
            let version = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
            format!("{package} {}", version.unwrap_or_default())
        });
        versions.collect::<Vec<_>>().join(", ")
    }
}

/// The technician's desk: a screen that can be looked at without asking it.
struct Desk {
    screen: XServer,
    eye: Eye,
    hands: Hands,
}

impl Desk {
    fn new(size: (u16, u16), logs: &Path) -> Result<Self> {
        let (screen, eye) = Eye::on(size, &logs.join("technician"))?;
        Ok(Self {
            eye,
            hands: Hands::at(screen.display())?,
            screen,
        })
    }

    fn arm(self, peer: Peer, side: Side, servers: Vec<Running>, shows: Shows) -> Arm {
        Arm {
            peer,
            version: peer.version(),
            shows,
            servers,
            side,
            eye: self.eye,
            hands: self.hands,
            origin: (0, 0),
            _screen: self.screen,
        }
    }
}

/// Starts both ends of a peer.
pub async fn start(peer: Peer, gateway: &Gateway, owner: &Rest, logs: &Path) -> Result<Arm> {
    match peer {
        Peer::Mayday => mayday(gateway, owner, logs),
        Peer::X0vncserver => {
            let (side, server, port) = beside(logs)?;
            tigervnc(peer, side, vec![server], port, logs)
        }
        Peer::Xtigervnc => {
            let (screen, port) = being_the_server(logs)?;
            let side = Side::Other(Box::new(EndUser::arrive(screen)?));
            tigervnc(peer, side, Vec::new(), port, logs)
        }
        Peer::MaydayChromium => console(gateway, owner, logs).await,
        Peer::Novnc => novnc(logs).await,
    }
}

fn mayday(gateway: &Gateway, owner: &Rest, logs: &Path) -> Result<Arm> {
    let host = host(Peer::Mayday, gateway, owner, logs)?;
    let desk = Desk::new(SCREEN, logs)?;
    let connection = owner.post(&format!("/sessions/{}/connect", host.session), &json!({}))?;
    let link = connection["native_link"].as_str();
    let mut command = Command::new(program("mayday-viewer")?);
    command
        .args(["--full-screen", "--lang", "en", "--open"])
        .arg(link.context("the gateway's answer has a native link")?)
        .env("DISPLAY", desk.screen.display())
        .env_remove("WAYLAND_DISPLAY");
    let viewer = Running::start(command, "viewer", logs)?;
    let side = Side::Mayday(Box::new(host));
    Ok(desk.arm(
        Peer::Mayday,
        side,
        Vec::new(),
        Shows::Program { _process: viewer },
    ))
}

fn host(peer: Peer, gateway: &Gateway, owner: &Rest, logs: &Path) -> Result<Host> {
    let user = EndUser::arrive(XServer::start(SCREEN.0, SCREEN.1, &logs.join("end-user"))?)?;
    Host::join(user, gateway, owner, (peer.name(), "stripes"), logs)
}

/// An X server of the usual kind with x0vncserver beside it.
fn beside(logs: &Path) -> Result<(Side, Running, u16)> {
    let screen = XServer::start(SCREEN.0, SCREEN.1, &logs.join("end-user"))?;
    let user = EndUser::arrive(screen)?;
    let port = free_port()?;
    // Debian's x0tigervncserver is a script that starts this and ends.
    let mut command = Command::new("X0tigervnc");
    command
        .arg(format!("-display={}", user.screen.display()))
        .args(["-SecurityTypes=None", "-localhost=1"])
        .arg(format!("-rfbport={port}"));
    let server = Running::start(command, "x0vncserver", logs)?;
    Ok((Side::Other(Box::new(user)), server, port))
}

fn being_the_server(logs: &Path) -> Result<(XServer, u16)> {
    let port = free_port()?;
    let mut command = Command::new("Xtigervnc");
    command
        .args(["-displayfd", "1", "-depth", "24", "-noreset"])
        .args(["-geometry", &format!("{}x{}", SCREEN.0, SCREEN.1)])
        .args(["-SecurityTypes", "None", "-localhost", "-nolisten", "tcp"])
        .args(["-rfbport", &port.to_string()]);
    let screen = XServer::other(command, "xtigervnc", &logs.join("end-user"))?;
    Ok((screen, port))
}

fn tigervnc(peer: Peer, side: Side, servers: Vec<Running>, port: u16, logs: &Path) -> Result<Arm> {
    listens(port)?;
    let desk = Desk::new(SCREEN, logs)?;
    let mut command = Command::new("xtigervncviewer");
    command
        .args(["-FullScreen", "-RemoteResize=0", "-SecurityTypes", "None"])
        .arg(format!("127.0.0.1::{port}"))
        .env("DISPLAY", desk.screen.display())
        .env("HOME", logs);
    let viewer = Running::start(command, "vncviewer", logs)?;
    Ok(desk.arm(peer, side, servers, Shows::Program { _process: viewer }))
}

async fn console(gateway: &Gateway, owner: &Rest, logs: &Path) -> Result<Arm> {
    let peer = Peer::MaydayChromium;
    let host = host(peer, gateway, owner, logs)?;
    let desk = Desk::new(LARGE, logs)?;
    let browser = Browser::start_on(desk.screen.display(), &logs.join("profile"), logs).await?;
    let base = &gateway.listening.http_loopback;
    browser.open(base).await?;
    browser.fill("[data-testid=sign-in-email]", OWNER).await?;
    browser
        .fill("[data-testid=sign-in-password]", PASSWORD)
        .await?;
    browser.click("[data-testid=sign-in-submit]").await?;
    browser.find("[data-testid=new-session]").await?;
    let one_to_one = "localStorage.setItem('mayday.remote.scaling', JSON.stringify('actual'))";
    browser.script(one_to_one).await?;
    browser
        .open(&format!("{base}/sessions/{}/remote", host.session))
        .await?;
    let state = "return document.querySelector('[data-testid=remote-view]')?.dataset.state ?? null";
    browser
        .script_until("the picture in the console", state, PATIENCE, |value| {
            value == "live"
        })
        .await?;
    let side = Side::Mayday(Box::new(host));
    Ok(desk.arm(peer, side, Vec::new(), Shows::Browser(browser)))
}

async fn novnc(logs: &Path) -> Result<Arm> {
    let (side, server, vnc) = beside(logs)?;
    listens(vnc)?;
    let web = free_port()?;
    let mut command = Command::new("websockify");
    command
        .args(["--web", NOVNC, &format!("127.0.0.1:{web}")])
        .arg(format!("127.0.0.1:{vnc}"));
    let bridge = Running::start(command, "websockify", logs)?;
    listens(web)?;
    let desk = Desk::new(LARGE, logs)?;
    let browser = Browser::start_on(desk.screen.display(), &logs.join("profile"), logs).await?;
    let page = format!("http://127.0.0.1:{web}/vnc_lite.html?host=127.0.0.1&port={web}&path=");
    browser.open(&page).await?;
    browser.find("canvas").await?;
    Ok(desk.arm(
        Peer::Novnc,
        side,
        vec![server, bridge],
        Shows::Browser(browser),
    ))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn listens(port: u16) -> Result<()> {
    wait::until("a server's port", PATIENCE, || {
        Ok(std::net::TcpStream::connect(("127.0.0.1", port))
            .ok()
            .map(drop))
    })
}
