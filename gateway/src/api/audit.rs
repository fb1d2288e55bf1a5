//! The audit: searched, exported, judged.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use mayday_session::permission::Permission;

use super::ApiError;
use super::extract::{QueryOf, SignedIn};
use super::show;
use super::types::{
    AuditCheck, AuditExportQuery, AuditFormat, AuditPage, AuditPart, AuditQuery, AuditRecord,
    AuditStatus, ErrorBody, Id, Moment,
};
use crate::app::App;
use crate::audit::language::Language;
use crate::audit::{self, AuditError, AuditFilter};
use crate::clock::Timestamp;
use crate::names::{self, Part};

const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 500;

/// What happened, newest first. Needs `audit.view`.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditQuery), responses(
    (status = OK, body = AuditPage),
    (status = FORBIDDEN, body = ErrorBody),
))]
pub async fn list(
    State(app): State<App>,
    me: SignedIn,
    QueryOf(query): QueryOf<AuditQuery>,
) -> Result<Json<AuditPage>, ApiError> {
    me.need(Permission::AuditView)?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let found = app.audit.page(&filter(&query), query.before, limit).await;
    let found = found.map_err(unreadable)?;
    let full = u32::try_from(found.len()).is_ok_and(|count| count == limit);
    Ok(Json(AuditPage {
        next_before: found.last().filter(|_| full).map(|one| one.sequence),
        items: found.into_iter().map(shown).collect(),
    }))
}

/// All records that pass, as one file, newest first. Needs `audit.view`.
#[utoipa::path(get, path = "/audit/export", tag = "audit", params(AuditQuery, AuditExportQuery), responses(
    (status = OK, content_type = "text/csv", body = String),
    (status = FORBIDDEN, body = ErrorBody),
))]
pub async fn export(
    State(app): State<App>,
    me: SignedIn,
    QueryOf(query): QueryOf<AuditQuery>,
    QueryOf(format): QueryOf<AuditExportQuery>,
) -> Result<Response, ApiError> {
    me.need(Permission::AuditView)?;
    let (kind, file) = match format.format {
        AuditFormat::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        AuditFormat::Json => ("application/json", "audit.json"),
    };
    let body = Body::from_stream(written(app, filter(&query), &format));
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{file}\""),
        ),
    ];
    Ok((headers, body).into_response())
}

/// How far the audit goes and how much of it is signed. Needs `audit.view`.
#[utoipa::path(get, path = "/audit/status", tag = "audit", responses(
    (status = OK, body = AuditStatus),
    (status = FORBIDDEN, body = ErrorBody),
))]
pub async fn status(State(app): State<App>, me: SignedIn) -> Result<Json<AuditStatus>, ApiError> {
    me.need(Permission::AuditView)?;
    let state = app.audit.state().await.map_err(unreadable)?;
    Ok(Json(AuditStatus {
        records: state.records,
        signed_records: state.signed.map_or(0, |(sequence, _)| sequence),
        signed_at: state.signed.map(|(_, at)| Moment(at)),
    }))
}

/// Judges every record against the chain and the signed heads, as `mayday-gateway audit verify` does. Needs `audit.view`.
#[utoipa::path(get, path = "/audit/check", tag = "audit", responses(
    (status = OK, body = AuditCheck),
    (status = FORBIDDEN, body = ErrorBody),
))]
pub async fn check(State(app): State<App>, me: SignedIn) -> Result<Json<AuditCheck>, ApiError> {
    me.need(Permission::AuditView)?;
    let (records, problem) = match app.audit.check().await {
        Ok((head, _)) => (head.sequence, None),
        Err(error @ (AuditError::Broken(_) | AuditError::Heads(_))) => (0, Some(error.to_string())),
        Err(AuditError::Read(error)) => return Err(unreadable(error)),
    };
    Ok(Json(AuditCheck {
        whole: problem.is_none(),
        records,
        problem,
    }))
}

fn unreadable(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal(format!("the audit cannot be read: {error}"))
}

fn filter(query: &AuditQuery) -> AuditFilter {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    AuditFilter {
        words: query.q.clone().unwrap_or_default(),
        actor: given(&query.actor),
        action: given(&query.action),
        session: query.session.map(|id| id.0),
        channel: query.channel.map(|id| id.0),
        since: query.since.map(|at| at.0),
        until: query.until.map(|at| at.0),
    }
}

