//! The whole core against a gateway of this test's own, over a real connection and on a real X server; only the window is played.
//! What must never happen is tried: allowing too early, input while a prompt is shown, pixels after Stop.

mod application;
mod joining;
mod mechanisms;
mod sight;
mod world;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mayday_agent::cli::Exit;
use mayday_agent::face::{Doing, Scene, UserAction, View};
use mayday_protocol::control::{FromAgent, Rights, ToAgent};
use mayday_protocol::{AskId, Slot};

use application::Application;
use world::{PATIENCE, World};

const A: Slot = Slot::ALL[0];
const B: Slot = Slot::ALL[1];

async fn no_yes_leaves_without_the_right_code(world: &mut World) {
    world.ask_with_code(7, B, "0471").await;
    let shows = |wrong: u8, verified: bool| {
        move |view: &View| match &view.scene {
            Scene::Prompt { verification, .. } => verification.as_ref().is_some_and(|code| {
                (code.wrong, code.verified) == (wrong, verified) && code.shown.is_none()
            }),
            _ => false,
        }
    };
    world.view(shows(0, false));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    world.act(UserAction::Allow);
    world.act(UserAction::Code("1740".to_owned()));
    world.view(shows(1, false));
    world.act(UserAction::Allow);
    world.act(UserAction::ViewOnly);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        world.messages.try_recv().is_err(),
        "answered without the right code"
    );
    world.act(UserAction::Code("0471".to_owned()));
    world.view(shows(0, true));
    world.act(UserAction::ViewOnly);
    answered(world, 7, Rights::VIEW, Some("0471")).await;
}

/// Waits until the gateway has heard this answer.
async fn answered(world: &mut World, ask: u64, rights: Rights, code: Option<&str>) {
    let answer = FromAgent::Answer {
        ask: AskId(ask),
        rights,
        code: code.map(str::to_owned),
    };
    world.said(|message| *message == answer).await;
}

#[test]
fn the_core_keeps_its_promises() {
    on_a_screen("inner");
}

#[test]
fn a_technician_who_joins_costs_the_others_nothing() {
    on_a_screen("joined");
}

