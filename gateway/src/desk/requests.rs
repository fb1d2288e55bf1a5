//! Requests through SOS Calls: the form that is asked for, and the session that a request makes. Strangers reach this, so everything is
//! counted and bounded before anything is made.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mayday_protocol::control::{Answer, CallRequest, FieldKind, FormField, Refusal, ToAgent};
use mayday_protocol::invite::Token;
use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::desk::Session;
use mayday_session::form::{self, ISSUE, NAME};
use mayday_session::pin_guard::Source;
use mayday_session::request_guard::{Made, RequestGuard, TryLater, WINDOW};
use mayday_session::routing::Decision;
use mayday_session::text::{visible_line, visible_lines};
use mayday_session::{ChannelId, Timestamp};
use sqlx::Row;

use super::agent::refusal;
use super::record::{Answered, Entry, Record, Request};
use super::{Annals, Desk, DeskError};
use crate::calls::{Call, can_take};
use crate::clock::now;
use crate::directory::Channel;
use crate::secrets::random_id;
use crate::store::{Store, WriteError};

/// The counts of requests. Sources are keyed hashes, so that no address is stored.
pub struct RequestCounts {
    guard: Mutex<RequestGuard<String>>,
}

impl RequestCounts {
    pub async fn load(store: &Store) -> Result<Self, sqlx::Error> {
        let at = now();
        let window = u64::try_from(WINDOW.as_millis()).unwrap_or(u64::MAX);
        let since = i64::try_from(at.0.saturating_sub(window)).unwrap_or(0);
        let rows = sqlx::query(
            "SELECT source, call_id, made_at FROM requests WHERE made_at > $1 AND call_id IS NOT NULL",
        )
        .bind(since)
        .fetch_all(store.reads())
        .await?;
        let number = |value: i64| u64::try_from(value).unwrap_or(0);
        let made = rows.iter().map(|row| Made {
            source: row.get("source"),
            through: number(row.get("call_id")),
            at: Timestamp(number(row.get("made_at"))),
        });
        Ok(Self {
            guard: Mutex::new(RequestGuard::restore(made, at)),
        })
    }

    fn take(&self, source: &String, call: u64, at: Timestamp) -> Result<(), TryLater> {
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        guard.handle_request(source, call, at)
    }
}

impl Desk {
    /// What the SOS Call behind a link wants to know.
    ///
    /// # Errors
    /// Why it takes no requests.
    pub fn call_form(&self, token: &str) -> Result<ToAgent, Refusal> {
        let call = self.open_call(token)?;
        Ok(ToAgent::Form {
            organisation: self.inner.system.now().organisation.to_string(),
            name: call.name.clone(),
            fields: call.form.to_wire(),
        })
    }

    /// The session that came of the request with this key, if one did.
    pub(super) async fn by_key(&self, key: &str) -> Result<Option<Arc<Entry>>, Refusal> {
        match self.entry_by_request(&self.key_hash(key)?).await {
            Ok(entry) => Ok(Some(entry)),
            Err(DeskError::NotFound) => Ok(None),
            Err(error) => Err(refusal(error)),
        }
    }

    /// The session of a request: the one that it made before, or a new one.
    pub(super) async fn by_request(
        &self,
        request: CallRequest,
        from: IpAddr,
    ) -> Result<Arc<Entry>, Refusal> {
        match self.by_key(&request.key).await {
            Ok(Some(entry)) => return Ok(entry),
            // Whether there was one that is over cannot be asked now; the database takes no key twice.
            Ok(None) | Err(Refusal::TryLater { .. }) => {}
            Err(refused) => return Err(refused),
        }
        let key_hash = self.key_hash(&request.key)?;
        let call = self.open_call(&request.call)?;
        let fields = call.form.to_wire();
        form::check(&fields, &request.answers).map_err(|bad| Refusal::Form {
            field: Some(bad.field),
        })?;
        let channel = self.channel_with_room(call.channel)?;
        let at = now();
        let source = self.source_hash(from);
        let taken = self.inner.requests.take(&source, call.id, at);
        taken.map_err(|later| try_later(later, at))?;
        let request = Request {
            call: Some(call.id),
            call_name: call.name.clone(),
            key_hash: key_hash.clone(),
            source,
            made_at: at,
            answers: answered(&fields, &request.answers),
        };
        let added = self.add(self.requested(&call, &channel, request, at)).await;
        match added {
            Ok(record) => self.inner.shelf.get(record.id()).ok_or(Refusal::Busy {}),
            // The same request on another connection was quicker.
            Err(DeskError::Store(WriteError::Exists)) => {
                let entry = self.inner.shelf.by_request(&key_hash);
                // Without one it was deleted meanwhile.
                entry.ok_or(Refusal::Over {})
            }
            Err(error) => {
                tracing::error!(%error, "a request could not be taken");
                Err(Refusal::Busy {})
            }
        }
    }

