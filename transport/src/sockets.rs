//! One port number on UDP and TCP, held but not served yet: whoever starts learns that it is taken before anything is written.

use std::io;
use std::net::{Ipv6Addr, SocketAddr, TcpListener, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

use crate::listener::BindError;

/// Bursts of a whole screen must fit, at either end.
const UDP_BUFFER: usize = 2 * 1024 * 1024;

/// Both or neither.
#[derive(Debug)]
pub struct Sockets {
    pub(crate) udp: UdpSocket,
    pub(crate) tcp: TcpListener,
    /// With the true port.
    pub(crate) address: SocketAddr,
}

impl Sockets {
    /// Binds UDP and TCP on the same port number (port 0: any that is free on both); `[::]` serves IPv4, too.
    ///
    /// # Errors
    /// When one of them cannot be bound.
    pub fn bind(address: SocketAddr) -> Result<Self, BindError> {
        let failed = |address, protocol| {
            move |source| BindError::Socket {
                address,
                protocol,
                source,
            }
        };
        // With port 0 the number that TCP got may be taken on UDP: then another one.
        let tries = if address.port() == 0 { 20 } else { 1 };
        let mut last = None;
        for _ in 0..tries {
            let tcp = bind_tcp(address).map_err(failed(address, "TCP"))?;
            let bound = tcp.local_addr().map_err(failed(address, "TCP"))?;
            match bind_udp(bound) {
                Ok(udp) => {
                    return Ok(Self {
                        udp,
                        tcp,
                        address: bound,
                    });
                }
                Err(source) => last = Some(failed(bound, "UDP")(source)),
            }
        }
        Err(last.unwrap_or_else(|| failed(address, "UDP")(io::ErrorKind::AddrInUse.into())))
    }
}

fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // Restarting must not wait for old connections; on Windows this option would mean something else.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    set_dual_stack(&socket, address)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// With room for a burst: what finds none is lost, and the last packets of a picture are missed only after a while.
pub(crate) fn bind_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    set_dual_stack(&socket, address)?;
    // Best effort: the system may allow less.
    let _ = socket.set_recv_buffer_size(UDP_BUFFER);
    let _ = socket.set_send_buffer_size(UDP_BUFFER);
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn set_dual_stack(socket: &Socket, address: SocketAddr) -> io::Result<()> {
    if address.ip() == Ipv6Addr::UNSPECIFIED {
        socket.set_only_v6(false)?;
    }
    Ok(())
}
