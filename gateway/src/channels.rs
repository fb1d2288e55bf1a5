//! Channels: making, changing and removing them. Who works in them, their settings and what they say about permissions: beside it.

mod people;
mod refine;
mod settings;

use mayday_session::permission::{Permission, Permissions};

use crate::clock::now;
use crate::directory::{Account, Channel, Directory, Kind};
use crate::names::{self, Removed};
use crate::secrets::random_id;
use crate::settings::SystemSettings;
use crate::store::{AuditEntry, Change, Store, WriteError};
use crate::values;

pub use refine::{Because, Explained, explained, groups_of};
pub use settings::{Settings, clean_skills, rights_word};

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
    #[error("requests can go to technicians and groups of this channel only; add them first")]
    Routing,
    #[error("a channel has at most 20 skills of 1 to 32 characters")]
    Skills,
    #[error("a question has at most 200 characters")]
    RatingQuestion,
    #[error("the default channel and private channels stay as they are")]
    Fixed,
    #[error("this technician does not exist")]
    NoTechnician,
    #[error("this group does not exist")]
    NoGroup,
    #[error("a channel has at most 1000 technicians; put them into groups")]
    Full,
    #[error("a channel has at most 100 groups")]
    FullOfGroups,
    #[error("nobody changes their own permissions, or those of a role above theirs")]
    NotYours,
    #[error("{} holds everywhere and not in one channel; change the role instead", .0.name())]
    NotOfAChannel(Permission),
    #[error(transparent)]
    Store(#[from] WriteError),
    #[error("the database cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Channels {
    store: Store,
    directory: Directory,
    system: SystemSettings,
}

impl Channels {
    #[must_use]
    pub fn new(store: Store, directory: Directory, system: SystemSettings) -> Self {
        Self {
            store,
            directory,
            system,
        }
    }

    /// Makes a shared channel.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub async fn create(&self, me: &Account, settings: Settings) -> Result<u64, ChannelError> {
        if !me.role.preset().contains(Permission::ChannelCreate) {
            return Err(ChannelError::Missing(Permission::ChannelCreate));
        }
        let snapshot = self.directory.now();
        let begins = self.system.now().new_channels;
        let channel = settings.applied(&Channel::new(random_id(), begins, now()), &snapshot)?;
        let mut change = Change::new().run(
            "INSERT INTO channels (id, name, description, kind, expiration_s, pin_valid_s, \
             default_rights, max_open_sessions, created_at) \
             VALUES ($1, $2, '', 'shared', 60, 60, 'view', 1, $3)",
            values![channel.id, channel.name.as_str(), channel.created_at],
        );
        change.statements.push(settings::update(&channel));
        let change = change
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
        let channel = settings.applied(&channel, &self.directory.now())?;
        let mut change = Change::new().audit(entry(me, "channel_changed", &channel));
        change.statements.push(settings::update(&channel));
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
                "UPDATE calls SET channel_id = $2 WHERE channel_id = $1",
                values![channel.id, home],
            )
            .run(
                "DELETE FROM channel_members WHERE channel_id = $1",
                values![channel.id],
            )
            .run(
                "DELETE FROM channel_groups WHERE channel_id = $1",
                values![channel.id],
            )
            .run(
                "DELETE FROM refinements WHERE channel_id = $1",
                values![channel.id],
            )
            .and(names::kept(Removed::Channel, channel.id))
            .run_once("DELETE FROM channels WHERE id = $1", values![channel.id])
            .audit(entry(me, "channel_removed", channel));
        self.write(change).await
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

fn need(permissions: Permissions, one: Permission) -> Result<(), ChannelError> {
    if permissions.contains(one) {
        Ok(())
    } else {
        Err(ChannelError::Missing(one))
    }
}

fn entry(me: &Account, action: &'static str, channel: &Channel) -> AuditEntry {
    detail_entry(me, action, format!("channel:{}", channel.id))
}

fn detail_entry(me: &Account, action: &'static str, detail: String) -> AuditEntry {
    AuditEntry {
        at: now(),
        actor: format!("technician:{}", me.id),
        action,
        session: None,
        detail,
    }
}
