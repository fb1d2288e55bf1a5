//! PINs: unique among live ones, shown again, replaced; and the guard against guessing, whose counts survive a restart.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mayday_protocol::SessionId;
use mayday_protocol::control::Refusal;
use mayday_session::permission::Action;
use sqlx::Row;

use super::command::by;
use super::record::{Entry, Pin, Record};
use super::{Desk, DeskError};
use crate::accounts::throttle::network;
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

/// Failures of the last hour. Sources are keyed hashes of networks.
pub struct PinGuard {
    failures: Mutex<Vec<Failure>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Failure {
    source: String,
    at: Timestamp,
}

const SOURCE_WINDOW_MS: u64 = 15 * 60 * 1000;
const SOURCE_FAILURES: usize = 5;
const ALL_WINDOW_MS: u64 = 60 * 60 * 1000;
const ALL_FAILURES: usize = 60;

impl PinGuard {
    pub async fn load(store: &Store) -> Result<Self, sqlx::Error> {
        let since = now().0.saturating_sub(ALL_WINDOW_MS);
        let rows = sqlx::query("SELECT source, at FROM pin_failures WHERE at > $1 ORDER BY at")
            .bind(i64::try_from(since).unwrap_or(0))
            .fetch_all(store.reads())
            .await?;
        let failures = rows.iter().map(|row| Failure {
            source: row.get("source"),
            at: Timestamp(u64::try_from(row.get::<i64, _>("at")).unwrap_or(0)),
        });
        Ok(Self {
            failures: Mutex::new(failures.collect()),
        })
    }

    /// Counts a try as a failure at once, so that many at the same time are counted too; or says when the next is welcome.
    fn try_one(&self, source: &str, at: Timestamp) -> Result<(), Timestamp> {
        let mut failures = self.failures();
        failures.retain(|one| one.at.0 + ALL_WINDOW_MS > at.0);
        if let Some(until) = wait_until(&failures, source, at) {
            return Err(until);
        }
        failures.push(Failure {
            source: source.to_owned(),
            at,
        });
        Ok(())
    }

    /// The try was right: it was no failure.
    fn was_right(&self, source: &str, at: Timestamp) {
        let mut failures = self.failures();
        let found = failures
            .iter()
            .rposition(|one| one.at == at && one.source == source);
        if let Some(place) = found {
            failures.remove(place);
        }
    }

    /// Until when nobody at all gets in with a PIN.
    fn locked_until(&self, at: Timestamp) -> Option<Timestamp> {
        all_until(&self.failures(), at)
    }

    fn failures(&self) -> MutexGuard<'_, Vec<Failure>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When `source` may try again, if not now.
fn wait_until(failures: &[Failure], source: &str, at: Timestamp) -> Option<Timestamp> {
    let own = failures.iter().filter(|one| one.source == source);
    let own = full_until(own.map(|one| one.at), SOURCE_FAILURES, SOURCE_WINDOW_MS, at);
    own.max(all_until(failures, at))
}

fn all_until(failures: &[Failure], at: Timestamp) -> Option<Timestamp> {
    let all = failures.iter().map(|one| one.at);
    full_until(all, ALL_FAILURES, ALL_WINDOW_MS, at)
}

fn full_until(
    failures: impl Iterator<Item = Timestamp>,
    limit: usize,
    window_ms: u64,
    at: Timestamp,
) -> Option<Timestamp> {
    let recent: Vec<_> = failures.filter(|one| one.0 + window_ms > at.0).collect();
    let over = recent.len().checked_sub(limit)?;
    Some(Timestamp(recent[over].0 + window_ms))
}

impl Desk {
    /// A PIN that no other live session has, reserved for `id`; also in clear.
    pub(super) fn fresh_pin(&self, id: SessionId, channel: &Channel, at: Timestamp) -> (Pin, String) {
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
    pub fn show_pin(&self, me: &Account, id: SessionId) -> Result<PinView, DeskError> {
        let record = self.entry_for(me, id)?.current();
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
        let entry = self.entry_for(me, id)?;
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
            locked_until: self.inner.pins.locked_until(at),
        }
    }

    /// The session behind a PIN. A wrong one is durable before it is answered, and looks the same whatever is wrong with it.
    pub(super) async fn by_pin(&self, pin: &str, from: IpAddr) -> Result<Arc<Entry>, Refusal> {
        let keys = &self.inner.keys;
        let source = keys.look_up("network", &network(from).to_string());
        let at = now();
        if let Err(until) = self.inner.pins.try_one(&source, at) {
            let seconds = until.0.saturating_sub(at.0).div_ceil(1000);
            return Err(Refusal::TryLater {
                seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            });
        }
        let found = self.inner.shelf.by_pin(&keys.look_up("pin", pin));
        let found = found.filter(|entry| live_pin(&entry.current(), at).is_some());
        if let Some(entry) = found {
            self.inner.pins.was_right(&source, at);
            return Ok(entry);
        }
        self.record_failure(source, at).await;
        Err(Refusal::NotFound {})
    }

    async fn record_failure(&self, source: String, at: Timestamp) {
        let mut change = Change::new()
            .run(
                "INSERT INTO pin_failures (source, at) VALUES ($1, $2)",
                values![source, at],
            )
            .run(
                "DELETE FROM pin_failures WHERE at <= $1",
                values![Timestamp(at.0.saturating_sub(ALL_WINDOW_MS))],
            );
        let locked = self.inner.pins.locked_until(at).is_some();
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

/// The PIN if it still lets somebody in.
fn live_pin(record: &Record, at: Timestamp) -> Option<&Pin> {
    let pin = record.invite.pin.as_ref()?;
    (pin.expires_at > at && record.is_open(at)).then_some(pin)
}

fn owner(id: SessionId) -> String {
    format!("pin:{}", id.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> PinGuard {
        PinGuard {
            failures: Mutex::default(),
        }
    }

    fn minute(minute: u64) -> Timestamp {
        Timestamp(1_000_000_000 + minute * 60_000)
    }

    #[test]
    fn the_sixth_wrong_pin_in_15_minutes_waits() {
        let guard = guard();
        for n in 0..5 {
            assert_eq!(guard.try_one("a", minute(n)), Ok(()));
        }
        assert_eq!(guard.try_one("a", minute(5)), Err(minute(15)));
        assert_eq!(guard.try_one("b", minute(5)), Ok(()));
        assert_eq!(guard.try_one("a", minute(15)), Ok(()));
    }

    #[test]
    fn a_right_pin_is_no_failure() {
        let guard = guard();
        for n in 0..20 {
            assert_eq!(guard.try_one("a", minute(n)), Ok(()));
            guard.was_right("a", minute(n));
        }
    }

    #[test]
    fn sixty_failures_in_an_hour_lock_pins_for_everybody() {
        let guard = guard();
        for n in 0..60 {
            assert_eq!(guard.try_one(&n.to_string(), minute(n / 6)), Ok(()));
        }
        assert_eq!(guard.locked_until(minute(10)), Some(minute(60)));
        assert_eq!(guard.try_one("new", minute(10)), Err(minute(60)));
        assert_eq!(guard.locked_until(minute(60)), None);
    }
}
