//! Three technicians in one session, with real processes: each one granted by the end user, one of them in control, and a slow one who
//! harms nobody.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mayday_protocol::Slot;
use mayday_protocol::control::RemoteState;
use mayday_tests::agent::{self, Agent, colour};
use mayday_tests::board::{Board, number_at};
use mayday_tests::desktop::Area;
use mayday_tests::link::Link;
use mayday_tests::linkem::{self, Loss, Profile, Rate};
use mayday_tests::rest::{Created, Rest};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use mayday_transport::Path;
use mayday_viewer::Viewer;
use serde_json::json;

const BOARD: Area = Area {
    x: 40,
    y: 400,
    width: 720,
    height: 368,
};
/// Linux key codes, and the X server's for the same keys.
const A: (u16, u8) = (30, 38);
const B: (u16, u8) = (48, 56);
const C: (u16, u8) = (46, 54);
/// Enough for an event that must not happen.
const MOMENT: Duration = Duration::from_millis(400);
/// A 16x16 block differs from the screen's by this much on average, at most: coarse coding is less, another picture is much more.
const ALIKE: u32 = 16;
const BLOCK: usize = 16;
/// Numbers of what is painted, one at each key, while a line is slow; from the second number on another technician types.
const PAGES: std::ops::Range<u16> = 1000..1060;
const HANDED_OVER: u16 = 1030;
/// What may stay on the way to a slow technician while the others get several times as much; left to pile up, it would be twice this.
const PILE: u64 = 512 * 1024;
/// The others get so many times a slow technician's bytes, at the least. Held up by that line they would get as many, or twice as many; as
/// it is, about fifty times as many, so a machine may be far slower.
const AHEAD: u64 = 4;
/// A line as on a train.
const TRAIN: Profile = Profile {
    name: "train",
    rtt: Duration::from_millis(150),
    rate: Rate::Constant(300e3),
    loss: Loss::Bernoulli(0.02),
    queue: Duration::from_millis(500),
    jitter: Duration::ZERO,
};

/// One session with its agent, the application on the shared screen, and everybody's account.
struct Scene {
    // Dropped in this order: who draws before the screen.
    board: Board,
    created: Created,
    colleagues: Vec<(String, Rest)>,
    _agent: Agent,
    world: World,
}

impl Scene {
    fn new(name: &str) -> Self {
        let world = World::new(name).unwrap();
        let board = Board::start(world.screen.display(), BOARD).unwrap();
        board.paint(1).unwrap();
        let (created, agent) = world.joined("Printer").unwrap();
        let colleagues = ["ben", "cleo"].map(|name| {
            let email = format!("{name}@example.com");
            let role = "technician_manager";
            world
                .gateway
                .hire(&world.owner, name, &email, role)
                .unwrap()
        });
        Self {
            board,
            created,
            colleagues: colleagues.into(),
            _agent: agent,
            world,
        }
    }

    /// The owner's viewer, granted first.
    fn first(&self) -> Viewer {
        self.granted(&self.world.owner);
        self.open(&self.world.owner, None, None)
    }

    /// Invites a colleague, whom the end user grants, too.
    fn invite(&self, colleague: usize) -> &Rest {
        let (id, rest) = &self.colleagues[colleague];
        self.world
            .owner
            .post(&self.path("invite"), &json!({"technician_id": id}))
            .unwrap();
        self.granted(rest);
        rest
    }

    /// This technician asks for control, and the end user clicks Allow.
    fn granted(&self, technician: &Rest) {
        technician
            .post(&self.path("ask"), &json!({"rights": "control"}))
            .unwrap();
        agent::answer(&self.world.desktop, colour::ALLOW, PATIENCE).unwrap();
        self.world
            .until(&self.created.id, "the grant", |session| {
                let technicians = session["technicians"].as_array().unwrap();
                technicians
                    .iter()
                    .all(|one| one["consent"] == "granted" || one["consent"] == "connected")
            })
            .unwrap();
    }

    fn open(&self, technician: &Rest, wire: Option<SocketAddr>, path: Option<Path>) -> Viewer {
        let connection = technician.post(&self.path("connect"), &json!({})).unwrap();
        let mut link = connection["native_link"].as_str().unwrap().to_owned();
        if let Some(wire) = wire {
            let rest = link.split_once("/view").unwrap().1;
            link = format!("mayday://{wire}/view{rest}");
        }
        Viewer::open_by(&link, path).unwrap()
    }

    fn wire(&self) -> Link {
        Link::to(self.gateway()).unwrap()
    }

    fn gateway(&self) -> SocketAddr {
        self.world.gateway.listening.address.parse().unwrap()
    }

