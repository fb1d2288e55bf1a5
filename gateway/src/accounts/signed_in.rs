//! Where an account is signed in: the list, when each was last used, and ending one or all others. What a sign-in is worth, `sign_in`
//! says.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::Row;

use super::sign_in::{WebSession, own};
use super::{AccountError, Accounts};
use crate::clock::{Timestamp, now};
use crate::store::{AuditEntry, Change};
use crate::values;

/// So many hexadecimal digits of a sign-in's hash name it; they open nothing.
const NAME: usize = 24;

/// One sign-in of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub hash: String,
    /// What the browser calls itself; empty when it does not say.
    pub browser: String,
    /// An address; empty for sign-ins from before this was kept.
    pub source: String,
    pub since: Timestamp,
    pub used_at: Timestamp,
}

impl SignedIn {
    /// Names it among those of its account.
    #[must_use]
    pub fn name(&self) -> &str {
        self.hash.get(..NAME).unwrap_or(&self.hash)
    }
}

/// When sign-ins were used since this was last written down.
#[derive(Default)]
pub(super) struct Uses(Mutex<HashMap<String, Timestamp>>);

impl Uses {
    pub(super) fn used(&self, hash: &str) {
        self.lock().insert(hash.to_owned(), now());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    /// Where this account is signed in, the last one used first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn signed_in_at(&self, account: u64) -> Result<Vec<SignedIn>, AccountError> {
        let rows = sqlx::query(
            "SELECT hash, browser, source, created_at, used_at FROM web_sessions \
             WHERE account_id = $1 AND expires_at > $2",
        )
        .bind(i64::try_from(account).unwrap_or(i64::MAX))
        .bind(i64::try_from(now().0).unwrap_or(i64::MAX))
        .fetch_all(self.store.reads())
        .await?;
        let uses = self.uses.lock();
        let moment = |number: i64| Timestamp(u64::try_from(number).unwrap_or(0));
        let mut found: Vec<_> = rows
            .iter()
            .map(|row| {
                let hash: String = row.get("hash");
                let since = moment(row.get("created_at"));
                let written = row.get::<Option<i64>, _>("used_at").map(moment);
                let used = uses.get(&hash).copied().or(written);
                SignedIn {
                    browser: row.get("browser"),
                    source: row.get("source"),
                    since,
                    used_at: used.unwrap_or(since),
                    hash,
                }
            })
            .collect();
        found.sort_by_key(|one| std::cmp::Reverse(one.used_at));
        Ok(found)
    }

    /// Ends one sign-in of `me`'s account; gives its hash.
    ///
    /// # Errors
    /// `NoSignIn` when it is not there any more.
    pub async fn end_sign_in(&self, me: &WebSession, name: &str) -> Result<String, AccountError> {
        let known = self.signed_in_at(me.account.id).await?;
        let ended = known.into_iter().find(|one| one.name() == name);
        let ended = ended.ok_or(AccountError::NoSignIn)?;
        self.end(me, std::slice::from_ref(&ended)).await?;
        Ok(ended.hash)
    }

    /// Ends all sign-ins of `me`'s account but this one; gives their hashes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn end_other_sign_ins(&self, me: &WebSession) -> Result<Vec<String>, AccountError> {
        let mut others = self.signed_in_at(me.account.id).await?;
        others.retain(|one| one.hash != me.hash);
        if !others.is_empty() {
            self.end(me, &others).await?;
        }
        Ok(others.into_iter().map(|one| one.hash).collect())
    }

    /// Writes down when sign-ins were used since the last time.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write_uses(&self) -> Result<(), AccountError> {
        let uses: Vec<_> = self.uses.lock().drain().collect();
        if uses.is_empty() {
            return Ok(());
        }
        let change = uses.into_iter().fold(Change::new(), |change, (hash, at)| {
            change.run(
                "UPDATE web_sessions SET used_at = $2 WHERE hash = $1",
                values![hash, at],
            )
        });
        Ok(self.store.write(change).await?)
    }

    async fn end(&self, me: &WebSession, ended: &[SignedIn]) -> Result<(), AccountError> {
        let mut change = Change::new();
        for one in ended {
            let entry = AuditEntry {
                detail: one.source.clone(),
                ..own(&me.account, "signed_out_elsewhere")
            };
            change = change
                .run(
                    "DELETE FROM web_sessions WHERE hash = $1",
                    values![one.hash.as_str()],
                )
                .audit(entry);
        }
        Ok(self.store.write(change).await?)
    }
}
