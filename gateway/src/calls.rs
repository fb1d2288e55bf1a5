//! SOS Calls: making, changing, pausing and deleting them, and which one is behind a link. Owns the limits of their settings; what
//! becomes of a request through one is the desk's.

mod load;
mod stored;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use mayday_protocol::call::CallToken;
use mayday_session::form::{BadForm, Field, Form};
use mayday_session::permission::{Permission, Permissions};

use crate::accounts::clean_name;
use crate::clock::{Timestamp, now};
use crate::directory::{Account, Channel, Directory, Kind};
use crate::names::{self, Removed};
use crate::secrets::{Keys, random, random_id};
use crate::store::{AuditEntry, Change, Statement, Store, WriteError};
use crate::values;

/// SOS Calls of one channel.
const OF_CHANNEL: usize = 50;

/// One SOS Call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub id: u64,
    pub channel: u64,
    pub name: String,
    /// Who gets its requests; `None`: whom the channel's routing names, or the queue.
    pub technician: Option<u64>,
    pub paused: bool,
    pub form: Form,
    pub created_at: Timestamp,
    token_hash: String,
    token_sealed: String,
}

/// What changes; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct CallSettings {
    pub name: Option<String>,
    /// `Some(None)`: nobody.
    pub technician: Option<Option<u64>>,
    pub fields: Option<Vec<Field>>,
}

