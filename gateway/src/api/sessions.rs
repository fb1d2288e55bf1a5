//! Sessions: the list, one session, and everything that can be done to it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::desk::{Command, Status};

use super::extract::{JsonBody, PathOf, Peer, QueryOf, SignedIn};
use super::types::{
    AskBody, ChannelBody, Connection, ErrorBody, ExtendBody, HistoryEntry, Id, Moment, NewSession,
    Session, SessionCreated, SessionLink, SessionPage, SessionPatch, SessionPin, SessionQuery,
    SessionSort, StatusName, TechnicianBody,
};
use super::{ApiError, show};
use crate::app::App;
use crate::clock::now;
use crate::desk::{self, Filter, PinView, Record, Sort};
use crate::directory::Account;

const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 500;

/// The sessions I see.
#[utoipa::path(get, path = "/sessions", tag = "sessions", params(SessionQuery), responses(
    (status = OK, body = SessionPage),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn list(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    QueryOf(query): QueryOf<SessionQuery>,
) -> Result<Json<SessionPage>, ApiError> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let after = query.cursor.as_deref().map(|cursor| {
        desk::Key::from_cursor(cursor).ok_or_else(|| ApiError::field("cursor", "this is no cursor"))
    });
    let (filter, after) = (filter(&query)?, after.transpose()?);
    let page = app.desk.list(&me.account, &filter, after.as_ref(), limit);
    let page = page.await?;
    let snapshot = app.directory.now();
    let at = now();
    let items = page.items.iter();
    Ok(Json(SessionPage {
        items: items
            .map(|record| show::session(&snapshot, &me.account, record, at))
            .collect(),
        next_cursor: page.next.map(|key| key.to_cursor()),
        total: u32::try_from(page.total).unwrap_or(u32::MAX),
    }))
}

fn filter(query: &SessionQuery) -> Result<Filter, ApiError> {
    let home = query.channel.as_deref() == Some("home");
    let channel = match query.channel.as_deref() {
        None | Some("" | "home") => None,
        Some(id) => {
            let id: Result<Id, _> = id.parse();
            Some(id.map_err(|error| ApiError::field("channel", error))?.0)
        }
    };
    let words = query.status.as_deref().unwrap_or_default().split(',');
    let statuses = words.filter(|word| !word.is_empty()).map(|word| {
        status(word).ok_or_else(|| ApiError::field("status", "there is no such status"))
    });
    Ok(Filter {
        channel,
        home,
        statuses: statuses.collect::<Result<_, _>>()?,
        search: query.q.clone().unwrap_or_default(),
        sort: match query.sort.unwrap_or_default() {
            SessionSort::Created => Sort::Created,
            SessionSort::Name => Sort::Name,
            SessionSort::Status => Sort::Status,
            SessionSort::Waiting => Sort::Waiting,
            SessionSort::Expires => Sort::Expires,
        },
    })
}

fn status(word: &str) -> Option<Status> {
    let name = serde_json::from_value(serde_json::Value::from(word)).ok()?;
    Some(match name {
        StatusName::Waiting => Status::Waiting,
        StatusName::Active => Status::Active,
        StatusName::InQueue => Status::InQueue,
        StatusName::Expired => Status::Expired,
        StatusName::Closed => Status::Closed,
    })
}

/// A new session, assigned to me, with its link and PIN.
#[utoipa::path(post, path = "/sessions", tag = "sessions", request_body = NewSession, responses(
    (status = CREATED, body = SessionCreated),
    (status = FORBIDDEN, body = ErrorBody),
    (status = CONFLICT, description = "channel_full", body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn create(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    JsonBody(body): JsonBody<NewSession>,
) -> Result<(StatusCode, Json<SessionCreated>), ApiError> {
    let new = desk::NewSession {
        name: body.name,
        note: body.note,
        channel: body.channel_id.map(|id| id.0),
    };
    let (record, link, pin) = app.desk.create(&me.account, new).await?;
    let expires_at = record.invite.pin.as_ref().map(|pin| pin.expires_at);
    let created = SessionCreated {
        session: shown(&app, &me.account, &record).0,
        link,
        pin,
        pin_expires_at: Moment(expires_at.unwrap_or_default()),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

#[utoipa::path(get, path = "/sessions/{id}", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn one(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    let record = app.desk.find(&me.account, SessionId(id.0)).await?;
    Ok(shown(&app, &me.account, &record))
}

#[utoipa::path(patch, path = "/sessions/{id}", tag = "sessions", params(("id" = Id, Path)), request_body = SessionPatch, responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn change(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<SessionPatch>,
) -> Result<Json<Session>, ApiError> {
    let (name, note) = (body.name.as_deref(), body.note.as_deref());
    let record = app
        .desk
        .edit(&me.account, SessionId(id.0), name, note)
        .await?;
    Ok(shown(&app, &me.account, &record))
}

/// Hides it from lists; an open one is closed first. Its audit records stay.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn delete(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<StatusCode, ApiError> {
    app.desk
        .command(&me.account, SessionId(id.0), Command::Delete)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The session's link again.
#[utoipa::path(get, path = "/sessions/{id}/link", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = SessionLink),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn link(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<SessionLink>, ApiError> {
    let link = app.desk.show_link(&me.account, SessionId(id.0)).await?;
    Ok(Json(SessionLink { link }))
}