fn shown(record: audit::AuditRecord) -> AuditRecord {
    AuditRecord {
        sequence: record.sequence,
        at: Moment(record.at),
        actor: record.actor,
        action: record.action,
        session_id: record.session.map(Id),
        session_name: record.session_name,
        detail: names::line(&record.about),
        about: record.about.into_iter().map(part).collect(),
        from: Some(record.source).filter(|source| !source.is_empty()),
    }
}

fn part(part: Part) -> AuditPart {
    match part {
        Part::Name(text) => AuditPart::Name { text },
        Part::Gone(kind) => AuditPart::Gone { kind },
        Part::Role(role) => AuditPart::Role {
            role: show::role(role),
        },
        Part::Permission(permission, setting) => AuditPart::Permission {
            permission: permission.name().to_owned(),
            setting,
        },
        Part::Word(text) => AuditPart::Word { text },
    }
}

/// Where an export stands.
struct Writing {
    app: App,
    filter: AuditFilter,
    format: AuditFormat,
    language: Language,
    /// `None`: the beginning.
    before: Option<u64>,
    done: bool,
}

/// The file piece by piece; a database that fails midway breaks the download off, so that half a file does not pass for a whole one.
fn written(
    app: App,
    filter: AuditFilter,
    wanted: &AuditExportQuery,
) -> impl Stream<Item = Result<Bytes, sqlx::Error>> + use<> {
    let writing = Writing {
        app,
        filter,
        format: wanted.format,
        language: Language::parse(wanted.lang.as_deref()),
        before: None,
        done: false,
    };
    stream::try_unfold(writing, |mut writing| async move {
        if writing.done {
            return Ok(None);
        }
        let audit = &writing.app.audit;
        let records = audit
            .page(&writing.filter, writing.before, LARGEST_PAGE)
            .await?;
        let first = writing.before.is_none();
        writing.before = records.last().map(|one| one.sequence);
        writing.done = writing.before.is_none();
        let text = match writing.format {
            AuditFormat::Csv => csv(records, writing.language, first),
            AuditFormat::Json => json(records, first, writing.done),
        };
        Ok(Some((Bytes::from(text), writing)))
    })
}

fn json(records: Vec<audit::AuditRecord>, first: bool, last: bool) -> String {
    let mut text = String::from(if first { "[" } else { "" });
    for (n, record) in records.into_iter().enumerate() {
        text.push_str(if first && n == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(&shown(record)).unwrap_or_default());
    }
    if last {
        text.push_str("\n]\n");
    }
    text
}

fn csv(records: Vec<audit::AuditRecord>, language: Language, first: bool) -> String {
    // The mark tells spreadsheets that this is UTF-8.
    let mut text = String::from(if first {
        "\u{feff}sequence,at,actor,action,session_id,session_name,detail,from\r\n"
    } else {
        ""
    });
    for one in records {
        let at = serde_json::to_value(Moment(one.at)).unwrap_or_default();
        let session = one.session.map(|id| id.to_string());
        let cells = [
            one.sequence.to_string(),
            at.as_str().unwrap_or_default().to_owned(),
            one.actor,
            one.action,
            session.unwrap_or_default(),
            one.session_name.unwrap_or_default(),
            readable(&one.about, language),
            one.source,
        ];
        text.push_str(&cells.map(|cell| csv_cell(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

/// For people: roles in their words, moments as the other columns have them.
fn readable(parts: &[Part], language: Language) -> String {
    let words = parts.iter().map(|part| match part {
        Part::Role(role) => language.role(*role).to_owned(),
        Part::Word(word) => moment_in(word).unwrap_or_else(|| word.clone()),
        Part::Name(_) | Part::Gone(_) | Part::Permission(..) => part.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `until:` with milliseconds.
fn moment_in(word: &str) -> Option<String> {
    let at = Moment(Timestamp(word.strip_prefix("until:")?.parse().ok()?));
    let at = serde_json::to_value(at).ok()?;
    Some(format!("until {}", at.as_str()?))
}

/// Quoted, and so that no spreadsheet takes what somebody typed for a formula.
pub fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = text.replace('"', "\"\"");
    if formula {
        format!("\"'{text}\"")
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_is_never_a_formula_or_a_second_cell() {
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(csv_cell("a\",\"b"), "\"a\"\",\"\"b\"");
        assert_eq!(csv_cell("Émile, printer"), "\"Émile, printer\"");
    }
}
