//! What goes wrong on real days, with real processes: the person concerned gets a sentence, and nothing hangs.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use mayday_tests::folder::Folder;
use mayday_tests::gateway::ORGANISATION;
use mayday_tests::link::Link;
use mayday_tests::process::{Running, program};
use mayday_tests::rest::Rest;
use mayday_tests::world::{PATIENCE, World};
use serde_json::json;

/// Nothing may hang longer than this.
const TEN_SECONDS: Duration = Duration::from_secs(10);

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
fn a_gateway_that_is_not_reachable_is_told_within_ten_seconds() {
    let world = World::new("unreachable").unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gateway = format!("{nobody}#{}", world.gateway.listening.pin);
    let start = Instant::now();
    let agent = world
        .agent("lost", &["--gateway", &gateway, "--pin", "123456"])
        .unwrap();
    agent
        .said("sentence=unreachable", TEN_SECONDS + Duration::from_secs(5))
        .unwrap();
    assert!(start.elapsed() < TEN_SECONDS + Duration::from_secs(5));
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
    std::thread::sleep(Duration::from_secs(3));
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

#[test]
fn a_killed_agent_is_seen_as_lost_and_its_link_works_again() {
    let world = World::new("killed-agent").unwrap();
    let (created, mut agent) = world.joined("Printer").unwrap();
    agent.process.crash().unwrap();
    world
        .until(&created.id, "lost", |session| {
            session["sub_state"]["agent"] == "lost"
        })
        .unwrap();
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
    let start = Instant::now();
    let _agent = world
        .agent("tcp", &["--gateway", &gateway, "--pin", &created.pin])
        .unwrap();
    world
        .until(&created.id, "active", |session| {
            session["status"] == "active"
        })
        .unwrap();
    assert!(start.elapsed() < TEN_SECONDS);
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
