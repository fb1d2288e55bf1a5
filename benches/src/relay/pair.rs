//! One simulated session: an agent and a technician who do the traffic of support work through the gateway, without screen and
//! pictures. Owns what an active session sends.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use mayday_protocol::control::{
    self, FromAgent, FromTechnician, Join, Rights, SystemReport, ToAgent, ToTechnician,
};
use mayday_protocol::{Audience, Class, ClearHeader, Packet, Sequence, SessionId, Slot};
use mayday_tests::gateway::Gateway;
use mayday_tests::rest::Rest;
use mayday_transport::{Arrival, Link, Received, connect};
use mayday_viewer::NativeLink;
use serde_json::json;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(20);
/// A sender that was held up makes good for so long.
const CATCH_UP: Duration = Duration::from_millis(250);
/// Every packet begins with the time at which it was handed to the connection.
const STAMP: usize = 8;

/// What an active session sends, in a second of work: a little more than a person who types without a pause, with menus and pages.
const TRAFFIC: [Kind; 5] = [
    // Keys, and at once what they change.
    Kind::small(Class::Input, 5.0, 17),
    Kind::small(Class::Update, 5.0, 300),
    // The pointer, with nothing to show for it: the technician's own is drawn at once.
    Kind::small(Class::Pointer, 20.0, 12),
    // A menu every two seconds, a page every ten.
    Kind::large(0.5, 8_000),
    Kind::large(0.1, 35_000),
];

/// What an active session sends in a second, as the ends count it.
#[must_use]
pub fn packets_a_second() -> f64 {
    TRAFFIC.iter().map(|kind| kind.in_a_second).sum()
}

/// Packets of one size and pace.
#[derive(Clone, Copy, Debug)]
struct Kind {
    class: Class,
    in_a_second: f64,
    bytes: usize,
}

impl Kind {
    const fn small(class: Class, in_a_second: f64, bytes: usize) -> Self {
        Self {
            class,
            in_a_second,
            bytes,
        }
    }

    const fn large(in_a_second: f64, bytes: usize) -> Self {
        Self::small(Class::Update, in_a_second, bytes)
    }
}

/// What arrived at both ends.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub packets: u64,
    pub bytes: u64,
    /// One way, of what fits into one packet; milliseconds.
    pub small_ms: Vec<f32>,
    /// Of what does not, until its last byte.
    pub large_ms: Vec<f32>,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.small_ms.extend(other.small_ms);
        self.large_ms.extend(other.large_ms);
    }
}

/// What both ends' tasks share.
#[derive(Debug)]
struct Common {
    session: SessionId,
    slot: Slot,
    clock: Instant,
    /// Thousandths of an active session's work.
    load: AtomicU64,
    sequence: AtomicU32,
    tally: Mutex<Tally>,
}

#[derive(Debug)]
pub struct Pair {
    common: Arc<Common>,
    /// They end with this.
    _tasks: JoinSet<()>,
}

impl Pair {
    /// Plays the job up to the technician's connection.
    ///
    /// # Errors
    /// When the gateway refuses something.
    pub async fn begin(gateway: &Gateway, owner: &Rest, number: usize) -> Result<Self> {
        let created = owner.new_session(&format!("Session {number}"))?;
        let address = format!(
            "mayday://{}/view#{}:-",
            gateway.listening.address, gateway.listening.pin
        );
        let NativeLink {
            host, port, pin, ..
        } = address.parse()?;
        let agent = connect(&host, port, pin, None).await?;
        let system = SystemReport {
            host_name: format!("office-{number}"),
            os: "linux".to_owned(),
            ..SystemReport::default()
        };
        let hello = FromAgent::Hello {
            version: mayday_protocol::VERSION,
            join: Join::Pin(created.pin),
            system,
        };
        agent.send_control(&hello).await?;
        until(&agent, |said| {
            matches!(said, ToAgent::Welcome { .. }).then_some(())
        })
        .await?;
        let path = |action: &str| format!("/sessions/{}/{action}", created.id);
        owner.post(&path("ask"), &json!({"rights": "control"}))?;
        let asked = |said| match said {
            ToAgent::Ask { ask, slot, .. } => Some((ask, slot)),
            _ => None,
        };
        let (ask, slot) = until(&agent, asked).await?;
        let yes = FromAgent::Answer {
            ask,
            rights: Rights::CONTROL,
            code: None,
        };
        agent.send_control(&yes).await?;
        owner.session_until(&created.id, "the grant", PATIENCE, |shown| {
            shown["technicians"][0]["consent"] == "granted"
        })?;
        let connection = owner.post(&path("connect"), &json!({}))?;
        let link = connection["native_link"].as_str();
        let link: NativeLink = link.context("a native link")?.parse()?;
        let technician = connect(&link.host, link.port, link.pin, None).await?;
        let hello = FromTechnician::Hello {
            version: mayday_protocol::VERSION,
            ticket: link.ticket,
        };
        technician.send_control(&hello).await?;
        let session = until(&technician, |said| match said {
            ToTechnician::Joined { session, .. } => Some(session),
            _ => None,
        })
        .await?;
        Ok(Self::work_begins(
            (session, slot),
            agent,
            technician,
            number,
        ))
    }

