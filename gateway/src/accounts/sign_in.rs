//! Signing in and out, and what a cookie is worth.

use std::net::IpAddr;

use sqlx::Row;

use super::{AccountError, Accounts, clean_email, throttle::Throttle};
use crate::clock::{Timestamp, now};
use crate::directory::Account;
use crate::secrets::{random_token, token_hash};
use crate::store::{AuditEntry, Change};
use crate::values;

/// From where somebody signs in, and with what.
#[derive(Clone, Debug)]
pub struct SignInFrom {
    pub address: IpAddr,
    /// What the browser calls itself.
    pub browser: String,
}

/// A sign-in that was just made.
#[derive(Clone, Debug)]
pub struct NewSignIn {
    pub account: Account,
    /// The cookie's value.
    pub token: String,
    /// How long it is good.
    pub lasts_s: u32,
}

/// A cookie that was found good.
#[derive(Clone, Debug)]
pub struct WebSession {
    pub account: Account,
    pub hash: String,
}

impl Accounts {
    /// Checks a password and gives the cookie's value.
    ///
    /// # Errors
    /// `WrongCredentials` alike for an unknown address, a wrong password, an account not set up, a disabled one.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        from: &SignInFrom,
    ) -> Result<NewSignIn, AccountError> {
        let account = self.check(email, password, from.address).await?;
        self.open_session(&account, from, "signed_in", Change::new())
            .await
    }

    /// The account with this address and password; every failure is counted.
    pub(super) async fn check(
        &self,
        email: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<Account, AccountError> {
        let email = clean_email(email).unwrap_or_default();
        let at = now();
        // Before the count: a try that nothing was checked for is none.
        let place = self.passwords.place()?;
        let begun = self.throttle().begin(&email, from, at);
        begun.map_err(|seconds| AccountError::TryLater { seconds })?;
        let row = sqlx::query(
            "SELECT id, password FROM accounts \
             WHERE email = $1 AND removed_at IS NULL AND disabled = 0",
        )
        .bind(&email)
        .fetch_optional(self.store.reads())
        .await?;
        let id = row.as_ref().map(|row| row.get::<i64, _>(0));
        let hash = row.and_then(|row| row.get::<Option<String>, _>(1));
        let fits = self.passwords.verify(place, password, hash.as_deref());
        if !fits.await {
            return Err(AccountError::WrongCredentials);
        }
        let id = id.and_then(|id| u64::try_from(id).ok());
        let account = self.find(id.ok_or(AccountError::WrongCredentials)?).await?;
        self.throttle().succeeded(&email, from, at);
        Ok(account)
    }

    /// The account behind a cookie, if it is still good.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn signed_in(&self, token: &str) -> Result<Option<WebSession>, AccountError> {
        let found = self.by_hash(token_hash(token)).await?;
        if let Some(session) = &found {
            self.uses.used(&session.hash);
        }
        Ok(found)
    }

    /// Whether a cookie that was found good still is; not when the database cannot say.
    pub async fn holds(&self, session: &WebSession) -> bool {
        let found = self.by_hash(session.hash.clone()).await;
        matches!(found, Ok(Some(_)))
    }

    async fn by_hash(&self, hash: String) -> Result<Option<WebSession>, AccountError> {
        let row =
            sqlx::query("SELECT account_id FROM web_sessions WHERE hash = $1 AND expires_at > $2")
                .bind(&hash)
                .bind(i64::try_from(now().0).unwrap_or(i64::MAX))
                .fetch_optional(self.store.reads())
                .await?;
        let Some(id) = row.and_then(|row| u64::try_from(row.get::<i64, _>(0)).ok()) else {
            return Ok(None);
        };
        let account = self.find(id).await?;
        Ok((!account.disabled).then_some(WebSession { account, hash }))
    }

    /// Ends one sign-in.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn sign_out(&self, session: &WebSession) -> Result<(), AccountError> {
        let change = Change::new()
            .run(
                "DELETE FROM web_sessions WHERE hash = $1",
                values![session.hash.as_str()],
            )
            .audit(own(&session.account, "signed_out"));
        Ok(self.store.write(change).await?)
    }

    /// Takes out the sign-ins that have run out, and gives them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_run_out(&self) -> Result<Vec<String>, AccountError> {
        let at = now();
        let rows = sqlx::query("SELECT hash FROM web_sessions WHERE expires_at <= $1")
            .bind(i64::try_from(at.0).unwrap_or(i64::MAX))
            .fetch_all(self.store.reads())
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let change = Change::new().run(
            "DELETE FROM web_sessions WHERE expires_at <= $1",
            values![at],
        );
        self.store.write(change).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Ends all sign-ins of an account.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn sign_out_everywhere(&self, account: &Account) -> Result<(), AccountError> {
        let change =
            end_sessions(Change::new(), account.id).audit(own(account, "signed_out_everywhere"));
        Ok(self.store.write(change).await?)
    }

    /// Writes a new web session together with `change`.
    pub(super) async fn open_session(
        &self,
        account: &Account,
        from: &SignInFrom,
        action: &'static str,
        change: Change,
    ) -> Result<NewSignIn, AccountError> {
        let token = random_token();
        let at = now();
        let lasts_s = self.system.now().sign_in_s;
        let change = change
            .run(
                "INSERT INTO web_sessions (hash, account_id, created_at, expires_at, source, browser) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                values![
                    token_hash(&token),
                    account.id,
                    at,
                    Timestamp(at.0 + u64::from(lasts_s) * 1000),
                    from.address.to_string(),
                    from.browser.as_str()
                ],
            )
            .audit(own(account, action));
        self.store.write(change).await?;
        Ok(NewSignIn {
            account: account.clone(),
            token,
            lasts_s,
        })
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Adds the end of all sign-ins of `account`.
pub(super) fn end_sessions(change: Change, account: u64) -> Change {
    change.run(
        "DELETE FROM web_sessions WHERE account_id = $1",
        values![account],
    )
}

/// What an account did to itself.
pub(super) fn own(account: &Account, action: &'static str) -> AuditEntry {
    AuditEntry {
        at: now(),
        actor: format!("technician:{}", account.id),
        action,
        session: None,
        detail: String::new(),
    }
}
