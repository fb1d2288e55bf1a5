//! Lists of sessions: who sees which, filtered and sorted. All in memory.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use mayday_protocol::TechnicianId;
use mayday_session::Timestamp;
use mayday_session::desk::{Presence, Status};

use super::record::Record;
use super::{Desk, sees};
use crate::clock::now;
use crate::directory::{Account, Snapshot};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub channel: Option<u64>,
    /// Only sessions that `me` is a technician of.
    pub home: bool,
    /// Empty: all.
    pub statuses: Vec<Status>,
    pub search: String,
    pub sort: Sort,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Created,
    Name,
    Status,
    Waiting,
    Expires,
}

impl Desk {
    /// All sessions that `me` sees and `filter` lets through, in order.
    #[must_use]
    pub fn list(&self, me: &Account, filter: &Filter) -> Vec<Arc<Record>> {
        let snapshot = self.inner.directory.now();
        let at = now();
        let search = filter.search.trim().to_lowercase();
        let mut found: Vec<_> = self
            .inner
            .shelf
            .all()
            .iter()
            .map(|entry| entry.current())
            .filter(|record| {
                passes(record, me, filter, at)
                    && sees(record, &snapshot, me, at)
                    && (search.is_empty() || matches(record, &snapshot, &search))
            })
            .collect();
        sort(&mut found, filter.sort, at);
        found
    }

    /// How many open sessions each channel has.
    #[must_use]
    pub fn open_sessions(&self) -> HashMap<u64, u32> {
        let at = now();
        let mut open = HashMap::new();
        for entry in self.inner.shelf.all() {
            let record = entry.current();
            if record.is_open(at) {
                *open.entry(record.facts().channel.0).or_default() += 1;
            }
        }
        open
    }
}

/// Since when somebody waits: to be taken, or for the end user. `None` when nobody does.
#[must_use]
pub fn waiting_since(record: &Record, at: Timestamp) -> Option<Timestamp> {
    let facts = record.facts();
    match record.session.status(at) {
        Status::Waiting | Status::InQueue => Some(match facts.agent {
            Presence::Never => facts.created_at,
            Presence::Here { since, .. } | Presence::Lost { since, .. } => since,
            Presence::Left { at } => at,
        }),
        Status::Active | Status::Expired | Status::Closed => None,
    }
}

fn passes(record: &Record, me: &Account, filter: &Filter, at: Timestamp) -> bool {
    let facts = record.facts();
    let mine = || facts.member_of(TechnicianId(me.id)).is_some();
    filter.channel.is_none_or(|id| facts.channel.0 == id)
        && (!filter.home || mine())
        && (filter.statuses.is_empty() || filter.statuses.contains(&record.session.status(at)))
}

/// `search` is lower case.
fn matches(record: &Record, snapshot: &Snapshot, search: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(search);
    let device = record.device.as_ref().is_some_and(|device| {
        has(&device.host_name)
            || has(&device.user_name)
            || has(&device.public_address)
            || device.local_addresses.iter().any(|one| has(one))
    });
    let technician = || {
        let members = record.facts().members.iter();
        let mut accounts = members.filter_map(|one| snapshot.account(one.technician.0));
        accounts.any(|account| has(&account.name))
    };
    has(&record.name) || has(&record.note) || device || technician()
}

fn sort(found: &mut [Arc<Record>], by: Sort, at: Timestamp) {
    let newest = |record: &Record| (Reverse(record.facts().created_at), record.id());
    match by {
        Sort::Created => found.sort_by_cached_key(|one| newest(one)),
        Sort::Name => found.sort_by_cached_key(|one| (one.name.to_lowercase(), newest(one))),
        Sort::Status => {
            found.sort_by_cached_key(|one| (place(one.session.status(at)), newest(one)))
        }
        Sort::Waiting => found.sort_by_cached_key(|one| {
            let since = waiting_since(one, at);
            (since.is_none(), since, newest(one))
        }),
        Sort::Expires => found.sort_by_cached_key(|one| (one.facts().expires_at, newest(one))),
    }
}

/// What needs somebody comes first.
fn place(status: Status) -> u8 {
    match status {
        Status::InQueue => 0,
        Status::Active => 1,
        Status::Waiting => 2,
        Status::Expired => 3,
        Status::Closed => 4,
    }
}
