//! Who works in a channel: technicians one by one, and groups.

use super::{ChannelError, Channels, detail_entry, need};
use crate::directory::{Account, Kind};
use crate::store::Change;
use crate::values;
use mayday_session::permission::Permission;

const MEMBERS: usize = 1000;
const GROUPS: usize = 100;

impl Channels {
    /// Lets a technician work in a channel, or not any more; what the channel says about them alone ends with that.
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
        let detail = format!("channel:{id} technician:{technician}");
        let change = if member {
            if channel.members.len() >= MEMBERS {
                return Err(ChannelError::Full);
            }
            Change::new()
                .run(
                    "INSERT INTO channel_members (channel_id, account_id) VALUES ($1, $2)",
                    values![id, technician],
                )
                .audit(detail_entry(me, "channel_member_added", detail))
        } else {
            Change::new()
                .run(
                    "DELETE FROM channel_members WHERE channel_id = $1 AND account_id = $2",
                    values![id, technician],
                )
                .run(
                    "DELETE FROM refinements \
                     WHERE channel_id = $1 AND subject = 'technician' AND subject_id = $2",
                    values![id, technician],
                )
                .audit(detail_entry(me, "channel_member_removed", detail))
        };
        self.write_once(change).await
    }

    /// Lets a group's technicians work in a channel, or not any more.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub async fn set_group(
        &self,
        me: &Account,
        id: u64,
        group: u64,
        assigned: bool,
    ) -> Result<(), ChannelError> {
        let (channel, permissions) = self.seen(me, id)?;
        need(permissions, Permission::ChannelManageMembers)?;
        if channel.kind != Kind::Shared {
            return Err(ChannelError::Fixed);
        }
        if self.directory.now().group(group).is_none() {
            return Err(ChannelError::NoGroup);
        }
        if channel.groups.contains(&group) == assigned {
            return Ok(());
        }
        let detail = format!("channel:{id} group:{group}");
        let change = if assigned {
            if channel.groups.len() >= GROUPS {
                return Err(ChannelError::FullOfGroups);
            }
            Change::new()
                .run(
                    "INSERT INTO channel_groups (channel_id, group_id) VALUES ($1, $2)",
                    values![id, group],
                )
                .audit(detail_entry(me, "channel_group_added", detail))
        } else {
            Change::new()
                .run(
                    "DELETE FROM channel_groups WHERE channel_id = $1 AND group_id = $2",
                    values![id, group],
                )
                .run(
                    "DELETE FROM refinements \
                     WHERE channel_id = $1 AND subject = 'group' AND subject_id = $2",
                    values![id, group],
                )
                .run(
                    "UPDATE channels SET routing = 'queue', routing_id = NULL \
                     WHERE id = $1 AND routing = 'round_robin' AND routing_id = $2",
                    values![id, group],
                )
                .audit(detail_entry(me, "channel_group_removed", detail))
        };
        self.write_once(change).await
    }

    /// As [`Channels::write`]; that somebody else did the same at the same time is no error.
    async fn write_once(&self, change: Change) -> Result<(), ChannelError> {
        match self.write(change).await {
            Err(ChannelError::NameTaken) => Ok(self.directory.reload().await?),
            other => other,
        }
    }
}
