//! The desk that is measured: technicians, channels and ten thousand open sessions, half of them in their channel's queue. Made through
//! the same REST interface as everything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::http::Http;

pub const CHANNELS: usize = 20;
pub const TECHNICIANS: usize = 50;
/// Connections that make the sessions.
const MAKERS: usize = 16;
const PASSWORD: &str = "correct horse battery";

pub struct Technician {
    pub cookie: String,
    /// Two of the twenty.
    pub channels: [String; 2],
}

pub struct Scene {
    pub host: String,
    pub owner: String,
    pub technicians: Arc<Vec<Technician>>,
    /// A channel that all of them see.
    pub everybody: String,
    /// In a queue, each with a technician who may take it.
    pub queued: Vec<(String, usize)>,
    pub all: Vec<(String, usize)>,
    pub create: Vec<Duration>,
    pub create_took: Duration,
}

/// # Errors
/// When the gateway refuses anything.
pub async fn make(host: &str, owner: (&str, &str), sessions: usize) -> Result<Scene> {
    let mut boss = Http::connect(host, "").await?;
    let who = json!({ "email": owner.0, "password": owner.1 });
    boss.send_json("POST", "/auth/sign-in", &who)
        .await?
        .json()?;
    let (technicians, everybody) = people(host, &mut boss).await?;
    let mut made = sessions_of(host, &technicians, sessions).await?;
    made.all.sort();
    Ok(Scene {
        host: host.to_owned(),
        owner: boss.cookie().to_owned(),
        technicians,
        everybody,
        queued: made.queued,
        all: made.all,
        create: made.create,
        create_took: made.took,
    })
}

async fn people(host: &str, boss: &mut Http) -> Result<(Arc<Vec<Technician>>, String)> {
    let (mut ids, mut cookies) = (Vec::new(), Vec::new());
    for n in 0..TECHNICIANS {
        let body = json!({
            "name": format!("Technician {n}"),
            "email": format!("technician{n}@example.com"),
            "role": "channel_technician",
        });
        let made = boss
            .send_json("POST", "/technicians", &body)
            .await?
            .json()?;
        ids.push(text(&made["technician"], "id")?);
        let link = text(&made, "setup_link")?;
        let token = link.rsplit('/').next().context("an empty link")?.to_owned();
        let mut own = Http::connect(host, "").await?;
        let password = json!({ "password": PASSWORD });
        own.send_json("POST", &format!("/setup/{token}"), &password)
            .await?
            .json()?;
        cookies.push(own.cookie().to_owned());
    }
    let mut channels = Vec::new();
    for n in 0..=CHANNELS {
        let body = json!({
            "name": format!("Channel {n:02}"), "expiration_s": 604_800, "max_open_sessions": 5000,
        });
        let made = boss.send_json("POST", "/channels", &body).await?.json()?;
        let id = text(&made, "id")?;
        for technician in (0..TECHNICIANS).filter(|one| n == CHANNELS || places(*one).contains(&n))
        {
            let path = format!("/channels/{id}/members/{}", ids[technician]);
            boss.send_json("PUT", &path, &json!({})).await?.json()?;
        }
        channels.push(id);
    }
    let everybody = channels.pop().context("one more channel")?;
    let technicians = cookies
        .into_iter()
        .enumerate()
        .map(|(n, cookie)| Technician {
            cookie,
            channels: places(n).map(|at| channels[at].clone()),
        });
    Ok((Arc::new(technicians.collect()), everybody))
}

/// In which channels a technician works.
fn places(technician: usize) -> [usize; 2] {
    [technician % CHANNELS, (technician + 7) % CHANNELS]
}

#[derive(Default)]
struct Made {
    queued: Vec<(String, usize)>,
    all: Vec<(String, usize)>,
    create: Vec<Duration>,
    took: Duration,
}

async fn sessions_of(host: &str, technicians: &Arc<Vec<Technician>>, count: usize) -> Result<Made> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut makers = tokio::task::JoinSet::new();
    for maker in 0..MAKERS {
        let (host, next) = (host.to_owned(), Arc::clone(&next));
        let technicians = Arc::clone(technicians);
        makers.spawn(async move {
            let mut made = Made::default();
            let (me, technician) = (maker * TECHNICIANS / MAKERS, &technicians);
            let mut http = Http::connect(&host, &technician[me].cookie).await?;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return anyhow::Ok((me, made));
                }
                let channel = &technician[me].channels[n % 2];
                let body = json!({
                    "name": format!("Session {n} of {}", NAMES[n % NAMES.len()]),
                    "note": "The printer on the second floor says that its drum is worn out.",
                    "channel_id": channel,
                });
                let asked = Instant::now();
                let answer = http.send_json("POST", "/sessions", &body).await?.json()?;
                made.create.push(asked.elapsed());
                made.all.push((text(&answer, "id")?, me));
            }
        });
    }
    let mut whole = Made::default();
    while let Some(done) = makers.join_next().await {
        let (_, made) = done??;
        whole.create.extend(made.create);
        whole.all.extend(made.all);
    }
    whole.took = began.elapsed();
    whole.queued = release_half(host, technicians, &whole.all).await?;
    Ok(whole)
}

async fn release_half(
    host: &str,
    technicians: &Arc<Vec<Technician>>,
    all: &[(String, usize)],
) -> Result<Vec<(String, usize)>> {
    let mut by_maker = tokio::task::JoinSet::new();
    for me in (0..TECHNICIANS).filter(|me| all.iter().any(|one| one.1 == *me)) {
        let own: Vec<_> = all.iter().filter(|one| one.1 == me).cloned().collect();
        let mut http = Http::connect(host, &technicians[me].cookie).await?;
        by_maker.spawn(async move {
            let half: Vec<_> = own.into_iter().step_by(2).collect();
            for (id, _) in &half {
                let path = format!("/sessions/{id}/release");
                http.send_json("POST", &path, &json!({})).await?.json()?;
            }
            anyhow::Ok(half)
        });
    }
    let mut queued = Vec::new();
    while let Some(done) = by_maker.join_next().await {
        queued.extend(done??);
    }
    Ok(queued)
}

const NAMES: [&str; 8] = [
    "Maren Vogt",
    "Émile Laurent",
    "Jan de Vries",
    "Lucía Ortega",
    "佐藤 美咲",
    "Alice Murray",
    "Tom Okafor",
    "Ines Hartmann",
];

/// # Errors
/// When the answer has no such text.
pub fn text(answer: &Value, field: &str) -> Result<String> {
    let text = answer[field].as_str();
    Ok(text
        .with_context(|| format!("no {field} in {answer}"))?
        .to_owned())
}