    fn requested(&self, call: &Call, channel: &Channel, request: Request, at: Timestamp) -> Record {
        let id = SessionId(random_id());
        let expiration = Duration::from_secs(channel.expiration_s.into());
        let mut session = Session::new(id, ChannelId(channel.id), None, expiration, at);
        let routed = self
            .first_technician(call, channel)
            .map(|technician| session.handle_routed(technician, at));
        if let Some(Err(error)) = routed {
            tracing::warn!(%error, "a request stays in the queue");
        }
        Record {
            session,
            name: request.name().unwrap_or(&call.name).to_owned(),
            note: String::new(),
            created_by: None,
            device: None,
            invite: self.fresh_invite(id).0,
            resume: None,
            annals: Annals::default(),
            request: Some(Arc::new(request)),
        }
    }

    /// The SOS Call's own technician, as long as they can take sessions there; else whom the channel's routing names.
    fn first_technician(&self, call: &Call, channel: &Channel) -> Option<TechnicianId> {
        let own = call.technician;
        if let Some(own) = own.filter(|own| can_take(&self.inner.directory, channel, *own)) {
            return Some(TechnicianId(own));
        }
        match self.route(ChannelId(channel.id), &[]) {
            Decision::Assign(technician) => Some(technician),
            Decision::Queue(_) => None,
        }
    }

    fn open_call(&self, token: &str) -> Result<Arc<Call>, Refusal> {
        let call = self.inner.calls.by_token(token);
        let call = call.ok_or(Refusal::NotFound {})?;
        if call.paused {
            return Err(Refusal::Paused {});
        }
        Ok(call)
    }

    fn channel_with_room(&self, id: u64) -> Result<Channel, Refusal> {
        let snapshot = self.inner.directory.now();
        let channel = snapshot.channel(id).ok_or(Refusal::NotFound {})?;
        let open = self.open_sessions().get(&id).copied().unwrap_or(0);
        if open >= channel.max_open_sessions {
            return Err(Refusal::Full {});
        }
        Ok(channel.clone())
    }

    pub(super) fn key_hash(&self, key: &str) -> Result<String, Refusal> {
        let key: Token = key.parse().map_err(|_| Refusal::NotFound {})?;
        Ok(self.inner.keys.look_up("request", &key.to_string()))
    }

    pub(super) fn source_hash(&self, from: IpAddr) -> String {
        let source = Source::of(from).to_number().to_string();
        self.inner.keys.look_up("source", &source)
    }
}

pub(super) fn try_later(later: TryLater, at: Timestamp) -> Refusal {
    let seconds = later.until.since(at).as_secs().saturating_add(1);
    Refusal::TryLater {
        seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

/// What was answered, made harmless, with the labels as they were then.
fn answered(fields: &[FormField], answers: &[Answer]) -> Vec<Answered> {
    let filled = fields.iter().filter_map(|field| {
        let value = form::answer_to(answers, field.id);
        (!value.is_empty()).then(|| Answered {
            field: field.id,
            label: field.label.clone(),
            value: match field.kind {
                FieldKind::Issue | FieldKind::LongText => visible_lines(value),
                FieldKind::Name | FieldKind::Text | FieldKind::Choice | FieldKind::Unknown => {
                    visible_line(value)
                }
            },
        })
    });
    filled.collect()
}

impl Request {
    /// The end user's name, as they say.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.answer(NAME)
    }

    /// What the problem is.
    #[must_use]
    pub fn issue(&self) -> Option<&str> {
        self.answer(ISSUE)
    }

    fn answer(&self, field: u32) -> Option<&str> {
        let answer = self.answers.iter().find(|answer| answer.field == field);
        answer.map(|answer| answer.value.as_str())
    }
}
