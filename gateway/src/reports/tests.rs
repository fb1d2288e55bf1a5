//! Reports over rows that were put there by hand: sums, medians, days; and over a hundred thousand of them.

use sqlx::Row as _;

use super::*;
use crate::store::{Change, Store};
use crate::values;

/// 2026-11-20T00:00:00Z
const DAY: u64 = 1_795_132_800_000;

struct Row {
    session: u64,
    channel: u64,
    technician: Option<u64>,
    created_at: u64,
    waiting: Option<u64>,
    handling: Option<u64>,
    stars: Option<u64>,
}

fn add(change: Change, row: &Row) -> Change {
    change
        .run(
            "INSERT INTO sessions (id, channel_id, name, note, created_at, facts) VALUES ($1, $2, 'Printer', '', $3, '{}')",
            values![row.session, row.channel, row.created_at],
        )
        .run(
            "INSERT INTO session_figures (session_id, channel_id, technician_id, created_at, waiting_ms, handling_ms, stars) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![row.session, row.channel, row.technician, row.created_at, row.waiting, row.handling, row.stars],
        )
}

async fn store(rows: impl Iterator<Item = Row>) -> (tempfile::TempDir, Store) {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path()).await.unwrap();
    let mut change = Change::new();
    for id in [1_u64, 2] {
        change = change.run(
            "INSERT INTO channels (id, name, description, kind, expiration_s, pin_valid_s, default_rights, max_open_sessions, created_at) \
             VALUES ($1, $2, '', 'shared', 60, 60, 'view', 500, 0)",
            values![id, id.to_string()],
        );
    }
    change = change.run(
        "INSERT INTO accounts (id, email, name, role, created_at) VALUES (7, 'ada@example.org', 'Ada', 'owner', 0)",
        values![],
    );
    for row in rows {
        change = add(change, &row);
    }
    store.write(change).await.unwrap();
    (data, store)
}

fn wanted(channels: &[u64]) -> Wanted {
    Wanted {
        period: Period::new("2026-11-20", "2026-11-22", "UTC").unwrap(),
        channels: channels.to_vec(),
        technician: None,
    }
}

fn row(session: u64, hours: u64) -> Row {
    Row {
        session,
        channel: 1,
        technician: Some(7),
        created_at: DAY + hours * 3_600_000,
        waiting: Some(session * 1000),
        handling: None,
        stars: None,
    }
}

#[tokio::test]
async fn sums_are_by_channel_technician_and_day() {
    let rows = [
        row(10, 1),
        row(20, 2),
        Row {
            stars: Some(4),
            handling: Some(60_000),
            ..row(30, 25)
        },
        Row {
            channel: 2,
            technician: None,
            waiting: None,
            ..row(40, 26)
        },
        row(50, 24 * 9),
    ];
    let (_data, store) = store(rows.into_iter()).await;
    let report = report(&store, &wanted(&[1, 2])).await.unwrap();
    assert_eq!((report.total.sessions, report.total.answered), (4, 3));
    assert_eq!(report.total.waiting_ms, 60_000);
    assert_eq!(report.total.longest_waiting_ms, 30_000);
    assert_eq!(report.median_waiting_ms, Some(20_000));
    assert_eq!(report.median_handling_ms, Some(60_000));
    assert_eq!(report.ratings, [0, 0, 0, 1, 0]);
    let days: Vec<_> = report
        .days
        .iter()
        .map(|(day, sums)| (day.as_str(), sums.sessions))
        .collect();
    assert_eq!(
        days,
        [("2026-11-20", 2), ("2026-11-21", 2), ("2026-11-22", 0)]
    );
    let mut technicians: Vec<_> = report
        .technicians
        .iter()
        .map(|(id, name, sums)| (*id, name.as_str(), sums.sessions))
        .collect();
    technicians.sort();
    assert_eq!(technicians, [(None, "", 1), (Some(7), "Ada", 3)]);
}

#[tokio::test]
async fn only_the_channels_that_one_may_see_are_counted() {
    let rows = [
        row(10, 1),
        Row {
            channel: 2,
            ..row(20, 2)
        },
    ];
    let (_data, store) = store(rows.into_iter()).await;
    let one = report(&store, &wanted(&[2])).await.unwrap();
    assert_eq!((one.total.sessions, one.channels.len()), (1, 1));
    let none = report(&store, &wanted(&[])).await.unwrap();
    assert_eq!((none.total, none.days.len()), (Sums::default(), 3));
    assert!(lines(&store, &wanted(&[])).await.unwrap().is_empty());
    let technician = Wanted {
        technician: Some(8),
        ..wanted(&[1, 2])
    };
    assert_eq!(report(&store, &technician).await.unwrap().total.sessions, 0);
}

#[tokio::test]
async fn a_report_reads_nothing_but_the_index() {
    let (_data, store) = store(std::iter::empty()).await;
    let mut query = QueryBuilder::new("EXPLAIN QUERY PLAN SELECT ");
    query
        .push("f.channel_id, ")
        .push(SUMS)
        .push(" FROM session_figures f");
    narrow(&mut query, &wanted(&[1, 2]));
    query.push(" GROUP BY 1");
    let plan = query.build().fetch_all(store.reads()).await.unwrap();
    let first = plan[0].get::<String, _>("detail");
    assert!(
        first.contains("COVERING INDEX session_figures_created"),
        "{first}"
    );
}
