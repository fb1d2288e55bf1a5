//! The whole core against a gateway of this test's own, over a real connection and on a real X server; only the window is played.
//! Every promise is a test of its own, in a process and on a display of its own: what fails says by its name what no longer holds.

mod application;
mod consent;
mod drawers;
mod joining;
mod mechanisms;
mod sight;
mod world;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use mayday_agent::face::Scene;

use world::World;

/// Says to the process that a test starts itself in: you have a display.
const HAS_A_SCREEN: &str = "MAYDAY_CORE_HAS_A_SCREEN";

macro_rules! promises {
    ($($promise:ident: $kept:path;)*) => {$(
        #[test]
        fn $promise() {
            on_a_screen(stringify!($promise), async |world| $kept(world).await);
        }
    )*};
}

// What the end user decides.
promises! {
    allowing_too_early_grants_nothing: consent::allowing_too_early_grants_nothing;
    the_screen_comes_once_somebody_is_connected: consent::the_screen_comes_once_somebody_is_connected;
    keys_arrive_but_not_while_a_prompt_is_shown: consent::keys_arrive_but_not_while_a_prompt_is_shown;
    nothing_leaves_after_stop: consent::nothing_leaves_after_stop;
    a_question_that_runs_out_is_told_as_that: consent::a_question_that_runs_out_is_told_as_that;
    no_yes_leaves_without_the_right_code: consent::no_yes_leaves_without_the_right_code;
    leaving_is_said_and_ends_with_0: consent::leaving_is_said_and_ends_with_0;
}

// The stream's mechanisms.
promises! {
    an_unchanged_screen_sends_nothing: mechanisms::an_unchanged_screen_sends_nothing;
    a_glyph_sends_one_small_tile_and_no_picture: mechanisms::a_glyph_is_one_small_tile;
    a_glyph_on_a_photograph_codes_one_stripe_at_most: mechanisms::a_glyph_on_a_photograph_codes_one_stripe_at_most;
    a_photograph_is_a_picture_at_once_and_becomes_exact: mechanisms::a_photograph_is_a_picture_at_once_and_exact_soon;
    text_between_photographs_stays_exact: mechanisms::text_between_photographs_stays_exact;
    a_film_becomes_exact_when_it_rests: mechanisms::a_film_becomes_exact_when_it_rests;
    a_scroll_sends_a_copy: mechanisms::a_scroll_is_a_copy_and_stays_exact;
    a_scroll_after_menus_and_pages_sends_a_copy: mechanisms::a_scroll_after_menus_and_pages_is_a_copy;
    a_page_pulled_aside_sends_a_copy: mechanisms::a_page_pulled_aside_is_a_copy;
    a_dragged_window_sends_a_copy: mechanisms::a_dragged_window_is_a_copy;
    no_stripe_begins_twice: mechanisms::no_stripe_begins_twice;
    no_key_picture_is_drawn_after_the_start_with_a_film: mechanisms::no_key_picture_is_drawn_with_a_film;
    no_key_picture_is_drawn_after_the_start_under_loss: mechanisms::no_key_picture_is_drawn_under_loss;
    a_slow_technicians_queue_stays_bounded: mechanisms::a_slow_technicians_queue_stays_bounded;
    no_lost_packet_leaves_a_wrong_picture: mechanisms::no_loss_leaves_a_wrong_picture;
}

// A second technician.
promises! {
    who_joins_costs_the_others_nothing: joining::nothing_but_the_typing_comes_to_who_was_there;
    what_moves_comes_to_both_once_their_stripes_began: joining::what_moves_comes_to_both_once_their_stripes_began;
    a_photograph_comes_to_both: joining::a_photograph_comes_to_both;
    losses_leave_neither_of_two_a_wrong_picture: joining::losses_leave_no_wrong_picture;
    who_comes_again_is_served_again: joining::who_comes_again_is_served_again;
}

/// Runs the promise where there is a display; else starts one, and itself with it: the display is the process's.
fn on_a_screen(promise: &str, keep: impl AsyncFnOnce(&mut World)) {
    if std::env::var_os(HAS_A_SCREEN).is_some() {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let mut world = World::start().await;
                world.view(|view| matches!(view.scene, Scene::Waiting { .. }));
                keep(&mut world).await;
            });
        return;
    }
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-noreset"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is installed by `cargo xtask setup`");
    let mut number = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut number)
        .unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", promise, "--nocapture"])
        .env("DISPLAY", format!(":{}", number.trim()))
        .env(HAS_A_SCREEN, "1")
        .output();
    end(&mut server);
    let output = output.unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    println!("{words}");
    assert!(
        output.status.success() && words.contains("1 passed"),
        "`{promise}` does not hold:\n{words}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn end(server: &mut Child) {
    let _ = server.kill();
    let _ = server.wait();
}
