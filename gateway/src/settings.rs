//! What the owner sets for the whole gateway: its name, how long sign-ins last, what a new channel begins with. A copy in memory, replaced
//! whole after each change. Owns the limits and the rows; who is told of a change, api/ says.

mod limits;

use std::sync::{Arc, PoisonError, RwLock};

use mayday_protocol::control::Rights;
use sqlx::Row;
use tokio::sync::Mutex;

use crate::accounts::clean_name;
use crate::channels::rights_word;
use crate::clock::now;
use crate::directory::{Account, Verification};
use crate::store::{AuditEntry, Change, Store, WriteError};
use crate::values;

pub(crate) use limits::within;
pub use limits::{EXPIRATION_S, PIN_VALID_S, SIGN_IN_S};

/// How a gateway is called that nobody has given a name.
pub const UNNAMED: &str = "Help desk";

/// One consistent state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// As end users and technicians read it.
    pub organisation: Arc<str>,
    /// How long somebody stays signed in, seconds.
    pub sign_in_s: u32,
    pub new_channels: NewChannels,
}

/// What a new channel begins with; each channel's own settings change it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewChannels {
    pub expiration_s: u32,
    pub pin_valid_s: u32,
    pub default_rights: Rights,
    pub verification: Verification,
}

impl Default for NewChannels {
    fn default() -> Self {
        Self {
            expiration_s: 24 * 3600,
            pin_valid_s: 15 * 60,
            default_rights: Rights::CONTROL,
            verification: Verification::Off,
        }
    }
}

/// What changes; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    pub organisation: Option<String>,
    pub sign_in_s: Option<u32>,
    pub expiration_s: Option<u32>,
    pub pin_valid_s: Option<u32>,
    pub default_rights: Option<Rights>,
    pub verification: Option<Verification>,
}

/// Why a setting is refused.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("a name has 1 to 64 characters")]
    Organisation,
    #[error("a sign-in lasts between 1 hour and 30 days")]
    SignIn,
    #[error("the expiration is between 1 minute and 7 days")]
    Expiration,
    #[error("a PIN is valid between 1 minute and 1 day")]
    PinValidity,
    #[error(transparent)]
    Store(#[from] WriteError),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct SystemSettings {
    store: Store,
    current: Arc<RwLock<Arc<Values>>>,
    /// Held from reading to replacing, so that of two changes the later one knows the earlier.
    changing: Arc<Mutex<()>>,
}

impl SystemSettings {
    /// Reads the table. `named`: the name for as long as the owner has set none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(store: Store, named: Option<&str>) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query("SELECT name, value FROM settings")
            .fetch_all(store.reads())
            .await?;
        let mut values = Values {
            organisation: named.unwrap_or(UNNAMED).into(),
            sign_in_s: 7 * 24 * 3600,
            new_channels: NewChannels::default(),
        };
        for row in &rows {
            read(&mut values, row.get("name"), row.get("value"));
        }
        Ok(Self {
            store,
            current: Arc::new(RwLock::new(Arc::new(values))),
            changing: Arc::default(),
        })
    }

    #[must_use]
    pub fn now(&self) -> Arc<Values> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Changes what `patch` says. Sign-ins that have lasted longer than they may now have run out with it. Gives the state before
    /// and after; they are alike when nothing was to be done.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub async fn change(
        &self,
        me: &Account,
        patch: Patch,
    ) -> Result<(Arc<Values>, Arc<Values>), SettingsError> {
        let _turn = self.changing.lock().await;
        let before = self.now();
        let after = applied(&before, patch)?;
        let rows = differing(&before, &after);
        if rows.is_empty() {
            return Ok((Arc::clone(&before), before));
        }
        // A detail's words are apart by spaces; what the owner typed is one of them.
        let words: Vec<_> = rows
            .iter()
            .map(|(name, to)| format!("{name}:{}", to.replace(' ', "\u{a0}")))
            .collect();
        let mut change = Change::new().audit(AuditEntry {
            at: now(),
            actor: format!("technician:{}", me.id),
            action: "settings_changed",
            session: None,
            detail: words.join(" "),
        });
        for (name, value) in rows {
            change = change.run(
                "INSERT INTO settings (name, value) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                values![name, value],
            );
        }
        if after.sign_in_s < before.sign_in_s {
            let lasts = u64::from(after.sign_in_s) * 1000;
            change = change.run(
                "UPDATE web_sessions SET expires_at = created_at + $1 \
                 WHERE expires_at > created_at + $1",
                values![lasts],
            );
        }
        self.store.write(change).await?;
        let after = Arc::new(after);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::clone(&after);
        Ok((before, after))
    }
}

