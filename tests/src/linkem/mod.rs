//! A link emulator on loopback: a UDP proxy with seeded loss, delay, reordering, rate and a drop-tail queue, which reports its own error.
//! These kernels have no netem. Owns no knowledge of what passes.

mod pipe;
mod profile;
mod timer;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub use pipe::Pipe;
pub use profile::{Loss, PROFILES, Profile, Rate};

/// How often an idle thread looks whether it is over.
const TICK: Duration = Duration::from_millis(50);

/// What is due so soon is waited for; nothing overtakes it any more.
const CLOSE: Duration = Duration::from_millis(1);

/// Larger than any UDP packet.
const PACKET: usize = 65_536;

/// A running emulation in front of one UDP address.
pub struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// How far real sending times were from the wanted ones, milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimingError {
    pub packets: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

struct Shared {
    over: AtomicBool,
    profile: Profile,
    seed: u64,
    start: Instant,
    late_us: Mutex<Vec<u32>>,
    fate: Fate,
}

#[derive(Default)]
struct Fate {
    lost: AtomicUsize,
    overtaken: AtomicUsize,
}

impl Shared {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Link {
    /// Opens a port that leads to `server` as over `profile`; the same `seed` loses the same packets.
    ///
    /// # Errors
    /// When no port is free.
    pub fn open(server: SocketAddr, profile: &Profile, seed: u64) -> std::io::Result<Self> {
        let front = UdpSocket::bind("127.0.0.1:0")?;
        let address = front.local_addr()?;
        let shared = Arc::new(Shared {
            over: AtomicBool::new(false),
            profile: profile.clone(),
            seed,
            start: Instant::now(),
            late_us: Mutex::default(),
            fate: Fate::default(),
        });
        let accepting = shared.clone();
        thread::spawn(move || accept(&front, server, &accepting));
        Ok(Self { address, shared })
    }

    /// Where clients send to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many packets never arrived, in either direction.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.shared.fate.lost.load(Ordering::Relaxed)
    }

    /// How many packets arrived after one that had been offered later.
    #[must_use]
    pub fn overtaken(&self) -> usize {
        self.shared.fate.overtaken.load(Ordering::Relaxed)
    }

    /// The emulator's own error so far.
    #[must_use]
    pub fn timing_error(&self) -> TimingError {
        let mut late = lock(&self.shared.late_us).clone();
        late.sort_unstable();
        let at = |share: f64| {
            let index = ((late.len() as f64 - 1.0) * share).max(0.0) as usize;
            late.get(index).map_or(0.0, |us| f64::from(*us) / 1e3)
        };
        TimingError {
            packets: late.len(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            max_ms: at(1.0),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
    }
}

/// Takes packets from clients; each client gets a socket of its own towards the server.
fn accept(front: &UdpSocket, server: SocketAddr, shared: &Arc<Shared>) {
    let mut clients: HashMap<SocketAddr, Direction> = HashMap::new();
    let mut buffer = vec![0; PACKET];
    let _ = front.set_read_timeout(Some(TICK));
    while !shared.is_over() {
        let Ok((size, client)) = front.recv_from(&mut buffer) else {
            continue;
        };
        let direction = match clients.entry(client) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => match meet(front, client, server, shared) {
                Some(direction) => new.insert(direction),
                None => continue,
            },
        };
        direction.offer(&buffer[..size], shared);
    }
}

/// A new client: threads for both directions.
fn meet(
    front: &UdpSocket,
    client: SocketAddr,
    server: SocketAddr,
    shared: &Arc<Shared>,
) -> Option<Direction> {
    let back = UdpSocket::bind("127.0.0.1:0").ok()?;
    let up = Direction::start(back.try_clone().ok()?, server, shared, shared.seed);
    let mut down = Direction::start(front.try_clone().ok()?, client, shared, !shared.seed);
    let shared = shared.clone();
    thread::spawn(move || {
        let mut buffer = vec![0; PACKET];
        let _ = back.set_read_timeout(Some(TICK));
        while !shared.is_over() {
            if let Ok(size) = back.recv(&mut buffer) {
                down.offer(&buffer[..size], &shared);
            }
        }
    });
    Some(up)
}

/// One way of one client: the emulated pipe, and the thread that sends what comes out of it.
struct Direction {
    pipe: Pipe,
    socket: UdpSocket,
    to: SocketAddr,
    offered: u64,
    waiting: Arc<Waiting>,
}

/// Packets under way, by when they arrive and then by when they were offered.
#[derive(Default)]
struct Waiting {
    packets: Mutex<BTreeMap<(Duration, u64), Vec<u8>>>,
    more: Condvar,
}

impl Waiting {
    fn add(&self, at: Duration, number: u64, packet: &[u8]) {
        let mut packets = lock(&self.packets);
        packets.insert((at, number), packet.to_vec());
        let is_next = packets
            .first_key_value()
            .is_some_and(|(key, _)| key.1 == number);
        drop(packets);
        if is_next {
            self.more.notify_one();
        }
    }

