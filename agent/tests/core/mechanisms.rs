//! One test for each mechanism of the stream, on a real screen: nothing at rest, a glyph as one small tile, a scroll as a copy, a
//! photograph as a picture first, and every pixel exact in the end.

use std::time::{Duration, Instant};

use mayday_protocol::Slot;
use mayday_protocol::update::Update;

use crate::application::PANE;
use crate::world::{Losses, WINDOW, World};

/// Longer than anything waits before it is sent by itself.
const QUIET: Duration = Duration::from_millis(700);

pub async fn all(world: &mut World) {
    world.until_quiet(QUIET).await;
    is_exact(world, "after the start").await;
    let keys = world.sights[0].lock().unwrap().keys;
    a_screen_at_rest_sends_nothing(world).await;
    a_glyph_is_one_small_tile(world).await;
    a_photograph_is_a_picture_at_once_and_exact_soon(world).await;
    text_between_photographs_stays_exact(world).await;
    a_scroll_is_a_copy_and_stays_exact(world).await;
    a_scroll_after_menus_and_pages_is_a_copy(world).await;
    a_page_pulled_aside_is_a_copy(world).await;
    a_dragged_window_is_a_copy(world).await;
    let after = world.sights[0].lock().unwrap().keys;
    assert_eq!(after, keys, "no stripe begins twice");
    no_loss_leaves_a_wrong_picture(world).await;
}

async fn is_exact(world: &World, when: &str) {
    world.is_exact(Slot::ALL[0], when).await;
}

async fn a_screen_at_rest_sends_nothing(world: &mut World) {
    assert_eq!(world.until_quiet(Duration::from_secs(2)).await.len(), 0);
}

async fn a_glyph_is_one_small_tile(world: &mut World) {
    world.application.write(20, 40, "a");
    let came = world.until_quiet(QUIET).await;
    assert_eq!(came.len(), 1, "exact at once: nothing follows");
    let update = &came[0].1;
    assert!(update.stripes.is_empty() && update.copies.is_empty());
    let pixels: u32 = update
        .tiles
        .iter()
        .map(|tile| u32::from(tile.rect.width) * u32::from(tile.rect.height))
        .sum();
    assert!(
        (256..=1024).contains(&pixels),
        "{pixels} pixels for a glyph"
    );
    assert!(
        update.encode().len() < 150,
        "{} bytes",
        update.encode().len()
    );
    is_exact(world, "after a glyph").await;
}

async fn a_photograph_is_a_picture_at_once_and_exact_soon(world: &mut World) {
    let painted = Instant::now();
    world.application.photograph();
    let came = world.until_quiet(QUIET).await;
    // The first thing may be a picture of nothing, with which the stripes begin.
    let first = came
        .iter()
        .find(|(_, update)| drawn(update) > 0 || !update.tiles.is_empty());
    let (_, first) = first.expect("something is shown");
    assert!(drawn(first) > 0, "a picture first");
    is_exact(world, "after a photograph").await;
    let (last, update) = came.last().expect("something came");
    assert!(!update.tiles.is_empty(), "tiles at last");
    println!("a photograph was exact after {:?}", *last - painted);
}

/// The encoder draws both photographs as one rectangle; what is between them is not its business.
async fn text_between_photographs_stays_exact(world: &mut World) {
    world.application.page(600, 0, 390);
    world.until_quiet(QUIET).await;
    for step in 0..3 {
        world.application.photograph_at(50);
        world.application.write(154, 120 + step * 13, "Text");
        world.application.photograph_at(182);
        world.until_quiet(QUIET).await;
        is_exact(world, "with text between two photographs").await;
    }
}

async fn a_scroll_is_a_copy_and_stays_exact(world: &mut World) {
    for line in 0..14_i16 {
        let text = format!(
            "Line {line}: the quick brown fox, {}",
            i32::from(line) * 7919
        );
        world.application.write(4, 14 + line * 13, &text);
    }
    world.until_quiet(QUIET).await;
    is_exact(world, "after text").await;
    let (mut copies, mut bytes) = (0, 0);
    for step in 0..6 {
        world.application.scroll(13, PANE);
        world
            .application
            .write(4, 196, &format!("Another line, number {step}"));
        for (_, update) in world.until_quiet(QUIET).await {
            copies += update.copies.len();
            bytes += update.encode().len();
        }
        is_exact(world, "after a step of scrolling").await;
    }
    assert!(copies >= 6, "{copies} copies in 6 steps");
    assert!(bytes / 6 <= 5 * 1024, "{} bytes a step", bytes / 6);
    println!("a step of scrolling took {} bytes", bytes / 6);
}

