//! What goes wrong on real days, with real processes: the person concerned gets a sentence, and nothing hangs.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use mayday_tests::board::Board;
use mayday_tests::console::Console;
use mayday_tests::desktop::Area;
use mayday_tests::folder::Folder;
use mayday_tests::gateway::ORGANISATION;
use mayday_tests::link::Link;
use mayday_tests::process::{Running, program};
use mayday_tests::rest::Rest;
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::json;

/// Nothing may hang longer than this.
const TEN_SECONDS: Duration = Duration::from_secs(10);
/// What a minute may take on a busy machine.
const MINUTE: Duration = Duration::from_secs(120);

#[test]
fn a_wrong_pin_is_told_and_the_sixth_try_must_wait_but_the_link_still_works() {
    let world = World::new("wrong-pin").unwrap();
    let created = world.owner.new_session("Printer").unwrap();
    let wrong = if created.pin == "123456" {
        "654321"
    } else {
        "123456"
    };
    let gateway = world.gateway.for_agents();
    for number in 0..5 {
        let agent = world
            .agent(
                &format!("wrong-{number}"),
                &["--gateway", &gateway, "--pin", wrong],
            )
            .unwrap();
        agent.said("sentence=wrong-pin", PATIENCE).unwrap();
    }
    let agent = world
        .agent(
            "right-too-late",
            &["--gateway", &gateway, "--pin", &created.pin],
        )
        .unwrap();
    agent.said("sentence=try-later", PATIENCE).unwrap();
    let _joined = world
        .agent(
            "by-link",
            &["--gateway", &gateway, "--invite", &created.link],
        )
        .unwrap();
    world
        .until(&created.id, "active by the link", |session| {
            session["status"] == "active"
        })
        .unwrap();
}

#[test]
fn the_link_of_a_closed_session_says_so_to_browser_and_agent() {
    let world = World::with_download("closed-link").unwrap();
    let created = world.owner.new_session("Printer").unwrap();
    world
        .owner
        .post(&format!("/sessions/{}/close", created.id), &json!({}))
        .unwrap();
    let agent = world
        .agent(
            "late",
            &[
                "--gateway",
                &world.gateway.for_agents(),
                "--invite",
                &created.link,
            ],
        )
        .unwrap();
    agent.said("sentence=session-over", PATIENCE).unwrap();
    let path = created.link.split_once("/j/").unwrap().1;
    let (_, page) = Rest::anonymous(&world.gateway.listening.http_loopback)
        .page(&format!("/j/{path}?lang=en"))
        .unwrap();
    assert!(!page.contains("id=\"download\""), "{page}");
}

#[test]
fn a_second_agent_with_the_same_invite_is_refused_while_the_first_is_there() {
    let world = World::new("invite-twice").unwrap();
    let (created, mut first) = world.joined("Printer").unwrap();
    let second = world
        .agent(
            "second",
            &[
                "--gateway",
                &world.gateway.for_agents(),
                "--invite",
                &created.link,
            ],
        )
        .unwrap();
    second.said("sentence=in-use", PATIENCE).unwrap();
    assert!(
        first.process.ended().unwrap().is_none(),
        "the first agent was disturbed"
    );
}

#[test]
fn a_gateway_that_is_not_reachable_is_told() {
    let world = World::new("unreachable").unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gateway = format!("{nobody}#{}", world.gateway.listening.pin);
    let agent = world
        .agent("lost", &["--gateway", &gateway, "--pin", "123456"])
        .unwrap();
    agent.said("sentence=unreachable", PATIENCE).unwrap();
}

#[test]
fn a_gateway_with_another_key_is_never_joined() {
    let world = World::new("other-key").unwrap();
    let created = world.owner.new_session("Printer").unwrap();
    let other = "a".repeat(52);
    let gateway = format!("{}#{other}", world.gateway.listening.address);
    let agent = world
        .agent("pinned", &["--gateway", &gateway, "--pin", &created.pin])
        .unwrap();
    agent.said("sentence=wrong-gateway", PATIENCE).unwrap();
    let session = world
        .owner
        .get(&format!("/sessions/{}", created.id))
        .unwrap();
    assert_eq!(session["status"], "waiting");
}

