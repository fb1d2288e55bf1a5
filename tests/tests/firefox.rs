//! The console's remote view in Debian's Firefox, on a real display: what the technician sees is what the end user has, what is typed
//! arrives. Says which way to the gateway Firefox took.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mayday_tests::desktop::keysym;
use mayday_tests::firefox::Firefox;
use mayday_tests::gateway::{OWNER, PASSWORD};
use mayday_tests::process::Running;
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};

/// The picture is coded; this far it may be from the screen before it became exact.
const NEAR: f64 = 3.0;

/// A terminal at the screen's top left corner whose lines end up in a file.
fn terminal(world: &World, file: &Path) -> Running {
    let mut command = Command::new("xterm");
    command
        .args(["-geometry", "80x20+40+60", "-bg", "#f4f1e8", "-fg", "black"])
        .args(["-e", "sh", "-c"])
        .arg(format!("seq 1 12; cat > {}", file.display()))
        .env("DISPLAY", world.screen.display());
    Running::start(command, "xterm", &world.folder.join("logs")).unwrap()
}

fn signed_in(world: &World) -> Firefox {
    let mut firefox = Firefox::start(&world.folder.join("logs/firefox")).unwrap();
    firefox
        .open(&world.gateway.listening.http_loopback)
        .unwrap();
    firefox.fill("[data-testid=sign-in-email]", OWNER).unwrap();
    firefox
        .fill("[data-testid=sign-in-password]", PASSWORD)
        .unwrap();
    firefox.click("[data-testid=sign-in-submit]").unwrap();
    firefox.find("[data-testid=new-session]").unwrap();
    firefox
        .script("localStorage.setItem('mayday.remote.scaling', JSON.stringify('actual'))")
        .unwrap();
    firefox
}

fn is_live(world: &World, firefox: &mut Firefox, session: &str) {
    let base = &world.gateway.listening.http_loopback;
    firefox
        .open(&format!("{base}/sessions/{session}/remote"))
        .unwrap();
    let state = "return document.querySelector('[data-testid=remote-view]')?.dataset.state ?? null";
    let live = firefox.script_until("a live picture", state, 2 * PATIENCE, |state| {
        state == "live"
    });
    photograph(world, firefox, "live.png");
    live.unwrap();
}

fn shows_the_screen(world: &World, firefox: &mut Firefox) {
    let mut last = f64::INFINITY;
    let seen = wait::until("the end user's screen in Firefox", PATIENCE, || {
        let canvas = firefox.area("[data-testid=remote-canvas]")?;
        let here = firefox.desktop.picture(canvas)?;
        last = world.desktop.screenshot()?.difference(&here);
        Ok((last < NEAR).then_some(()))
    });
    photograph(world, firefox, "firefox.png");
    seen.unwrap_or_else(|error| panic!("{error}; {last} apart"));
}

fn photograph(world: &World, firefox: &Firefox, name: &str) {
    let path = world.folder.join("pictures").join(name);
    firefox.desktop.screenshot().unwrap().save(&path).unwrap();
}

fn types_a_line(world: &World, firefox: &mut Firefox, file: &Path, line: &str) {
    let canvas = firefox.area("[data-testid=remote-canvas]").unwrap();
    firefox
        .desktop
        .click(canvas.x + 200, canvas.y + 150)
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    for letter in line.chars() {
        firefox.desktop.chord(&[letter as u32]).unwrap();
    }
    firefox.desktop.chord(&[keysym::RETURN]).unwrap();
    let typed = wait::until("the typed line", PATIENCE, || {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        Ok(text.lines().any(|one| one == line).then_some(()))
    });
    photograph(world, firefox, "typed.png");
    typed.unwrap_or_else(|error| panic!("{error}: {:?}", std::fs::read_to_string(file)));
}

#[test]
fn firefox_shows_the_screen_and_types_into_it() {
    let world = World::new("firefox").unwrap();
    let typed = world.folder.join("typed.txt");
    let _terminal = terminal(&world, &typed);
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let mut firefox = signed_in(&world);
    is_live(&world, &mut firefox, &created.id);
    shows_the_screen(&world, &mut firefox);
    types_a_line(&world, &mut firefox, &typed, "hello");
    shows_the_screen(&world, &mut firefox);
    let path = firefox
        .script("return window.__mayday_remote.path")
        .unwrap();
    println!("{} came by {path}", firefox.version().unwrap());
    assert!(path == "webtransport" || path == "websocket", "{path}");
}
