//! Who works here and in which channels: a copy of these small tables in memory, replaced whole after each change, so that every
//! list and every check reads one consistent state without waiting.

mod channel;
mod load;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use mayday_session::permission::{Permissions, Role, Scope, effective};
use tokio::sync::Mutex;

use crate::store::Store;

pub use channel::{Channel, Group, Kind, Routing, Subject, Verification};

#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: u64,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub language: Option<String>,
    pub disabled: bool,
    /// Has a password.
    pub set_up: bool,
    /// What they know, as tags: channels may want some of them.
    pub skills: Vec<String>,
}

impl Account {
    /// Whether they can sign in.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.set_up && !self.disabled
    }
}

/// One consistent state.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    accounts: HashMap<u64, Account>,
    channels: HashMap<u64, Channel>,
    groups: HashMap<u64, Group>,
}

impl Snapshot {
    #[must_use]
    pub fn account(&self, id: u64) -> Option<&Account> {
        self.accounts.get(&id)
    }

    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    #[must_use]
    pub fn channel(&self, id: u64) -> Option<&Channel> {
        self.channels.get(&id)
    }

    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    #[must_use]
    pub fn group(&self, id: u64) -> Option<&Group> {
        self.groups.get(&id)
    }

    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The channel that takes what has no other.
    ///
    /// # Panics
    /// When there is none; [`Directory::open`] makes it.
    #[must_use]
    pub fn default_channel(&self) -> &Channel {
        let found = self.channels.values().find(|one| one.kind == Kind::Default);
        found.expect("the default channel is made before anything else")
    }

    /// Whether `account` sees this channel at all.
    #[must_use]
    pub fn sees(&self, account: &Account, channel: &Channel) -> bool {
        match channel.kind {
            Kind::Private { owner } => owner == account.id,
            Kind::Default | Kind::Shared => {
                channel.has_member(account.id) || account.role.scope() == Scope::AllChannels
            }
        }
    }

    /// What `account` may do in this channel; nothing in one that it does not see.
    #[must_use]
    pub fn permissions(&self, account: &Account, channel: &Channel) -> Permissions {
        if account.disabled || !self.sees(account, channel) {
            return Permissions::NONE;
        }
        let member = channel.has_member(account.id);
        effective(account.role, member, channel.refined(account.id))
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    store: Store,
    current: Arc<RwLock<Arc<Snapshot>>>,
    /// Held from reading to replacing, so that an older state never replaces a newer one.
    reloading: Arc<Mutex<()>>,
}

impl Directory {
    /// Reads the tables; makes the default channel at the first start.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn open(store: Store) -> anyhow::Result<Self> {
        load::ensure_default_channel(&store).await?;
        let directory = Self {
            store,
            current: Arc::default(),
            reloading: Arc::default(),
        };
        directory.reload().await?;
        Ok(directory)
    }

    #[must_use]
    pub fn now(&self) -> Arc<Snapshot> {
        let current = self.current.read().unwrap_or_else(|e| e.into_inner());
        Arc::clone(&current)
    }

    /// Reads everything again, after a change.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reload(&self) -> Result<(), sqlx::Error> {
        let _turn = self.reloading.lock().await;
        let fresh = Arc::new(load::snapshot(self.store.reads()).await?);
        *self.current.write().unwrap_or_else(|e| e.into_inner()) = fresh;
        Ok(())
    }

    /// Asks the database for nothing, to know that it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn answers(&self) -> Result<(), sqlx::Error> {
        let asked = sqlx::query("SELECT 1").execute(self.store.reads()).await;
        asked.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Change;
    use crate::values;

    #[tokio::test]
    async fn a_reload_reads_only_when_those_before_it_are_done() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let directory = Directory::open(store.clone()).await.unwrap();
        let before = directory.reloading.lock().await;
        let after = directory.clone();
        let after = tokio::spawn(async move { after.reload().await });
        // Long enough to read, if it did not wait.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let account = Change::new().run(
            "INSERT INTO accounts (id, email, name, role, created_at) \
             VALUES (7, 'tim@example.org', 'Tim', 'owner', 0)",
            values![],
        );
        store.write(account).await.unwrap();
        assert!(!after.is_finished());
        drop(before);
        after.await.unwrap().unwrap();
        assert!(directory.now().account(7).is_some());
    }

    #[tokio::test]
    async fn a_closed_database_does_not_answer() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let directory = Directory::open(store.clone()).await.unwrap();
        directory.answers().await.unwrap();
        store.close().await;
        assert!(directory.answers().await.is_err());
    }
}
