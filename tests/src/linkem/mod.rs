//! A link emulator on loopback: a UDP proxy with seeded loss, delay, rate and a drop-tail queue, which reports its own error.
//! These kernels have no netem. Owns no knowledge of what passes.

mod pipe;
mod profile;
mod timer;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub use pipe::Pipe;
pub use profile::{Loss, PROFILES, Profile, Rate};

/// How often an idle thread looks whether it is over.
const TICK: Duration = Duration::from_millis(50);

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
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    packets: Mutex<VecDeque<(Duration, Vec<u8>)>>,
    more: Condvar,
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
            waiting,
        }
    }

    fn offer(&mut self, packet: &[u8], shared: &Shared) {
        let now = shared.now();
        let Some(at) = self.pipe.offer(packet.len(), now) else {
            return;
        };
        if shared.profile.is_plain() {
            let _ = self.socket.send_to(packet, self.to);
            return;
        }
        lock(&self.waiting.packets).push_back((at, packet.to_vec()));
        self.waiting.more.notify_one();
    }
}

/// Sends packets when their time has come, in order.
fn send(socket: &UdpSocket, to: SocketAddr, waiting: &Waiting, shared: &Shared) {
    timer::no_slack();
    while !shared.is_over() {
        let next = {
            let packets = lock(&waiting.packets);
            let (mut packets, _) = waiting
                .more
                .wait_timeout_while(packets, TICK, |packets| packets.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            packets.pop_front()
        };
        let Some((at, packet)) = next else {
            continue;
        };
        timer::wait_until(shared.start + at);
        let _ = socket.send_to(&packet, to);
        let late = shared.now().saturating_sub(at).as_micros();
        lock(&shared.late_us).push(u32::try_from(late).unwrap_or(u32::MAX));
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
