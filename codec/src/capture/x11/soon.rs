//! An answer that comes within microseconds: waited for awake, as falling asleep and being woken takes longer than the X server does. Owns
//! only that wait.

use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::errors::ConnectionError;
use x11rb::rust_connection::RustConnection;

/// Small requests are answered in 15 us, those for a whole screen in some hundred; waking a thread takes 25.
const MOMENT: Duration = Duration::from_micros(60);

/// Sends what was asked, and stays awake until something comes back, for a moment at most. Read the answer as usual afterwards.
///
/// # Errors
/// When the display is gone.
pub fn await_answer(connection: &RustConnection) -> Result<(), ConnectionError> {
    connection.flush()?;
    let socket = connection.stream().as_fd().as_raw_fd();
    let until = Instant::now() + MOMENT;
    while !can_be_read(socket) && Instant::now() < until {
        // On a single core the server has its turn now.
        std::thread::yield_now();
    }
    Ok(())
}

/// Also when asking fails: reading will then say why.
fn can_be_read(socket: RawFd) -> bool {
    let mut interest = libc::pollfd {
        fd: socket,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one entry, which lives across the call; the descriptor is the caller's, and a wrong one is an answer, too.
    unsafe { libc::poll(&mut interest, 1, 0) != 0 }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn bytes_that_came_can_be_read_and_those_that_did_not_cannot() {
        let (here, mut there) = UnixStream::pair().unwrap();
        let socket = here.as_fd().as_raw_fd();
        assert!(!can_be_read(socket));
        there.write_all(b"an answer").unwrap();
        assert!(can_be_read(socket));
        drop(there);
        assert!(can_be_read(socket), "the end is an answer");
    }
}
