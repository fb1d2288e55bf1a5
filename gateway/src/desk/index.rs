//! The sessions in memory in order, so that a page of a list and its total are found without looking at every session. Owns the orders
//! and the groups; who may see which group, the list says.
//!
//! A session lies in the group of its channel and in one for each of its technicians; a group's sessions all have one status and are
//! all assigned or all not, which is what visibility depends on. A status that changes with time is put right by the timer, which
//! handles each deadline as a change.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use mayday_protocol::SessionId;
use mayday_session::Timestamp;
use mayday_session::desk::{Part, Status};

use super::list::{Sort, waiting_since};
use super::record::{Entry, Record};

/// Where a session stands in one order; also says where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    number: u64,
    text: Arc<str>,
    newest: Reverse<u64>,
    id: u64,
}

impl Key {
    pub(super) fn of(record: &Record, sort: Sort, at: Timestamp) -> Self {
        let facts = record.facts();
        let (number, text) = match sort {
            Sort::Created => (0, String::new()),
            Sort::Name => (0, record.name.to_lowercase()),
            Sort::Status => (place(record.session.status(at)), String::new()),
            Sort::Waiting => {
                let since = waiting_since(record, at);
                (since.map_or(u64::MAX, |since| since.0), String::new())
            }
            Sort::Expires => (facts.expires_at.0, String::new()),
        };
        Self {
            number,
            text: text.into(),
            newest: Reverse(facts.created_at.0),
            id: facts.id.0,
        }
    }

    /// What the number of every archived session is, in orders that do not look at more.
    pub(super) fn number_of_archived(sort: Sort) -> u64 {
        match sort {
            Sort::Created | Sort::Name => 0,
            Sort::Waiting | Sort::Status | Sort::Expires => u64::MAX,
        }
    }

    pub(super) fn number_of_status(status: Status) -> u64 {
        place(status)
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn created_at(&self) -> u64 {
        self.newest.0
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// As a word for the reader of a list, who gives it back for the next page.
    pub fn to_cursor(&self) -> String {
        format!(
            "{}-{}-{}-{}",
            self.number, self.newest.0, self.id, self.text
        )
    }

    pub fn from_cursor(cursor: &str) -> Option<Self> {
        let mut parts = cursor.splitn(4, '-');
        let mut number = || parts.next()?.parse().ok();
        let (number, newest, id) = (number()?, number()?, number()?);
        Some(Self {
            number,
            text: parts.next()?.into(),
            newest: Reverse(newest),
            id,
        })
    }
}

/// What needs somebody comes first; the two statuses of the archive are neighbours.
fn place(status: Status) -> u64 {
    match status {
        Status::InQueue => 0,
        Status::Active => 1,
        Status::Waiting => 2,
        Status::Expired => 3,
        Status::Closed => 4,
    }
}

/// A channel's sessions that are assigned to somebody, or those that are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Share {
    pub channel: u64,
    pub assigned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Group {
    share: Share,
    /// `None`: all of the share; else those that this account takes part in.
    member: Option<u64>,
    status: Status,
}

/// A session and where it lies.
struct Placed {
    entry: Arc<Entry>,
    groups: Vec<Group>,
    keys: [Key; Sort::ALL.len()],
    /// What a search looks at, in lower case; technicians' names are looked up.
    words: String,
}

type Run = [BTreeMap<Key, Arc<Placed>>; Sort::ALL.len()];

#[derive(Default)]
pub struct Index {
    placed: HashMap<SessionId, Arc<Placed>>,
    runs: HashMap<Group, Run>,
    /// In which channels' shares an account has sessions, and how many.
    shares_of: HashMap<u64, HashMap<Share, usize>>,
}

/// What a list wants.
pub struct Wanted<'a> {
    /// Of these every session is wanted.
    pub shares: &'a [Share],
    /// And this account's own sessions: of all channels, or of one.
    pub own: u64,
    pub own_in: Option<u64>,
    pub statuses: &'a [Status],
    pub sort: Sort,
    pub after: Option<&'a Key>,
    pub limit: usize,
    pub search: Option<Search>,
}

/// `words` are in lower case; `accounts` are those whose names have them.
pub struct Search {
    pub words: String,
    pub accounts: HashSet<u64>,
}

/// One page of a list.
pub struct Page {
    pub items: Vec<Arc<Record>>,
    /// Where the next page begins, if there is one.
    pub next: Option<Key>,
    /// Of all pages.
    pub total: usize,
}

impl Index {
    /// Puts a session where it belongs now.
    pub fn put(&mut self, entry: &Arc<Entry>, record: &Record, at: Timestamp) {
        let placed = Placed {
            entry: Arc::clone(entry),
            groups: groups(record, at),
            keys: Sort::ALL.map(|sort| Key::of(record, sort, at)),
            words: searched(record),
        };
        if let Some(before) = self.placed.get(&record.id())
            && before.groups == placed.groups
            && before.keys == placed.keys
            && before.words == placed.words
        {
            return;
        }
        self.remove(record.id());
        let placed = Arc::new(placed);
        for group in &placed.groups {
            let run = self.runs.entry(*group).or_default();
            for (order, key) in run.iter_mut().zip(&placed.keys) {
                order.insert(key.clone(), Arc::clone(&placed));
            }
            if let Some(account) = group.member {
                let shares = self.shares_of.entry(account).or_default();
                *shares.entry(group.share).or_default() += 1;
            }
        }
        self.placed.insert(record.id(), placed);
    }

