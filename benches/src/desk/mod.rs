//! The Service Desk under load: a real gateway process, its sessions, lists that are open, and people who read and act. Owns what is
//! asked and how it is counted.

pub mod http;
mod listeners;
pub mod scene;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use crate::latency::report::{commit, machine};
use http::Http;
use listeners::Listeners;
use scene::Scene;

/// How much and how long.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub sessions: usize,
    pub lists: usize,
    pub seconds: u64,
    /// Events that are timed to the last list.
    pub events: usize,
}

/// Connections that read at the same time.
const READERS: usize = 16;
/// Connections that act at the same time.
const ACTORS: usize = 32;

/// The result; times in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub machine: String,
    pub commit: String,
    pub open_sessions: usize,
    pub live_lists: usize,
    pub reads_per_s: f64,
    pub read_p50_ms: f64,
    pub read_p99_ms: f64,
    pub search_p50_ms: f64,
    pub search_p99_ms: f64,
    pub durable_transitions_per_s: f64,
    pub take_p50_ms: f64,
    pub take_p99_ms: f64,
    pub create_per_s: f64,
    pub create_p50_ms: f64,
    pub create_p99_ms: f64,
    /// From the request that causes it to the last of all lists, the worst of all samples.
    pub event_to_500_listeners_ms: f64,
    pub event_p50_ms: f64,
    /// Lists that the gateway cut off because they did not keep up.
    pub lists_lost: usize,
}

/// # Errors
/// When the gateway refuses anything.
pub async fn measure(
    host: &str,
    owner: (&str, &str),
    plan: Plan,
    say: impl Fn(&str),
) -> Result<Report> {
    say("making technicians, channels and sessions");
    let scene = Arc::new(scene::make(host, owner, plan.sessions).await?);
    say("opening the live lists");
    let listeners = Listeners::open(&scene, plan.lists).await?;
    say("reading");
    let (reads, took) = readers(&scene, plan.seconds, list_path).await?;
    let (searches, _) = readers(&scene, 2, search_path).await?;
    say("taking and releasing");
    let (takes, releases, acting) = actors(&scene, plan.seconds).await?;
    say("timing events to every list");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let events = events(&scene, &listeners, plan.events).await?;
    let rate = |count: usize, took: Duration| round(count as f64 / took.as_secs_f64());
    Ok(Report {
        machine: machine(),
        commit: commit(),
        open_sessions: scene.all.len(),
        live_lists: plan.lists,
        reads_per_s: rate(reads.len(), took),
        read_p50_ms: at(&reads, 0.5),
        read_p99_ms: at(&reads, 0.99),
        search_p50_ms: at(&searches, 0.5),
        search_p99_ms: at(&searches, 0.99),
        durable_transitions_per_s: rate(takes.len() + releases.len(), acting),
        take_p50_ms: at(&takes, 0.5),
        take_p99_ms: at(&takes, 0.99),
        create_per_s: rate(scene.create.len(), scene.create_took),
        create_p50_ms: at(&scene.create, 0.5),
        create_p99_ms: at(&scene.create, 0.99),
        event_to_500_listeners_ms: at(&events, 1.0),
        event_p50_ms: at(&events, 0.5),
        lists_lost: listeners.lost(),
    })
}

/// What a technician's console asks for: mostly a page of a channel's list, sometimes one session, sometimes Home.
fn list_path(scene: &Scene, me: usize, n: usize) -> String {
    let channel = &scene.technicians[me].channels[n % 2];
    let sort = ["created", "waiting", "expires", "name", "status"][n % 5];
    let open = "status=waiting,active,in_queue&limit=50";
    match n % 10 {
        0..=5 => format!("/sessions?channel={channel}&{open}&sort={sort}"),
        6..=8 => {
            let own: Vec<_> = scene
                .all
                .iter()
                .filter(|one| one.1 == me)
                .take(10)
                .collect();
            own.get(n % 10).map_or_else(
                || format!("/sessions?channel={channel}&status=in_queue&limit=50"),
                |(id, _)| format!("/sessions/{id}"),
            )
        }
        _ => format!("/sessions?channel=home&{open}&sort={sort}"),
    }
}

