//! Pages of archived sessions, in the order and with the limits of a list of those in memory, so that both are put together to one.

use std::collections::HashSet;
use std::sync::Arc;

use mayday_session::Timestamp;
use mayday_session::desk::Status;
use sqlx::{QueryBuilder, Sqlite};

use super::super::index::{Key, Page, Wanted};
use super::super::list::Sort;
use super::super::load;
use super::super::record::Record;
use super::super::{Desk, DeskError};
use super::id;
use crate::store::Store;

/// By what archived sessions are ordered, before the time they were created at. Nobody waits in them.
fn lead(sort: Sort) -> Option<&'static str> {
    match sort {
        Sort::Name => Some("c.name"),
        Sort::Expires => Some("c.expires_at"),
        Sort::Status => Some("c.closed"),
        Sort::Created | Sort::Waiting => None,
    }
}

impl Desk {
    /// Adds archived sessions to a page of those in memory, which was made first: what is over meanwhile is in both, and shown once.
    pub(in super::super) async fn with_archived(
        &self,
        open: Page,
        wanted: &Wanted<'_>,
        at: Timestamp,
    ) -> Result<Page, DeskError> {
        let any = wanted.statuses.iter().any(|status| has(*status));
        if !any || !self.inner.archive.is_used() {
            return Ok(open);
        }
        let store = &self.inner.store;
        let total = total(store, wanted).await?;
        if total == 0 {
            return Ok(open);
        }
        let archived = page(store, wanted).await?;
        let found: HashSet<_> = archived.iter().map(Record::id).collect();
        let more = open.next.is_some();
        let open_total = open.total;
        let still_open = open
            .items
            .into_iter()
            .filter(|one| !found.contains(&one.id()));
        let mut all: Vec<_> = still_open
            .chain(archived.into_iter().map(Arc::new))
            .collect();
        all.sort_by_cached_key(|record| Key::of(record, wanted.sort, at));
        let next = (more || all.len() > wanted.limit).then(|| {
            let last = all.get(wanted.limit.min(all.len()).saturating_sub(1));
            last.map(|record| Key::of(record, wanted.sort, at))
        });
        all.truncate(wanted.limit);
        Ok(Page {
            items: all,
            next: next.flatten(),
            total: open_total + total,
        })
    }
}

/// Whether the archive has sessions of this status.
fn has(status: Status) -> bool {
    match status {
        Status::Expired | Status::Closed => true,
        Status::Waiting | Status::Active | Status::InQueue => false,
    }
}

async fn total(store: &Store, wanted: &Wanted<'_>) -> Result<usize, DeskError> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) AS session_id FROM archived_sessions c");
    narrow(&mut query, wanted);
    let row = query.build().fetch_one(store.reads()).await?;
    Ok(usize::try_from(id(&row).0).unwrap_or(usize::MAX))
}

/// One more than the page holds, so that it is known whether there are more.
async fn page(store: &Store, wanted: &Wanted<'_>) -> Result<Vec<Record>, DeskError> {
    let mut query = QueryBuilder::new("SELECT c.session_id FROM archived_sessions c");
    narrow(&mut query, wanted);
    if let Some(after) = wanted.after
        && !begin_after(&mut query, after, wanted.sort)
    {
        return Ok(Vec::new());
    }
    query.push(" ORDER BY ");
    if let Some(lead) = lead(wanted.sort) {
        query.push(lead).push(", ");
    }
    query.push("c.created_at DESC, c.session_id LIMIT ");
    query.push_bind(i64::try_from(wanted.limit.saturating_add(1)).unwrap_or(i64::MAX));
    let rows = query.build().fetch_all(store.reads()).await?;
    let ids: Vec<_> = rows.iter().map(id).collect();
    load::archived(store, &ids).await
}

/// Lets through what stands behind `after`; `false` when nothing does.
fn begin_after(query: &mut QueryBuilder<Sqlite>, after: &Key, sort: Sort) -> bool {
    let int = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (created, id) = (int(after.created_at()), int(after.id()));
    let Some(lead) = lead(sort) else {
        let own = Key::number_of_archived(sort);
        if after.number() > own {
            return false;
        }
        if after.number() == own {
            query.push(" AND ");
            later(query, created, id);
        }
        return true;
    };
    query.push(" AND (").push(lead).push(" > ");
    lead_of(query, after, sort);
    query.push(" OR (").push(lead).push(" = ");
    lead_of(query, after, sort);
    query.push(" AND ");
    later(query, created, id);
    query.push("))");
    true
}

fn lead_of(query: &mut QueryBuilder<Sqlite>, after: &Key, sort: Sort) {
    match sort {
        Sort::Name => query.push_bind(after.text().to_owned()),
        Sort::Status => {
            let first = Key::number_of_status(Status::Expired);
            let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
            query.push_bind(number(after.number()) - number(first))
        }
        Sort::Expires | Sort::Created | Sort::Waiting => {
            query.push_bind(i64::try_from(after.number()).unwrap_or(i64::MAX))
        }
    };
}

fn later(query: &mut QueryBuilder<Sqlite>, created: i64, id: i64) {
    query.push("(c.created_at < ").push_bind(created);
    query.push(" OR (c.created_at = ").push_bind(created);
    query.push(" AND c.session_id > ").push_bind(id).push("))");
}

/// The same sessions as the index: those of the visible shares and one's own, that the search finds.
fn narrow(query: &mut QueryBuilder<Sqlite>, wanted: &Wanted<'_>) {
    let int = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    query.push(" WHERE c.closed IN (");
    let mut closed = query.separated(", ");
    for status in wanted.statuses.iter().filter(|status| has(**status)) {
        closed.push_bind(i64::from(*status == Status::Closed));
    }
    query.push(") AND (");
    for share in wanted.shares {
        query.push("(c.channel_id = ").push_bind(int(share.channel));
        query
            .push(" AND c.assigned = ")
            .push_bind(i64::from(share.assigned));
        query.push(") OR ");
    }
    query.push("(");
    of_account(query, &[wanted.own]);
    if let Some(channel) = wanted.own_in {
        query.push(" AND c.channel_id = ").push_bind(int(channel));
    }
    query.push("))");
    if let Some(search) = &wanted.search {
        query
            .push(" AND (instr(c.words, ")
            .push_bind(search.words.clone());
        query.push(") > 0");
        if !search.accounts.is_empty() {
            let accounts: Vec<_> = search.accounts.iter().copied().collect();
            query.push(" OR ");
            of_account(query, &accounts);
        }
        query.push(")");
    }
}

fn of_account(query: &mut QueryBuilder<Sqlite>, accounts: &[u64]) {
    query.push(
        "EXISTS (SELECT 1 FROM archived_technicians t WHERE t.session_id = c.session_id AND t.account_id IN (",
    );
    let mut list = query.separated(", ");
    for account in accounts {
        list.push_bind(i64::try_from(*account).unwrap_or(0));
    }
    query.push("))");
}