/// The PIN, while it is valid.
#[utoipa::path(get, path = "/sessions/{id}/pin", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = SessionPin),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn pin(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<SessionPin>, ApiError> {
    let view = app.desk.show_pin(&me.account, SessionId(id.0)).await?;
    Ok(Json(session_pin(view)))
}

/// A new PIN; the one before ends.
#[utoipa::path(post, path = "/sessions/{id}/pin", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = SessionPin),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn new_pin(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<SessionPin>, ApiError> {
    let view = app.desk.new_pin(&me.account, SessionId(id.0)).await?;
    Ok(Json(session_pin(view)))
}

fn session_pin(view: PinView) -> SessionPin {
    let (pin, expires_at) = view.pin.unzip();
    SessionPin {
        pin,
        expires_at: expires_at.map(Moment),
        locked_until: view.locked_until.map(Moment),
    }
}

/// Asks the end user: they have 30 seconds to answer, 90 where the channel wants a verification code.
#[utoipa::path(post, path = "/sessions/{id}/ask", tag = "sessions", params(("id" = Id, Path)), request_body = AskBody, responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn ask(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<AskBody>,
) -> Result<Json<Session>, ApiError> {
    let rights = body.rights.map(show::rights_from);
    let record = app.desk.ask(&me.account, SessionId(id.0), rights).await?;
    Ok(shown(&app, &me.account, &record))
}

/// A one-time ticket and the addresses for a viewer.
#[utoipa::path(post, path = "/sessions/{id}/connect", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Connection),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the end user has not granted it", body = ErrorBody),
))]
pub async fn connect(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    peer: Peer,
    headers: HeaderMap,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Connection>, ApiError> {
    let ticket = app
        .desk
        .ticket(&me.account, SessionId(id.0), &me.hash)
        .await?;
    let site = &app.site;
    let authority = site.public_url.authority();
    let same_host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let scheme = if peer.secure { "wss" } else { "ws" };
    let host = same_host.unwrap_or(&authority);
    Ok(Json(Connection {
        webtransport_url: format!("https://{authority}{STREAM_PATH}"),
        certificate_hashes: (site.certificate_hashes)(),
        websocket_url: format!("{scheme}://{host}{STREAM_PATH}"),
        native_link: format!("mayday://{authority}/view#{}:{ticket}", site.pin),
        ticket,
    }))
}

/// Where viewers and agents attach, on TCP (WebSocket) and UDP (WebTransport).
pub const STREAM_PATH: &str = "/api/v1/stream";

/// Takes the question back.
#[utoipa::path(post, path = "/sessions/{id}/withdraw", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn withdraw(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    command(&app, &me.account, id, Command::Withdraw).await
}

/// Assigns an unassigned session to me. Of two at the same time, one wins.
#[utoipa::path(post, path = "/sessions/{id}/take", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn take(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    command(&app, &me.account, id, Command::Take).await
}

/// Gives it back to the queue; an invited technician leaves it.
#[utoipa::path(post, path = "/sessions/{id}/release", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn release(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    command(&app, &me.account, id, Command::Release).await
}

/// Ends it for good.
#[utoipa::path(post, path = "/sessions/{id}/close", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn close(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Session>, ApiError> {
    command(&app, &me.account, id, Command::Close).await
}