    pub fn remove(&mut self, id: SessionId) {
        let Some(placed) = self.placed.remove(&id) else {
            return;
        };
        for group in &placed.groups {
            if let Some(run) = self.runs.get_mut(group) {
                for (order, key) in run.iter_mut().zip(&placed.keys) {
                    order.remove(key);
                }
                if run[0].is_empty() {
                    self.runs.remove(group);
                }
            }
            if let Some(account) = group.member
                && let Some(shares) = self.shares_of.get_mut(&account)
                && let Some(count) = shares.get_mut(&group.share)
            {
                *count -= 1;
                if *count == 0 {
                    shares.remove(&group.share);
                }
            }
        }
    }

    /// How many sessions of these statuses each channel has.
    pub fn count(&self, statuses: &[Status]) -> HashMap<u64, u32> {
        let mut counts: HashMap<u64, u32> = HashMap::new();
        for (group, run) in &self.runs {
            if group.member.is_none() && statuses.contains(&group.status) {
                let count = u32::try_from(run[0].len()).unwrap_or(u32::MAX);
                *counts.entry(group.share.channel).or_default() += count;
            }
        }
        counts
    }

    pub fn page(&self, wanted: &Wanted<'_>) -> Page {
        let runs = self.runs_for(wanted);
        let orders: Vec<_> = runs.map(|run| &run[wanted.sort as usize]).collect();
        match &wanted.search {
            None => self.take(&orders, wanted, orders.iter().map(|one| one.len()).sum()),
            Some(search) => {
                let found = |one: &&Arc<Placed>| search.finds(one);
                let all = orders.iter().flat_map(|order| order.values());
                self.take(&orders, wanted, all.filter(found).count())
            }
        }
    }

    /// No session lies in two of them: an account's own are left out where the whole share is wanted.
    fn runs_for<'a>(&'a self, wanted: &'a Wanted<'_>) -> impl Iterator<Item = &'a Run> {
        let whole = wanted.shares.iter().map(|share| (*share, None));
        let own = self.shares_of.get(&wanted.own).into_iter().flatten();
        let own = own
            .map(|(share, _)| *share)
            .filter(|share| wanted.own_in.is_none_or(|channel| share.channel == channel))
            .filter(|share| !wanted.shares.contains(share))
            .map(|share| (share, Some(wanted.own)));
        whole.chain(own).flat_map(move |(share, member)| {
            wanted.statuses.iter().filter_map(move |status| {
                self.runs.get(&Group {
                    share,
                    member,
                    status: *status,
                })
            })
        })
    }

    /// Merges the orders from where the page begins.
    fn take(
        &self,
        orders: &[&BTreeMap<Key, Arc<Placed>>],
        wanted: &Wanted<'_>,
        total: usize,
    ) -> Page {
        let begin = wanted.after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest: Vec<_> = orders
            .iter()
            .map(|order| order.range::<Key, _>((begin, Bound::Unbounded)))
            .collect();
        let mut firsts = BinaryHeap::with_capacity(rest.len());
        for (at, run) in rest.iter_mut().enumerate() {
            firsts.extend(run.next().map(|(key, one)| First(key, at, one)));
        }
        let (mut last, mut next): (Option<&Key>, _) = (None, None);
        let mut items = Vec::with_capacity(wanted.limit);
        while let Some(First(key, at, one)) = firsts.pop() {
            if wanted
                .search
                .as_ref()
                .is_none_or(|search| search.finds(one))
            {
                if items.len() == wanted.limit {
                    next = last.cloned();
                    break;
                }
                items.push(one.entry.current());
                last = Some(key);
            }
            firsts.extend(rest[at].next().map(|(key, one)| First(key, at, one)));
        }
        Page { items, next, total }
    }
}

/// The smallest key of a run; a heap gives the largest, so it is turned around.
struct First<'a>(&'a Key, usize, &'a Arc<Placed>);

impl PartialEq for First<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for First<'_> {}

impl PartialOrd for First<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for First<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.cmp(self.0)
    }
}

impl Search {
    fn finds(&self, one: &Placed) -> bool {
        one.words.contains(&self.words)
            || one
                .groups
                .iter()
                .filter_map(|group| group.member)
                .any(|account| self.accounts.contains(&account))
    }
}

fn groups(record: &Record, at: Timestamp) -> Vec<Group> {
    let facts = record.facts();
    let status = record.session.status(at);
    let share = Share {
        channel: facts.channel.0,
        assigned: facts.members.iter().any(|one| one.part == Part::Assigned),
    };
    let members = facts.members.iter().map(|one| Some(one.technician.0));
    std::iter::once(None)
        .chain(members)
        .map(|member| Group {
            share,
            member,
            status,
        })
        .collect()
}

/// What a search looks at, in lower case.
pub(super) fn searched(record: &Record) -> String {
    let mut words = format!("{}\n{}", record.name, record.note);
    if let Some(device) = &record.device {
        let addresses = device.local_addresses.iter();
        let places = [&device.host_name, &device.user_name, &device.public_address];
        for place in places.into_iter().chain(addresses) {
            words.push('\n');
            words.push_str(place);
        }
    }
    for answer in record.request.iter().flat_map(|one| &one.answers) {
        words.push('\n');
        words.push_str(&answer.value);
    }
    words.to_lowercase()
}

#[cfg(test)]
mod tests;
