//! Wakes sessions at their deadlines, so that an unanswered question ends and an expiration shows when nobody looks.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mayday_protocol::SessionId;
use tokio::sync::Notify;

use super::Desk;
use super::record::{Entry, Record};
use crate::clock::{Timestamp, now};

/// A clock that was set back must not stop the timer for long.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Timer {
    queue: Mutex<BTreeSet<(Timestamp, SessionId)>>,
    earlier: Notify,
}

impl Timer {
    fn queue(&self) -> MutexGuard<'_, BTreeSet<(Timestamp, SessionId)>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sessions whose time has come, taken out of the queue.
    fn due(&self, at: Timestamp) -> Vec<SessionId> {
        let mut queue = self.queue();
        let later = queue.split_off(&(Timestamp(at.0.saturating_add(1)), SessionId(0)));
        let due = std::mem::replace(&mut *queue, later);
        due.into_iter().map(|(_, id)| id).collect()
    }

    fn next(&self) -> Option<Timestamp> {
        self.queue().first().map(|(at, _)| *at)
    }
}

impl Desk {
    /// Remembers when this session wants to be looked at.
    pub(super) fn schedule(&self, entry: &Entry, record: &Record) {
        let deleted = record.facts().deleted_at.is_some();
        let next = record.session.poll_timeout().filter(|_| !deleted);
        let mut deadline = entry
            .deadline
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *deadline, next);
        let timer = &self.inner.timer;
        let mut queue = timer.queue();
        if let Some(before) = before {
            queue.remove(&(before, record.id()));
        }
        if let Some(next) = next {
            queue.insert((next, record.id()));
            if queue.first() == Some(&(next, record.id())) {
                timer.earlier.notify_one();
            }
        }
    }

    /// Runs for as long as the desk exists.
    pub(super) async fn keep_time(self) {
        loop {
            let timer = &self.inner.timer;
            for id in timer.due(now()) {
                let desk = self.clone();
                tokio::spawn(async move { desk.time_out(id).await });
            }
            let wait = timer.next().map_or(LONGEST_SLEEP, |next| {
                Duration::from_millis(next.0.saturating_sub(now().0)).min(LONGEST_SLEEP)
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = timer.earlier.notified() => {}
            }
        }
    }

    async fn time_out(&self, id: SessionId) {
        let Some(entry) = self.inner.shelf.get(id) else {
            return;
        };
        let done = self.change(Arc::clone(&entry), |draft| {
            let now = draft.now;
            draft.session().handle_timeout(now);
            Ok(())
        });
        if let Err(error) = done.await {
            tracing::error!(%error, "a deadline could not be written; trying again");
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.schedule(&entry, &entry.current());
        }
    }
}