#[test]
fn an_agent_whose_stamp_was_altered_connects_nowhere() {
    let world = World::with_download("altered-stamp").unwrap();
    let created = world.owner.new_session("Printer").unwrap();
    let folder = world.folder.join("gateway/agents");
    let stamped = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut image = std::fs::read(&stamped).unwrap();
    let name = ORGANISATION.as_bytes();
    let at = image
        .windows(name.len())
        .position(|window| window == name)
        .expect("the stamp holds the organisation's name");
    image[at] ^= 1;
    let altered = world.folder.join("mayday-sos-altered");
    std::fs::write(&altered, image).unwrap();
    let mut permissions = altered.metadata().unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(&altered, permissions).unwrap();
    let mut command = Command::new(&altered);
    command
        .args(["--log", "info", "--pin", &created.pin])
        .env("DISPLAY", world.screen.display())
        .env_remove("WAYLAND_DISPLAY");
    let mut agent = Running::start(command, "altered", &world.folder.join("logs")).unwrap();
    wait::until("words or an end", PATIENCE, || {
        let said = agent.complaints().contains("altered") || agent.ended()?.is_some();
        Ok(said.then_some(()))
    })
    .unwrap();
    let session = world
        .owner
        .get(&format!("/sessions/{}", created.id))
        .unwrap();
    assert_eq!(session["status"], "waiting", "{}", agent.complaints());
    if let Some(status) = agent.ended().unwrap() {
        assert_eq!(status.code(), Some(6), "{}", agent.complaints());
    } else {
        assert!(
            agent.complaints().contains("altered"),
            "{}",
            agent.complaints()
        );
    }
}

#[test]
fn without_a_display_the_agent_says_what_is_missing_and_ends_with_3() {
    let folder = Folder::new("no-display").unwrap();
    let mut command = Command::new(program("mayday-sos").unwrap());
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let mut agent = Running::start(command, "agent", &folder).unwrap();
    let status = agent.wait(TEN_SECONDS).unwrap();
    assert_eq!(status.code(), Some(3), "{}", agent.complaints());
    assert!(
        agent.complaints().contains("desktop"),
        "{}",
        agent.complaints()
    );
}

/// The loader takes an empty file under the library's name for the library, and cannot open it.
#[test]
fn a_missing_library_is_named_with_what_to_install() {
    let folder = Folder::new("no-library").unwrap();
    let without = folder.join("lib");
    std::fs::create_dir_all(&without).unwrap();
    for name in ["libXcursor.so.1", "libXcursor.so"] {
        std::fs::write(without.join(name), "").unwrap();
    }
    let mut command = Command::new(program("mayday-sos").unwrap());
    command
        .args(["--lang", "en"])
        .env("DISPLAY", ":1")
        .env_remove("WAYLAND_DISPLAY")
        .env("LD_LIBRARY_PATH", without);
    let mut agent = Running::start(command, "agent", &folder).unwrap();
    let status = agent.wait(TEN_SECONDS).unwrap();
    let words = agent.complaints();
    assert_eq!(status.code(), Some(3), "{words}");
    assert!(words.contains("libXcursor.so.1 is missing"), "{words}");
    assert!(words.contains("sudo apt install libxcursor1"), "{words}");
}

#[test]
fn a_killed_agents_link_works_again_after_a_minute_and_an_expired_link_is_told() {
    let world = World::with_download("one-minute").unwrap();
    let channel = json!({"name": "One minute", "description": "", "expiration_s": 60});
    let channel = world.owner.post("/channels", &channel).unwrap();
    let short = json!({"name": "Nobody comes", "note": "", "channel_id": channel["id"]});
    let short = world.owner.post("/sessions", &short).unwrap();
    let [short_id, short_link] = ["id", "link"].map(|key| short[key].as_str().unwrap());

    let (created, mut agent) = world.joined("Printer").unwrap();
    agent.process.crash().unwrap();
    world
        .until(&created.id, "lost", |session| {
            session["sub_state"]["agent"] == "lost"
        })
        .unwrap();
    let gateway = world.gateway.for_agents();
    let by = |name: &str, link: &str| {
        let arguments = ["--gateway", &gateway, "--invite", link];
        world.agent(name, &arguments).unwrap()
    };
    by("too-early", &created.link)
        .said("sentence=in-use", PATIENCE)
        .unwrap();

    let until = |id: &str, status: &'static str| {
        let there = |session: &serde_json::Value| session["status"] == status;
        let came = world.owner.session_until(id, status, MINUTE, there);
        came.unwrap();
    };
    until(&created.id, "waiting");
    let _again = by("again", &created.link);
    until(&created.id, "active");
    until(short_id, "expired");
    by("expired", short_link)
        .said("sentence=session-over", PATIENCE)
        .unwrap();
    let token = short_link.split_once("/j/").unwrap().1;
    let (status, page) = Rest::anonymous(&world.gateway.listening.http_loopback)
        .page(&format!("/j/{token}?lang=en"))
        .unwrap();
    assert_eq!(status, 410, "{page}");
    assert!(page.contains("This link has expired"), "{page}");
    assert!(!page.contains("id=\"download\""), "{page}");
}