/// As people work: menus and dialogs, each of which moves nothing, and then a page of which most moves.
async fn a_scroll_after_menus_and_pages_is_a_copy(world: &mut World) {
    const ROWS: u16 = 390;
    world.application.page(1, 0, ROWS);
    world.until_quiet(QUIET).await;
    for menu in 0..10 {
        world.application.page(100 + menu, 130, 130);
        world.update().await;
    }
    world.until_quiet(QUIET).await;
    is_exact(world, "after menus").await;
    let (mut copies, mut bytes) = (0, 0);
    for step in 0..3 {
        world.application.scroll(39, ROWS);
        world.application.page(200 + step, 351, 39);
        for (_, update) in world.until_quiet(QUIET).await {
            copies += update.copies.len();
            bytes += update.encode().len();
        }
        is_exact(world, "after scrolling a page").await;
    }
    assert!(copies >= 3, "{copies} copies in 3 steps");
    println!("a step of scrolling a page took {} bytes", bytes / 3);
}

async fn a_page_pulled_aside_is_a_copy(world: &mut World) {
    world.application.page(400, 0, 390);
    world.until_quiet(QUIET).await;
    let mut copies = 0;
    for (right, rows) in [(13, 0), (48, 0), (7, 39)] {
        world.application.pull(right, rows, 390);
        for (_, update) in world.until_quiet(QUIET).await {
            copies += update.copies.len();
        }
        is_exact(world, "after pulling a page aside").await;
    }
    assert!(copies >= 3, "{copies} copies in 3 steps");
}

async fn a_dragged_window_is_a_copy(world: &mut World) {
    world.application.page(500, 0, 390);
    world.until_quiet(QUIET).await;
    let (x, y) = WINDOW;
    let places = [(24, 16), (48, 32), (47, 29), (30, 60), (0, 0)];
    let (mut copies, mut bytes) = (0, 0);
    for (right, down) in places {
        world.application.drag(x + right, y + down);
        for (_, update) in world.until_quiet(QUIET).await {
            copies += update.copies.len();
            bytes += update.encode().len();
        }
        is_exact(world, "after a window was dragged").await;
    }
    let steps = places.len();
    assert!(copies >= steps, "{copies} copies in {steps} steps");
    println!("a step of dragging a window took {} bytes", bytes / steps);
}

/// Datagrams that never arrive, updates that the relay gives up, and both, while letters, scrolling, pages and photographs follow each other.
async fn no_loss_leaves_a_wrong_picture(world: &mut World) {
    for (datagrams, streams) in [(true, 0), (false, 2), (true, 3), (true, 1)] {
        let losses = Losses { datagrams, streams };
        *world.losses.lock().unwrap() = losses;
        let (before, keys) = {
            let sight = world.sights[0].lock().unwrap();
            (sight.copies, sight.keys)
        };
        for step in 0..16 {
            let number = step as usize;
            match step % 4 {
                0 => world.application.page(300 + number, 0, 390),
                1 => world.application.write(20 + step, 60, "abc"),
                2 => world.application.photograph(),
                _ if step % 8 == 3 => world.application.pull(21, 13, 390),
                _ => world.application.scroll(39, 390),
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        if streams == 1 {
            // Nothing large gets through: the way must be mended before the picture can be.
            *world.losses.lock().unwrap() = Losses::default();
        }
        world.until_quiet(QUIET).await;
        is_exact(
            world,
            &format!("losing datagrams {datagrams}, streams {streams}"),
        )
        .await;
        let sight = world.sights[0].lock().unwrap();
        println!(
            "losing datagrams {datagrams}, every stream of {streams}: {} copies, {} key pictures",
            sight.copies - before,
            sight.keys - keys
        );
    }
    *world.losses.lock().unwrap() = Losses::default();
}

/// Rectangles drawn from pictures.
fn drawn(update: &Update) -> usize {
    update.stripes.iter().map(|stripe| stripe.draw.len()).sum()
}
