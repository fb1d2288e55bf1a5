//! Reports over the channels in which I hold the permission for them, as JSON and as CSV.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use mayday_session::desk::NotAllowed;
use mayday_session::permission::{Denied, Permission};

use super::ApiError;
use super::extract::{QueryOf, SignedIn};
use super::types::{
    ErrorBody, Id, Moment, Report, ReportChoice, ReportChoices, ReportFigures, ReportQuery,
    ReportRow, ReportTable, ReportTableQuery,
};
use crate::app::App;
use crate::csv::Csv;
use crate::directory::{Account, Snapshot};
use crate::reports::{self, Line, Period, PeriodError, Sums, Wanted};

const NEEDED: Permission = Permission::ReportView;

/// What was done in a period.
#[utoipa::path(get, path = "/reports", tag = "reports", params(ReportQuery), responses(
    (status = OK, body = Report),
    (status = FORBIDDEN, body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn report(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    QueryOf(query): QueryOf<ReportQuery>,
) -> Result<Json<Report>, ApiError> {
    let snapshot = app.directory.now();
    let wanted = wanted(&snapshot, &me.account, &query)?;
    let found = app.desk.report(&wanted).await?;
    Ok(Json(shown(&snapshot, &me.account, found)))
}

/// The same as a file for spreadsheets.
#[utoipa::path(get, path = "/reports/csv", tag = "reports", params(ReportQuery, ReportTableQuery), responses(
    (status = OK, content_type = "text/csv", body = String),
    (status = FORBIDDEN, body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn csv(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    QueryOf(query): QueryOf<ReportQuery>,
    QueryOf(table): QueryOf<ReportTableQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let snapshot = app.directory.now();
    let wanted = wanted(&snapshot, &me.account, &query)?;
    let table = table.table.unwrap_or_default();
    let (name, text) = match table {
        ReportTable::Sessions => {
            let lines = app.desk.report_lines(&wanted).await?;
            ("sessions", sessions_csv(&snapshot, &lines))
        }
        ReportTable::Days | ReportTable::Channels | ReportTable::Technicians => {
            let found = app.desk.report(&wanted).await?;
            let report = shown(&snapshot, &me.account, found);
            match table {
                ReportTable::Channels => ("channels", rows_csv("channel", &report.channels)),
                ReportTable::Technicians => {
                    ("technicians", rows_csv("technician", &report.technicians))
                }
                ReportTable::Days | ReportTable::Sessions => {
                    ("days", rows_csv("day", &report.days))
                }
            }
        }
    };
    let file = format!(
        "attachment; filename=\"mayday-{name}-{}-{}.csv\"",
        plain(&query.from),
        plain(&query.to)
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, file),
    ];
    Ok((headers, text))
}

fn wanted(snapshot: &Snapshot, me: &Account, query: &ReportQuery) -> Result<Wanted, ApiError> {
    let zone = query.zone.as_deref().unwrap_or("UTC");
    let period = Period::new(&query.from, &query.to, zone).map_err(|error| {
        let field = match error {
            PeriodError::Zone => "zone",
            PeriodError::Day | PeriodError::Backwards | PeriodError::TooLong => "from",
        };
        ApiError::field(field, error)
    })?;
    let mut channels: Vec<_> = visible(snapshot, me).map(|(id, _)| id).collect();
    if channels.is_empty() {
        return Err(NotAllowed::Denied(Denied::Missing(NEEDED)).into());
    }
    if let Some(id) = id("channel", query.channel.as_deref())? {
        channels.retain(|one| *one == id);
    }
    Ok(Wanted {
        period,
        channels,
        technician: id("technician", query.technician.as_deref())?,
    })
}

/// The channels whose reports `me` may see.
fn visible(snapshot: &Snapshot, me: &Account) -> impl Iterator<Item = (u64, String)> {
    snapshot
        .channels()
        .filter(move |one| snapshot.permissions(me, one).contains(NEEDED))
        .map(|one| (one.id, one.name.clone()))
}

fn id(field: &'static str, text: Option<&str>) -> Result<Option<u64>, ApiError> {
    let given = text.filter(|text| !text.is_empty());
    let id = given.map(|text| {
        text.parse::<Id>()
            .map_err(|error| ApiError::field(field, error))
    });
    Ok(id.transpose()?.map(|id| id.0))
}

fn shown(snapshot: &Snapshot, me: &Account, found: reports::Report) -> Report {
    let channel_name = |id: u64| snapshot.channel(id).map(|one| one.name.clone());
    let mut channels: Vec<_> = found
        .channels
        .into_iter()
        .map(|(id, sums)| row(id.to_string(), channel_name(id).unwrap_or_default(), sums))
        .collect();
    let mut technicians: Vec<_> = found
        .technicians
        .into_iter()
        .map(|(id, name, sums)| row(id.map(|id| id.to_string()).unwrap_or_default(), name, sums))
        .collect();
    for rows in [&mut channels, &mut technicians] {
        rows.sort_by(|a, b| (b.figures.sessions, &a.name).cmp(&(a.figures.sessions, &b.name)));
    }
    let days = found.days.into_iter();
    let mut choices: Vec<_> = visible(snapshot, me)
        .map(|(id, name)| ReportChoice { id: Id(id), name })
        .collect();
    choices.sort_by(|a, b| a.name.cmp(&b.name));
    Report {
        longest_waiting_s: (found.total.answered > 0)
            .then(|| seconds(found.total.longest_waiting_ms)),
        median_waiting_s: found.median_waiting_ms.map(seconds),
        median_handling_s: found.median_handling_ms.map(seconds),
        ratings: found.ratings.to_vec(),
        days: days
            .map(|(day, sums)| row(day.clone(), day, sums))
            .collect(),
        total: figures(found.total),
        channels,
        technicians,
        choices: ReportChoices { channels: choices },
    }
}

fn row(key: String, name: String, sums: Sums) -> ReportRow {
    ReportRow {
        key,
        name,
        figures: figures(sums),
    }
}

fn figures(sums: Sums) -> ReportFigures {
    let average = |sum: u64, of: u64| (of > 0).then(|| sum as f64 / of as f64);
    ReportFigures {
        sessions: sums.sessions,
        ended: sums.ended,
        answered: sums.answered,
        rated: sums.rated,
        waiting_s: average(sums.waiting_ms, sums.answered).map(|ms| ms / 1000.0),
        handling_s: average(sums.handling_ms, sums.handled).map(|ms| ms / 1000.0),
        stars: average(sums.stars, sums.rated),
    }
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

fn rows_csv(first: &'static str, rows: &[ReportRow]) -> String {
    let mut csv = Csv::default();
    csv.line([
        first,
        "sessions",
        "ended",
        "answered",
        "average_waiting_s",
        "average_handling_s",
        "ratings",
        "average_stars",
    ]);
    for row in rows {
        let number = |value: Option<f64>| value.map(|value| format!("{value:.1}"));
        let figures = &row.figures;
        let cells = [
            row.name.clone(),
            figures.sessions.to_string(),
            figures.ended.to_string(),
            figures.answered.to_string(),
            number(figures.waiting_s).unwrap_or_default(),
            number(figures.handling_s).unwrap_or_default(),
            figures.rated.to_string(),
            figures
                .stars
                .map(|stars| format!("{stars:.2}"))
                .unwrap_or_default(),
        ];
        csv.line(cells.iter().map(String::as_str));
    }
    csv.finish()
}

fn sessions_csv(snapshot: &Snapshot, lines: &[Line]) -> String {
    let mut csv = Csv::default();
    csv.line([
        "session",
        "name",
        "channel",
        "technician",
        "created",
        "end_user_came",
        "answered",
        "ended",
        "waiting_s",
        "handling_s",
        "stars",
        "words",
    ]);
    for line in lines {
        let channel = snapshot.channel(line.channel);
        let moment = |at: Option<crate::clock::Timestamp>| at.map(|at| Moment(at).to_string());
        let number = |ms: Option<u64>| ms.map(|ms| format!("{:.1}", seconds(ms)));
        let cells = [
            line.session.to_string(),
            line.name.clone(),
            channel.map(|one| one.name.clone()).unwrap_or_default(),
            line.technician.clone(),
            Moment(line.created_at).to_string(),
            moment(line.arrived_at).unwrap_or_default(),
            moment(line.answered_at).unwrap_or_default(),
            moment(line.ended_at).unwrap_or_default(),
            number(line.waiting_ms).unwrap_or_default(),
            number(line.handling_ms).unwrap_or_default(),
            line.stars
                .map(|stars| stars.to_string())
                .unwrap_or_default(),
            line.words.clone(),
        ];
        csv.line(cells.iter().map(String::as_str));
    }
    csv.finish()
}

/// For a file's name.
fn plain(day: &str) -> String {
    day.chars()
        .filter(|c| c.is_ascii_digit() || *c == '-')
        .take(10)
        .collect()
}