    /// This technician presses a key, on which the application paints.
    fn type_for(&self, number: u16, typist: &Viewer) {
        let before = self.board.pressed(A.1);
        typist.press(A.0);
        wait::until("the key", PATIENCE, || {
            Ok((self.board.pressed(A.1) > before).then_some(()))
        })
        .unwrap();
        // A page of its own now and then, and else little.
        match number % 4 {
            0 => self.board.paint_noise(number).unwrap(),
            _ => self.board.paint(number).unwrap(),
        }
    }

    /// One of the gateway's figures for operators.
    fn figure(&self, name: &str) -> u64 {
        let base = &self.world.gateway.listening.http_loopback;
        let (_, page) = Rest::anonymous(base).page("/metrics").unwrap();
        let mut lines = page.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in\n{page}"))
    }

    fn path(&self, action: &str) -> String {
        format!("/sessions/{}/{action}", self.created.id)
    }

    /// Paints pictures and waits each time until all of these show it.
    fn paint_for(&self, numbers: std::ops::Range<u16>, viewers: &[&Viewer]) {
        for number in numbers {
            self.board.paint(number).unwrap();
            for viewer in viewers {
                shows(viewer, number);
            }
        }
    }

    /// Waits until the viewer's picture is the whole screen's.
    fn same_picture(&self, viewer: &Viewer) {
        let mut worst = (0, 0, 0);
        let same = wait::until("the same picture as on the screen", PATIENCE, || {
            let screen = self.world.desktop.screenshot()?;
            let Some((size, pixels)) = viewer.snapshot() else {
                return Ok(None);
            };
            assert_eq!(usize::from(size.width), screen.width);
            worst = worst_block(&screen.rgb, &pixels, screen.width, screen.height);
            Ok((worst.0 <= ALIKE).then_some(()))
        });
        same.unwrap_or_else(|error| panic!("{error}; worst block (difference, x, y): {worst:?}"));
    }
}

/// Waits until the viewer shows the board's picture of this number.
fn shows(viewer: &Viewer, number: u16) {
    let seen = viewer.wait_for(PATIENCE, move |canvas| {
        number_at(BOARD, canvas.size().width, canvas.pixels()) == Some(number)
    });
    assert!(
        seen.is_some(),
        "picture {number} did not come: {:?}",
        viewer.statistics()
    );
}

fn shown(viewer: &Viewer) -> Option<u16> {
    let (size, pixels) = viewer.snapshot()?;
    number_at(BOARD, size.width, &pixels)
}

/// Collects every number that the viewer shows from now on.
fn numbers_shown(viewer: &Viewer) -> Arc<Mutex<BTreeSet<u16>>> {
    let numbers = Arc::<Mutex<BTreeSet<u16>>>::default();
    let seen = numbers.clone();
    // It never has what it wants, so it is asked at every update. Who would tell is not waited for.
    let _ = viewer.watch(move |canvas| {
        seen.lock()
            .unwrap()
            .extend(number_at(BOARD, canvas.size().width, canvas.pixels()));
        false
    });
    numbers
}

/// The largest mean difference of a block, and where it is.
fn worst_block(rgb: &[u8], bgrx: &[u8], width: usize, height: usize) -> (u32, usize, usize) {
    let mut worst = (0, 0, 0);
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            let mut sum = 0;
            for y in top..(top + BLOCK).min(height) {
                for x in left..(left + BLOCK).min(width) {
                    let (at, to) = ((y * width + x) * 3, (y * width + x) * 4);
                    let pairs = [(at, to + 2), (at + 1, to + 1), (at + 2, to)];
                    sum += pairs
                        .map(|(a, b)| u32::from(rgb[a].abs_diff(bgrx[b])))
                        .iter()
                        .sum::<u32>();
                }
            }
            let mean = sum / (BLOCK * BLOCK * 3) as u32;
            worst = worst.max((mean, left, top));
        }
    }
    worst
}

fn controlled_by(viewer: &Viewer, slot: Slot) {
    let state = viewer.wait_for_state(PATIENCE, |state: &RemoteState| {
        state.controller == Some(slot)
    });
    assert!(state.is_some(), "{:?}", viewer.state());
}

