//! PINs: unique among live ones, shown again, replaced; and the guard against guessing, whose counts survive a restart.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mayday_protocol::SessionId;
use mayday_protocol::control::Refusal;
use mayday_session::permission::Action;
use mayday_session::pin_guard::{ALL_WINDOW, Failure, PinGuard, Throttled};
use sqlx::Row;

use super::command::by;
use super::record::{Entry, Pin, Record};
use super::{Desk, DeskError};
use crate::clock::{Timestamp, now};
use crate::directory::{Account, Channel};
use crate::events::Event;
use crate::secrets::random_below;
use crate::store::{AuditEntry, Change, Store};
use crate::values;

/// What *Show PIN* shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PinView {
    /// `None`: there is none, or it is not valid any more.
    pub pin: Option<(String, Timestamp)>,
    /// Until then nobody gets in with a PIN.
    pub locked_until: Option<Timestamp>,
}

/// The counts of wrong PINs. Sources are keyed hashes, so that no address is stored.
pub struct PinCounts {
    guard: Mutex<PinGuard<String>>,
}

impl PinCounts {
    pub async fn load(store: &Store) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query("SELECT source, at FROM pin_failures")
            .fetch_all(store.reads())
            .await?;
        let failures = rows.iter().map(|row| Failure {
            source: row.get("source"),
            at: Timestamp(u64::try_from(row.get::<i64, _>("at")).unwrap_or(0)),
        });
        Ok(Self {
            guard: Mutex::new(PinGuard::restore(failures, now())),
        })
    }

    fn guard(&self) -> MutexGuard<'_, PinGuard<String>> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// A PIN that no other live session has, reserved for `id`; also in clear.
    pub(super) fn fresh_pin(
        &self,
        id: SessionId,
        channel: &Channel,
        at: Timestamp,
    ) -> (Pin, String) {
        let keys = &self.inner.keys;
        let live = |record: &Record| live_pin(record, now()).is_some();
        loop {
            let clear = format!("{:06}", random_below(1_000_000));
            let hash = keys.look_up("pin", &clear);
            if self.inner.shelf.reserve_pin(&hash, id, live) {
                let pin = Pin {
                    sealed: keys.seal(&owner(id), &clear),
                    expires_at: Timestamp(at.0 + u64::from(channel.pin_valid_s) * 1000),
                    hash,
                };
                return (pin, clear);
            }
        }
    }

    /// Shows the live PIN.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn show_pin(&self, me: &Account, id: SessionId) -> Result<PinView, DeskError> {
        let record = self.entry_for(me, id).await?.current();
        let actor = record.actor(&self.inner.directory.now(), me);
        let session = &record.session;
        session.allowed_now(actor, Action::ShowPin, now())?;
        Ok(self.pin_view(&record))
    }

    /// Replaces the PIN. Resets no count of wrong tries.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn new_pin(&self, me: &Account, id: SessionId) -> Result<PinView, DeskError> {
        let entry = self.entry_for(me, id).await?;
        let snapshot = self.inner.directory.now();
        let channel = snapshot.channel(entry.current().facts().channel.0);
        let channel = channel.unwrap_or_else(|| snapshot.default_channel());
        let (pin, _) = self.fresh_pin(id, channel, now());
        let reserved = pin.hash.clone();
        let (directory, me) = (self.inner.directory.clone(), me.clone());
        let done = self.change(entry, move |draft| {
            let actor = draft.record.actor(&directory.now(), &me);
            let session = &draft.record.session;
            session.allowed_now(actor, Action::NewPin, draft.now)?;
            draft.record.invite.pin = Some(pin);
            draft.audit.push(by(&me, "new_pin", draft));
            Ok(())
        });
        match done.await {
            Ok(done) => Ok(self.pin_view(&done.record)),
            Err(error) => {
                self.inner.shelf.free_pin(&reserved, id);
                Err(error)
            }
        }
    }

    fn pin_view(&self, record: &Record) -> PinView {
        let at = now();
        let pin = live_pin(record, at).and_then(|pin| {
            let clear = self.inner.keys.open(&owner(record.id()), &pin.sealed)?;
            Some((clear, pin.expires_at))
        });
        PinView {
            pin,
            locked_until: self.inner.pins.guard().links_only_until(at),
        }
    }

    /// The session behind a PIN. A wrong one is durable before it is answered, and looks the same whatever is wrong with it.
    pub(super) async fn by_pin(&self, pin: &str, from: IpAddr) -> Result<Arc<Entry>, Refusal> {
        let keys = &self.inner.keys;
        let (source, at) = (self.source_hash(from), now());
        let tried = self.inner.pins.guard().handle_try(source, at);
        let tried = tried.map_err(|throttled| try_later(throttled, at))?;
        let pin = pin.parse::<mayday_protocol::invite::Pin>();
        let pin = pin.map(|pin| pin.to_string()).unwrap_or_default();
        let found = self.inner.shelf.by_pin(&keys.look_up("pin", &pin));
        let found = found.filter(|entry| live_pin(&entry.current(), at).is_some());
        if let Some(entry) = found {
            self.inner.pins.guard().handle_right(&tried);
            return Ok(entry);
        }
        self.record_failure(tried, at).await;
        Err(Refusal::NotFound {})
    }

    async fn record_failure(&self, failure: Failure<String>, at: Timestamp) {
        let oldest = at.0.saturating_sub(millis(ALL_WINDOW));
        let mut change = Change::new()
            .run(
                "INSERT INTO pin_failures (source, at) VALUES ($1, $2)",
                values![failure.source, failure.at],
            )
            .run(
                "DELETE FROM pin_failures WHERE at < $1",
                values![Timestamp(oldest)],
            );
        let locked = self.inner.pins.guard().links_only_until(at).is_some();
        if locked {
            change = change.audit(AuditEntry {
                at,
                actor: "gateway".to_owned(),
                action: "pins_locked",
                session: None,
                detail: String::new(),
            });
        }
        if let Err(error) = self.inner.store.write(change).await {
            tracing::error!(%error, "a wrong PIN could not be recorded; it counts until a restart");
        }
        if locked {
            self.inner.events.send(|_| Some(Event::PinsLocked));
        }
    }
}

fn try_later(throttled: Throttled, at: Timestamp) -> Refusal {
    let (Throttled::TryLater { until } | Throttled::LinksOnly { until }) = throttled;
    let seconds = until.since(at).as_secs().saturating_add(1);
    Refusal::TryLater {
        seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The PIN if it still lets somebody in.
fn live_pin(record: &Record, at: Timestamp) -> Option<&Pin> {
    let pin = record.invite.pin.as_ref()?;
    (pin.expires_at > at && record.is_open(at)).then_some(pin)
}

fn owner(id: SessionId) -> String {
    format!("pin:{}", id.0)
}
