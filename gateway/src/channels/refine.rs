//! What a channel says about the permissions of a technician or a group: kept, changed, and explained.

use mayday_session::permission::{Permission, Permissions, Refinements, Setting, explain};

pub use mayday_session::permission::Because;

use super::{ChannelError, Channels, detail_entry, need};
use crate::directory::{Account, Channel, Group, Kind, Snapshot, Subject};
use crate::store::Change;
use crate::values;

/// One permission of one technician in one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub permission: Permission,
    /// What the channel says about them alone.
    pub setting: Option<Setting>,
    /// What it says about their groups together, and which of them decides that.
    pub by_group: Option<(usize, Setting)>,
    pub allowed: bool,
    pub because: Because,
}

impl Channels {
    /// The channel, if `me` may see and change what it says about permissions.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub fn refinable(&self, me: &Account, id: u64) -> Result<Channel, ChannelError> {
        let (channel, permissions) = self.seen(me, id)?;
        need(permissions, Permission::ChannelManageMembers)?;
        match channel.kind {
            Kind::Private { .. } => Err(ChannelError::Fixed),
            Kind::Default | Kind::Shared => Ok(channel),
        }
    }

    /// Says everything anew about one technician or group: what is not in `wanted` is inherited.
    ///
    /// # Errors
    /// Nobody gives what they do not have, and nobody refines themselves, or a role above their own.
    pub async fn refine(
        &self,
        me: &Account,
        id: u64,
        subject: Subject,
        wanted: Refinements,
    ) -> Result<(), ChannelError> {
        let channel = self.refinable(me, id)?;
        let snapshot = self.directory.now();
        may_refine(me, &snapshot, subject)?;
        let before = channel.about(subject);
        let mine = snapshot.permissions(me, &channel);
        check_wanted(mine, before, wanted)?;
        if before == wanted {
            return Ok(());
        }
        let mut change = Change::new().run(
            "DELETE FROM refinements WHERE channel_id = $1 AND subject = $2 AND subject_id = $3",
            values![id, subject.word(), subject.id()],
        );
        for (permission, setting) in wanted.iter() {
            change = change.run(
                "INSERT INTO refinements (channel_id, subject, subject_id, permission, setting) \
                 VALUES ($1, $2, $3, $4, $5)",
                values![
                    id,
                    subject.word(),
                    subject.id(),
                    permission.name(),
                    setting.name()
                ],
            );
        }
        let detail = format!(
            "channel:{id} {}:{}{}",
            subject.word(),
            subject.id(),
            difference(before, wanted)
        );
        let record = detail_entry(me, "permissions_changed", detail);
        self.write(change.audit(record)).await
    }
}

/// Every permission that a channel can refine, for one technician, with what decides it.
#[must_use]
pub fn explained(snapshot: &Snapshot, channel: &Channel, account: &Account) -> Vec<Explained> {
    let own = channel.about(Subject::Technician(account.id));
    let groups: Vec<_> = groups_of(snapshot, account)
        .into_iter()
        .map(|group| channel.about(Subject::Group(group.id)))
        .collect();
    let member = channel.has_member(account.id);
    let of_a_channel = Permission::ALL
        .into_iter()
        .filter(|one| one.is_of_a_channel());
    of_a_channel
        .map(|permission| {
            let (allowed, because) = explain(account.role, member, own, &groups, permission);
            Explained {
                permission,
                setting: own.about(permission),
                by_group: loudest(&groups, permission),
                allowed,
                because,
            }
        })
        .collect()
}

/// A group that is off, else one that is on.
fn loudest(groups: &[Refinements], permission: Permission) -> Option<(usize, Setting)> {
    let found = |setting| {
        let says = |one: &Refinements| one.about(permission) == Some(setting);
        groups.iter().position(says).map(|index| (index, setting))
    };
    found(Setting::Off).or_else(|| found(Setting::On))
}

/// The groups that [`Because::Group`] counts.
#[must_use]
pub fn groups_of<'a>(snapshot: &'a Snapshot, account: &Account) -> Vec<&'a Group> {
    let mut groups: Vec<_> = snapshot
        .groups()
        .filter(|group| group.members.contains(&account.id))
        .collect();
    groups.sort_by_key(|group| group.id);
    groups
}

fn may_refine(me: &Account, snapshot: &Snapshot, subject: Subject) -> Result<(), ChannelError> {
    match subject {
        Subject::Technician(id) => {
            let account = snapshot.account(id).ok_or(ChannelError::NoTechnician)?;
            if account.id == me.id || account.role > me.role {
                return Err(ChannelError::NotYours);
            }
        }
        Subject::Group(id) => {
            snapshot.group(id).ok_or(ChannelError::NoGroup)?;
        }
    }
    Ok(())
}

fn check_wanted(
    mine: Permissions,
    before: Refinements,
    wanted: Refinements,
) -> Result<(), ChannelError> {
    for (permission, setting) in wanted.iter() {
        if !permission.is_of_a_channel() {
            return Err(ChannelError::NotOfAChannel(permission));
        }
        let new = before.about(permission) != Some(setting);
        if new && setting == Setting::On && !mine.contains(permission) {
            return Err(ChannelError::Missing(permission));
        }
    }
    Ok(())
}

/// What is different, for the audit.
fn difference(before: Refinements, after: Refinements) -> String {
    let word = |one: Option<Setting>| one.map_or("inherit", Setting::name);
    Permission::ALL
        .into_iter()
        .filter(|&one| before.about(one) != after.about(one))
        .map(|one| format!(" {}:{}", one.name(), word(after.about(one))))
        .collect()
}
