//! Reports: what was done in a period, added up by channel, technician and day. Reads only `session_figures`, whose index holds
//! everything that is added up; the meaning of each figure is in docs/reports.md. Who may see which channel is the caller's.

mod period;

use std::collections::BTreeMap;

use mayday_session::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::store::Store;

pub use period::{Period, PeriodError, QUARTER_MS};

/// Which sessions are counted.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub period: Period,
    pub channels: Vec<u64>,
    pub technician: Option<u64>,
}

/// Sums over some sessions. Averages are made of them at the end, so that sums can be added first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub sessions: u64,
    pub ended: u64,
    /// With a waiting time.
    pub answered: u64,
    pub waiting_ms: u64,
    pub longest_waiting_ms: u64,
    /// With a handling time.
    pub handled: u64,
    pub handling_ms: u64,
    pub rated: u64,
    pub stars: u64,
}

impl Sums {
    fn read(row: &SqliteRow) -> Self {
        Self {
            sessions: sum(row, "sessions"),
            ended: sum(row, "ended"),
            answered: sum(row, "answered"),
            waiting_ms: sum(row, "waiting"),
            longest_waiting_ms: sum(row, "longest"),
            handled: sum(row, "handled"),
            handling_ms: sum(row, "handling"),
            rated: sum(row, "rated"),
            stars: sum(row, "stars"),
        }
    }

    fn add(&mut self, more: Self) {
        self.sessions += more.sessions;
        self.ended += more.ended;
        self.answered += more.answered;
        self.waiting_ms += more.waiting_ms;
        self.longest_waiting_ms = self.longest_waiting_ms.max(more.longest_waiting_ms);
        self.handled += more.handled;
        self.handling_ms += more.handling_ms;
        self.rated += more.rated;
        self.stars += more.stars;
    }
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    pub total: Sums,
    /// Half of the sessions waited no longer.
    pub median_waiting_ms: Option<u64>,
    pub median_handling_ms: Option<u64>,
    /// How many gave one star, two, …
    pub ratings: [u64; 5],
    /// One for each day of the period, also for those without sessions.
    pub days: Vec<(String, Sums)>,
    pub channels: Vec<(u64, Sums)>,
    /// `None`: nobody was ever assigned.
    pub technicians: Vec<(Option<u64>, String, Sums)>,
}

/// Adds up.
///
/// # Errors
/// When the database cannot be read.
pub async fn report(store: &Store, wanted: &Wanted) -> Result<Report, sqlx::Error> {
    if wanted.channels.is_empty() {
        let days = wanted.period.days().map(|day| (day, Sums::default()));
        return Ok(Report {
            days: days.collect(),
            ..Report::default()
        });
    }
    let channels = by(store, wanted, "f.channel_id", "").await?;
    let channels: Vec<_> = channels
        .iter()
        .map(|row| (sum(row, "part"), Sums::read(row)))
        .collect();
    let mut total = Sums::default();
    for (_, sums) in &channels {
        total.add(*sums);
    }
    let mut report = Report {
        total,
        channels,
        days: days(store, wanted).await?,
        technicians: technicians(store, wanted).await?,
        ratings: ratings(store, wanted).await?,
        ..Report::default()
    };
    report.median_waiting_ms = median(store, wanted, "waiting_ms", total.answered).await?;
    report.median_handling_ms = median(store, wanted, "handling_ms", total.handled).await?;
    Ok(report)
}

/// One session as a line of the export.
#[derive(Clone, Debug)]
pub struct Line {
    pub session: u64,
    pub name: String,
    pub channel: u64,
    pub technician: String,
    pub created_at: Timestamp,
    pub arrived_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub waiting_ms: Option<u64>,
    pub handling_ms: Option<u64>,
    pub stars: Option<u64>,
    pub words: String,
}

/// Lines of one export, the newest ones if there are more.
pub const LINES: i64 = 100_000;

/// The sessions themselves, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(store: &Store, wanted: &Wanted) -> Result<Vec<Line>, sqlx::Error> {
    if wanted.channels.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new(
        "SELECT f.session_id, s.name, f.channel_id, a.name AS technician, f.created_at, f.arrived_at, \
         f.answered_at, f.ended_at, f.waiting_ms, f.handling_ms, f.stars, r.words \
         FROM session_figures f JOIN sessions s ON s.id = f.session_id \
         LEFT JOIN accounts a ON a.id = f.technician_id LEFT JOIN ratings r ON r.session_id = f.session_id",
    );
    narrow(&mut query, wanted);
    query
        .push(" ORDER BY f.created_at DESC LIMIT ")
        .push_bind(LINES);
    let rows = query.build().fetch_all(store.reads()).await?;
    let lines = rows.iter().rev().map(|row| Line {
        session: sum(row, "session_id"),
        name: row.get("name"),
        channel: sum(row, "channel_id"),
        technician: row
            .get::<Option<String>, _>("technician")
            .unwrap_or_default(),
        created_at: Timestamp(sum(row, "created_at")),
        arrived_at: maybe(row, "arrived_at").map(Timestamp),
        answered_at: maybe(row, "answered_at").map(Timestamp),
        ended_at: maybe(row, "ended_at").map(Timestamp),
        waiting_ms: maybe(row, "waiting_ms"),
        handling_ms: maybe(row, "handling_ms"),
        stars: maybe(row, "stars"),
        words: row.get::<Option<String>, _>("words").unwrap_or_default(),
    });
    Ok(lines.collect())
}

