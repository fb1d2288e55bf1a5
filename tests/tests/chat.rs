//! The chat with real processes: a technician writes, the end user sees the mark, opens the chat, types an answer into the agent's
//! window, and rates the session at its end. What a technician types from afar never gets into that window.

use std::time::Duration;

use mayday_tests::agent::{BANNER, WINDOW};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::{Value, json};

/// `agent/ui/colours.slint`, light scheme.
const PAGE_CHAT: u32 = 0xe2_eb_e8;
const BANNER_CHAT: u32 = 0x1c_6d_69;
/// The button to send a rating, once stars are chosen.
const RATE: u32 = 0x0d_6c_69;
const RETURN: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;
/// Linux key codes of h and Return.
const H: u16 = 35;
const ENTER: u16 = 28;

fn texts(world: &World, session: &str) -> Vec<(bool, String)> {
    let page = world
        .owner
        .get(&format!("/sessions/{session}/chat"))
        .unwrap();
    let messages = page["messages"].as_array().unwrap();
    let shown = |one: &Value| {
        (
            one["author"].is_null(),
            one["text"].as_str().unwrap().to_owned(),
        )
    };
    messages.iter().map(shown).collect()
}

fn say(world: &World, session: &str, client: &str, text: &str) {
    let body = json!({ "client_id": client, "text": text });
    world
        .owner
        .post(&format!("/sessions/{session}/chat"), &body)
        .unwrap();
}

fn type_word(world: &World, word: &str) {
    for letter in word.chars() {
        world.desktop.chord(&[u32::from(letter)]).unwrap();
    }
}

#[test]
fn both_write_with_real_parts_and_nobody_types_into_it_from_afar() {
    let world = World::new("chat").unwrap();
    let (created, _agent) = world.joined("Printer").unwrap();
    let id = created.id.as_str();

    // Before anybody connects: it arrives, and is read only when the end user opens the chat.
    say(&world, id, "one", "hello");
    world
        .until(id, "delivered", |session| session["talk"]["delivered"] == 1)
        .unwrap();
    assert_eq!(
        world.owner.get(&format!("/sessions/{id}")).unwrap()["talk"]["read"],
        0
    );
    world
        .desktop
        .click_colour(WINDOW, PAGE_CHAT, PATIENCE)
        .unwrap();
    world
        .until(id, "read", |session| session["talk"]["read"] == 1)
        .unwrap();
    type_word(&world, "yes");
    world.desktop.chord(&[RETURN]).unwrap();
    wait::until("the answer", PATIENCE, || {
        Ok(
            (texts(&world, id) == [(false, "hello".to_owned()), (true, "yes".to_owned())])
                .then_some(()),
        )
    })
    .unwrap();
    world.desktop.chord(&[ESCAPE]).unwrap();

    // During: the chat is opened from the banner; what the connected technician types is not in it.
    world.allowed(id).unwrap();
    let viewer = mayday_viewer::Viewer::open(&world.viewer_link(id).unwrap()).unwrap();
    world
        .until(id, "connected", |session| {
            session["sub_state"]["kind"] == "connected"
        })
        .unwrap();
    say(&world, id, "two", "now");
    let before = world
        .until(id, "delivered", |session| session["talk"]["delivered"] == 3)
        .unwrap();
    assert_eq!(before["talk"]["read"], 2, "a message opens nothing");
    world
        .desktop
        .click_colour(BANNER, BANNER_CHAT, PATIENCE)
        .unwrap();
    world
        .until(id, "read", |session| session["talk"]["read"] == 3)
        .expect("the chat is in front");
    for key in [H, ENTER] {
        viewer.key(key, true);
        viewer.key(key, false);
    }
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(
        texts(&world, id).len(),
        3,
        "nobody but the end user writes as the end user"
    );
    type_word(&world, "ok");
    world.desktop.chord(&[RETURN]).unwrap();
    wait::until("the end user's own words", PATIENCE, || {
        Ok((texts(&world, id).last() == Some(&(true, "ok".to_owned()))).then_some(()))
    })
    .unwrap();
    drop(viewer);
}

#[test]
fn the_end_user_rates_at_the_end() {
    let world = World::new("rating").unwrap();
    let channels = world.owner.get("/channels").unwrap();
    let default = channels
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "default");
    let channel = default.unwrap()["id"].as_str().unwrap();
    world
        .owner
        .patch(&format!("/channels/{channel}"), &json!({ "rating": true }))
        .unwrap();
    let (created, agent) = world.joined("Printer").unwrap();
    let id = created.id.as_str();
    say(&world, id, "one", "done");
    world
        .owner
        .post(&format!("/sessions/{id}/close"), &json!({}))
        .unwrap();
    agent.said("rating", PATIENCE).unwrap();
    world.desktop.window(WINDOW, PATIENCE).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    type_word(&world, "4");
    world.desktop.click_colour(WINDOW, RATE, PATIENCE).unwrap();
    world
        .until(id, "rated", |session| session["rating"]["stars"] == 4)
        .unwrap();
    agent.said("rated", PATIENCE).unwrap();
}
