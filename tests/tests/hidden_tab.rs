//! The remote view in a tab that nobody sees, in a real Chromium on a real display: whatever the browser does to it meanwhile, the picture is
//! right when the technician comes back, without a reload.

use std::time::Duration;

use mayday_tests::board::Board;
use mayday_tests::browser::Browser;
use mayday_tests::console::Console;
use mayday_tests::desktop::Area;
use mayday_tests::rest::Created;
use mayday_tests::scenery::{self, Scenery};
use mayday_tests::world::{PATIENCE, World};
use mayday_tests::xserver::XServer;
use serde_json::json;

const BOARD: Area = Area {
    x: 300,
    y: 200,
    width: 640,
    height: 400,
};
/// Longer than the viewer's patience with missing pictures, and than a browser's first throttling of timers.
const AWAY: Duration = Duration::from_secs(8);
/// Longer than a connection lives without a sign of life.
const ASLEEP: Duration = Duration::from_secs(14);
/// Where the terminal to read in is.
const READING: (i16, i16) = (60, 400);
/// Keeps every decoder that the page makes, and how to tell it of its end.
const KEEP_DECODERS: &str = "
    const Real = VideoDecoder;
    window.__decoders = [];
    window.VideoDecoder = class extends Real {
        constructor(init) { super(init); window.__decoders.push([this, init.error]); }
    };";
/// What Chromium does to the decoders of a page in the background when memory or hardware is short (the Codec Reclamation of the
/// WebCodecs specification, which nobody can order from outside).
const RECLAIM: &str = "
    const living = window.__decoders.filter(([decoder]) => decoder.state === 'configured');
    for (const [decoder, tell] of living) { decoder.close(); tell(new DOMException('reclaimed', 'QuotaExceededError')); }
    return living.length;";
/// What a browser leaves of a canvas whose memory it took (context loss in the HTML standard), and how it tells the page.
const EMPTY_CANVAS: &str = "
    const canvas = document.querySelector('[data-testid=remote-canvas]');
    canvas.getContext('2d').fillRect(0, 0, canvas.width, canvas.height);
    canvas.dispatchEvent(new Event('contextrestored'));";
const WATCH_VISIBILITY: &str = "
    window.__visibility = [];
    document.addEventListener('visibilitychange', () => window.__visibility.push(document.visibilityState));
    window.__same_page = true;";

/// The end user's busy desktop and a technician's tab that shows it.
struct Scene {
    console: Console,
    board: Board,
    // Dropped in this order.
    _agent: mayday_tests::agent::Agent,
    _created: Created,
    _scenery: Scenery,
    world: World,
    _display: XServer,
}

impl Scene {
    async fn new(name: &str) -> Self {
        let world = World::new(name).unwrap();
        let display = XServer::start(1440, 1000, &world.folder.join("logs/technician")).unwrap();
        let scenery = Scenery::show(world.screen.display(), &world.folder).unwrap();
        let (created, agent) = world.joined("Printer").unwrap();
        world.allowed(&created.id).unwrap();
        let board = Board::start(world.screen.display(), BOARD).unwrap();
        board.paint(1).unwrap();
        let folder = &world.folder;
        let browser = Browser::start_on(
            display.display(),
            &folder.join("chromium"),
            &folder.join("logs"),
        )
        .await
        .unwrap();
        let early = json!({"source": KEEP_DECODERS});
        browser
            .devtools("Page.addScriptToEvaluateOnNewDocument", early)
            .await
            .unwrap();
        let console = Console::sign_in(&world, browser).await.unwrap();
        console.watch(&created.id).await.unwrap();
        console.browser.script(WATCH_VISIBILITY).await.unwrap();
        Self {
            console,
            board,
            _agent: agent,
            _created: created,
            _scenery: scenery,
            world,
            _display: display,
        }
    }

    /// A film for a while, and text that moves.
    fn much_happens(&self) {
        for number in 2..40 {
            self.board.paint_noise(number).unwrap();
            std::thread::sleep(Duration::from_millis(40));
        }
        let desktop = &self.world.desktop;
        desktop.click(READING.0, READING.1).unwrap();
        desktop.type_text("jjj  k").unwrap();
        self.board.paint(41).unwrap();
    }

