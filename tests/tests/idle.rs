//! A connected session in which nothing happens, with real processes: what passes the end user's network. Counted, not timed: a slow machine
//! sends less, never more.

use std::time::Duration;

use mayday_tests::link::Link;
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use mayday_viewer::Viewer;

/// The goal, of UDP payload both ways together.
const BYTES_A_SECOND: u64 = 50;
const SECONDS: u64 = 28;
/// After this without a picture or a key the viewer takes the session for idle; and a little more.
const SETTLED: Duration = Duration::from_secs(12);

#[test]
fn an_idle_session_sends_next_to_nothing_over_the_end_users_network() {
    let world = World::new("idle").unwrap();
    let wire = Link::to(world.gateway.listening.address.parse().unwrap()).unwrap();
    let created = world.owner.new_session("Printer").unwrap();
    let gateway = format!("{}#{}", wire.address(), world.gateway.listening.pin);
    let arguments = ["--gateway", &gateway, "--pin", &created.pin];
    let _agent = world.agent("agent", &arguments).unwrap();
    world
        .until(&created.id, "active", |session| {
            session["status"] == "active"
        })
        .unwrap();
    world.allowed(&created.id).unwrap();
    let viewer = Viewer::open(&world.viewer_link(&created.id).unwrap()).unwrap();
    viewer.wait_for(PATIENCE, |_| true).unwrap();

    let mut before = viewer.statistics().updates;
    wait::until("a picture at rest", 2 * PATIENCE, || {
        std::thread::sleep(SETTLED);
        let now = viewer.statistics().updates;
        let is_still = now == before;
        before = now;
        Ok(is_still.then_some(()))
    })
    .unwrap();
    let [up, down] = wire.passed();
    assert!(up > 0 && down > 0, "the agent took another way");
    std::thread::sleep(Duration::from_secs(SECONDS));
    let [up, down] = [wire.passed()[0] - up, wire.passed()[1] - down];
    println!("{up} bytes from the agent and {down} to it in {SECONDS} s");
    assert_eq!(viewer.statistics().updates, before, "the screen moved");
    assert!(
        up > 0 && down > 0,
        "nobody asked whether the agent is there"
    );
    let limit = BYTES_A_SECOND * SECONDS;
    assert!(up + down < limit, "{up} + {down} bytes, more than {limit}");
}