fn applied(before: &Values, patch: Patch) -> Result<Values, SettingsError> {
    use SettingsError as E;
    let mut after = before.clone();
    let new = &mut after.new_channels;
    if let Some(name) = patch.organisation {
        after.organisation = clean_name(&name).ok_or(E::Organisation)?.into();
    }
    if let Some(seconds) = patch.sign_in_s {
        after.sign_in_s = within(seconds, SIGN_IN_S).ok_or(E::SignIn)?;
    }
    if let Some(seconds) = patch.expiration_s {
        new.expiration_s = within(seconds, EXPIRATION_S).ok_or(E::Expiration)?;
    }
    if let Some(seconds) = patch.pin_valid_s {
        new.pin_valid_s = within(seconds, PIN_VALID_S).ok_or(E::PinValidity)?;
    }
    new.default_rights = patch.default_rights.unwrap_or(new.default_rights);
    new.verification = patch.verification.unwrap_or(new.verification);
    Ok(after)
}

/// Each setting under the name of its row.
fn rows(values: &Values) -> [(&'static str, String); 6] {
    let new = &values.new_channels;
    [
        ("organisation", values.organisation.to_string()),
        ("sign_in_s", values.sign_in_s.to_string()),
        ("expiration_s", new.expiration_s.to_string()),
        ("pin_valid_s", new.pin_valid_s.to_string()),
        ("default_rights", rights_word(new.default_rights).to_owned()),
        ("verification", new.verification.word().to_owned()),
    ]
}

fn differing(before: &Values, after: &Values) -> Vec<(&'static str, String)> {
    let pairs = rows(before).into_iter().zip(rows(after));
    pairs
        .filter(|(before, after)| before != after)
        .map(|(_, after)| after)
        .collect()
}

/// Takes one row; what is out of its limits, or of a later version, changes nothing.
fn read(values: &mut Values, name: &str, value: &str) {
    let patch = match name {
        "organisation" => Patch {
            organisation: Some(value.to_owned()),
            ..Patch::default()
        },
        "sign_in_s" => Patch {
            sign_in_s: value.parse().ok(),
            ..Patch::default()
        },
        "expiration_s" => Patch {
            expiration_s: value.parse().ok(),
            ..Patch::default()
        },
        "pin_valid_s" => Patch {
            pin_valid_s: value.parse().ok(),
            ..Patch::default()
        },
        "default_rights" => Patch {
            default_rights: [Rights::VIEW, Rights::CONTROL]
                .into_iter()
                .find(|one| rights_word(*one) == value),
            ..Patch::default()
        },
        "verification" => Patch {
            verification: Verification::ALL
                .into_iter()
                .find(|one| one.word() == value),
            ..Patch::default()
        },
        _ => return,
    };
    if let Ok(read) = applied(values, patch) {
        *values = read;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Values {
        Values {
            organisation: UNNAMED.into(),
            sign_in_s: 7 * 24 * 3600,
            new_channels: NewChannels::default(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let after = Values {
            organisation: "Harbour IT".into(),
            sign_in_s: 3600,
            new_channels: NewChannels {
                expiration_s: 60,
                pin_valid_s: 300,
                default_rights: Rights::VIEW,
                verification: Verification::Type,
            },
        };
        let mut again = fresh();
        let rows = differing(&again, &after);
        assert_eq!(rows.len(), 6);
        for (name, value) in rows {
            read(&mut again, name, &value);
        }
        assert_eq!(again, after);
        assert!(differing(&again, &after).is_empty());
    }

    #[test]
    fn a_row_that_makes_no_sense_changes_nothing() {
        let mut values = fresh();
        for (name, value) in [
            ("organisation", " "),
            ("sign_in_s", "1"),
            ("expiration_s", "soon"),
            ("pin_valid_s", "0"),
            ("default_rights", "everything"),
            ("verification", "twice"),
            ("public_url", "https://help.example.com"),
        ] {
            read(&mut values, name, value);
        }
        assert_eq!(values, fresh());
    }
}
