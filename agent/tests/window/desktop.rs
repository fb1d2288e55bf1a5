//! A desktop for the tests of the agent's window: an X server of its own, a window manager, eyes (colours on the screen) and hands
//! (xdotool). Owns the processes that it starts and ends them.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat,
};
use x11rb::rust_connection::RustConnection;

// agent/ui/colours.slint, light.
pub const ALLOW: u32 = 0x0a6a66;
pub const REJECT: u32 = 0x2b3836;

/// A prompt listens after this.
pub const FIRST_SECOND: Duration = Duration::from_millis(1300);

/// Nothing here takes this long.
pub const LONG: Duration = Duration::from_secs(20);

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

pub struct Desktop {
    pub display: String,
    eyes: RustConnection,
    root: u32,
    _window_manager: Running,
    _server: Running,
}

impl Desktop {
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("a pipe"))
            .read_line(&mut number)
            .expect("a display number");
        let display = format!(":{}", number.trim());
        let window_manager = Command::new("openbox")
            .env("DISPLAY", &display)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let (eyes, screen) = x11rb::connect(Some(&display)).expect("the server answers");
        let root = eyes.setup().roots[screen].root;
        let desktop = Self {
            display,
            eyes,
            root,
            _window_manager: Running(window_manager.expect("openbox is installed")),
            _server: Running(server),
        };
        until(|| desktop.is_managed().then_some(())).expect("openbox manages windows");
        desktop
    }

    /// Whether the window manager has come up: it forgets windows that are mapped while it does.
    fn is_managed(&self) -> bool {
        let atom = self
            .eyes
            .intern_atom(false, b"_NET_CLIENT_LIST")
            .unwrap()
            .reply()
            .unwrap()
            .atom;
        let list = self
            .eyes
            .get_property(false, self.root, atom, AtomEnum::WINDOW, 0, 1);
        list.unwrap().reply().unwrap().type_ == u32::from(AtomEnum::WINDOW)
    }

    /// Asks the window manager to close a window, as a task bar does.
    pub fn close(&self, window: &str) {
        let window = window.parse().expect("one window");
        let atom = self.eyes.intern_atom(false, b"_NET_CLOSE_WINDOW").unwrap();
        let atom = atom.reply().unwrap().atom;
        let message = ClientMessageEvent::new(32, window, atom, [0, 2, 0, 0, 0]);
        let manager = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        let sent = self.eyes.send_event(false, self.root, manager, message);
        sent.unwrap().check().unwrap();
    }

    /// Gives the screen a resolution, as the display settings do. Xvfb knows only its first; others come as modes without timings.
    pub fn resolution(&self, width: u16, height: u16) {
        let mode = format!("mayday-{width}x{height}");
        let (w, h) = (width.to_string(), height.to_string());
        let timings = ["0", &w, "0", "0", &w, &h, "0", "0", &h];
        self.xrandr(&[&["--newmode", &mode][..], &timings].concat());
        self.xrandr(&["--addmode", "screen", &mode]);
        self.xrandr(&["--output", "screen", "--mode", &mode]);
    }

    fn xrandr(&self, arguments: &[&str]) {
        let status = Command::new("xrandr")
            .args(["--display", &self.display])
            .args(arguments)
            .status();
        assert!(status.expect("xrandr is installed").success());
    }

    /// Where a window is: its left, top, right and bottom.
    pub fn place(&self, window: u32) -> [i32; 4] {
        let size = self.eyes.get_geometry(window).unwrap().reply().unwrap();
        let corner = self
            .eyes
            .translate_coordinates(window, self.root, 0, 0)
            .unwrap();
        let corner = corner.reply().unwrap();
        let (left, top) = (i32::from(corner.dst_x), i32::from(corner.dst_y));
        let (width, height) = (i32::from(size.width), i32::from(size.height));
        [left, top, left + width, top + height]
    }

    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .output();
        String::from_utf8(output.expect("xdotool is installed").stdout).expect("plain text")
    }

    /// The middle of all pixels of exactly this colour, once there are enough of them for a button.
    pub fn find(&self, colour: u32) -> Option<(i32, i32)> {
        let size = self.eyes.get_geometry(self.root).unwrap().reply().unwrap();
        let image = self.eyes.get_image(
            ImageFormat::Z_PIXMAP,
            self.root,
            0,
            0,
            size.width,
            size.height,
            u32::MAX,
        );
        let data = image.unwrap().reply().unwrap().data;
        let [blue, green, red, _] = colour.to_le_bytes();
        let width = usize::from(size.width);
        let places: Vec<(usize, usize)> = data
            .chunks_exact(4)
            .enumerate()
            .filter(|(_, pixel)| pixel[..3] == [blue, green, red])
            .map(|(index, _)| (index % width, index / width))
            .collect();
        if places.len() < 500 {
            return None;
        }
        let middle = |sum: usize| i32::try_from(sum / places.len()).unwrap();
        Some((
            middle(places.iter().map(|p| p.0).sum()),
            middle(places.iter().map(|p| p.1).sum()),
        ))
    }

    /// Waits until the colour is on the screen and stays where it is: a window that is just laid out moves.
    pub fn see(&self, colour: u32) -> (i32, i32) {
        let (mut last, mut alike) = (None, 0);
        let settled = until(|| {
            let before = std::mem::replace(&mut last, self.find(colour));
            alike = if last == before { alike + 1 } else { 0 };
            last.filter(|_| alike >= 4)
        });
        settled.unwrap_or_else(|| panic!("no #{colour:06x} on the screen"))
    }

    /// Waits until the colour has gone.
    pub fn see_no_more(&self, colour: u32) {
        until(|| self.find(colour).is_none().then_some(()))
            .unwrap_or_else(|| panic!("#{colour:06x} stays on the screen"));
    }

    pub fn click(&self, (x, y): (i32, i32), times: u8) {
        let (x, y, times) = (x.to_string(), y.to_string(), times.to_string());
        self.xdotool(&[
            "mousemove",
            &x,
            &y,
            "click",
            "--repeat",
            &times,
            "--delay",
            "30",
            "1",
        ]);
    }

    /// Covers the whole screen with somebody else's window.
    pub fn cover(&self) -> impl Drop {
        let xterm = Command::new("xterm")
            .args(["-geometry", "200x70+0+0"])
            .env("DISPLAY", &self.display)
            .spawn();
        let running = Running(xterm.expect("xterm is installed"));
        until(|| {
            (!self
                .xdotool(&["search", "--onlyvisible", "--class", "xterm"])
                .is_empty())
            .then_some(())
        })
        .expect("xterm shows");
        // On a busy machine the window manager settles only later.
        until(|| {
            let focus = self.xdotool(&["getwindowfocus"]);
            std::thread::sleep(Duration::from_millis(1500));
            (self.xdotool(&["getwindowfocus"]) == focus).then_some(())
        })
        .expect("the focus settles");
        running
    }
}

