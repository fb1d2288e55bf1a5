//! A wire that can be cut and made thin: forwards UDP and TCP on one loopback port to a gateway. Owns no protocol.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// How often a waiting thread looks whether it is over.
const TICK: Duration = Duration::from_millis(50);

/// Bytes that the system keeps for us on a TCP connection.
const TCP_BUFFER: libc::c_int = 65_536;

#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    cut: AtomicBool,
    udp_blocked: AtomicBool,
    /// Bytes a second that TCP gets through to the client; none: all.
    thin: AtomicUsize,
    over: AtomicBool,
    /// Payload of UDP that was passed on: to the gateway, and to clients.
    passed: [AtomicU64; 2],
    /// Since the wire was cut.
    first: Mutex<Option<Knock>>,
}

/// How a client comes to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knock {
    Udp,
    Tcp,
}

impl State {
    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn knocked(&self, knock: Knock) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(knock);
    }

    fn count(&self, way: usize, bytes: usize) {
        self.passed[way].fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Link {
    /// Opens a port whose UDP and TCP both lead to `gateway`.
    ///
    /// # Errors
    /// When no port is free for both.
    pub fn to(gateway: SocketAddr) -> Result<Self> {
        let state = Arc::new(State::default());
        let (udp, tcp) = (0..20)
            .find_map(|_| {
                let udp = UdpSocket::bind("127.0.0.1:0").ok()?;
                let tcp = TcpListener::bind(udp.local_addr().ok()?).ok()?;
                Some((udp, tcp))
            })
            .context("no port is free for UDP and TCP")?;
        let address = udp.local_addr()?;
        {
            let state = state.clone();
            thread::spawn(move || forward_udp(&udp, gateway, &state));
        }
        {
            let state = state.clone();
            thread::spawn(move || forward_tcp(&tcp, gateway, &state));
        }
        Ok(Self { address, state })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nothing through any more, in either direction.
    pub fn cut(&self) {
        self.state.cut.store(true, Ordering::Relaxed);
        let first = self.state.first.lock();
        *first.unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Which way was tried first since the wire was cut, whether or not it is mended: a packet of UDP, or a new connection of TCP.
    #[must_use]
    pub fn first_knock(&self) -> Option<Knock> {
        let first = self.state.first.lock();
        *first.unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets everything through again.
    pub fn mend(&self) {
        self.state.cut.store(false, Ordering::Relaxed);
    }

    /// Lets TCP through to the client only at this many bytes a second: who is there reads slowly. `None` ends it.
    pub fn thin(&self, bytes_per_second: Option<usize>) {
        let rate = bytes_per_second.unwrap_or(0);
        self.state.thin.store(rate, Ordering::Relaxed);
    }

    /// Bytes of UDP payload that went to the gateway and to clients so far.
    #[must_use]
    pub fn passed(&self) -> [u64; 2] {
        [0, 1].map(|way| self.state.passed[way].load(Ordering::Relaxed))
    }

    /// Drops all UDP silently, as some firewalls do.
    pub fn block_udp(&self) {
        self.state.udp_blocked.store(true, Ordering::Relaxed);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::Relaxed);
    }
}

fn forward_udp(front: &UdpSocket, gateway: SocketAddr, state: &Arc<State>) {
    let mut peers: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = [0; 65_536];
    let _ = front.set_read_timeout(Some(TICK));
    while !state.is_over() {
        let Ok((size, from)) = front.recv_from(&mut buffer) else {
            continue;
        };
        state.knocked(Knock::Udp);
        if state.is_cut() || state.udp_blocked.load(Ordering::Relaxed) {
            continue;
        }
        let back = match peers.get(&from) {
            Some(back) => back.clone(),
            None => {
                let (Ok(back), Ok(front)) = (UdpSocket::bind("127.0.0.1:0"), front.try_clone())
                else {
                    continue;
                };
                let back = Arc::new(back);
                peers.insert(from, back.clone());
                let (answers, state) = (back.clone(), state.clone());
                thread::spawn(move || answer_udp(&answers, &front, from, &state));
                back
            }
        };
        state.count(0, size);
        let _ = back.send_to(&buffer[..size], gateway);
    }
}

fn answer_udp(back: &UdpSocket, front: &UdpSocket, to: SocketAddr, state: &State) {
    let mut buffer = [0; 65_536];
    let _ = back.set_read_timeout(Some(TICK));
    while !state.is_over() {
        if let Ok(size) = back.recv(&mut buffer)
            && !state.is_cut()
        {
            state.count(1, size);
            let _ = front.send_to(&buffer[..size], to);
        }
    }
}

fn forward_tcp(front: &TcpListener, gateway: SocketAddr, state: &Arc<State>) {
    let _ = front.set_nonblocking(true);
    while !state.is_over() {
        let Ok((client, _)) = front.accept() else {
            thread::sleep(TICK);
            continue;
        };
        state.knocked(Knock::Tcp);
        let _ = client.set_nonblocking(false);
        if state.is_cut() {
            continue;
        }
        let Ok(server) = TcpStream::connect(gateway) else {
            continue;
        };
        for (from, to, to_client) in [(&client, &server, false), (&server, &client, true)] {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else {
                continue;
            };
            let _ = to.set_nodelay(true);
            small_buffer(&from);
            let state = state.clone();
            thread::spawn(move || pump(from, to, to_client, &state));
        }
    }
}

/// What is read slowly must be felt by who writes, not wait in this machine's large buffers.
fn small_buffer(stream: &TcpStream) {
    // SAFETY: setsockopt(2) reads one int at this address during the call; the descriptor is open.
    unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUF,
            std::ptr::from_ref(&TCP_BUFFER).cast(),
            size_of_val(&TCP_BUFFER) as libc::socklen_t,
        );
    }
}

/// Moves bytes one way until an end closes; a cut wire keeps them waiting, as a real one would.
fn pump(mut from: TcpStream, mut to: TcpStream, to_client: bool, state: &State) {
    let mut buffer = [0; 65_536];
    let _ = from.set_read_timeout(Some(TICK));
    while !state.is_over() {
        if state.is_cut() {
            thread::sleep(TICK);
            continue;
        }
        let thin = state.thin.load(Ordering::Relaxed);
        let piece = if to_client && thin > 0 {
            thread::sleep(TICK);
            (thin * TICK.as_millis() as usize / 1000).clamp(1, buffer.len())
        } else {
            buffer.len()
        };
        match from.read(&mut buffer[..piece]) {
            Ok(0) => break,
            Ok(size) if to.write_all(&buffer[..size]).is_ok() => {}
            Ok(_) => break,
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) => {}
            Err(_) => break,
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}
