//! Changing accounts: one's own, and those one is responsible for.

use super::sign_in::{WebSession, end_sessions, own};
use super::{AccountError, Accounts, clean_name};
use crate::channels::clean_skills;
use crate::clock::now;
use mayday_session::permission::Role;

use crate::directory::Account;
use crate::store::{AuditEntry, Change};
use crate::values;

/// What changes; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AccountPatch {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    pub skills: Option<Vec<String>>,
}

impl Accounts {
    /// A technician changes their own name or language.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub async fn change_own(
        &self,
        me: &Account,
        name: Option<&str>,
        language: Option<&str>,
    ) -> Result<Account, AccountError> {
        let name = match name {
            Some(name) => clean_name(name).ok_or(AccountError::Name)?,
            None => me.name.clone(),
        };
        let language = match language {
            Some("") => None,
            Some(tag) if is_language(tag) => Some(tag.to_owned()),
            Some(_) => return Err(AccountError::Language),
            None => me.language.clone(),
        };
        let change = Change::new()
            .run_once(
                "UPDATE accounts SET name = $2, language = $3 WHERE id = $1",
                values![me.id, name, language],
            )
            .audit(about(me, me, "account_changed"));
        self.store.write(change).await?;
        self.directory.reload().await?;
        self.find(me.id).await
    }

    /// Changes the own password; all other sign-ins end.
    ///
    /// # Errors
    /// `WrongPassword` when `current` is not it; throttled like signing in.
    pub async fn change_password(
        &self,
        session: &WebSession,
        current: &str,
        new: &str,
        from: std::net::IpAddr,
    ) -> Result<(), AccountError> {
        let me = &session.account;
        // The same counters as at the door, so that a stolen cookie does not open a second one.
        match self.check(&me.email, current, from).await {
            Ok(_) => {}
            Err(AccountError::WrongCredentials) => return Err(AccountError::WrongPassword),
            Err(other) => return Err(other),
        }
        let hash = self.passwords.hash(new).await?;
        let change = Change::new()
            .run_once(
                "UPDATE accounts SET password = $2 WHERE id = $1",
                values![me.id, hash],
            )
            .run(
                "DELETE FROM web_sessions WHERE account_id = $1 AND hash <> $2",
                values![me.id, session.hash.as_str()],
            )
            .audit(own(me, "password_changed"));
        Ok(self.store.write(change).await?)
    }

    /// Changes a technician's account. The caller checked the permission `technician.manage`.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub async fn change(
        &self,
        me: &Account,
        id: u64,
        patch: AccountPatch,
    ) -> Result<Account, AccountError> {
        let account = self.find(id).await?;
        let role = patch.role.unwrap_or(account.role);
        let disabled = patch.disabled.unwrap_or(account.disabled);
        self.may_change(me, &account, role, disabled)?;
        let name = match patch.name {
            Some(name) => clean_name(&name).ok_or(AccountError::Name)?,
            None => account.name.clone(),
        };
        let skills = patch.skills.unwrap_or(account.skills.clone());
        let skills = clean_skills(&skills).ok_or(AccountError::Skills)?;
        let mut change = Change::new()
            .run_once(
                "UPDATE accounts SET name = $2, role = $3, disabled = $4, skills = $5 WHERE id = $1",
                values![id, name, role.name(), disabled, skills.join("\n")],
            )
            .audit(AuditEntry {
                detail: changed_detail(&account, role),
                ..about(me, &account, "account_changed")
            });
        if disabled {
            change = end_sessions(change, id);
        }
        self.store.write(change).await?;
        self.directory.reload().await?;
        self.find(id).await
    }

    /// Removes a technician's account; what they did stays in the audit.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub async fn remove(&self, me: &Account, id: u64) -> Result<(), AccountError> {
        let account = self.find(id).await?;
        self.may_change(me, &account, account.role, true)?;
        let change = Change::new()
            .run("DELETE FROM setup_links WHERE account_id = $1", values![id])
            .run(
                "DELETE FROM channel_members WHERE account_id = $1",
                values![id],
            )
            .run(
                "DELETE FROM group_members WHERE account_id = $1",
                values![id],
            )
            .run(
                "DELETE FROM refinements WHERE subject = 'technician' AND subject_id = $1",
                values![id],
            )
            .run(
                "UPDATE channels SET routing = 'queue', routing_id = NULL \
                 WHERE routing = 'technician' AND routing_id = $1",
                values![id],
            )
            .run_once(
                "UPDATE accounts SET removed_at = $2, password = NULL, disabled = 1 WHERE id = $1",
                values![id, now()],
            )
            .audit(about(me, &account, "account_removed"));
        self.store.write(end_sessions(change, id)).await?;
        Ok(self.directory.reload().await?)
    }

    /// Whether `me` may make an account of this role.
    ///
    /// # Errors
    /// Only owners make owners.
    pub fn may_give(&self, me: &Account, role: Role) -> Result<(), AccountError> {
        if role == Role::Owner && me.role != Role::Owner {
            return Err(AccountError::NotAllowed);
        }
        Ok(())
    }

    /// Only owners touch owners and make them; nobody disables or demotes themselves; one owner always stays.
    fn may_change(
        &self,
        me: &Account,
        account: &Account,
        role: Role,
        disabled: bool,
    ) -> Result<(), AccountError> {
        let about_owner = account.role == Role::Owner || role == Role::Owner;
        if about_owner && me.role != Role::Owner {
            return Err(AccountError::NotAllowed);
        }
        if me.id == account.id && (disabled || role != account.role) {
            return Err(AccountError::NotAllowed);
        }
        let snapshot = self.directory.now();
        let other_owner = snapshot
            .accounts()
            .any(|other| other.id != account.id && other.role == Role::Owner && !other.disabled);
        let loses_owner = account.role == Role::Owner && (disabled || role != Role::Owner);
        if loses_owner && !other_owner {
            return Err(AccountError::LastOwner);
        }
        Ok(())
    }
}

/// A new role is worth a word.
fn changed_detail(account: &Account, role: Role) -> String {
    match role == account.role {
        true => format!("technician:{}", account.id),
        false => format!("technician:{} {}", account.id, role.name()),
    }
}

fn about(me: &Account, account: &Account, action: &'static str) -> AuditEntry {
    AuditEntry {
        at: now(),
        actor: format!("technician:{}", me.id),
        action,
        session: None,
        detail: format!("technician:{}", account.id),
    }
}

/// Letters, digits and hyphens, as in BCP 47.
fn is_language(tag: &str) -> bool {
    const LONGEST: usize = 35;
    tag.len() <= LONGEST && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
