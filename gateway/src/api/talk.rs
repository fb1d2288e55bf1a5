//! What is said in and about a session: the chat with the end user, the technicians' own chat, and notes. Each chat has routes of its
//! own, so that nobody writes into the wrong one by a field.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mayday_protocol::SessionId;
use mayday_session::chat::Audience;

use super::ApiError;
use super::extract::{JsonBody, PathOf, QueryOf, SignedIn};
use super::types::{
    ChatAudience, ChatMessage, ChatNews, ChatPage, ChatQuery, ErrorBody, Id, Moment, NewMessage,
    Note, NoteBody, ReadBody, SessionPerson,
};
use crate::app::App;
use crate::desk::{self, Said};
use crate::directory::Account;

const PAGE: u32 = 200;
const LARGEST_PAGE: u32 = 500;

/// The chat with the end user.
#[utoipa::path(get, path = "/sessions/{id}/chat", tag = "sessions", params(("id" = Id, Path), ChatQuery), responses(
    (status = OK, body = ChatPage),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn chat(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    QueryOf(query): QueryOf<ChatQuery>,
) -> Result<Json<ChatPage>, ApiError> {
    page(&app, &me.account, id, Audience::EndUser, &query).await
}

/// Writes to the end user. While they are away it waits for them.
#[utoipa::path(post, path = "/sessions/{id}/chat", tag = "sessions", params(("id" = Id, Path)), request_body = NewMessage, responses(
    (status = OK, body = ChatMessage),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session is over", body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
    (status = TOO_MANY_REQUESTS, body = ErrorBody),
))]
pub async fn say(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<NewMessage>,
) -> Result<Json<ChatMessage>, ApiError> {
    written(&app, &me.account, id, Audience::EndUser, body).await
}

/// I have read the chat with the end user so far.
#[utoipa::path(post, path = "/sessions/{id}/chat/read", tag = "sessions", params(("id" = Id, Path)), request_body = ReadBody, responses(
    (status = NO_CONTENT),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn chat_read(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<ReadBody>,
) -> Result<StatusCode, ApiError> {
    read(&app, &me.account, id, Audience::EndUser, body).await
}

/// The technicians' own chat, which never reaches the end user.
#[utoipa::path(get, path = "/sessions/{id}/whispers", tag = "sessions", params(("id" = Id, Path), ChatQuery), responses(
    (status = OK, body = ChatPage),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn whispers(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    QueryOf(query): QueryOf<ChatQuery>,
) -> Result<Json<ChatPage>, ApiError> {
    page(&app, &me.account, id, Audience::Technicians, &query).await
}

/// Writes to the other technicians only.
#[utoipa::path(post, path = "/sessions/{id}/whispers", tag = "sessions", params(("id" = Id, Path)), request_body = NewMessage, responses(
    (status = OK, body = ChatMessage),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = CONFLICT, description = "the session is over", body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
    (status = TOO_MANY_REQUESTS, body = ErrorBody),
))]
pub async fn whisper(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<NewMessage>,
) -> Result<Json<ChatMessage>, ApiError> {
    written(&app, &me.account, id, Audience::Technicians, body).await
}

/// I have read the technicians' chat so far.
#[utoipa::path(post, path = "/sessions/{id}/whispers/read", tag = "sessions", params(("id" = Id, Path)), request_body = ReadBody,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn whispers_read(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<ReadBody>,
) -> Result<StatusCode, ApiError> {
    read(&app, &me.account, id, Audience::Technicians, body).await
}

/// Notes on the session, oldest first.
#[utoipa::path(get, path = "/sessions/{id}/notes", tag = "sessions", params(("id" = Id, Path)), responses(
    (status = OK, body = Vec<Note>),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn notes(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Vec<Note>>, ApiError> {
    let notes = app.desk.notes(&me.account, SessionId(id.0)).await?;
    Ok(Json(notes.into_iter().map(note).collect()))
}

/// A new note.
#[utoipa::path(post, path = "/sessions/{id}/notes", tag = "sessions", params(("id" = Id, Path)), request_body = NoteBody, responses(
    (status = CREATED, body = Note),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn add_note(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
    JsonBody(body): JsonBody<NoteBody>,
) -> Result<(StatusCode, Json<Note>), ApiError> {
    let id = SessionId(id.0);
    let added = app.desk.add_note(&me.account, id, &body.text).await?;
    Ok((StatusCode::CREATED, Json(note(added))))
}

/// Changes my own note.
#[utoipa::path(patch, path = "/sessions/{id}/notes/{note_id}", tag = "sessions", params(("id" = Id, Path), ("note_id" = Id, Path)),
    request_body = NoteBody, responses(
        (status = OK, body = Note),
        (status = FORBIDDEN, description = "somebody else's", body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
        (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn edit_note(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, note_id)): PathOf<(Id, Id)>,
    JsonBody(body): JsonBody<NoteBody>,
) -> Result<Json<Note>, ApiError> {
    let id = SessionId(id.0);
    let edited = app
        .desk
        .edit_note(&me.account, id, note_id.0, &body.text)
        .await?;
    Ok(Json(note(edited)))
}

/// Deletes my own note.
#[utoipa::path(delete, path = "/sessions/{id}/notes/{note_id}", tag = "sessions", params(("id" = Id, Path), ("note_id" = Id, Path)),
    responses(
        (status = NO_CONTENT),
        (status = FORBIDDEN, description = "somebody else's", body = ErrorBody),
        (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn delete_note(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, note_id)): PathOf<(Id, Id)>,
) -> Result<StatusCode, ApiError> {
    let id = SessionId(id.0);
    app.desk.delete_note(&me.account, id, note_id.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A message as the live stream tells it.
pub fn news(said: &Said) -> ChatNews {
    ChatNews {
        session_id: Id(said.session.0),
        audience: match said.audience {
            Audience::EndUser => ChatAudience::EndUser,
            Audience::Technicians => ChatAudience::Technicians,
        },
        message: message(said),
    }
}

async fn page(
    app: &App,
    me: &Account,
    id: Id,
    audience: Audience,
    query: &ChatQuery,
) -> Result<Json<ChatPage>, ApiError> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let id = SessionId(id.0);
    let (said, more) = app.desk.chat(me, id, audience, query.before, limit).await?;
    Ok(Json(ChatPage {
        messages: said.iter().map(message).collect(),
        more,
    }))
}

async fn written(
    app: &App,
    me: &Account,
    id: Id,
    audience: Audience,
    body: NewMessage,
) -> Result<Json<ChatMessage>, ApiError> {
    let id = SessionId(id.0);
    let said = app
        .desk
        .say(me, id, audience, body.client_id, &body.text)
        .await?;
    Ok(Json(message(&said)))
}

async fn read(
    app: &App,
    me: &Account,
    id: Id,
    audience: Audience,
    body: ReadBody,
) -> Result<StatusCode, ApiError> {
    let id = SessionId(id.0);
    app.desk.has_read(me, id, audience, body.upto).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn message(said: &Said) -> ChatMessage {
    ChatMessage {
        number: said.number,
        author: said.author.as_ref().map(|(id, name)| SessionPerson {
            id: Id(*id),
            name: name.clone(),
        }),
        client_id: said.client.clone(),
        at: Moment(said.at),
        text: said.text.clone(),
    }
}

fn note(note: desk::Note) -> Note {
    Note {
        id: Id(note.id),
        author: SessionPerson {
            id: Id(note.author.0),
            name: note.author.1,
        },
        at: Moment(note.at),
        edited_at: note.edited_at.map(Moment),
        text: note.text,
    }
}
