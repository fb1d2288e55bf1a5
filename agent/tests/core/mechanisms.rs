//! One test for each mechanism of the stream, on a real screen: nothing at rest, a glyph as one small tile, a scroll as a copy, a
//! photograph as a picture first, and every pixel exact in the end.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mayday_protocol::Slot;
use mayday_protocol::update::Update;

use crate::application::PANE;
use crate::consent::{QUIET, watched};
use crate::world::{Losses, WINDOW, World};

/// Bytes with which one stripe may begin: a picture of nothing.
const BEGINNING: usize = 600;

async fn is_exact(world: &World, when: &str) {
    world.is_exact(Slot::ALL[0], when).await;
}

pub async fn an_unchanged_screen_sends_nothing(world: &mut World) {
    watched(world).await;
    assert_eq!(world.until_quiet(Duration::from_secs(2)).await.len(), 0);
}

pub async fn a_glyph_is_one_small_tile(world: &mut World) {
    watched(world).await;
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

pub async fn a_photograph_is_a_picture_at_once_and_exact_soon(world: &mut World) {
    watched(world).await;
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
pub async fn text_between_photographs_stays_exact(world: &mut World) {
    watched(world).await;
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

pub async fn a_scroll_is_a_copy_and_stays_exact(world: &mut World) {
    watched(world).await;
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
pub async fn a_scroll_after_menus_and_pages_is_a_copy(world: &mut World) {
    watched(world).await;
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

pub async fn a_page_pulled_aside_is_a_copy(world: &mut World) {
    watched(world).await;
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

pub async fn a_dragged_window_is_a_copy(world: &mut World) {
    watched(world).await;
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

/// What a letter on a photograph needs beyond its tile is that photograph's stripe, and no other.
pub async fn a_glyph_on_a_photograph_codes_one_stripe_at_most(world: &mut World) {
    watched(world).await;
    world.application.photograph();
    world.until_quiet(QUIET).await;
    // The photograph is from 190 to 290 of the screen: the second stripe and one row of pixels of the third.
    world.application.write(80, 130, "a");
    let came = world.until_quiet(QUIET).await;
    assert!(!came.is_empty());
    for (_, update) in &came {
        let stripes: Vec<_> = update.stripes.iter().map(|stripe| stripe.index).collect();
        assert!(stripes.is_empty() || stripes == [1], "stripes {stripes:?}");
    }
    is_exact(world, "after a glyph on a photograph").await;
}

pub async fn a_film_becomes_exact_when_it_rests(world: &mut World) {
    watched(world).await;
    let drawn = film(world, 12).await;
    assert!(drawn > 0, "a film goes as pictures");
    world.until_quiet(QUIET).await;
    is_exact(world, "after a film").await;
}

/// All of the screen is new again and again, while nobody waits for what came; rectangles drawn from pictures meanwhile.
async fn film(world: &mut World, pictures: u32) -> usize {
    for number in 0..pictures {
        world.application.whole_screen(number);
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let came = world.until_quiet(QUIET).await;
    came.iter().map(|(_, update)| drawn(update)).sum()
}

pub async fn no_stripe_begins_twice(world: &mut World) {
    watched(world).await;
    world.application.photograph();
    film(world, 6).await;
    is_exact(world, "after all stripes began").await;
    let keys = world.sights[0].lock().unwrap().keys;
    world.application.write(20, 40, "a");
    world.until_quiet(QUIET).await;
    world.application.page(1, 0, 390);
    world.until_quiet(QUIET).await;
    world.application.scroll(39, 390);
    world.until_quiet(QUIET).await;
    world.application.drag(WINDOW.0 + 24, WINDOW.1 + 16);
    world.until_quiet(QUIET).await;
    world.application.photograph();
    film(world, 6).await;
    is_exact(world, "in the end").await;
    let after = world.sights[0].lock().unwrap().keys;
    assert_eq!(after, keys, "stripes that had begun began again");
}

pub async fn no_key_picture_is_drawn_with_a_film(world: &mut World) {
    watched(world).await;
    film(world, 16).await;
    is_exact(world, "after a film").await;
    beginnings_are_small_and_draw_nothing(world);
}

pub async fn no_key_picture_is_drawn_under_loss(world: &mut World) {
    watched(world).await;
    let before = world.sights[0].lock().unwrap().keys;
    for (datagrams, streams) in [(true, 0), (false, 2), (true, 3)] {
        let losses = Losses {
            datagrams,
            streams,
            ..Losses::default()
        };
        *world.losses.lock().unwrap() = losses;
        film(world, 6).await;
        work(world).await;
    }
    *world.losses.lock().unwrap() = Losses::default();
    world.until_quiet(QUIET).await;
    is_exact(world, "after losses").await;
    let begun = world.sights[0].lock().unwrap().keys - before;
    assert!(begun > 0, "no stripe had to begin anew: nothing was tried");
    beginnings_are_small_and_draw_nothing(world);
}

/// A full-screen key picture is what a keystroke would wait behind: no update draws one, and what stripes begin with is small.
fn beginnings_are_small_and_draw_nothing(world: &World) {
    let sight = world.sights[0].lock().unwrap();
    println!(
        "at most {} bytes of key pictures in an update",
        sight.key_bytes
    );
    assert_eq!(sight.drawn_keys, 0, "key pictures draw nothing");
    let stripes = 600_usize.div_ceil(144);
    assert!(
        sight.key_bytes <= stripes * BEGINNING,
        "{} bytes of key pictures in one update",
        sight.key_bytes
    );
}

/// Whoever draws slowly gets no more than they can: little of what happens waits for them, and they see the newest soon after.
pub async fn a_slow_technicians_queue_stays_bounded(world: &mut World) {
    const PICTURES: u32 = 60;
    /// What is on the way when the first report says that nothing is drawn, and two updates undrawn.
    const WAITING: usize = 12;
    watched(world).await;
    world.losses.lock().unwrap().drawing = Duration::from_millis(200);
    world.undrawn.store(0, Ordering::Relaxed);
    let before = world.sights[0].lock().unwrap().bytes;
    for number in 0..PICTURES {
        world.application.whole_screen(number);
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let waited = world.undrawn.load(Ordering::Relaxed);
    let bytes = world.sights[0].lock().unwrap().bytes - before;
    println!("{PICTURES} pictures: at most {waited} updates waited, {bytes} bytes came");
    assert!(waited > 1, "nothing waited: nobody was slow");
    assert!(waited <= WAITING, "{waited} updates waited to be drawn");
    *world.losses.lock().unwrap() = Losses::default();
    world.until_quiet(QUIET).await;
    is_exact(world, "once drawing is quick again").await;
}

/// Datagrams that never arrive, updates that the relay gives up, and both, while letters, scrolling, pages and photographs follow each other.
pub async fn no_loss_leaves_a_wrong_picture(world: &mut World) {
    watched(world).await;
    for (datagrams, streams) in [(true, 0), (false, 2), (true, 3), (true, 1)] {
        let losses = Losses {
            datagrams,
            streams,
            ..Losses::default()
        };
        *world.losses.lock().unwrap() = losses;
        work(world).await;
        if streams == 1 {
            // Nothing large gets through: the way must be mended before the picture can be.
            *world.losses.lock().unwrap() = Losses::default();
        }
        world.until_quiet(QUIET).await;
        let when = format!("losing datagrams {datagrams}, every stream of {streams}");
        is_exact(world, &when).await;
        beginnings_are_small_and_draw_nothing(world);
    }
    *world.losses.lock().unwrap() = Losses::default();
}

/// Letters, scrolling, pages and photographs follow each other quicker than anybody waits for.
async fn work(world: &mut World) {
    for step in 0..16 {
        match step % 4 {
            0 => world.application.page(300 + step as usize, 0, 390),
            1 => world.application.write(20 + step, 60, "abc"),
            2 => world.application.photograph(),
            _ if step % 8 == 3 => world.application.pull(21, 13, 390),
            _ => world.application.scroll(39, 390),
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Rectangles drawn from pictures.
fn drawn(update: &Update) -> usize {
    update.stripes.iter().map(|stripe| stripe.draw.len()).sum()
}
