//! The native viewer's window with a real gateway, agent and two real displays: what the technician sees is what the end user has, what is
//! typed arrives, and a cut wire is survived.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mayday_tests::agent::{BANNER, answer, colour};
use mayday_tests::board::Board;
use mayday_tests::desktop::{Area, keysym};
use mayday_tests::link::{Knock, Link};
use mayday_tests::process::Running;
use mayday_tests::technician;
use mayday_tests::viewer::{Button, ViewerWindow};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::json;

/// The picture is coded; this far it may be from the screen before it became exact.
const NEAR: f64 = 3.0;
/// Rows of the menu with keys, and X's codes of what they press.
const CTRL_ALT_DEL: (i16, [u8; 3]) = (0, [37, 64, 119]);
const F11: (i16, [u8; 1]) = (6, [95]);
const BOARD: Area = Area {
    x: 300,
    y: 200,
    width: 640,
    height: 400,
};

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

fn shows_the_screen(world: &World, viewer: &ViewerWindow) {
    let mut last = f64::INFINITY;
    let seen = wait::until("the end user's screen in the viewer", PATIENCE, || {
        let (there, here) = (world.desktop.screenshot()?, viewer.picture()?);
        last = there.difference(&here);
        Ok((last < NEAR).then_some(()))
    });
    let out = world.folder.join("pictures");
    viewer
        .desktop
        .screenshot()
        .unwrap()
        .save(&out.join("viewer.png"))
        .unwrap();
    world
        .desktop
        .screenshot()
        .unwrap()
        .save(&out.join("end-user.png"))
        .unwrap();
    seen.unwrap_or_else(|error| panic!("{error}; {last} apart; {}", viewer.process.complaints()));
}

fn types_a_line(world: &World, viewer: &ViewerWindow, file: &Path, line: &str) {
    viewer.click(200, 150).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    for letter in line.chars() {
        viewer.desktop.chord(&[letter as u32]).unwrap();
    }
    viewer.desktop.chord(&[keysym::RETURN]).unwrap();
    wait::until("the typed line", PATIENCE, || {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        Ok(text.lines().any(|one| one == line).then_some(()))
    })
    .unwrap_or_else(|error| {
        let out = world.folder.join("pictures/typed.png");
        viewer.desktop.screenshot().unwrap().save(&out).unwrap();
        panic!("{error}: {:?}", std::fs::read_to_string(file))
    });
}

#[test]
fn the_window_shows_the_screen_types_into_it_and_fills_the_monitor() {
    let world = World::new("viewer-window").unwrap();
    let typed = world.folder.join("typed.txt");
    let _terminal = terminal(&world, &typed);
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let link = world.viewer_link(&created.id).unwrap();
    let logs = world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    shows_the_screen(&world, &viewer);
    types_a_line(&world, &viewer, &typed, "hello");

    viewer.desktop.chord(&[keysym::F11]).unwrap();
    wait::until("full screen", PATIENCE, || {
        let area = viewer.area()?;
        Ok(((area.width, area.height) == (1920, 1080)).then_some(()))
    })
    .unwrap();
    // 1280x800 on 1920x1080: 1728x1080 in the middle, and the ground beside it.
    wait::until("the larger picture", PATIENCE, || {
        let screen = viewer.desktop.screenshot()?;
        let paper = [0xf4, 0xf1, 0xe8];
        let near = |pixel: [u8; 3]| pixel.iter().zip(paper).all(|(a, b)| a.abs_diff(b) < 12);
        let inside = screen.pixel(96 + (500 * 27 / 20), 300 * 27 / 20);
        Ok((near(inside) && screen.pixel(40, 500) == screen.pixel(1900, 500)).then_some(()))
    })
    .unwrap();
    viewer
        .desktop
        .screenshot()
        .unwrap()
        .save(&world.folder.join("pictures/full.png"))
        .unwrap();
    viewer.desktop.chord(&[keysym::F11]).unwrap();
    wait::until("a window again", PATIENCE, || {
        Ok((viewer.area()?.width < 1920).then_some(()))
    })
    .unwrap();
    shows_the_screen(&world, &viewer);
}

