//! The agent's real window on a real X server: what keys and clicks do to it, above all what they must not do to the prompt.

use std::time::{Duration, Instant};

use crate::desktop::{ALLOW, FIRST_SECOND, REJECT, started, until};

// agent/ui/colours.slint, light.
const VIEW_ONLY: u32 = 0xe3eae8;
const BANNER: u32 = 0x085552;
const BANNER_PAUSED: u32 = 0x3f4b49;
const BANNER_STOP: u32 = 0xfdfffe;
const BANNER_PAUSE: u32 = 0x1d6e6a;

#[test]
fn a_space_typed_ahead_grants_nothing_and_the_focus_is_on_reject() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "prompt-late");
    for _ in 0..3 {
        desktop.xdotool(&["key", "Tab", "space", "alt+a", "Return", "Escape"]);
    }
    scenes.nothing_for(FIRST_SECOND);
    desktop.see(REJECT);
    desktop.xdotool(&["key", "space"]);
    assert_eq!(scenes.next(), "Reject");
    scenes.nothing_for(Duration::from_millis(500));
}

#[test]
fn a_click_in_the_first_second_does_nothing() {
    let (desktop, mut scenes) = started();
    scenes.show("prompt");
    let allow = desktop.see(ALLOW);
    scenes.show("waiting");
    desktop.see_no_more(ALLOW);
    scenes.show("prompt-late");
    desktop.click(allow, 3);
    scenes.nothing_for(FIRST_SECOND);
    // When it is over, the same click counts.
    desktop.click(desktop.see(ALLOW), 1);
    assert_eq!(scenes.next(), "Allow");
}

#[test]
fn an_answer_that_does_not_count_yet_does_not_look_as_if_it_did() {
    let (desktop, mut scenes) = started();
    scenes.show("prompt");
    let allow = desktop.see(ALLOW);
    scenes.show("prompt-early");
    for colour in [ALLOW, REJECT, VIEW_ONLY] {
        desktop.see_no_more(colour);
    }
    desktop.click(allow, 2);
    desktop.xdotool(&["key", "alt+a", "alt+v"]);
    scenes.nothing_for(Duration::from_millis(500));
}

#[test]
fn allow_is_one_action_however_often_it_is_pressed() {
    let (desktop, mut scenes) = started();
    scenes.show("prompt");
    let allow = desktop.see(ALLOW);
    desktop.click(allow, 4);
    desktop.xdotool(&["key", "alt+a", "alt+v", "Escape"]);
    assert_eq!(scenes.next(), "Allow");
    scenes.nothing_for(Duration::from_secs(1));
}

#[test]
fn every_answer_has_a_button_and_a_key() {
    let (desktop, mut scenes) = started();
    for (colour, key, action) in [
        (VIEW_ONLY, "alt+v", "ViewOnly"),
        (REJECT, "Escape", "Reject"),
        (ALLOW, "alt+a", "Allow"),
    ] {
        scenes.show("prompt");
        desktop.click(desktop.see(colour), 1);
        assert_eq!(scenes.next(), action);
        desktop.see_no_more(colour);
        scenes.show("prompt");
        desktop.see(colour);
        desktop.xdotool(&["key", key]);
        assert_eq!(scenes.next(), action);
        desktop.see_no_more(REJECT);
    }
}

#[test]
fn tab_goes_through_all_the_answers() {
    let (desktop, mut scenes) = started();
    for (tabs, action) in [(1, "Allow"), (2, "ViewOnly"), (3, "Reject")] {
        desktop.see_no_more(REJECT);
        scenes.show("prompt");
        desktop.see(REJECT);
        for _ in 0..tabs {
            desktop.xdotool(&["key", "Tab"]);
        }
        desktop.xdotool(&["key", "Return"]);
        assert_eq!(scenes.next(), action, "after {tabs} tabs");
    }
}

