//! The threads that code stripes beside the caller's. Owns threads and the queue between them; knows nothing of pictures.
//!
//! Stripes are handed over by value, so nothing is shared while it is coded, and the caller takes work too: threads that were not
//! scheduled in time cost nothing.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, available_parallelism};

use crate::stripes::{CodedStripe, EncodeError, Stripe};

pub(crate) type Outcome = (Box<Stripe>, Result<CodedStripe, EncodeError>);

pub(crate) struct Workers {
    queue: Arc<Queue>,
    outcomes: Receiver<Option<Outcome>>,
    /// Stripes submitted whose outcome has not come back.
    open: usize,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

struct Job {
    stripe: Box<Stripe>,
    qp: u8,
}

impl Workers {
    /// As many threads as there are cores beside the caller's, but not more than stripes.
    pub(crate) fn new(stripes: usize) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        let queue = Arc::new(Queue::default());
        let (sender, outcomes) = channel();
        let threads = (1..cores.min(stripes))
            .filter_map(|_| {
                let (queue, sender) = (queue.clone(), sender.clone());
                std::thread::Builder::new()
                    .name("mayday-encode".into())
                    .spawn(move || work(&queue, &sender))
                    .ok()
            })
            .collect();
        Self {
            queue,
            outcomes,
            open: 0,
            threads,
        }
    }

    pub(crate) fn submit(&mut self, stripe: Box<Stripe>, qp: u8) {
        self.open += 1;
        self.queue.lock().jobs.push_back(Job { stripe, qp });
        self.queue.changed.notify_one();
    }

    /// Takes part in the work until all that was submitted is done. A stripe on which a thread panicked does not come back.
    pub(crate) fn finish(&mut self) -> Vec<Outcome> {
        let mut done = Vec::with_capacity(self.open);
        loop {
            let Some(job) = self.queue.lock().jobs.pop_front() else {
                break;
            };
            self.open -= 1;
            done.extend(code(job));
        }
        while self.open > 0 {
            let Ok(outcome) = self.outcomes.recv() else {
                break;
            };
            self.open -= 1;
            done.extend(outcome);
        }
        done
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.changed.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` when there will be none.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(queue: &Queue, outcomes: &Sender<Option<Outcome>>) {
    while let Some(job) = queue.next() {
        if outcomes.send(code(job)).is_err() {
            return;
        }
    }
}

/// `None` if coding panicked: the stripe is then lost, and its owner makes a new one.
fn code(job: Job) -> Option<Outcome> {
    let Job { mut stripe, qp } = job;
    catch_unwind(AssertUnwindSafe(move || {
        let result = stripe.encode(qp);
        (stripe, result)
    }))
    .ok()
}