/// A later expiration, also for an expired session.
#[utoipa::path(post, path = "/sessions/{id}/extend", tag = "sessions", params(("id" = Id, Path)), request_body = ExtendBody, responses(
    (status = OK, body = Session),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session is closed", body = ErrorBody),
))]
pub async fn extend(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<ExtendBody>,
) -> Result<Json<Session>, ApiError> {
    let id = SessionId(id.0);
    let record = app.desk.extend(&me.account, id, body.seconds).await?;
    Ok(shown(&app, &me.account, &record))
}

/// Assigns a technician in place of the one before. The end user grants anew.
#[utoipa::path(post, path = "/sessions/{id}/assign", tag = "sessions", params(("id" = Id, Path)), request_body = TechnicianBody,
    responses(
        (status = OK, body = Session),
        (status = FORBIDDEN, body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn assign(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<TechnicianBody>,
) -> Result<Json<Session>, ApiError> {
    let command = |technician| Command::Assign { technician };
    about(&app, &me.account, id, body.technician_id, command).await
}

/// Hands my session to another technician. The end user grants anew.
#[utoipa::path(post, path = "/sessions/{id}/transfer-user", tag = "sessions", params(("id" = Id, Path)), request_body = TechnicianBody,
    responses(
        (status = OK, body = Session),
        (status = FORBIDDEN, body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn transfer_user(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<TechnicianBody>,
) -> Result<Json<Session>, ApiError> {
    let command = |technician| Command::TransferUser { technician };
    about(&app, &me.account, id, body.technician_id, command).await
}

/// Invites one more technician; three in all. The end user grants them too.
#[utoipa::path(post, path = "/sessions/{id}/invite", tag = "sessions", params(("id" = Id, Path)), request_body = TechnicianBody,
    responses(
        (status = OK, body = Session),
        (status = FORBIDDEN, body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn invite(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<TechnicianBody>,
) -> Result<Json<Session>, ApiError> {
    let command = |technician| Command::Invite { technician };
    about(&app, &me.account, id, body.technician_id, command).await
}

/// Ends the part of an invited technician.
#[utoipa::path(delete, path = "/sessions/{id}/technicians/{technician_id}", tag = "sessions",
    params(("id" = Id, Path), ("technician_id" = Id, Path)),
    responses(
        (status = OK, body = Session),
        (status = FORBIDDEN, body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = CONFLICT, description = "they are not invited", body = ErrorBody),
))]
pub async fn remove_technician(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, technician)): PathOf<(Id, Id)>,
) -> Result<Json<Session>, ApiError> {
    let technician = TechnicianId(technician.0);
    command(&app, &me.account, id, Command::Remove { technician }).await
}

/// Moves it to another channel that I have access to.
#[utoipa::path(post, path = "/sessions/{id}/transfer-channel", tag = "sessions", params(("id" = Id, Path)), request_body = ChannelBody,
    responses(
        (status = OK, body = Session),
        (status = FORBIDDEN, body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = CONFLICT, description = "the session's state does not allow it", body = ErrorBody),
))]
pub async fn transfer_channel(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<ChannelBody>,
) -> Result<Json<Session>, ApiError> {
    let record = app
        .desk
        .move_to(&me.account, SessionId(id.0), body.channel_id.0)
        .await?;
    Ok(shown(&app, &me.account, &record))
}

/// What happened, oldest first.
#[utoipa::path(get, path = "/sessions/{id}/history", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Vec<HistoryEntry>),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn history(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Vec<HistoryEntry>>, ApiError> {
    let lines = app.desk.history(&me.account, SessionId(id.0)).await?;
    let entries = lines.into_iter().map(|line| HistoryEntry {
        at: Moment(line.at),
        actor: line.actor,
        what: line.what,
        detail: line.detail,
    });
    Ok(Json(entries.collect()))
}

async fn command(
    app: &App,
    me: &Account,
    id: Id,
    command: Command,
) -> Result<Json<Session>, ApiError> {
    let record = app.desk.command(me, SessionId(id.0), command).await?;
    Ok(shown(app, me, &record))
}

async fn about(
    app: &App,
    me: &Account,
    id: Id,
    technician: Id,
    command: impl FnOnce(TechnicianId) -> Command,
) -> Result<Json<Session>, ApiError> {
    let record = app
        .desk
        .command_about(me, SessionId(id.0), technician.0, command)
        .await?;
    Ok(shown(app, me, &record))
}

fn shown(app: &App, me: &Account, record: &Record) -> Json<Session> {
    Json(show::session(&app.directory.now(), me, record, now()))
}