#[test]
fn the_countdown_ends_in_reject() {
    let (_desktop, mut scenes) = started();
    scenes.show("prompt-short");
    assert_eq!(scenes.next(), "Reject");
    scenes.nothing_for(Duration::from_secs(1));
}

#[test]
fn the_banner_stays_above_other_windows_and_stops() {
    let (desktop, mut scenes) = started();
    scenes.show("waiting control");
    desktop.see(BANNER_STOP);
    let _covering = desktop.cover();
    desktop.click(desktop.see(BANNER_PAUSE), 1);
    assert_eq!(scenes.next(), "Pause");
    desktop.click(desktop.see(BANNER_STOP), 1);
    assert_eq!(scenes.next(), "Stop");
}

#[test]
fn the_banners_buttons_stay_where_they_are_first_seen() {
    let (desktop, mut scenes) = started();
    scenes.show("waiting control");
    let (x, _) = until(|| desktop.find(BANNER_STOP)).expect("the banner shows");
    // The banner looks after its place twice a second.
    let shown = Instant::now();
    while shown.elapsed() < Duration::from_millis(1500) {
        let now = desktop.find(BANNER_STOP).map(|(x, _)| x);
        assert_eq!(now, Some(x), "after {:?}", shown.elapsed());
    }
    let (stop, pause) = (desktop.see(BANNER_STOP), desktop.see(BANNER_PAUSE));
    for (says, colour) in [
        ("waiting allowed", BANNER),
        ("waiting paused", BANNER_PAUSED),
        ("waiting control", BANNER),
    ] {
        let before = desktop.find(colour);
        scenes.show(says);
        until(|| (desktop.find(colour) != before).then_some(())).expect("another width");
        assert_eq!(desktop.see(BANNER_STOP), stop, "{says}");
    }
    assert_eq!(desktop.see(BANNER_PAUSE), pause);
}

#[test]
fn the_whole_banner_is_inside_a_screen_that_became_another() {
    let (desktop, mut scenes) = started();
    scenes.show("waiting control");
    desktop.see(BANNER_STOP);
    let banner = scenes.banner();
    let [left, top, right, bottom] = desktop.place(banner);
    let width = right - left;
    assert!(width > 800, "{width} is no wider than the screens to come");
    for (screen_width, screen_height) in [(1000, 700), (800, 600), (700, 500), (1280, 900)] {
        desktop.resolution(screen_width, screen_height);
        let screen_width = i32::from(screen_width);
        let width = width.min(screen_width - 12);
        let left = (screen_width - width) / 2;
        let wanted = [left, top, left + width, bottom];
        until(|| (desktop.place(banner) == wanted).then_some(())).unwrap_or_else(|| {
            panic!("at {:?} and not {wanted:?}", desktop.place(banner));
        });
        desktop.click(desktop.see(BANNER_STOP), 1);
        assert_eq!(scenes.next(), "Stop", "{screen_width}x{screen_height}");
    }
}

#[test]
fn the_window_leaves_the_screen_to_the_technician_and_comes_back_after() {
    let (desktop, mut scenes) = started();
    let is_shown = || {
        !desktop
            .xdotool(&["search", "--onlyvisible", "--name", "^Mayday$"])
            .is_empty()
    };
    scenes.show("prompt");
    desktop.see(ALLOW);
    scenes.show("waiting control");
    until(|| (!is_shown()).then_some(())).expect("the window is minimised");
    scenes.show("prompt control");
    desktop.see(ALLOW);
    scenes.show("waiting control");
    until(|| (!is_shown()).then_some(())).expect("the window is minimised again");
    scenes.show("waiting");
    until(|| is_shown().then_some(())).expect("the window is back");
    desktop.see_no_more(BANNER_STOP);
}