/// The display is the process's, so each test runs in one of its own.
fn on_a_screen(test: &str) {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-noreset"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is installed by `cargo xtask test`");
    let mut number = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut number)
        .unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test, "--nocapture"])
        .env("DISPLAY", format!(":{}", number.trim()))
        .output();
    end(&mut server);
    let output = output.unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    println!("{words}");
    assert!(
        output.status.success(),
        "{words}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn end(server: &mut Child) {
    let _ = server.kill();
    let _ = server.wait();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the test above, with a display"]
async fn inner() {
    let mut world = World::start().await;
    world.view(|view| matches!(view.scene, Scene::Waiting { .. }));
    allowing_too_early_grants_nothing(&mut world).await;
    the_screen_comes_once_somebody_is_connected(&mut world).await;
    mechanisms::all(&mut world).await;
    keys_arrive_but_not_while_a_prompt_is_shown(&mut world).await;
    nothing_leaves_after_stop(&mut world).await;
    a_question_that_runs_out_is_told_as_that(&mut world).await;
    no_yes_leaves_without_the_right_code(&mut world).await;
    leaving_is_said_and_ends_with_0(world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by a test above, with a display"]
async fn joined() {
    let mut world = World::start().await;
    world.view(|view| matches!(view.scene, Scene::Waiting { .. }));
    joining::all(&mut world).await;
}

async fn allowing_too_early_grants_nothing(world: &mut World) {
    world.ask(1, A).await;
    world.view(|view| matches!(view.scene, Scene::Prompt { .. }));
    world.act(UserAction::Allow);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        world.messages.try_recv().is_err(),
        "answered in the first second"
    );
    tokio::time::sleep(Duration::from_millis(900)).await;
    world.act(UserAction::Allow);
    answered(world, 1, Rights::CONTROL, None).await;
}

async fn the_screen_comes_once_somebody_is_connected(world: &mut World) {
    assert!(
        world.updates.try_recv().is_err(),
        "pixels before anybody is connected"
    );
    world.view(banner_says(&[(A, Doing::Nothing)]));
    world.tell(&ToAgent::Connected { slot: A }).await;
    world.view(banner_says(&[(A, Doing::Controls)]));
    world.tell(&ToAgent::Controller { slot: None }).await;
    world.view(banner_says(&[(A, Doing::Sees)]));
    world.tell(&ToAgent::Controller { slot: Some(A) }).await;
    world.view(banner_says(&[(A, Doing::Controls)]));
    let (_, update) = world.update().await;
    assert!(update.layout.is_some(), "the first update says the layout");
}

/// The banner names these and what each does; all of them may control.
fn banner_says(wanted: &[(Slot, Doing)]) -> impl Fn(&View) -> bool {
    move |view| {
        let technicians = || view.banner.iter().flat_map(|one| &one.technicians);
        let shown: Vec<_> = technicians().map(|one| (one.slot, one.doing)).collect();
        shown == wanted && technicians().all(|one| one.control)
    }
}

async fn a_question_that_runs_out_is_told_as_that(world: &mut World) {
    world.ask(8, B).await;
    world.view(|view| matches!(view.scene, Scene::Prompt { .. }));
    let (ask, unanswered) = (AskId(8), true);
    world.tell(&ToAgent::Withdrawn { ask, unanswered }).await;
    world.view(|view| matches!(view.scene, Scene::Waiting { ran_out: true, .. }));
    world.ask(9, B).await;
    world.view(|view| matches!(view.scene, Scene::Prompt { .. }));
    let (ask, unanswered) = (AskId(9), false);
    world.tell(&ToAgent::Withdrawn { ask, unanswered }).await;
    world.view(|view| matches!(view.scene, Scene::Waiting { ran_out: false, .. }));
}

async fn keys_arrive_but_not_while_a_prompt_is_shown(world: &mut World) {
    world.key(30, true);
    world.key(30, false);
    assert_eq!(world.application.keys(2, PATIENCE), ["38 down", "38 up"]);
    world.key(42, true);
    assert_eq!(world.application.keys(1, PATIENCE), ["50 down"]);
    world.ask(2, B).await;
    world.view(|view| matches!(view.scene, Scene::Prompt { .. }));
    assert_eq!(
        world.application.keys(1, PATIENCE),
        ["50 up"],
        "held keys are let go"
    );
    world.key(28, true);
    world.key(28, false);
    assert!(
        world
            .application
            .keys(1, Duration::from_millis(400))
            .is_empty()
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    world.act(UserAction::Reject);
    answered(world, 2, Rights::NONE, None).await;
}

/// Not by the clock, as what left before may still be on its way: nothing is ever seen that was painted after Stop.
async fn nothing_leaves_after_stop(world: &mut World) {
    const GREYS: u32 = 250;
    let painted = Arc::new(AtomicU32::new(0));
    let painting = thread::spawn({
        let painted = painted.clone();
        move || {
            let application = Application::open(300, 300);
            for grey in 0..GREYS {
                painted.store(grey, Ordering::SeqCst);
                application.paint(grey * 0x0001_0101);
                thread::sleep(Duration::from_millis(5));
            }
        }
    });
    let began = Instant::now();
    while painted.load(Ordering::SeqCst) < GREYS / 3 || !(1..GREYS).contains(&seen_grey(world)) {
        assert!(began.elapsed() < PATIENCE, "nothing of it is seen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.permit.stop();
    let at_stop = painted.load(Ordering::SeqCst);
    world.act(UserAction::Stop);
    world
        .said(|message| {
            matches!(
                message,
                FromAgent::Lowered {
                    rights: Rights::NONE,
                    ..
                }
            )
        })
        .await;
    painting.join().unwrap();
    world.until_quiet(Duration::from_millis(600)).await;
    let seen = seen_grey(world);
    // A picture may be off by a little.
    assert!(seen <= at_stop + 8, "{seen} is seen, {at_stop} was there");
    world.key(30, true);
    assert!(
        world
            .application
            .keys(1, Duration::from_millis(300))
            .is_empty()
    );
}

/// What technician A sees where the other application paints.
fn seen_grey(world: &World) -> u32 {
    let sight = world.sights[0].lock().unwrap();
    let (size, pixels) = sight.pixels().expect("there is a picture");
    let (x, y) = (320, 315);
    u32::from(pixels[(y * usize::from(size.width) + x) * 4 + 1])
}

async fn leaving_is_said_and_ends_with_0(mut world: World) {
    world.act(UserAction::Leave);
    world.said(|message| *message == FromAgent::Leave {}).await;
    assert_eq!(world.ended.recv_timeout(PATIENCE), Ok(Exit::Normal));
}