fn search_path(_: &Scene, _: usize, n: usize) -> String {
    format!("/sessions?q=session+{}+of&limit=50", n % 97)
}

async fn readers(
    scene: &Arc<Scene>,
    seconds: u64,
    path: fn(&Scene, usize, usize) -> String,
) -> Result<(Vec<Duration>, Duration)> {
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let mut readers = tokio::task::JoinSet::new();
    for reader in 0..READERS {
        let scene = Arc::clone(scene);
        readers.spawn(async move {
            let me = reader * scene.technicians.len() / READERS;
            let mut http = Http::connect(&scene.host, &scene.technicians[me].cookie).await?;
            let paths: Vec<_> = (0..100).map(|n| path(&scene, me, n)).collect();
            let mut took = Vec::new();
            for path in paths.iter().cycle() {
                let asked = Instant::now();
                if asked >= until {
                    break;
                }
                let answer = http.get(path).await?;
                took.push(asked.elapsed());
                anyhow::ensure!(answer.status == 200, "{path}: {}", answer.status);
            }
            anyhow::Ok(took)
        });
    }
    let mut all = Vec::new();
    while let Some(took) = readers.join_next().await {
        all.extend(took??);
    }
    Ok((all, began.elapsed()))
}

/// Takes sessions from the queue and gives them back. Each answer means that it is on the disk.
async fn actors(
    scene: &Arc<Scene>,
    seconds: u64,
) -> Result<(Vec<Duration>, Vec<Duration>, Duration)> {
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let mut actors = tokio::task::JoinSet::new();
    for actor in 0..ACTORS {
        let scene = Arc::clone(scene);
        actors.spawn(async move {
            let (mut takes, mut releases) = (Vec::new(), Vec::new());
            let own: Vec<_> = scene.queued.iter().skip(actor).step_by(ACTORS).collect();
            for (id, me) in own.into_iter().cycle() {
                if Instant::now() >= until {
                    break;
                }
                // One connection for each act would measure connecting.
                let mut http = Http::connect(&scene.host, &scene.technicians[*me].cookie).await?;
                for (verb, into) in [("take", &mut takes), ("release", &mut releases)] {
                    let asked = Instant::now();
                    let path = format!("/sessions/{id}/{verb}");
                    http.send_json("POST", &path, &json!({})).await?.json()?;
                    into.push(asked.elapsed());
                }
            }
            anyhow::Ok((takes, releases))
        });
    }
    let (mut takes, mut releases) = (Vec::new(), Vec::new());
    while let Some(done) = actors.join_next().await {
        let (some_takes, some_releases) = done??;
        takes.extend(some_takes);
        releases.extend(some_releases);
    }
    Ok((takes, releases, began.elapsed()))
}

/// A session goes to the queue of a channel that every technician sees: from the request to the last list that shows it.
async fn events(scene: &Scene, listeners: &Listeners, count: usize) -> Result<Vec<Duration>> {
    let mut owner = Http::connect(&scene.host, &scene.owner).await?;
    let mut worst = Vec::new();
    for n in 0..count {
        let body = json!({
            "name": format!("Everybody {n}"), "note": "", "channel_id": scene.everybody,
        });
        let made = owner.send_json("POST", "/sessions", &body).await?.json()?;
        let id = scene::text(&made, "id")?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        listeners.watch_for(&id);
        let asked = Instant::now();
        let path = format!("/sessions/{id}/release");
        owner.send_json("POST", &path, &json!({})).await?.json()?;
        worst.push(listeners.all_saw_it(asked).await?);
    }
    Ok(worst)
}

fn at(times: &[Duration], part: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    let place = (last as f64 * part).round() as usize;
    sorted
        .get(place)
        .map_or(0.0, |time| round(1e3 * time.as_secs_f64()))
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(at(&times, 0.5), 51.0);
        assert_eq!(at(&times, 0.99), 99.0);
        assert_eq!(at(&times, 1.0), 100.0);
        assert_eq!(at(&[], 0.5), 0.0);
    }
}