#[test]
fn closing_the_window_ends_the_session_only_while_nobody_is_connected() {
    let (desktop, mut scenes) = started();
    let shown = || desktop.xdotool(&["search", "--onlyvisible", "--name", "^Mayday$"]);
    let window = shown().trim().to_owned();
    scenes.show("waiting control");
    until(|| shown().is_empty().then_some(())).expect("the window is minimised");
    desktop.xdotool(&["windowmap", &window]);
    until(|| (!shown().is_empty()).then_some(())).expect("the window is back");
    std::thread::sleep(Duration::from_millis(500));
    desktop.close(&window);
    until(|| shown().is_empty().then_some(())).expect("it is only minimised");
    scenes.nothing_for(Duration::from_millis(500));
    scenes.show("waiting");
    until(|| (!shown().is_empty()).then_some(())).expect("the window is back");
    desktop.close(&window);
    assert_eq!(scenes.next(), "Leave");
}

#[test]
fn the_banner_leaves_the_focus_where_it_was() {
    let (desktop, mut scenes) = started();
    let _somebody_elses = desktop.cover();
    let focus = || desktop.xdotool(&["getwindowfocus"]);
    let before = focus();
    scenes.show("waiting control");
    desktop.click(desktop.see(BANNER_PAUSE), 1);
    assert_eq!(scenes.next(), "Pause");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(focus(), before);
}

#[test]
fn the_stop_key_works_with_the_window_hung() {
    let (desktop, mut scenes) = started();
    scenes.ask("hang");
    assert_eq!(scenes.next(), "hung");
    desktop.xdotool(&["key", "ctrl+alt+x"]);
    scenes.nothing_for(Duration::from_millis(500));
    desktop.xdotool(&["key", "ctrl+alt+shift+x"]);
    assert_eq!(scenes.next(), "Stop");
}

#[test]
fn a_pin_is_six_digits_whatever_is_typed() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "pin");
    desktop.xdotool(&["type", "12a3 45"]);
    desktop.xdotool(&["key", "Return"]);
    scenes.nothing_for(Duration::from_millis(500));
    desktop.xdotool(&["type", "678"]);
    desktop.xdotool(&["key", "Return"]);
    assert_eq!(scenes.next(), "Pin(\"123456\")");
}

#[test]
fn who_knows_no_gateway_types_its_address_and_then_the_pin() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "pin-gateway");
    desktop.xdotool(&["type", "help.example.com"]);
    desktop.xdotool(&["key", "Tab"]);
    desktop.xdotool(&["type", "123456"]);
    desktop.xdotool(&["key", "Return"]);
    assert_eq!(scenes.next(), "Gateway(\"help.example.com\")");
    assert_eq!(scenes.next(), "Pin(\"123456\")");
}

#[test]
fn what_failed_is_tried_again_with_one_key() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "failed");
    desktop.xdotool(&["key", "Return"]);
    assert_eq!(scenes.next(), "Retry");
    desktop.xdotool(&["key", "Escape"]);
    assert_eq!(scenes.next(), "Quit");
}

#[test]
fn an_unknown_gateway_is_not_trusted_by_habit() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "confirm");
    desktop.xdotool(&["key", "Return"]);
    assert_eq!(scenes.next(), "GatewayConfirmed(false)");
    desktop.xdotool(&["key", "alt+t"]);
    assert_eq!(scenes.next(), "GatewayConfirmed(true)");
}

#[test]
fn the_agents_own_windows_are_known() {
    let (desktop, mut scenes) = started();
    scenes.show("waiting control");
    desktop.see(BANNER_STOP);
    let ids = |name: &str| {
        desktop
            .xdotool(&["search", "--name", name])
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let banner = ids("^Mayday – connected$");
    let mut listed = move || {
        scenes.ask("own-windows");
        scenes.next()
    };
    let both = until(|| Some(listed()).filter(|own| own.contains(", "))).expect("two windows");
    for id in banner.iter().chain(&ids("^Mayday$")) {
        assert!(both.contains(id), "{id} is not in {both}");
    }
}
