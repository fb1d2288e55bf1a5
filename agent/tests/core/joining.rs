//! A second technician joins while the first works: what the first one gets is what it would be without the other, both see the screen
//! as it is in the end, and no stripe begins anew that nothing happens in.

use std::time::Duration;

use mayday_protocol::Slot;
use mayday_protocol::control::ToAgent;
use mayday_protocol::update::Update;

use crate::application::PANE;
use crate::consent::{QUIET, allowed, watched};
use crate::world::{Losses, World};

const A: Slot = Slot::ALL[0];
const B: Slot = Slot::ALL[1];
/// Height of the stripes.
const STRIPE: u16 = 144;

/// A sees the screen, B is allowed but not there yet.
async fn one_watches(world: &mut World) {
    watched(world).await;
    world.application.page(7, 0, 390);
    world.application.photograph();
    world.until_quiet(QUIET).await;
    world.is_exact(A, "before anybody joins").await;
    allowed(world, 2, B).await;
}

/// Both see the screen.
async fn both_watch(world: &mut World) {
    one_watches(world).await;
    world.tell(&ToAgent::Connected { slot: B }).await;
    world.until_quiet(QUIET).await;
    world.is_exact(B, "after B joined").await;
}

/// Letters, each once the one before has come; what A got meanwhile.
async fn typing(world: &mut World) -> Vec<Update> {
    let mut came = Vec::new();
    for letter in 0..10 {
        world.application.write(20 + letter * 7, 40, "x");
        came.push(world.update().await);
    }
    came.extend(world.until_quiet(QUIET).await);
    came.into_iter().map(|(_, update)| update).collect()
}

fn bytes(updates: &[Update]) -> usize {
    updates.iter().map(|update| update.encode().len()).sum()
}

pub async fn nothing_but_the_typing_comes_to_who_was_there(world: &mut World) {
    one_watches(world).await;
    let alone = typing(world).await;
    world.tell(&ToAgent::Connected { slot: B }).await;
    let beside = typing(world).await;
    assert!(beside.len() <= alone.len() + 2, "{}", beside.len());
    assert!(
        bytes(&beside) <= bytes(&alone) * 5 / 4,
        "{} bytes beside {} alone",
        bytes(&beside),
        bytes(&alone)
    );
    assert!(beside.iter().all(|update| update.stripes.is_empty()));
    world.is_exact(A, "while B joined").await;
    world.is_exact(B, "after B joined").await;
    let theirs = world.sights[1].lock().unwrap().bytes;
    println!(
        "ten letters: {} bytes alone, {} while B joined, who got {theirs}",
        bytes(&alone),
        bytes(&beside)
    );
}

pub async fn what_moves_comes_to_both_once_their_stripes_began(world: &mut World) {
    both_watch(world).await;
    let before = |world: &World| {
        let of = |at: usize| {
            let sight = world.sights[at].lock().unwrap();
            (sight.copies, sight.keys, sight.bytes)
        };
        (of(0), of(1))
    };
    let (a, b) = before(world);
    for step in 0..8 {
        world.application.scroll(13, PANE);
        world
            .application
            .write(4, 196, &format!("Another line, number {step}"));
        let came = world.until_quiet(QUIET).await;
        for stripe in came.iter().flat_map(|(_, update)| &update.stripes) {
            let top = u16::from(stripe.index) * STRIPE;
            assert!(
                top < 100 + PANE && top + STRIPE > 100,
                "stripe {} begins although nothing moves there",
                stripe.index
            );
        }
        world.is_exact(A, "after a step").await;
        world.is_exact(B, "after a step").await;
    }
    let (a_after, b_after) = before(world);
    println!(
        "eight steps: A {} copies, {} key pictures, {} bytes; B {} copies, {} bytes",
        a_after.0 - a.0,
        a_after.1 - a.1,
        a_after.2 - a.2,
        b_after.0 - b.0,
        b_after.2 - b.2
    );
    assert!(a_after.0 - a.0 >= 7, "A's scrolling stays copies");
    assert!(b_after.0 - b.0 >= 4, "B's becomes copies");
    assert!(a_after.1 - a.1 <= 3, "each stripe begins anew once");
}

pub async fn a_photograph_comes_to_both(world: &mut World) {
    both_watch(world).await;
    world.application.page(9, 0, 390);
    world.until_quiet(QUIET).await;
    world.application.photograph();
    world.until_quiet(QUIET).await;
    world.is_exact(A, "after a photograph").await;
    world.is_exact(B, "after a photograph").await;
}

pub async fn losses_leave_no_wrong_picture(world: &mut World) {
    both_watch(world).await;
    for (datagrams, streams) in [(true, 0), (false, 2), (true, 3)] {
        *world.losses.lock().unwrap() = Losses {
            datagrams,
            streams,
            ..Losses::default()
        };
        // B comes anew while things get lost.
        world.tell(&ToAgent::Disconnected { slot: B }).await;
        world.until_quiet(QUIET).await;
        world.sights[1].lock().unwrap().forget();
        world.tell(&ToAgent::Connected { slot: B }).await;
        for step in 0..16 {
            match step % 4 {
                0 => world.application.page(300 + step as usize, 0, 390),
                1 => world.application.write(20 + step, 60, "abc"),
                2 => world.application.photograph(),
                _ => world.application.scroll(39, 390),
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        world.until_quiet(QUIET * 2).await;
        let when = format!("losing datagrams {datagrams}, streams {streams}");
        world.is_exact(A, &when).await;
        world.is_exact(B, &when).await;
    }
    *world.losses.lock().unwrap() = Losses::default();
}

pub async fn who_comes_again_is_served_again(world: &mut World) {
    both_watch(world).await;
    world.tell(&ToAgent::Disconnected { slot: A }).await;
    world.sights[0].lock().unwrap().forget();
    world.application.write(20, 80, "nobody but B sees this");
    tokio::time::sleep(QUIET).await;
    world.is_exact(B, "alone").await;
    world.tell(&ToAgent::Connected { slot: A }).await;
    world.until_quiet(QUIET).await;
    world.is_exact(A, "back again").await;
}
