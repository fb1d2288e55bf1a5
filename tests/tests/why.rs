//! "Why is it slow?" with an end user behind a long wire: console and native viewer name the network in words, and show figures.

use std::cell::Cell;
use std::time::Duration;

use mayday_tests::agent::Agent;
use mayday_tests::board::Board;
use mayday_tests::console::Console;
use mayday_tests::desktop::Area;
use mayday_tests::linkem::{Link, Loss, Profile, Rate};
use mayday_tests::rest::Created;
use mayday_tests::viewer::{Button, ViewerWindow};
use mayday_tests::world::{PATIENCE, World};
use mayday_tests::{technician, wait};
use serde_json::json;

/// The other side of the world: half of this is more than anything else takes here.
const AROUND_THE_WORLD: Profile = Profile {
    name: "around the world",
    rtt: Duration::from_millis(600),
    rate: Rate::Constant(50e6),
    loss: Loss::None,
    jitter: Duration::ZERO,
    queue: Duration::from_millis(500),
};
const BOARD: Area = Area {
    x: 300,
    y: 200,
    width: 640,
    height: 400,
};
/// X's code of a key on the board, and the letter.
const KEY: (u8, &str) = (45, "k");

struct Far {
    board: Board,
    created: Created,
    _agent: Agent,
    _wire: Link,
    world: World,
}

impl Far {
    fn new(name: &str) -> Self {
        let world = World::new(name).unwrap();
        let gateway = &world.gateway.listening;
        let wire = Link::open(gateway.address.parse().unwrap(), &AROUND_THE_WORLD, 3).unwrap();
        let created = world.owner.new_session("Printer").unwrap();
        let through = format!("{}#{}", wire.address(), gateway.pin);
        let agent = world
            .agent("far", &["--gateway", &through, "--pin", &created.pin])
            .unwrap();
        let is_active = |session: &serde_json::Value| session["status"] == "active";
        world.until(&created.id, "active", is_active).unwrap();
        world.allowed(&created.id).unwrap();
        let board = Board::start(world.screen.display(), BOARD).unwrap();
        board.paint(1).unwrap();
        board.take_focus(&world.desktop).unwrap();
        Self {
            board,
            created,
            _agent: agent,
            _wire: wire,
            world,
        }
    }

    /// Something small happens at the end user's, again and again, until it was noticed.
    fn until_noticed(&self, what: &str, mut noticed: impl FnMut() -> bool) {
        let mut number = 1;
        let seen = wait::until(what, PATIENCE, || {
            number += 1;
            self.board.mark(number)?;
            std::thread::sleep(Duration::from_millis(100));
            Ok(noticed().then_some(()))
        });
        seen.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_names_the_network() {
    let far = Far::new("why-console");
    let console = Console::start(&far.world).await.unwrap();
    console.watch(&far.created.id).await.unwrap();
    let browser = &console.browser;
    browser
        .click("[data-testid=remote-figures-toggle]")
        .await
        .unwrap();
    browser.find("[data-testid=remote-figures]").await.unwrap();
    let why = "const why = document.querySelector('[data-testid=remote-why]'); return [why.dataset.reason, why.textContent];";
    let number = Cell::new(1);
    let named = browser.script_until("the network's name", why, PATIENCE, |said| {
        number.set(number.get() + 1);
        far.board.mark(number.get()).unwrap();
        said[0] == json!("network")
    });
    let said = named.await.unwrap();
    let words = said[1].as_str().unwrap();
    assert!(
        words.starts_with("The network between you and the end user adds "),
        "{words}"
    );
    let ms: f64 = words.split(' ').rev().nth(1).unwrap().parse().unwrap();
    assert!((250.0..900.0).contains(&ms), "{words}");
    // What is small comes as it is, and the first picture is soon no news any more.
    let quality = "return document.querySelector('[data-testid=remote-figures]').textContent";
    let exact = browser.script_until("the quality", quality, PATIENCE, |said| {
        number.set(number.get() + 1);
        far.board.mark(number.get()).unwrap();
        said.as_str()
            .is_some_and(|said| said.contains("Qualityexact"))
    });
    exact.await.unwrap();
    let pictures = far.world.folder.join("pictures");
    browser
        .screenshot(pictures.join("why-console.png"))
        .await
        .unwrap();
    technician::keep(&far.world.folder, "why-console.png").unwrap();
}

#[test]
fn the_native_viewer_names_the_network_and_shows_figures() {
    let far = Far::new("why-viewer");
    let link = far.world.viewer_link(&far.created.id).unwrap();
    let logs = far.world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    viewer.says("situation=\"live\"").unwrap();
    let before = viewer.picture().unwrap();
    viewer.press(Button::Figures).unwrap();
    far.until_noticed("the network's name", || {
        viewer.process.complaints().contains("why=\"network\"")
    });
    viewer
        .says("The network between you and the end user adds ")
        .unwrap();
    // A key that paints something at the end user's: how long that took.
    viewer.desktop.type_text(KEY.1).unwrap();
    far.until_noticed("the key at the end user's", || far.board.pressed(KEY.0) > 0);
    let figure = |name: &str| figure(&viewer.process.complaints(), name);
    far.until_noticed("key to pixel", || {
        figure("Key to pixel") != Some("–".to_owned())
    });
    let took = figure("Key to pixel").unwrap();
    let ms: f64 = took.strip_suffix(" ms").unwrap().parse().unwrap();
    assert!(ms >= 600.0, "{took} is quicker than the wire");
    // What is small comes as it is.
    far.until_noticed("the quality", || {
        figure("Quality").as_deref() == Some("exact")
    });
    assert_eq!(figure("Screen").as_deref(), Some("1280 × 800"));
    let out = far.world.folder.join("pictures");
    let all = viewer.desktop.screenshot().unwrap();
    all.save(&out.join("why-viewer.png")).unwrap();
    technician::keep(&far.world.folder, "why-viewer.png").unwrap();
    assert!(
        viewer.picture().unwrap().apart(&before).is_some(),
        "nothing is shown over the picture"
    );
}

/// The last value that was shown beside this name.
fn figure(log: &str, name: &str) -> Option<String> {
    let from = format!("(\"{name}\", \"");
    let (_, rest) = log.rsplit_once(&from)?;
    Some(rest.split_once('"')?.0.to_owned())
}
