//! The ways in without an invite, and the verification code, in the agent's real window: what keys and clicks do to them.

use std::time::Duration;

use crate::desktop::{ALLOW, FIRST_SECOND, REJECT, started};

#[test]
fn a_form_is_filled_in_and_sent_with_the_keyboard_alone() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "form");
    desktop.xdotool(&["type", "Ada"]);
    desktop.xdotool(&["key", "Tab"]);
    desktop.xdotool(&["type", "no ink"]);
    desktop.xdotool(&["key", "Return"]);
    desktop.xdotool(&["type", "at all"]);
    desktop.xdotool(&["key", "Tab", "Tab", "space"]);
    desktop.xdotool(&["key", "alt+s"]);
    let sent = scenes.next();
    for answer in [
        "field: 1, value: \"Ada\"",
        "field: 2, value: \"no ink\\nat all\"",
        "field: 16, value: \"Süd\"",
    ] {
        assert!(sent.starts_with("Send(") && sent.contains(answer), "{sent}");
    }
    // A refusal shows the form again, with what was typed.
    scenes.show_to_keys(&desktop, "form-sending");
    desktop.xdotool(&["key", "alt+s"]);
    scenes.nothing_for(Duration::from_millis(500));
    scenes.show_to_keys(&desktop, "form-paused");
    desktop.xdotool(&["key", "alt+s"]);
    assert_eq!(scenes.next(), sent);
}

#[test]
fn a_code_can_be_had_anew_and_the_pin_is_still_there() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "pin");
    desktop.xdotool(&["key", "alt+c"]);
    assert_eq!(scenes.next(), "ShowCode");
    scenes.show_to_keys(&desktop, "code");
    desktop.xdotool(&["key", "alt+n"]);
    assert_eq!(scenes.next(), "NewCode");
    scenes.show_to_keys(&desktop, "code-over");
    desktop.xdotool(&["key", "Return"]);
    assert_eq!(scenes.next(), "NewCode");
    desktop.xdotool(&["key", "alt+p"]);
    assert_eq!(scenes.next(), "EnterPin");
}

#[test]
fn a_request_is_withdrawn_only_when_it_is_said_twice() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "queue-3");
    desktop.xdotool(&["key", "alt+l"]);
    scenes.nothing_for(Duration::from_millis(500));
    // The focus is on waiting on, and Escape means the same.
    desktop.xdotool(&["key", "Return"]);
    scenes.nothing_for(Duration::from_millis(500));
    desktop.xdotool(&["key", "alt+l"]);
    desktop.xdotool(&["key", "Escape"]);
    scenes.nothing_for(Duration::from_millis(500));
    desktop.xdotool(&["key", "alt+l"]);
    desktop.xdotool(&["key", "alt+l"]);
    assert_eq!(scenes.next(), "Leave");
}

#[test]
fn once_somebody_took_it_leaving_is_said_once() {
    let (desktop, mut scenes) = started();
    scenes.show_to_keys(&desktop, "queue-taken");
    desktop.xdotool(&["key", "alt+l"]);
    assert_eq!(scenes.next(), "Leave");
}

#[test]
fn without_the_code_no_key_and_no_click_allows() {
    let (desktop, mut scenes) = started();
    scenes.show("verify-type");
    desktop.see(REJECT);
    std::thread::sleep(FIRST_SECOND);
    desktop.see_no_more(ALLOW);
    desktop.xdotool(&["key", "alt+a", "alt+v"]);
    scenes.nothing_for(Duration::from_millis(400));
    desktop.xdotool(&["key", "Escape"]);
    assert_eq!(scenes.next(), "Reject");
}

#[test]
fn with_the_code_it_is_as_ever() {
    let (desktop, mut scenes) = started();
    scenes.show("verify-compare");
    std::thread::sleep(FIRST_SECOND);
    desktop.xdotool(&["key", "alt+a"]);
    scenes.nothing_for(Duration::from_millis(400));
    scenes.show("verify-compare-same");
    let allow = desktop.see(ALLOW);
    desktop.click(allow, 1);
    assert_eq!(scenes.next(), "Allow");
}
