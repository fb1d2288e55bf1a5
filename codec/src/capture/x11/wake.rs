//! The sleep of the X11 backend: poll() on the display's socket and an eventfd that other threads write.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use crate::capture::Waker;

pub(super) struct EventFd(Arc<OwnedFd>);

impl EventFd {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: no memory is passed.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just made and has no other owner.
        Ok(Self(Arc::new(unsafe { OwnedFd::from_raw_fd(fd) })))
    }

    pub(super) fn waker(&self) -> Waker {
        let fd = self.0.clone();
        Waker::new(move || {
            let one = 1u64.to_ne_bytes();
            // SAFETY: `one` is 8 readable bytes and `fd` is kept open by the closure. A failure means the counter is full: awake already.
            let _ = unsafe { libc::write(fd.as_raw_fd(), one.as_ptr().cast(), one.len()) };
        })
    }

    /// Whether a waker was used since the last time.
    pub(super) fn take(&self) -> bool {
        let mut count = [0u8; 8];
        // SAFETY: `count` is 8 writable bytes; the descriptor does not block.
        let read =
            unsafe { libc::read(self.0.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
        read > 0
    }

    /// Sleeps until `socket` can be read, a waker is used, or the time is over.
    pub(super) fn wait_with(&self, socket: RawFd, timeout: Duration) -> io::Result<()> {
        let interest = |fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        };
        let mut fds = [interest(socket), interest(self.0.as_raw_fd())];
        let timeout = libc::timespec {
            tv_sec: timeout.as_secs().min(3600) as libc::time_t,
            tv_nsec: timeout.subsec_nanos().into(),
        };
        // SAFETY: both descriptors are open, the array and the time live across the call.
        let ready = unsafe {
            libc::ppoll(
                fds.as_mut_ptr(),
                fds.len() as libc::nfds_t,
                &timeout,
                std::ptr::null(),
            )
        };
        match ready {
            0.. => Ok(()),
            _ => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => Ok(()),
                error => Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_wake_before_or_during_the_sleep_ends_it_once() {
        let event = EventFd::new().unwrap();
        let waker = event.waker();
        waker.wake();
        waker.wake();
        assert!(event.take() && !event.take());

        let thread = std::thread::spawn(move || waker.wake());
        let started = Instant::now();
        event
            .wait_with(event.0.as_raw_fd(), Duration::from_secs(20))
            .unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
        thread.join().unwrap();
        assert!(event.take());
    }
}
