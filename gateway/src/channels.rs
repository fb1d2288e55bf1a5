//! Channels: making, changing, removing them, and who works in them. Owns the limits of their settings.

use mayday_protocol::control::Rights;
use mayday_session::permission::{Permission, Permissions};

use crate::accounts::clean_name;
use crate::clock::now;
use crate::directory::{Account, Channel, Directory, Kind};
use crate::secrets::random_id;
use crate::store::{AuditEntry, Change, Store, WriteError};
use crate::values;

const EXPIRATION_S: std::ops::RangeInclusive<u32> = 60..=7 * 24 * 3600;
const PIN_VALID_S: std::ops::RangeInclusive<u32> = 60..=24 * 3600;
const OPEN_SESSIONS: std::ops::RangeInclusive<u32> = 1..=10_000;
const MEMBERS: usize = 1000;

/// Why something about channels is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    #[error("this channel does not exist")]
    NotFound,
    #[error("you need the permission {} for this", .0.name())]
    Missing(Permission),
    #[error("a name has 1 to 64 characters")]
    Name,
    #[error("a description has at most 2000 characters")]
    Description,
    #[error("a channel with this name exists")]
    NameTaken,
    #[error("the expiration is between 1 minute and 7 days")]
    Expiration,
    #[error("a PIN is valid between 1 minute and 1 day")]
    PinValidity,
    #[error("a channel takes 1 to 10000 open sessions")]
    MaxOpenSessions,
    #[error("the default channel and private channels stay as they are")]
    Fixed,
    #[error("this technician does not exist")]
    NoTechnician,
    #[error("a channel has at most 1000 technicians")]
    Full,
    #[error(transparent)]
    Store(#[from] WriteError),
    #[error("the database cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

/// What changes; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub name: Option<String>,
    pub description: Option<String>,
    pub expiration_s: Option<u32>,
    pub pin_valid_s: Option<u32>,
    pub default_rights: Option<Rights>,
    pub max_open_sessions: Option<u32>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Channels {
    store: Store,
    directory: Directory,
}

impl Channels {
    #[must_use]
    pub fn new(store: Store, directory: Directory) -> Self {
        Self { store, directory }
    }

    /// Makes a shared channel.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub async fn create(&self, me: &Account, settings: Settings) -> Result<u64, ChannelError> {
        if !me.role.preset().contains(Permission::ChannelCreate) {
            return Err(ChannelError::Missing(Permission::ChannelCreate));
        }
        let empty = Channel {
            id: random_id(),
            name: String::new(),
            description: String::new(),
            kind: Kind::Shared,
            expiration_s: 24 * 3600,
            pin_valid_s: 15 * 60,
            default_rights: Rights::CONTROL,
            max_open_sessions: 500,
            members: [me.id].into(),
            created_at: now(),
        };
        let channel = merged(&empty, settings)?;
        let change = Change::new()
            .run(
                "INSERT INTO channels (id, name, description, kind, expiration_s, pin_valid_s, \
                 default_rights, max_open_sessions, created_at) \
                 VALUES ($1, $2, $3, 'shared', $4, $5, $6, $7, $8)",
                values![
                    channel.id,
                    channel.name.as_str(),
                    channel.description.as_str(),
                    channel.expiration_s,
                    channel.pin_valid_s,
                    rights_word(channel.default_rights),
                    channel.max_open_sessions,
                    channel.created_at
                ],
            )
            .run(
                "INSERT INTO channel_members (channel_id, account_id) VALUES ($1, $2)",
                values![channel.id, me.id],
            )
            .audit(entry(me, "channel_created", &channel));
        self.write(change).await?;
        Ok(channel.id)
    }

    /// Changes a channel's settings.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub async fn change(
        &self,
        me: &Account,
        id: u64,
        settings: Settings,
    ) -> Result<(), ChannelError> {
        let (channel, permissions) = self.seen(me, id)?;
        need(permissions, Permission::ChannelEdit)?;
        if channel.kind != Kind::Shared && settings.name.is_some() {
            return Err(ChannelError::Fixed);
        }
        let channel = merged(&channel, settings)?;
        let change = Change::new()
            .run_once(
                "UPDATE channels SET name = $2, description = $3, expiration_s = $4, \
                 pin_valid_s = $5, default_rights = $6, max_open_sessions = $7 WHERE id = $1",
                values![
                    id,
                    channel.name.as_str(),
                    channel.description.as_str(),
                    channel.expiration_s,
                    channel.pin_valid_s,
                    rights_word(channel.default_rights),
                    channel.max_open_sessions
                ],
            )
            .audit(entry(me, "channel_changed", &channel));
        self.write(change).await
    }

    /// Checks that `me` may remove this channel, before its sessions are moved.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub fn may_remove(&self, me: &Account, id: u64) -> Result<Channel, ChannelError> {
        let (channel, permissions) = self.seen(me, id)?;
        need(permissions, Permission::ChannelRemove)?;
        if channel.kind != Kind::Shared {
            return Err(ChannelError::Fixed);
        }
        Ok(channel)
    }

    /// Removes a channel; sessions that only the database still knows (deleted ones) move to `home`.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub async fn remove(
        &self,
        me: &Account,
        channel: &Channel,
        home: u64,
    ) -> Result<(), ChannelError> {
        let change = Change::new()
            .run(
                "UPDATE sessions SET channel_id = $2 WHERE channel_id = $1 AND deleted_at IS NOT NULL",
                values![channel.id, home],
            )
            .run(
                "DELETE FROM channel_members WHERE channel_id = $1",
                values![channel.id],
            )
            .run_once("DELETE FROM channels WHERE id = $1", values![channel.id])
            .audit(entry(me, "channel_removed", channel));
        self.write(change).await
    }

    /// Lets a technician work in a channel, or not any more.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub async fn set_member(
        &self,
        me: &Account,
        id: u64,
        technician: u64,
        member: bool,
    ) -> Result<(), ChannelError> {
        let (channel, permissions) = self.seen(me, id)?;
        need(permissions, Permission::ChannelManageMembers)?;
        if channel.kind != Kind::Shared {
            return Err(ChannelError::Fixed);
        }
        if self.directory.now().account(technician).is_none() {
            return Err(ChannelError::NoTechnician);
        }
        if channel.members.contains(&technician) == member {
            return Ok(());
        }
        let (sql, action) = if member {
            if channel.members.len() >= MEMBERS {
                return Err(ChannelError::Full);
            }
            (
                "INSERT INTO channel_members (channel_id, account_id) VALUES ($1, $2)",
                "channel_member_added",
            )
        } else {
            (
                "DELETE FROM channel_members WHERE channel_id = $1 AND account_id = $2",
                "channel_member_removed",
            )
        };
        let mut record = entry(me, action, &channel);
        record.detail = format!("channel:{id} technician:{technician}");
        let change = Change::new()
            .run(sql, values![id, technician])
            .audit(record);
        match self.write(change).await {
            // Somebody else added them at the same time.
            Err(ChannelError::NameTaken) => Ok(self.directory.reload().await?),
            other => other,
        }
    }

    /// The channel and what `me` may do in it; one that they do not see does not exist for them.
    fn seen(&self, me: &Account, id: u64) -> Result<(Channel, Permissions), ChannelError> {
        let snapshot = self.directory.now();
        let channel = snapshot.channel(id).filter(|one| snapshot.sees(me, one));
        let channel = channel.ok_or(ChannelError::NotFound)?;
        Ok((channel.clone(), snapshot.permissions(me, channel)))
    }

    async fn write(&self, change: Change) -> Result<(), ChannelError> {
        self.store
            .write(change)
            .await
            .map_err(|error| match error {
                WriteError::Exists => ChannelError::NameTaken,
                other => other.into(),
            })?;
        Ok(self.directory.reload().await?)
    }
}