/// Why something about SOS Calls is refused.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("this SOS Call does not exist")]
    NotFound,
    #[error("this channel does not exist")]
    NoChannel,
    #[error("you need the permission {} for this", .0.name())]
    Missing(Permission),
    #[error("a name has 1 to 64 characters")]
    Name,
    #[error("this technician cannot take sessions of this channel")]
    Technician,
    #[error("a channel has at most 50 SOS Calls; delete one first")]
    TooMany,
    #[error("a private channel takes no requests; use another channel")]
    Private,
    #[error(transparent)]
    Form(#[from] BadForm),
    #[error(transparent)]
    Store(#[from] WriteError),
    #[error("the database cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

type Book = HashMap<u64, Arc<Call>>;

/// Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    store: Store,
    directory: Directory,
    keys: Arc<Keys>,
    /// A copy of the table, replaced whole after each change.
    book: Arc<RwLock<Arc<Book>>>,
    /// Held while one is written and read again, so that an older copy never replaces a newer one.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Calls {
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(
        store: Store,
        directory: Directory,
        keys: Arc<Keys>,
    ) -> Result<Self, sqlx::Error> {
        let calls = Self {
            store,
            directory,
            keys,
            book: Arc::default(),
            turn: Arc::default(),
        };
        calls.reload().await?;
        Ok(calls)
    }

    /// The SOS Call behind a link's token, paused or not.
    #[must_use]
    pub fn by_token(&self, token: &str) -> Option<Arc<Call>> {
        let token: CallToken = token.parse().ok()?;
        let hash = self.keys.look_up("call", &token.to_string());
        let book = self.book();
        let found = book.values().find(|call| call.token_hash == hash);
        found.cloned()
    }

    /// Those of a channel that `me` sees, by name.
    ///
    /// # Errors
    /// See [`CallError`].
    pub fn of_channel(&self, me: &Account, channel: u64) -> Result<Vec<Arc<Call>>, CallError> {
        self.channel(me, channel)?;
        let book = self.book();
        let theirs = book.values().filter(|call| call.channel == channel);
        let mut calls: Vec<_> = theirs.cloned().collect();
        calls.sort_by_cached_key(|call| (call.name.to_lowercase(), call.id));
        Ok(calls)
    }

    /// The token of the link, in clear, for those who may hand it out.
    #[must_use]
    pub fn token(&self, me: &Account, call: &Call) -> Option<String> {
        let snapshot = self.directory.now();
        let permissions = snapshot.permissions(me, snapshot.channel(call.channel)?);
        let may = permissions.contains(Permission::SosCallManage)
            || permissions.contains(Permission::SessionCopyLink);
        let token = may.then(|| self.keys.open(&owner(call.id), &call.token_sealed));
        token.flatten()
    }

    /// Whether `me` may change it.
    #[must_use]
    pub fn may_manage(&self, me: &Account, channel: u64) -> bool {
        let channel = self.channel(me, channel);
        channel.is_ok_and(|(_, permissions)| permissions.contains(Permission::SosCallManage))
    }

    /// # Errors
    /// See [`CallError`].
    pub async fn create(
        &self,
        me: &Account,
        channel: u64,
        settings: CallSettings,
    ) -> Result<Arc<Call>, CallError> {
        let channel = self.manageable(me, channel)?;
        let token = CallToken::new(random()).to_string();
        let id = random_id();
        let empty = Call {
            id,
            channel: channel.id,
            name: String::new(),
            technician: None,
            paused: false,
            form: Form::default(),
            created_at: now(),
            token_hash: self.keys.look_up("call", &token),
            token_sealed: self.keys.seal(&owner(id), &token),
        };
        let call = self.merged(&empty, &channel, settings)?;
        let there = self.book();
        let siblings = there.values().filter(|one| one.channel == channel.id);
        if siblings.count() >= OF_CHANNEL {
            return Err(CallError::TooMany);
        }
        let insert = Statement::new(
            "INSERT INTO calls (id, channel_id, name, technician_id, form, token_hash, token_sealed, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                call.id,
                call.channel,
                call.name.as_str(),
                call.technician,
                stored::to_json(&call.form),
                call.token_hash.as_str(),
                call.token_sealed.as_str(),
                call.created_at
            ],
        );
        self.write(me, "call_created", &call, insert).await?;
        self.get(id)
    }

    /// # Errors
    /// See [`CallError`].
    pub async fn change(
        &self,
        me: &Account,
        id: u64,
        settings: CallSettings,
    ) -> Result<Arc<Call>, CallError> {
        let (call, channel) = self.mine(me, id)?;
        let call = self.merged(&call, &channel, settings)?;
        let update = Statement::exactly_one(
            "UPDATE calls SET name = $2, technician_id = $3, form = $4 WHERE id = $1",
            values![
                id,
                call.name.as_str(),
                call.technician,
                stored::to_json(&call.form)
            ],
        );
        self.write(me, "call_changed", &call, update).await?;
        self.get(id)
    }

    /// A paused one takes no requests, also from agents that were downloaded before.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn pause(&self, me: &Account, id: u64, paused: bool) -> Result<Arc<Call>, CallError> {
        let (call, _) = self.mine(me, id)?;
        let update = Statement::exactly_one(
            "UPDATE calls SET paused = $2 WHERE id = $1",
            values![id, paused],
        );
        let action = if paused {
            "call_paused"
        } else {
            "call_resumed"
        };
        if call.paused != paused {
            self.write(me, action, &call, update).await?;
        }
        self.get(id)
    }

    /// Its link is dead from now on. Requests that were made stay.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn delete(&self, me: &Account, id: u64) -> Result<u64, CallError> {
        let (call, _) = self.mine(me, id)?;
        let delete = Statement::exactly_one("DELETE FROM calls WHERE id = $1", values![id]);
        let change = Change::new()
            .and(names::kept(Removed::Call, id))
            .and(delete);
        self.write_all(me, "call_deleted", &call, change).await?;
        Ok(call.channel)
    }

    /// Reads everything again: after a change, and after a channel's removal moved its calls.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reload(&self) -> Result<(), sqlx::Error> {
        let _turn = self.turn.lock().await;
        self.read_again().await
    }

    async fn read_again(&self) -> Result<(), sqlx::Error> {
        let calls = load::calls(&self.store).await?;
        let book = calls.into_iter().map(|call| (call.id, Arc::new(call)));
        let book = Arc::new(book.collect());
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = book;
        Ok(())
    }

    fn book(&self) -> Arc<Book> {
        let book = self.book.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&book)
    }

    fn get(&self, id: u64) -> Result<Arc<Call>, CallError> {
        self.book().get(&id).cloned().ok_or(CallError::NotFound)
    }

    /// The channel and what `me` may do in it; one that they do not see does not exist for them.
    fn channel(&self, me: &Account, id: u64) -> Result<(Channel, Permissions), CallError> {
        let snapshot = self.directory.now();
        let channel = snapshot.channel(id).filter(|one| snapshot.sees(me, one));
        let channel = channel.ok_or(CallError::NoChannel)?;
        Ok((channel.clone(), snapshot.permissions(me, channel)))
    }

    fn manageable(&self, me: &Account, channel: u64) -> Result<Channel, CallError> {
        let (channel, permissions) = self.channel(me, channel)?;
        if !permissions.contains(Permission::SosCallManage) {
            return Err(CallError::Missing(Permission::SosCallManage));
        }
        match channel.kind {
            Kind::Private { .. } => Err(CallError::Private),
            Kind::Default | Kind::Shared => Ok(channel),
        }
    }

    fn mine(&self, me: &Account, id: u64) -> Result<(Arc<Call>, Channel), CallError> {
        let call = self.get(id)?;
        match self.manageable(me, call.channel) {
            Ok(channel) => Ok((call, channel)),
            Err(CallError::NoChannel) => Err(CallError::NotFound),
            Err(other) => Err(other),
        }
    }

    fn merged(
        &self,
        call: &Call,
        channel: &Channel,
        settings: CallSettings,
    ) -> Result<Call, CallError> {
        let mut merged = call.clone();
        let name = settings.name.as_ref().unwrap_or(&call.name);
        merged.name = clean_name(name).ok_or(CallError::Name)?;
        if let Some(fields) = settings.fields {
            merged.form = Form::new(fields)?;
        }
        if let Some(technician) = settings.technician {
            merged.technician = technician;
        }
        if let Some(technician) = merged.technician.filter(|_| settings.technician.is_some())
            && !can_take(&self.directory, channel, technician)
        {
            return Err(CallError::Technician);
        }
        Ok(merged)
    }

    async fn write(
        &self,
        me: &Account,
        action: &'static str,
        call: &Call,
        statement: Statement,
    ) -> Result<(), CallError> {
        let change = Change::new().and(statement);
        self.write_all(me, action, call, change).await
    }

    async fn write_all(
        &self,
        me: &Account,
        action: &'static str,
        call: &Call,
        change: Change,
    ) -> Result<(), CallError> {
        let change = change.audit(AuditEntry {
            at: now(),
            actor: format!("technician:{}", me.id),
            action,
            session: None,
            detail: format!("call:{} channel:{}", call.id, call.channel),
        });
        let _turn = self.turn.lock().await;
        self.store.write(change).await?;
        Ok(self.read_again().await?)
    }
}

/// Whether this account can be given sessions of this channel.
#[must_use]
pub fn can_take(directory: &Directory, channel: &Channel, account: u64) -> bool {
    let snapshot = directory.now();
    let account = snapshot.account(account);
    account.is_some_and(|account| {
        let permissions = snapshot.permissions(account, channel);
        account.is_usable() && permissions.contains(Permission::SessionTake)
    })
}

fn owner(id: u64) -> String {
    format!("call:{id}")
}
