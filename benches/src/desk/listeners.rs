//! Live lists that stay open: server-sent events, each read by its own task. Owns when which list saw a session.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::http::Http;
use super::scene::Scene;

const PATIENCE: Duration = Duration::from_secs(5);

pub struct Listeners {
    shared: Arc<Shared>,
    count: usize,
}

#[derive(Default)]
struct Shared {
    watched: Mutex<Watched>,
    open: AtomicUsize,
}

#[derive(Default)]
struct Watched {
    /// Grows with each session that is watched for.
    turn: usize,
    needle: Vec<u8>,
    seen: Vec<Instant>,
}

impl Listeners {
    /// Opens `count` lists, the technicians in turn.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub async fn open(scene: &Scene, count: usize) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        for n in 0..count {
            let technician = &scene.technicians[n % scene.technicians.len()];
            let http = Http::connect(&scene.host, &technician.cookie).await?;
            let stream = http.stream("/events").await?;
            shared.open.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(listen(stream, Arc::clone(&shared)));
        }
        // The first event of each is its greeting.
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(Self { shared, count })
    }

    pub fn watch_for(&self, id: &str) {
        let mut watched = self.shared.watched();
        watched.turn += 1;
        watched.needle = format!("\"{id}\"").into_bytes();
        watched.seen.clear();
    }

    /// From `since` to when the last list showed it.
    ///
    /// # Errors
    /// When one does not show it in time.
    pub async fn all_saw_it(&self, since: Instant) -> Result<Duration> {
        while since.elapsed() < PATIENCE {
            {
                let watched = self.shared.watched();
                if watched.seen.len() == self.count {
                    let last = watched.seen.iter().max();
                    return Ok(last.map_or(PATIENCE, |last| *last - since));
                }
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let seen = self.shared.watched().seen.len();
        bail!("after 5 s only {seen} of {} lists showed it", self.count)
    }

    /// How many the gateway ended.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.count - self.shared.open.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn watched(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(mut stream: TcpStream, shared: Arc<Shared>) {
    let (mut buffer, mut turn) = (Vec::with_capacity(16 << 10), 0);
    while stream
        .read_buf(&mut buffer)
        .await
        .is_ok_and(|read| read > 0)
    {
        let now = Instant::now();
        let mut watched = shared.watched();
        let new = watched.turn != turn && !watched.needle.is_empty();
        if new && contains(&buffer, &watched.needle) {
            turn = watched.turn;
            watched.seen.push(now);
        }
        drop(watched);
        // An id may lie across two reads.
        let keep = buffer.len().saturating_sub(64);
        buffer.drain(..keep);
    }
    shared.open.fetch_sub(1, Ordering::Relaxed);
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}