/// A desktop with the agent's window on it.
pub fn started() -> (Desktop, Scenes) {
    let desktop = Desktop::start();
    let scenes = Scenes::start(&desktop);
    (desktop, scenes)
}

pub fn until<T>(mut find: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < LONG {
        if let Some(found) = find() {
            return Some(found);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

/// The example `scenes`, which shows the agent's real window.
pub struct Scenes {
    input: ChildStdin,
    output: Receiver<String>,
    shown: Receiver<String>,
    _process: Running,
}

impl Scenes {
    pub fn start(desktop: &Desktop) -> Self {
        let tests = std::env::current_exe().expect("a path");
        let example = tests
            .parent()
            .and_then(|deps| deps.parent())
            .expect("target/debug")
            .join("examples/scenes");
        let mut process = Command::new(&example)
            .args(["--language", "en", "--light"])
            .env("DISPLAY", &desktop.display)
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; cargo test builds it, or cargo build --examples",
                    example.display()
                )
            });
        let (done, output) = channel();
        let (answers, shown) = channel();
        let lines = BufReader::new(process.stdout.take().expect("a pipe"));
        std::thread::spawn(move || read_lines(lines, &done, &answers));
        let input = process.stdin.take().expect("a pipe");
        let scenes = Self {
            input,
            output,
            shown,
            _process: Running(process),
        };
        let visible = until(|| {
            (!desktop
                .xdotool(&["search", "--onlyvisible", "--name", "^Mayday$"])
                .is_empty())
            .then_some(())
        });
        visible.expect("the window shows");
        scenes
    }

    /// Asks for something without waiting for it.
    pub fn ask(&mut self, what: &str) {
        writeln!(self.input, "{what}").expect("scenes reads");
    }

    /// Shows a scene: what is pressed from now on meets it.
    pub fn show(&mut self, scene: &str) {
        self.ask(scene);
        self.ask("shown");
        self.shown.recv_timeout(LONG).expect("the scene shows");
    }

    /// Shows a scene and gives the window the keyboard, as a click on its frame does.
    pub fn show_to_keys(&mut self, desktop: &Desktop, scene: &str) {
        self.show(scene);
        let window = until(|| {
            let found = desktop.xdotool(&["search", "--onlyvisible", "--name", "^Mayday$"]);
            let window = found.lines().next()?.to_owned();
            desktop.xdotool(&["windowfocus", &window]);
            (desktop.xdotool(&["getwindowfocus"]).trim() == window).then_some(())
        });
        window.expect("the window has the keyboard");
    }

    /// The banner's id: the second of the agent's windows.
    pub fn banner(&mut self) -> u32 {
        let banner = until(|| {
            self.ask("own-windows");
            let line = self.next();
            let (_main, banner) = line.strip_suffix(']')?.split_once(", ")?;
            banner.parse().ok()
        });
        banner.expect("a main window and a banner")
    }

    /// The next thing that the end user did.
    pub fn next(&self) -> String {
        self.output.recv_timeout(LONG).expect("something is done")
    }

    /// Nothing is done for this long.
    pub fn nothing_for(&self, time: Duration) {
        if let Ok(done) = self.output.recv_timeout(time) {
            panic!("{done} was done");
        }
    }
}

fn read_lines(lines: BufReader<impl Read>, done: &Sender<String>, answers: &Sender<String>) {
    for line in lines.lines() {
        let Ok(line) = line else { return };
        let reader = if line == "shown" { answers } else { done };
        if reader.send(line).is_err() {
            return;
        }
    }
}