    async fn is_exact(&self, when: &str) {
        scenery::still(&self.world.desktop).unwrap();
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let real = self.world.desktop.screenshot().unwrap();
            let seen = self.console.picture().await.unwrap();
            let Some((count, area)) = real.apart(&seen) else {
                break;
            };
            if std::time::Instant::now() > end {
                let pictures = self.world.folder.join("pictures");
                real.save(&pictures.join("real.png")).unwrap();
                seen.save(&pictures.join("seen.png")).unwrap();
                panic!("{when}: {count} pixels are wrong, in {area:?}");
            }
        }
        let same = self
            .console
            .browser
            .script("return window.__same_page === true")
            .await
            .unwrap();
        assert_eq!(same, true, "{when}: the page was loaded anew");
        self.console.state("live").await.unwrap();
    }

    /// What the page was told of its visibility since the last time.
    async fn visibility(&self) -> serde_json::Value {
        self.console
            .browser
            .script("return window.__visibility.splice(0)")
            .await
            .unwrap()
    }

    async fn lifecycle(&self, state: &str) {
        let order = json!({"state": state});
        self.console
            .browser
            .devtools("Page.setWebLifecycleState", order)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_behind_another_one_shows_the_right_picture_when_it_comes_back() {
    let scene = Scene::new("hidden-tab").await;
    scene.is_exact("at first").await;
    let client = &scene.console.browser.client;
    let mine = client.window().await.unwrap();
    let other = client.new_window(true).await.unwrap();
    client.switch_to_window(other.handle.clone()).await.unwrap();
    client.goto("about:blank").await.unwrap();
    scene
        .console
        .browser
        .devtools("Page.bringToFront", json!({}))
        .await
        .unwrap();
    scene.much_happens();
    tokio::time::sleep(AWAY).await;
    scene.much_happens();
    client.switch_to_window(mine).await.unwrap();
    scene
        .console
        .browser
        .devtools("Page.bringToFront", json!({}))
        .await
        .unwrap();
    let seen = scene.visibility().await;
    println!("the tab was told {seen}");
    assert_eq!(
        seen,
        json!(["hidden", "visible"]),
        "it was never behind another one"
    );
    scene.is_exact("back in front").await;
    scene.much_happens();
    scene.is_exact("and afterwards").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_was_frozen_shows_the_right_picture_when_it_runs_again() {
    let scene = Scene::new("frozen-tab").await;
    scene.is_exact("at first").await;
    for asleep in [Duration::from_secs(4), ASLEEP] {
        scene.lifecycle("frozen").await;
        scene.much_happens();
        tokio::time::sleep(asleep).await;
        scene.much_happens();
        scene.lifecycle("active").await;
        scene.is_exact(&format!("after {asleep:?}")).await;
    }
    scene.much_happens();
    scene.is_exact("and afterwards").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn decoders_that_the_browser_took_away_are_made_anew() {
    let scene = Scene::new("reclaimed-decoders").await;
    scene.much_happens();
    scene.is_exact("at first").await;
    let taken = scene.console.browser.script(RECLAIM).await.unwrap();
    assert!(taken.as_u64().unwrap() > 0, "the page decodes nothing");
    scene.is_exact("right after").await;
    scene.much_happens();
    scene.is_exact("after new pictures").await;
    let made =
        "return window.__decoders.filter(([decoder]) => decoder.state === 'configured').length";
    let living = scene.console.browser.script(made).await.unwrap();
    assert!(living.as_u64().unwrap() > 0, "the page decodes no more");
    // In the middle of something, too.
    for number in 50..80 {
        scene.board.paint_noise(number).unwrap();
        if number % 10 == 5 {
            scene.console.browser.script(RECLAIM).await.unwrap();
        }
    }
    scene.board.paint(81).unwrap();
    scene
        .is_exact("after it was taken away again and again")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canvas_that_the_browser_emptied_is_filled_again() {
    let scene = Scene::new("emptied-canvas").await;
    scene.is_exact("at first").await;
    scene.console.browser.script(EMPTY_CANVAS).await.unwrap();
    let empty = scene.console.picture().await.unwrap();
    assert!(
        empty
            .apart(&scene.world.desktop.screenshot().unwrap())
            .is_some(),
        "it was not emptied"
    );
    scene.is_exact("afterwards").await;
}