#[test]
fn one_of_three_controls_and_hands_over_and_each_was_granted_by_the_end_user() {
    let scene = Scene::new("three-technicians");
    let first = scene.first();
    let second = scene.open(scene.invite(0), None, None);
    let third = scene.open(scene.invite(1), None, None);
    let all = [&first, &second, &third];
    for viewer in all {
        viewer.wait_for(PATIENCE, |_| true).unwrap();
        controlled_by(viewer, first.slot());
    }
    scene.board.take_focus(&scene.world.desktop).unwrap();

    let pressed = |keys: [usize; 3]| {
        wait::until(&format!("{keys:?} keys"), PATIENCE, || {
            let now = [A, B, C].map(|(_, code)| scene.board.pressed(code));
            Ok((now == keys).then_some(()))
        })
        .unwrap();
    };
    // Those who only watch first, so that their keys have had their chance.
    second.press(B.0);
    third.press(C.0);
    std::thread::sleep(MOMENT);
    first.press(A.0);
    pressed([1, 0, 0]);

    first.give_controls(second.slot());
    for viewer in all {
        controlled_by(viewer, second.slot());
    }
    first.press(A.0);
    third.press(C.0);
    std::thread::sleep(MOMENT);
    second.press(B.0);
    pressed([1, 1, 0]);

    scene.paint_for(100..105, &all);
    for viewer in all {
        scene.same_picture(viewer);
        assert_eq!(viewer.statistics().decode_errors, 0);
    }
}

#[test]
fn a_technician_on_a_bad_line_slows_nobody_and_gets_the_right_picture_in_the_end() {
    let scene = Scene::new("slow-technician");
    let first = scene.first();
    let cut = scene.wire();
    let second = scene.open(scene.invite(0), Some(cut.address()), Some(Path::Quic));
    scene.paint_for(100..110, &[&first, &second]);
    // A late joiner, through a firewall and a thin line.
    let thin = scene.wire();
    let third = scene.open(scene.invite(1), Some(thin.address()), Some(Path::WebSocket));
    assert_eq!(third.path(), Path::WebSocket);
    let came = third.wait_for(PATIENCE, |_| true);
    assert!(came.is_some(), "{:?}", third.events());
    scene.same_picture(&third);

    thin.thin(Some(10_000));
    let late = numbers_shown(&third);
    scene.paint_for(200..230, &[&first, &second]);
    cut.cut();
    scene.paint_for(300..330, &[&first]);
    assert!(
        shown(&second) < Some(300),
        "a cut wire let something through"
    );
    // It may have the last picture by now, but never had time for all of them.
    let painted = BTreeSet::from_iter((200..230).chain(300..330));
    let missed = painted.difference(&late.lock().unwrap()).count();
    println!("{missed} left out");
    assert!(missed > 10, "the line was not thin: {missed} left out");
    cut.mend();
    shows(&second, 329);
    thin.thin(None);
    for viewer in [&first, &second, &third] {
        shows(viewer, 329);
        scene.same_picture(viewer);
        assert_eq!(viewer.wait_for_end(Duration::ZERO), None);
    }
    assert_eq!(first.statistics().decode_errors, 0);
}

#[test]
fn a_technician_who_is_slow_all_the_time_holds_nobody_up_and_nothing_piles_up_for_them() {
    let scene = Scene::new("slow-all-the-time");
    let first = scene.first();
    let second = scene.open(scene.invite(0), None, None);
    let line = linkem::Link::open(scene.gateway(), &TRAIN, 7).unwrap();
    let slow = scene.open(scene.invite(1), Some(line.address()), Some(Path::Quic));
    let all = [&first, &second, &slow];
    for viewer in all {
        viewer.wait_for(PATIENCE, |_| true).unwrap();
    }
    scene.board.take_focus(&scene.world.desktop).unwrap();
    let seen = [&first, &second].map(numbers_shown);
    let before = all.map(|viewer| viewer.statistics().bytes);

    let mut waiting = u64::MAX;
    for number in PAGES {
        let typist = if number < HANDED_OVER {
            &first
        } else {
            &second
        };
        if typist.state().unwrap().controller != Some(typist.slot()) {
            first.give_controls(typist.slot());
            controlled_by(typist, typist.slot());
        }
        scene.type_for(number, typist);
        shows(&first, number);
        shows(&second, number);
        // The others have something on their way, too, but not all the time.
        if number >= HANDED_OVER {
            waiting = waiting.min(scene.figure("mayday_under_way_bytes "));
        }
    }
    let all_pages = BTreeSet::from_iter(PAGES);
    for shown in seen {
        assert!(all_pages.is_subset(&shown.lock().unwrap()));
    }
    let came: Vec<u64> = (all.iter().zip(before))
        .map(|(viewer, before)| viewer.statistics().bytes - before)
        .collect();
    let others = came[0].min(came[1]);
    assert!(others > AHEAD * came[2], "bytes that came: {came:?}");
    assert!(waiting < PILE, "{waiting} bytes waited for technicians");

    for viewer in all {
        shows(viewer, PAGES.end - 1);
        scene.same_picture(viewer);
        assert_eq!(viewer.wait_for_end(Duration::ZERO), None);
        assert_eq!(viewer.statistics().decode_errors, 0);
    }
}