    fn work_begins(
        (session, slot): (SessionId, Slot),
        agent: Link,
        technician: Link,
        number: usize,
    ) -> Self {
        let common = Arc::new(Common {
            session,
            slot,
            clock: Instant::now(),
            load: AtomicU64::new(0),
            sequence: AtomicU32::new(1),
            tally: Mutex::default(),
        });
        let (agent, technician) = (Arc::new(agent), Arc::new(technician));
        let mut tasks = JoinSet::new();
        for kind in TRAFFIC {
            let from = match kind.class.is_from_technician() {
                true => technician.clone(),
                false => agent.clone(),
            };
            tasks.spawn(common.clone().send(from, kind, number));
        }
        for link in [agent, technician] {
            tasks.spawn(common.clone().receive(link));
        }
        Self {
            common,
            _tasks: tasks,
        }
    }

    /// From now on as much work as so many active sessions do.
    pub fn work(&self, load: f64) {
        let thousandths = (load * 1e3) as u64;
        self.common.load.store(thousandths, Ordering::Relaxed);
    }

    /// What came since the last call.
    pub fn tally(&self) -> Tally {
        std::mem::take(&mut *self.common.counted())
    }
}

impl Common {
    fn counted(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(self: Arc<Self>, link: Arc<Link>, kind: Kind, number: usize) {
        // No two sessions in step.
        let mut phase = 0.618_034 * (number + kind.bytes) as f64 % 1.0;
        let mut until = Instant::now();
        loop {
            let load = self.load.load(Ordering::Relaxed) as f64 / 1e3;
            if load == 0.0 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                until = Instant::now();
                continue;
            }
            let gap = 1.0 / (kind.in_a_second * load);
            // Between half and one and a half of the gap; short sleeps, so that another load is soon obeyed.
            phase = (phase + 0.618_034) % 1.0;
            // Counted from when the last was due, not from when it had left: who is late catches up, but not for long.
            let latest = Instant::now().checked_sub(CATCH_UP).unwrap_or(until);
            until = until.max(latest) + Duration::from_secs_f64(gap * (0.5 + phase));
            while let Some(left) = until.checked_duration_since(Instant::now()) {
                tokio::time::sleep(left.min(Duration::from_millis(500))).await;
                if self.load.load(Ordering::Relaxed) as f64 / 1e3 != load {
                    until = Instant::now();
                    break;
                }
            }
            let packet = self.packet(kind);
            let sent = match kind.class {
                // As viewers do: as a datagram, and in order.
                Class::Input => match link.send_datagram(&packet) {
                    Ok(()) => link.send_ordered(&packet).await,
                    refused => refused,
                },
                _ if packet.fits_datagram() => link.send_datagram(&packet),
                _ => link.send_stream(&packet).await,
            };
            if sent.is_err() {
                return;
            }
        }
    }

    fn packet(&self, kind: Kind) -> Packet {
        let mut payload = vec![0x5a; kind.bytes.max(STAMP)];
        let now = self.clock.elapsed().as_nanos() as u64;
        payload[..STAMP].copy_from_slice(&now.to_be_bytes());
        let (source, audience) = match kind.class.is_from_technician() {
            true => (self.slot.index() as u8, Audience::AGENT),
            false => (0, Audience::only(self.slot)),
        };
        let header = ClearHeader {
            class: kind.class,
            source,
            audience,
            session: self.session,
            sequence: Sequence(self.sequence.fetch_add(1, Ordering::Relaxed)),
            size: 0,
            age_us: 0,
        };
        Packet::new(header, payload.into())
    }

    async fn receive(self: Arc<Self>, link: Arc<Link>) {
        let mut streams = JoinSet::new();
        while let Ok(received) = link.recv().await {
            match received {
                Received::Control(_) => {}
                Received::Packet { packet, path } => {
                    // A key's ordered copy comes when it comes; the datagram was there before.
                    if path == Arrival::Datagram {
                        self.arrived(&packet.payload, false);
                    }
                }
                Received::Stream(stream) => {
                    let common = self.clone();
                    streams.spawn(async move {
                        if let Ok(packet) = stream.read().await {
                            common.arrived(&packet.payload, true);
                        }
                    });
                    while streams.try_join_next().is_some() {}
                }
            }
        }
    }

    fn arrived(&self, payload: &Bytes, large: bool) {
        let Some(stamp) = payload.first_chunk::<STAMP>() else {
            return;
        };
        let sent = Duration::from_nanos(u64::from_be_bytes(*stamp));
        let took = self.clock.elapsed().saturating_sub(sent).as_secs_f32() * 1e3;
        let mut tally = self.counted();
        tally.packets += 1;
        tally.bytes += (payload.len() + ClearHeader::BYTES) as u64;
        match large {
            true => tally.large_ms.push(took),
            false => tally.small_ms.push(took),
        }
    }
}

/// The first control message that `pick` takes.
async fn until<M: serde::de::DeserializeOwned, T>(
    link: &Link,
    pick: impl Fn(M) -> Option<T>,
) -> Result<T> {
    let heard = async {
        loop {
            if let Received::Control(bytes) = link.recv().await?
                && let Some(picked) = pick(control::decode(&bytes)?)
            {
                return Ok(picked);
            }
        }
    };
    match tokio::time::timeout(PATIENCE, heard).await {
        Ok(heard) => heard,
        Err(_) => bail!("the gateway says nothing"),
    }
}
