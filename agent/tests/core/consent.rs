//! What the end user decides, holds. What must never happen is tried: allowing too early, pixels before anybody is connected or after Stop, input while a prompt is shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mayday_agent::cli::Exit;
use mayday_agent::face::{Doing, Scene, UserAction, View};
use mayday_protocol::control::{FromAgent, Rights, ToAgent};
use mayday_protocol::{AskId, Slot};

use crate::application::Application;
use crate::world::{PATIENCE, World};

const A: Slot = Slot::ALL[0];
const B: Slot = Slot::ALL[1];
/// Longer than anything waits before it is sent by itself.
pub const QUIET: Duration = Duration::from_millis(700);

/// Asks for `slot`, and the end user allows it.
pub async fn allowed(world: &mut World, ask: u64, slot: Slot) {
    world.ask(ask, slot).await;
    world.view(|view| matches!(view.scene, Scene::Prompt { .. }));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    world.act(UserAction::Allow);
    answered(world, ask, Rights::CONTROL, None).await;
}

/// Technician A is allowed and sees the screen, every pixel of it, and nothing more comes.
pub async fn watched(world: &mut World) {
    allowed(world, 1, A).await;
    world.tell(&ToAgent::Connected { slot: A }).await;
    world.until_quiet(QUIET).await;
    world.is_exact(A, "after the start").await;
}

pub async fn allowing_too_early_grants_nothing(world: &mut World) {
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

pub async fn the_screen_comes_once_somebody_is_connected(world: &mut World) {
    allowed(world, 1, A).await;
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

pub async fn a_question_that_runs_out_is_told_as_that(world: &mut World) {
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

pub async fn keys_arrive_but_not_while_a_prompt_is_shown(world: &mut World) {
    watched(world).await;
    world.tell(&ToAgent::Controller { slot: Some(A) }).await;
    world.view(banner_says(&[(A, Doing::Controls)]));
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
pub async fn nothing_leaves_after_stop(world: &mut World) {
    watched(world).await;
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

pub async fn leaving_is_said_and_ends_with_0(world: &mut World) {
    world.act(UserAction::Leave);
    world.said(|message| *message == FromAgent::Leave {}).await;
    assert_eq!(world.ended.recv_timeout(PATIENCE), Ok(Exit::Normal));
}

pub async fn no_yes_leaves_without_the_right_code(world: &mut World) {
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
