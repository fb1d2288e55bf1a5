//! Pages of closed sessions, in the order and with the limits of a list of open ones, so that both are put together to one.

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

/// By what closed sessions are ordered, before the time they were created at. They have one status, and nobody waits in them.
fn lead(sort: Sort) -> Option<&'static str> {
    match sort {
        Sort::Name => Some("c.name"),
        Sort::Expires => Some("c.expires_at"),
        Sort::Created | Sort::Status | Sort::Waiting => None,
    }
}

impl Desk {
    /// Adds closed sessions to a page of open ones, which was made first: what is closed meanwhile is in both, and shown once.
    pub(in super::super) async fn with_closed(
        &self,
        open: Page,
        wanted: &Wanted<'_>,
        at: Timestamp,
    ) -> Result<Page, DeskError> {
        if !wanted.statuses.contains(&Status::Closed) || !self.inner.archive.is_used() {
            return Ok(open);
        }
        let store = &self.inner.store;
        let total = total(store, wanted).await?;
        if total == 0 {
            return Ok(open);
        }
        let closed = page(store, wanted).await?;
        let found: HashSet<_> = closed.iter().map(Record::id).collect();
        let more = open.next.is_some();
        let open_total = open.total;
        let still_open = open
            .items
            .into_iter()
            .filter(|one| !found.contains(&one.id()));
        let mut all: Vec<_> = still_open.chain(closed.into_iter().map(Arc::new)).collect();
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

async fn total(store: &Store, wanted: &Wanted<'_>) -> Result<usize, DeskError> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) AS session_id FROM closed_sessions c");
    narrow(&mut query, wanted);
    let row = query.build().fetch_one(store.reads()).await?;
    Ok(usize::try_from(id(&row).0).unwrap_or(usize::MAX))
}

/// One more than the page holds, so that it is known whether there are more.
async fn page(store: &Store, wanted: &Wanted<'_>) -> Result<Vec<Record>, DeskError> {
    let mut query = QueryBuilder::new("SELECT c.session_id FROM closed_sessions c");
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
    load::closed(store, &ids).await
}

/// Lets through what stands behind `after`; `false` when nothing does.
fn begin_after(query: &mut QueryBuilder<Sqlite>, after: &Key, sort: Sort) -> bool {
    let int = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (created, id) = (int(after.created_at()), int(after.id()));
    let Some(lead) = lead(sort) else {
        let own = Key::number_of_closed(sort);
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
        Sort::Expires | Sort::Created | Sort::Status | Sort::Waiting => {
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
    query.push(" WHERE (");
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
        "EXISTS (SELECT 1 FROM closed_technicians t WHERE t.session_id = c.session_id AND t.account_id IN (",
    );
    let mut list = query.separated(", ");
    for account in accounts {
        list.push_bind(i64::try_from(*account).unwrap_or(0));
    }
    query.push("))");
}