#[test]
fn special_keys_from_the_menu_arrive_at_the_end_user() {
    let world = World::new("viewer-keys").unwrap();
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let board = Board::start(world.screen.display(), BOARD).unwrap();
    board.paint(1).unwrap();
    board.take_focus(&world.desktop).unwrap();
    let link = world.viewer_link(&created.id).unwrap();
    let logs = world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    shows_the_screen(&world, &viewer);

    let before = viewer.area().unwrap();
    for (row, codes) in [(CTRL_ALT_DEL.0, &CTRL_ALT_DEL.1[..]), (F11.0, &F11.1)] {
        let keys = viewer.press(Button::Keys).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        keep(&world, &viewer, "keys-menu");
        viewer.press_in_menu(keys, row).unwrap();
        wait::until("the keys at the end user's", PATIENCE, || {
            let pressed = |code: &u8| board.pressed(*code) == 1;
            Ok(codes.iter().all(pressed).then_some(()))
        })
        .unwrap_or_else(|error| {
            keep(&world, &viewer, "keys-menu-failed");
            panic!("{error}")
        });
    }
    wait::until("no key held", PATIENCE, || {
        Ok(world.desktop.keys_held()?.is_empty().then_some(()))
    })
    .unwrap();
    assert_eq!(viewer.area().unwrap(), before, "F11 was for the other side");
    shows_the_screen(&world, &viewer);
}

#[test]
fn at_one_to_one_every_pixel_is_the_end_users_and_the_edge_moves_on() {
    let world = World::new("viewer-actual").unwrap();
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let board = Board::start(world.screen.display(), BOARD).unwrap();
    board.paint(3).unwrap();
    let link = world.viewer_link(&created.id).unwrap();
    let logs = world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    shows_the_screen(&world, &viewer);
    let (width, height) = (1000, 600);
    viewer.resize(width, height).unwrap();
    let part = |x: i16, y: i16| Area {
        x,
        y,
        width,
        height,
    };
    let shows = |what: &str, part: Area| {
        let mut last = None;
        wait::until(what, PATIENCE, || {
            last = world.desktop.picture(part)?.apart(&viewer.picture()?);
            Ok(last.is_none().then_some(()))
        })
        .unwrap_or_else(|error| {
            keep(&world, &viewer, "actual-failed");
            panic!("{error}: {last:?}")
        });
    };

    // Where the end user's pointer is, the viewer draws it.
    world.desktop.move_to(1279, 799).unwrap();
    viewer.press(Button::Actual).unwrap();
    shows("the screen's first corner, pixel by pixel", part(0, 0));
    keep(&world, &viewer, "actual");
    let place = viewer.picture_area().unwrap();
    world.desktop.move_to(0, 0).unwrap();
    let (right, bottom) = (place.x + 999, place.y + 599);
    viewer.desktop.move_to(right, bottom).unwrap();
    shows("the screen's last corner, pixel by pixel", part(280, 200));
    keep(&world, &viewer, "actual-moved");
    viewer.press(Button::Fit).unwrap();
    wait::until("all of the screen", PATIENCE, || {
        let corner = viewer.picture()?.pixel(2, 300);
        Ok((corner == [0x12, 0x15, 0x19]).then_some(()))
    })
    .unwrap();
}