/// The technician closes the tab, or it crashes, with a key held down.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_tab_lets_go_of_what_it_held_and_the_next_one_goes_on_without_a_question() {
    let world = World::new("closed-tab").unwrap();
    let (created, _agent) = world.joined("Printer").unwrap();
    world.allowed(&created.id).unwrap();
    let area = Area {
        x: 300,
        y: 200,
        width: 400,
        height: 300,
    };
    let board = Board::start(world.screen.display(), area).unwrap();
    let console = Console::start(&world).await.unwrap();
    // Closing its only tab would end the browser.
    let tabs = &console.browser.client;
    let first = tabs.window().await.unwrap();
    let second = tabs.new_window(true).await.unwrap().handle;
    tabs.switch_to_window(second).await.unwrap();
    console.watch(&created.id).await.unwrap();
    let consent = |wanted: &'static str| {
        let is = move |session: &serde_json::Value| session["technicians"][0]["consent"] == wanted;
        world.until(&created.id, wanted, is).unwrap();
    };
    consent("connected");
    board.take_focus(&world.desktop).unwrap();
    console.click(500, 350).await.unwrap();
    let down = KeyActions::new("keyboard".into()).then(KeyAction::Down { value: 'm' });
    tabs.perform_actions(down).await.unwrap();
    let held = |wanted: bool| {
        let what = if wanted { "a key down" } else { "every key up" };
        wait::until(what, PATIENCE, || {
            Ok((world.desktop.keys_held()?.is_empty() != wanted).then_some(()))
        })
        .unwrap();
    };
    held(true);

    tabs.close_window().await.unwrap();
    held(false);
    consent("granted");
    tabs.switch_to_window(first).await.unwrap();
    console.watch(&created.id).await.unwrap();
    consent("connected");
}

#[test]
fn a_killed_gateway_forgets_nothing_it_confirmed_and_the_agent_comes_back() {
    let mut world = World::new("killed-gateway").unwrap();
    let (created, _agent) = world.joined("Printer").unwrap();
    let second = world.owner.new_session("Confirmed just now").unwrap();
    world.gateway = world.gateway.crash_and_restart().unwrap();
    world.owner = world.gateway.owner().unwrap();
    let kept = world
        .owner
        .get(&format!("/sessions/{}", second.id))
        .unwrap();
    assert_eq!(kept["name"], "Confirmed just now");
    world
        .owner
        .session_until(
            &created.id,
            "the agent is back",
            Duration::from_secs(40),
            |session| session["sub_state"]["agent"] == "here",
        )
        .unwrap();
}

#[test]
fn where_udp_is_blocked_agent_and_session_work_over_tcp() {
    let world = World::new("udp-blocked").unwrap();
    let created = world.owner.new_session("Behind a firewall").unwrap();
    let wire = Link::to(world.gateway.listening.address.parse().unwrap()).unwrap();
    wire.block_udp();
    let gateway = format!("{}#{}", wire.address(), world.gateway.listening.pin);
    let _agent = world
        .agent("tcp", &["--gateway", &gateway, "--pin", &created.pin])
        .unwrap();
    world
        .until(&created.id, "active", |session| {
            session["status"] == "active"
        })
        .unwrap();
}

#[test]
fn a_port_in_use_is_told_in_a_sentence() {
    let world = World::new("port-in-use").unwrap();
    let mut command = Command::new(program("mayday-gateway").unwrap());
    command
        .args(["run", "--listen", &world.gateway.listening.address])
        .arg("--data")
        .arg(world.folder.join("second"));
    let mut second = Running::start(command, "second-gateway", &world.folder.join("logs")).unwrap();
    let status = second.wait(TEN_SECONDS).unwrap();
    assert!(!status.success());
    let port = world.gateway.listening.address.rsplit(':').next().unwrap();
    assert!(
        second.complaints().contains(port),
        "{}",
        second.complaints()
    );
}
