//! Lists of sessions: who sees which, filtered and sorted, a page at a time.

use std::collections::HashMap;

use mayday_session::Timestamp;
use mayday_session::desk::{Presence, Status};
use mayday_session::permission::Permission;

use super::index::{Key, Page, Search, Share, Wanted};
use super::record::Record;
use super::{Desk, DeskError};
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

impl Sort {
    pub const ALL: [Self; 5] = [
        Self::Created,
        Self::Name,
        Self::Status,
        Self::Waiting,
        Self::Expires,
    ];
}

const STATUSES: [Status; 5] = [
    Status::Waiting,
    Status::Active,
    Status::InQueue,
    Status::Expired,
    Status::Closed,
];

impl Desk {
    /// A page of the sessions that `me` sees and `filter` lets through, in order, from behind `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        me: &Account,
        filter: &Filter,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Page, DeskError> {
        let snapshot = self.inner.directory.now();
        let shares = if filter.home {
            Vec::new()
        } else {
            visible_shares(&snapshot, me, filter.channel)
        };
        let statuses = if filter.statuses.is_empty() {
            &STATUSES[..]
        } else {
            &filter.statuses
        };
        let wanted = Wanted {
            shares: &shares,
            own: me.id,
            own_in: filter.channel,
            statuses,
            sort: filter.sort,
            after,
            limit,
            search: search(&snapshot, &filter.search),
        };
        let open = self.inner.shelf.page(&wanted);
        self.with_archived(open, &wanted, now()).await
    }

    /// How many open sessions each channel has.
    #[must_use]
    pub fn open_sessions(&self) -> HashMap<u64, u32> {
        let open = [Status::Waiting, Status::Active, Status::InQueue];
        self.inner.shelf.count(&open)
    }
}

/// Which sessions of others `me` sees: `session::permission` says that whoever may do anything in a channel sees its queue, and who may
/// view all sees all.
fn visible_shares(snapshot: &Snapshot, me: &Account, channel: Option<u64>) -> Vec<Share> {
    let channels = snapshot
        .channels()
        .filter(|one| channel.is_none_or(|id| one.id == id));
    let mut shares = Vec::new();
    for one in channels {
        let may = snapshot.permissions(me, one);
        for (assigned, visible) in [
            (false, !may.is_empty()),
            (true, may.contains(Permission::SessionViewAll)),
        ] {
            if visible {
                shares.push(Share {
                    channel: one.id,
                    assigned,
                });
            }
        }
    }
    shares
}

fn search(snapshot: &Snapshot, words: &str) -> Option<Search> {
    let words = words.trim().to_lowercase();
    if words.is_empty() {
        return None;
    }
    let named = snapshot
        .accounts()
        .filter(|account| account.name.to_lowercase().contains(&words));
    Some(Search {
        accounts: named.map(|account| account.id).collect(),
        words,
    })
}

/// Since when somebody waits: to be taken, or for the end user. `None` when nobody does.
#[must_use]
pub fn waiting_since(record: &Record, at: Timestamp) -> Option<Timestamp> {
    let facts = record.facts();
    match record.session.status(at) {
        // As the end user's place in the queue counts.
        Status::InQueue if facts.queued_at.is_some() => facts.queued_at,
        Status::Waiting | Status::InQueue => Some(match facts.agent {
            Presence::Never => facts.created_at,
            Presence::Here { since, .. } | Presence::Lost { since, .. } => since,
            Presence::Left { at, .. } => at,
        }),
        Status::Active | Status::Expired | Status::Closed => None,
    }
}
