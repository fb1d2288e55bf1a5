//! Lets a thread that is not the runtime's send at once: it drives the connection itself, where quinn alone would wake the runtime's
//! thread to do it. Owns the tasks that quinn starts for one endpoint with one connection; each is driven by one thread at a time.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use futures_util::task::AtomicWaker;
use quinn::{AsyncTimer, AsyncUdpSocket, Endpoint, EndpointConfig, Runtime, TokioRuntime};

use crate::sockets::bind_udp;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An endpoint for one connection, and the way to push that.
///
/// # Errors
/// When no port is free.
pub(crate) fn endpoint(address: SocketAddr) -> io::Result<(Endpoint, Pusher)> {
    let pusher = Pusher::default();
    let socket = bind_udp(address)?;
    let runtime = Arc::new(PushedRuntime(pusher.clone()));
    let endpoint = Endpoint::new(EndpointConfig::default(), None, socket, runtime)?;
    Ok((endpoint, pusher))
}

/// Pushes the task that quinn started last: after the endpoint's own it is the connection's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pusher(Arc<Mutex<Weak<Driver>>>);

impl Pusher {
    /// Does `send`, which wakes the connection, and what it was woken for, on this thread.
    pub(crate) fn push<T>(&self, send: impl FnOnce() -> T) -> T {
        let Some(driver) = lock(&self.0).upgrade() else {
            return send();
        };
        driver.calls.held.store(true, Ordering::SeqCst);
        let sent = send();
        // Woken by whomever up to here: what for is done now.
        let done = driver.drive(|calls| calls.missed.store(false, Ordering::SeqCst));
        driver.calls.held.store(false, Ordering::SeqCst);
        if driver.calls.missed.swap(false, Ordering::SeqCst) || done {
            driver.calls.task.wake();
        }
        sent
    }
}

/// quinn on tokio, but for whom the tasks are driven by.
#[derive(Debug)]
struct PushedRuntime(Pusher);

impl Runtime for PushedRuntime {
    fn new_timer(&self, at: Instant) -> Pin<Box<dyn AsyncTimer>> {
        TokioRuntime.new_timer(at)
    }

    fn spawn(&self, task: Task) {
        let driver = Arc::new(Driver {
            task: Mutex::new(Some(task)),
            calls: Arc::default(),
        });
        *lock(&self.0.0) = Arc::downgrade(&driver);
        tokio::spawn(Driven(driver));
    }

    fn wrap_udp_socket(&self, socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        TokioRuntime.wrap_udp_socket(socket)
    }

    fn now(&self) -> Instant {
        TokioRuntime.now()
    }
}

/// One of quinn's tasks.
struct Driver {
    /// `None` when it is over.
    task: Mutex<Option<Task>>,
    calls: Arc<Calls>,
}

impl Driver {
    /// Does what there is to do, after `first`; whether the task is over.
    fn drive(&self, first: impl FnOnce(&Calls)) -> bool {
        let mut task = lock(&self.task);
        first(&self.calls);
        let Some(running) = task.as_mut() else {
            return true;
        };
        let waker = Waker::from(self.calls.clone());
        let over = running
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        if over {
            *task = None;
        }
        over
    }
}

/// Calls for a task: they go to the runtime, but for those that come while a push is about to answer them.
#[derive(Debug, Default)]
struct Calls {
    task: AtomicWaker,
    held: AtomicBool,
    missed: AtomicBool,
}

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.missed.store(true, Ordering::SeqCst);
        if !self.held.load(Ordering::SeqCst) {
            self.missed.store(false, Ordering::SeqCst);
            self.task.wake();
        }
    }
}

/// A task as the runtime has it.
struct Driven(Arc<Driver>);

impl Future for Driven {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.calls.task.register(context.waker());
        match self.0.drive(|_| {}) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