    /// The next packet that is due soon, after a while at most.
    fn next(&self, now: impl Fn() -> Duration) -> Option<((Duration, u64), Vec<u8>)> {
        let mut packets = lock(&self.packets);
        let left = match packets.first_key_value() {
            Some(((at, _), _)) => at.saturating_sub(now()),
            None => TICK,
        };
        if left > CLOSE {
            let until = (left - CLOSE).min(TICK);
            let waited = self.more.wait_timeout(packets, until);
            packets = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let ((at, _), _) = packets.first_key_value()?;
        let is_due = at.saturating_sub(now()) <= CLOSE;
        is_due.then(|| packets.pop_first())?
    }
}

impl Direction {
    fn start(socket: UdpSocket, to: SocketAddr, shared: &Arc<Shared>, seed: u64) -> Self {
        let waiting = Arc::new(Waiting::default());
        if let Ok(socket) = socket.try_clone() {
            let (waiting, shared) = (waiting.clone(), shared.clone());
            thread::spawn(move || send(&socket, to, &waiting, &shared));
        }
        Self {
            pipe: Pipe::new(&shared.profile, seed),
            socket,
            to,
            offered: 0,
            waiting,
        }
    }

    fn offer(&mut self, packet: &[u8], shared: &Shared) {
        let now = shared.now();
        let Some(at) = self.pipe.offer(packet.len(), now) else {
            shared.fate.lost.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if shared.profile.is_plain() {
            let _ = self.socket.send_to(packet, self.to);
            return;
        }
        self.offered += 1;
        self.waiting.add(at, self.offered, packet);
    }
}

/// Sends packets when their time has come.
fn send(socket: &UdpSocket, to: SocketAddr, waiting: &Waiting, shared: &Shared) {
    timer::no_slack();
    let mut newest = 0;
    while !shared.is_over() {
        let Some(((at, number), packet)) = waiting.next(|| shared.now()) else {
            continue;
        };
        timer::wait_until(shared.start + at);
        let _ = socket.send_to(&packet, to);
        let late = shared.now().saturating_sub(at).as_micros();
        lock(&shared.late_us).push(u32::try_from(late).unwrap_or(u32::MAX));
        if number < newest {
            shared.fate.overtaken.fetch_add(1, Ordering::Relaxed);
        }
        newest = newest.max(number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_take_the_profiles_time_there_and_back() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 64];
            while let Ok((size, from)) = server.recv_from(&mut buffer) {
                let _ = server.send_to(&buffer[..size], from);
            }
        });
        let link = Link::open(address, Profile::named("dsl").unwrap(), 1).unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let start = Instant::now();
        client.send_to(b"there", link.address()).unwrap();
        let mut buffer = [0; 64];
        let size = client.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..size], b"there");
        assert!(start.elapsed() >= Duration::from_millis(20));
        assert!(link.timing_error().packets >= 1);
    }
}