#[test]
fn whose_doing_the_end_was_is_said() {
    let world = World::new("viewer-ends").unwrap();
    let (created, agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let link = world.viewer_link(&created.id).unwrap();
    let logs = world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    shows_the_screen(&world, &viewer);
    let presses = |button| {
        world
            .desktop
            .click_colour(BANNER, button, PATIENCE)
            .unwrap();
    };

    presses(colour::BANNER_PAUSE);
    viewer.says("Paused by the end user").unwrap();
    keep(&world, &viewer, "paused");
    presses(colour::BANNER_STOP);
    viewer.says("Stopped by the end user").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    keep(&world, &viewer, "stopped");
    // Allowed again it is connected at once, as the window is still there.
    let ask = format!("/sessions/{}/ask", created.id);
    world
        .owner
        .post(&ask, &json!({"rights": "control"}))
        .unwrap();
    answer(&world.desktop, colour::ALLOW, PATIENCE).unwrap();
    shows_the_screen(&world, &viewer);
    presses(colour::BANNER_LEAVE);
    viewer.says("The end user has left").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    keep(&world, &viewer, "left");
    drop(agent);
}

/// A picture of the technician's screen, to be looked at.
fn keep(world: &World, viewer: &ViewerWindow, name: &str) {
    let file = world.folder.join("pictures").join(format!("{name}.png"));
    viewer.desktop.screenshot().unwrap().save(&file).unwrap();
    technician::keep(&world.folder, &format!("{name}.png")).unwrap();
}

#[test]
fn a_cut_wire_dims_the_last_picture_and_the_viewer_comes_back_by_itself() {
    let world = World::new("viewer-wire").unwrap();
    let typed = world.folder.join("typed.txt");
    let _terminal = terminal(&world, &typed);
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let wire = Link::to(world.gateway.listening.address.parse().unwrap()).unwrap();
    let link = world.viewer_link(&created.id).unwrap();
    let (_, path) = link.split_once("/view").unwrap();
    let link = format!("mayday://{}/view{path}", wire.address());
    let logs = world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    shows_the_screen(&world, &viewer);

    wire.cut();
    wait::until("words on a dimmed picture", PATIENCE, || {
        let paper = viewer.picture()?.pixel(400, 260);
        Ok((paper[0] < 0xc0).then_some(()))
    })
    .unwrap();
    // Long enough that the connection is given up, not only waited for.
    world
        .until(&created.id, "the viewer is missed", |session| {
            session["technicians"][0]["consent"] == "granted"
        })
        .unwrap();
    std::thread::sleep(Duration::from_secs(3));
    let out = world.folder.join("pictures/reconnecting.png");
    viewer.desktop.screenshot().unwrap().save(&out).unwrap();
    wire.mend();
    shows_the_screen(&world, &viewer);
    types_a_line(&world, &viewer, &typed, "again");
}

#[test]
fn the_viewer_comes_back_first_by_the_way_that_worked() {
    let world = World::new("viewer-way").unwrap();
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let wire = Link::to(world.gateway.listening.address.parse().unwrap()).unwrap();
    wire.block_udp();
    let link = world.viewer_link(&created.id).unwrap();
    let (_, path) = link.split_once("/view").unwrap();
    let link = format!("mayday://{}/view{path}", wire.address());
    let logs = world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    shows_the_screen(&world, &viewer);

    wire.cut();
    let first = wait::until("an attempt to come back", 3 * PATIENCE, || {
        Ok(wire.first_knock())
    });
    assert_eq!(first.unwrap(), Knock::Tcp, "UDP was tried first");
    wire.mend();
    // Its picture is dimmed until it is back.
    shows_the_screen(&world, &viewer);
}

#[test]
fn a_link_that_was_used_is_explained_in_words_and_not_retried() {
    let world = World::new("viewer-used-link").unwrap();
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let link = world.viewer_link(&created.id).unwrap();
    let logs = world.folder.join("logs");
    let first = ViewerWindow::open(&link, "Printer", &[], &logs.join("first")).unwrap();
    shows_the_screen(&world, &first);
    let second = ViewerWindow::open(&link, "Mayday", &[], &logs.join("second")).unwrap();
    let button = wait::until("the card's button", PATIENCE, || {
        Ok(second.picture()?.find_colour(0x2f_6f_d0))
    })
    .unwrap();
    let out = world.folder.join("pictures/used-link.png");
    second.desktop.screenshot().unwrap().save(&out).unwrap();
    second.click(button.0 as i16, button.1 as i16).unwrap();
    let ViewerWindow { mut process, .. } = second;
    assert!(process.wait(PATIENCE).unwrap().success());
    shows_the_screen(&world, &first);
}
