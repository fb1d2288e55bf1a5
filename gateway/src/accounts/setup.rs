//! New accounts and their set-up links: one use, 7 days, only the hash is kept.

use sqlx::Row;

use super::sign_in::{NewSignIn, SignInFrom, end_sessions, own};
use super::{AccountError, Accounts, clean_email, clean_name};
use crate::channels::rights_word;
use crate::clock::{Timestamp, now};
use mayday_session::permission::Role;

use crate::directory::Account;
use crate::secrets::{random_id, random_token, token_hash};
use crate::store::{AuditEntry, Change, WriteError};
use crate::values;

const VALID_MS: u64 = 7 * 24 * 3600 * 1000;

/// Why an owner gets no new set-up link on the machine itself.
#[derive(Debug, thiserror::Error)]
pub enum OwnerLinkError {
    #[error(
        "nobody with the address {0} is an owner; an owner makes a new link for a technician on the console's Technicians page"
    )]
    NoOwner(String),
    #[error(
        "the account {0} is disabled; another owner enables it on the console's Technicians page"
    )]
    Disabled(String),
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl Accounts {
    /// Makes an account with its private channel; `by` is the audit's actor. Gives the id and the set-up link's token.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub async fn create(
        &self,
        name: &str,
        email: &str,
        role: Role,
        by: &str,
    ) -> Result<(Account, String), AccountError> {
        let name = clean_name(name).ok_or(AccountError::Name)?;
        let email = clean_email(email).ok_or_else(|| AccountError::Email(shown(email)))?;
        let (id, at, token) = (random_id(), now(), random_token());
        let begins = self.system.now().new_channels;
        let change = Change::new()
            .run(
                "INSERT INTO accounts (id, email, name, role, created_at) \
                 VALUES ($1, $2, $3, $4, $5)",
                values![id, email, name, role.name(), at],
            )
            .run(
                "INSERT INTO channels (id, name, description, kind, owner_id, expiration_s, \
                 pin_valid_s, default_rights, max_open_sessions, verification, created_at) \
                 VALUES ($1, 'Private', '', 'private', $2, $3, $4, $5, 500, $6, $7)",
                values![
                    random_id(),
                    id,
                    begins.expiration_s,
                    begins.pin_valid_s,
                    rights_word(begins.default_rights),
                    begins.verification.word(),
                    at
                ],
            )
            .audit(AuditEntry {
                at,
                actor: by.to_owned(),
                action: "account_created",
                session: None,
                detail: format!("technician:{id} {}", role.name()),
            });
        let written = self.store.write(link(change, id, &token, at)).await;
        written.map_err(|error| match error {
            WriteError::Exists => AccountError::EmailTaken,
            other => other.into(),
        })?;
        self.directory.reload().await?;
        Ok((self.find(id).await?, token))
    }

    /// A new set-up link for an account; those before end. Only an owner makes one for an owner: it lets somebody in as them.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub async fn new_setup_link(&self, me: &Account, account: u64) -> Result<String, AccountError> {
        let known = self.find(account).await?;
        self.may_give(me, known.role)?;
        self.replace_link(account, format!("technician:{}", me.id))
            .await
    }

    /// The same for an owner, by whoever has the machine itself.
    ///
    /// # Errors
    /// See [`OwnerLinkError`].
    pub async fn new_owner_link(&self, email: &str) -> Result<String, OwnerLinkError> {
        let email = clean_email(email).ok_or_else(|| AccountError::Email(shown(email)))?;
        let snapshot = self.directory.now();
        let owner = snapshot
            .accounts()
            .find(|one| one.email == email && one.role == Role::Owner);
        match owner {
            None => Err(OwnerLinkError::NoOwner(email)),
            Some(owner) if owner.disabled => Err(OwnerLinkError::Disabled(email)),
            Some(owner) => Ok(self.replace_link(owner.id, "machine".to_owned()).await?),
        }
    }

    async fn replace_link(&self, account: u64, by: String) -> Result<String, AccountError> {
        let (token, at) = (random_token(), now());
        let change = Change::new().audit(AuditEntry {
            at,
            actor: by,
            action: "setup_link_made",
            session: None,
            detail: format!("technician:{account}"),
        });
        self.store.write(link(change, account, &token, at)).await?;
        Ok(token)
    }

    /// Whose set-up link this is.
    ///
    /// # Errors
    /// `SetupLink` when it is used, too old or unknown.
    pub async fn setup_account(&self, token: &str) -> Result<Account, AccountError> {
        let row =
            sqlx::query("SELECT account_id FROM setup_links WHERE hash = $1 AND expires_at > $2")
                .bind(token_hash(token))
                .bind(i64::try_from(now().0).unwrap_or(i64::MAX))
                .fetch_optional(self.store.reads())
                .await?;
        let id = row.and_then(|row| u64::try_from(row.get::<i64, _>(0)).ok());
        let account = self.find(id.ok_or(AccountError::SetupLink)?).await;
        match account {
            Ok(account) if !account.disabled => Ok(account),
            Ok(_) | Err(AccountError::NotFound) => Err(AccountError::SetupLink),
            Err(other) => Err(other),
        }
    }

    /// Uses a set-up link: sets the password, ends other sign-ins, signs in.
    ///
    /// # Errors
    /// `SetupLink` also when somebody else was quicker with the same link.
    pub async fn set_up(
        &self,
        token: &str,
        password: &str,
        from: &SignInFrom,
    ) -> Result<NewSignIn, AccountError> {
        let account = self.setup_account(token).await?;
        let hash = self.passwords.hash(password).await?;
        let change = Change::new()
            .run_once(
                "DELETE FROM setup_links WHERE hash = $1",
                values![token_hash(token)],
            )
            .run_once(
                "UPDATE accounts SET password = $2 WHERE id = $1",
                values![account.id, hash],
            );
        let change = end_sessions(change, account.id);
        let opened = self.open_session(&account, from, "set_up", change).await;
        let sign_in = match opened {
            Err(AccountError::Store(WriteError::Stale)) => return Err(AccountError::SetupLink),
            other => other?,
        };
        self.directory.reload().await?;
        let account = self.find(account.id).await?;
        Ok(NewSignIn { account, ..sign_in })
    }

    /// Sets a password without a link: for the local command line.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub async fn set_password(
        &self,
        account: &Account,
        password: &str,
    ) -> Result<(), AccountError> {
        let hash = self.passwords.hash(password).await?;
        let change = Change::new()
            .run(
                "DELETE FROM setup_links WHERE account_id = $1",
                values![account.id],
            )
            .run_once(
                "UPDATE accounts SET password = $2 WHERE id = $1",
                values![account.id, hash],
            );
        let change = end_sessions(change, account.id).audit(own(account, "password_set"));
        self.store.write(change).await?;
        Ok(self.directory.reload().await?)
    }
}

/// What was typed, not longer than an error should be.
fn shown(email: &str) -> String {
    const LONGEST: usize = 80;
    let plain = email.trim().chars().filter(|c| !c.is_control());
    plain.take(LONGEST).collect()
}

fn link(change: Change, account: u64, token: &str, at: Timestamp) -> Change {
    change
        .run(
            "DELETE FROM setup_links WHERE account_id = $1 OR expires_at <= $2",
            values![account, at],
        )
        .run(
            "INSERT INTO setup_links (hash, account_id, expires_at) VALUES ($1, $2, $3)",
            values![token_hash(token), account, Timestamp(at.0 + VALID_MS)],
        )
}
