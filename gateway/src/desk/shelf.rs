//! The sessions in memory, and how they are found: by id, link, PIN, resume token, or in the order of a list. Holds hashes only.
//! Of sessions that are over it knows those that somebody works with just now.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use mayday_protocol::SessionId;
use mayday_session::desk::Status;

use super::archive::is_over;
use super::index::{Index, Page, Wanted};
use super::record::{Entry, Record};
use crate::clock::now;

#[derive(Default)]
pub struct Shelf {
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<SessionId, Arc<Entry>>,
    /// Those that are over, for as long as somebody holds them.
    lent: HashMap<SessionId, Weak<Entry>>,
    by_token: HashMap<String, SessionId>,
    by_pin: HashMap<String, SessionId>,
    by_resume: HashMap<String, SessionId>,
    order: Index,
    by_request: HashMap<String, SessionId>,
    /// How many lent ones there are before the next sweep.
    sweep_at: usize,
}

const FEW: usize = 64;

impl Shelf {
    pub fn get(&self, id: SessionId) -> Option<Arc<Entry>> {
        let inner = self.read();
        let lent = || inner.lent.get(&id).and_then(Weak::upgrade);
        inner.entries.get(&id).cloned().or_else(lent)
    }

    pub fn by_token(&self, hash: &str) -> Option<Arc<Entry>> {
        let inner = self.read();
        inner.entries.get(inner.by_token.get(hash)?).cloned()
    }

    pub fn by_pin(&self, hash: &str) -> Option<Arc<Entry>> {
        let inner = self.read();
        inner.entries.get(inner.by_pin.get(hash)?).cloned()
    }

    pub fn by_resume(&self, hash: &str) -> Option<Arc<Entry>> {
        let inner = self.read();
        inner.entries.get(inner.by_resume.get(hash)?).cloned()
    }

    pub fn by_request(&self, hash: &str) -> Option<Arc<Entry>> {
        let inner = self.read();
        inner.entries.get(inner.by_request.get(hash)?).cloned()
    }

    pub fn all(&self) -> Vec<Arc<Entry>> {
        self.read().entries.values().cloned().collect()
    }

    pub fn page(&self, wanted: &Wanted<'_>) -> Page {
        self.read().order.page(wanted)
    }

    /// How many sessions of these statuses each channel has.
    pub fn count(&self, statuses: &[Status]) -> HashMap<u64, u32> {
        self.read().order.count(statuses)
    }

    /// Reserves a PIN's hash for `id`, unless another session holds it and `is_live` says that it still works there.
    pub fn reserve_pin(
        &self,
        hash: &str,
        id: SessionId,
        is_live: impl Fn(&Record) -> bool,
    ) -> bool {
        let mut inner = self.write();
        let holder = inner.by_pin.get(hash).copied();
        let taken = holder.is_some_and(|holder| {
            // A holder that is not on the shelf yet is being made.
            let entry = inner.entries.get(&holder);
            entry.is_none_or(|entry| is_live(&entry.current()))
        });
        if !taken {
            inner.by_pin.insert(hash.to_owned(), id);
        }
        !taken
    }

    /// Gives a reserved PIN back that was not used.
    pub fn free_pin(&self, hash: &str, id: SessionId) {
        let mut inner = self.write();
        if inner.by_pin.get(hash) == Some(&id) {
            inner.by_pin.remove(hash);
        }
    }

    pub fn insert(&self, record: Record) -> Arc<Entry> {
        let entry = Arc::new(Entry::new(record));
        let record = entry.current();
        let mut inner = self.write();
        inner.index(&record);
        inner.order.put(&entry, &record, now());
        inner.entries.insert(record.id(), Arc::clone(&entry));
        entry
    }

    /// A session that is over, for as long as the entry is held.
    pub fn lend(&self, record: Record) -> Arc<Entry> {
        let entry = Arc::new(Entry::new(record));
        self.write().lend(entry.current().id(), &entry);
        entry
    }

    /// Puts `after` in the place of `before`; a session that is over or deleted leaves the shelf, and comes back
    /// when it was extended.
    pub fn replace(&self, entry: &Arc<Entry>, before: &Record, after: &Arc<Record>) {
        let mut inner = self.write();
        inner.unindex(before);
        entry.replace(Arc::clone(after));
        let deleted = after.facts().deleted_at.is_some();
        if deleted || is_over(after) {
            inner.entries.remove(&after.id());
            inner.order.remove(after.id());
            inner.lent.remove(&after.id());
            if !deleted {
                inner.lend(after.id(), entry);
            }
        } else {
            if is_over(before) {
                inner.lent.remove(&after.id());
                inner.entries.insert(after.id(), Arc::clone(entry));
            }
            inner.index(after);
            inner.order.put(entry, after, now());
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn lend(&mut self, id: SessionId, entry: &Arc<Entry>) {
        // Those that were given back are swept when there are twice as many as at the last time.
        if self.lent.len() >= self.sweep_at {
            self.lent.retain(|_, one| one.strong_count() > 0);
            self.sweep_at = (self.lent.len() * 2).max(FEW);
        }
        self.lent.insert(id, Arc::downgrade(entry));
    }

    fn index(&mut self, record: &Record) {
        let id = record.id();
        self.by_token.insert(record.invite.token_hash.clone(), id);
        if let Some(request) = &record.request {
            self.by_request.insert(request.key_hash.clone(), id);
        }
        if let Some(pin) = &record.invite.pin {
            self.by_pin.insert(pin.hash.clone(), id);
        }
        if let Some(resume) = &record.resume {
            self.by_resume.insert(resume.newest.clone(), id);
            if let Some(before) = &resume.before {
                self.by_resume.insert(before.clone(), id);
            }
        }
    }

    fn unindex(&mut self, record: &Record) {
        let id = record.id();
        self.by_token.remove(&record.invite.token_hash);
        if let Some(request) = &record.request {
            self.by_request.remove(&request.key_hash);
        }
        if let Some(pin) = &record.invite.pin
            && self.by_pin.get(&pin.hash) == Some(&id)
        {
            self.by_pin.remove(&pin.hash);
        }
        if let Some(resume) = &record.resume {
            self.by_resume.remove(&resume.newest);
            if let Some(before) = &resume.before {
                self.by_resume.remove(before);
            }
        }
    }
}
