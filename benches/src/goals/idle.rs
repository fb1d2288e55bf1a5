//! What a connected session costs the end user in which nothing happens: the agent's processor time, and what passes its network.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use mayday_tests::link::Link;
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use mayday_viewer::Viewer;
use serde_json::{Value, json};

use crate::latency::cost;
use crate::latency::report::machine;

/// Measured over this; shorter when it must be quick.
const TIME: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_secs(5);
/// After this without a picture or a key the viewer takes the session for idle; and a little more.
const SETTLED: Duration = Duration::from_secs(12);

pub fn measure(quick: bool) -> Result<Value> {
    let world = World::new("goals-idle")?;
    let wire = Link::to(world.gateway.listening.address.parse()?)?;
    let created = world.owner.new_session("Printer")?;
    let gateway = format!("{}#{}", wire.address(), world.gateway.listening.pin);
    let agent = world.agent("agent", &["--gateway", &gateway, "--pin", &created.pin])?;
    world.until(&created.id, "active", |session| {
        session["status"] == "active"
    })?;
    world.allowed(&created.id)?;
    let viewer = Viewer::open(&world.viewer_link(&created.id)?)?;
    let first = viewer.wait_for(PATIENCE, |_| true);
    first.context("no picture came after the grant")?;

    let mut before = viewer.statistics().updates;
    wait::until("a picture at rest", 3 * PATIENCE, || {
        std::thread::sleep(SETTLED);
        let now = viewer.statistics().updates;
        let is_still = now == before;
        before = now;
        Ok(is_still.then_some(()))
    })?;
    let time = if quick { SHORT } else { TIME };
    let process = agent.process.id();
    let ([up, down], cpu) = (wire.passed(), cost::cpu_ms(process));
    ensure!(up > 0 && down > 0, "the agent took another way");
    std::thread::sleep(time);
    let ([up_now, down_now], cpu_now) = (wire.passed(), cost::cpu_ms(process));
    let bytes = up_now - up + down_now - down;
    let seconds = time.as_secs_f64();
    Ok(json!({
        "machine": machine(),
        "seconds": seconds,
        "updates": viewer.statistics().updates - before,
        "cpu_percent": ((cpu_now - cpu) / seconds * 10.0).round() / 100.0,
        "bytes_per_s": (bytes as f64 / seconds * 10.0).round() / 10.0,
    }))
}