/// The word in the database and in the API.
#[must_use]
pub fn rights_word(rights: Rights) -> &'static str {
    if rights.control { "control" } else { "view" }
}

fn need(permissions: Permissions, one: Permission) -> Result<(), ChannelError> {
    if permissions.contains(one) {
        Ok(())
    } else {
        Err(ChannelError::Missing(one))
    }
}

fn merged(channel: &Channel, settings: Settings) -> Result<Channel, ChannelError> {
    let mut merged = channel.clone();
    let name = settings.name.as_ref().unwrap_or(&channel.name);
    merged.name = clean_name(name).ok_or(ChannelError::Name)?;
    if let Some(description) = settings.description {
        if description.chars().count() > mayday_protocol::limits::TEXT_CHARS {
            return Err(ChannelError::Description);
        }
        merged.description = description.trim().to_owned();
    }
    if let Some(seconds) = settings.expiration_s {
        merged.expiration_s = within(seconds, EXPIRATION_S).ok_or(ChannelError::Expiration)?;
    }
    if let Some(seconds) = settings.pin_valid_s {
        merged.pin_valid_s = within(seconds, PIN_VALID_S).ok_or(ChannelError::PinValidity)?;
    }
    if let Some(count) = settings.max_open_sessions {
        merged.max_open_sessions =
            within(count, OPEN_SESSIONS).ok_or(ChannelError::MaxOpenSessions)?;
    }
    if let Some(rights) = settings.default_rights {
        merged.default_rights = rights;
    }
    Ok(merged)
}

fn within(value: u32, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    range.contains(&value).then_some(value)
}

fn entry(me: &Account, action: &'static str, channel: &Channel) -> AuditEntry {
    AuditEntry {
        at: now(),
        actor: format!("technician:{}", me.id),
        action,
        session: None,
        detail: format!("channel:{}", channel.id),
    }
}