const SUMS: &str = "COUNT(*) AS sessions, COUNT(f.ended_at) AS ended, COUNT(f.waiting_ms) AS answered, \
     COALESCE(SUM(f.waiting_ms), 0) AS waiting, COALESCE(MAX(f.waiting_ms), 0) AS longest, \
     COUNT(f.handling_ms) AS handled, COALESCE(SUM(f.handling_ms), 0) AS handling, \
     COUNT(f.stars) AS rated, COALESCE(SUM(f.stars), 0) AS stars";

async fn by(
    store: &Store,
    wanted: &Wanted,
    part: &'static str,
    more: &'static str,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(part).push(" AS part, ").push(more).push(SUMS);
    query.push(" FROM session_figures f");
    if !more.is_empty() {
        query.push(" LEFT JOIN accounts a ON a.id = f.technician_id");
    }
    narrow(&mut query, wanted);
    query.push(" GROUP BY 1");
    query.build().fetch_all(store.reads()).await
}

/// Every zone's days begin at a full quarter of an hour of UTC, so quarters can be added to days of any zone.
async fn days(store: &Store, wanted: &Wanted) -> Result<Vec<(String, Sums)>, sqlx::Error> {
    const { assert!(QUARTER_MS == 900_000) };
    let quarters = by(store, wanted, "f.created_at / 900000", "").await?;
    let mut days: BTreeMap<usize, Sums> = BTreeMap::new();
    for row in &quarters {
        let begins = Timestamp(sum(row, "part") * QUARTER_MS);
        if let Some(day) = wanted.period.day_of(begins) {
            days.entry(day).or_default().add(Sums::read(row));
        }
    }
    let named = wanted.period.days().enumerate();
    Ok(named
        .map(|(at, day)| (day, days.get(&at).copied().unwrap_or_default()))
        .collect())
}

async fn technicians(
    store: &Store,
    wanted: &Wanted,
) -> Result<Vec<(Option<u64>, String, Sums)>, sqlx::Error> {
    let rows = by(store, wanted, "f.technician_id", "MAX(a.name) AS name, ").await?;
    let named = rows.iter().map(|row| {
        let name = row.get::<Option<String>, _>("name").unwrap_or_default();
        (maybe(row, "part"), name, Sums::read(row))
    });
    Ok(named.collect())
}

async fn ratings(store: &Store, wanted: &Wanted) -> Result<[u64; 5], sqlx::Error> {
    let rows = by(store, wanted, "f.stars", "").await?;
    let mut ratings = [0; 5];
    for row in &rows {
        let place = maybe(row, "part").and_then(|stars| usize::try_from(stars).ok());
        if let Some(place @ 1..=5) = place {
            ratings[place - 1] = sum(row, "sessions");
        }
    }
    Ok(ratings)
}

/// The lower one of two in the middle.
async fn median(
    store: &Store,
    wanted: &Wanted,
    column: &'static str,
    count: u64,
) -> Result<Option<u64>, sqlx::Error> {
    let Some(before) = count.checked_sub(1).map(|last| last / 2) else {
        return Ok(None);
    };
    let mut query = QueryBuilder::new("SELECT f.");
    query.push(column).push(" AS middle FROM session_figures f");
    narrow(&mut query, wanted);
    query
        .push(" AND f.")
        .push(column)
        .push(" IS NOT NULL ORDER BY 1 LIMIT 1 OFFSET ");
    query.push_bind(i64::try_from(before).unwrap_or(0));
    let row = query.build().fetch_optional(store.reads()).await?;
    Ok(row.as_ref().map(|row| sum(row, "middle")))
}

fn narrow(query: &mut QueryBuilder<Sqlite>, wanted: &Wanted) {
    let bound = |at: Timestamp| i64::try_from(at.0).unwrap_or(i64::MAX);
    query
        .push(" WHERE f.created_at >= ")
        .push_bind(bound(wanted.period.begins()));
    query
        .push(" AND f.created_at < ")
        .push_bind(bound(wanted.period.ends()));
    query.push(" AND f.channel_id IN (");
    let mut list = query.separated(", ");
    for channel in &wanted.channels {
        list.push_bind(i64::try_from(*channel).unwrap_or(0));
    }
    query.push(")");
    if let Some(technician) = wanted.technician {
        query.push(" AND f.technician_id = ");
        query.push_bind(i64::try_from(technician).unwrap_or(0));
    }
}

fn sum(row: &SqliteRow, column: &str) -> u64 {
    maybe(row, column).unwrap_or(0)
}

fn maybe(row: &SqliteRow, column: &str) -> Option<u64> {
    let number = row.get::<Option<i64>, _>(column)?;
    u64::try_from(number).ok()
}

#[cfg(test)]
mod tests;
