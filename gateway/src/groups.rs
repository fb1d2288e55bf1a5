//! Groups of technicians: making, naming, filling, deleting them. What a group may do is said by channels.

use std::collections::{BTreeSet, HashSet};

use mayday_session::permission::Permission;

use crate::accounts::clean_name;
use crate::clock::now;
use crate::directory::{Account, Directory, Group};
use crate::names::{self, Removed};
use crate::secrets::random_id;
use crate::store::{AuditEntry, Change, Store, WriteError};
use crate::values;

const GROUPS: usize = 1000;
const MEMBERS: usize = 1000;

/// Why something about groups is refused.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    #[error("this group does not exist")]
    NotFound,
    #[error("you need the permission technician.manage for this")]
    NotAllowed,
    #[error("a name has 1 to 64 characters")]
    Name,
    #[error("a group with this name exists")]
    NameTaken,
    #[error("one of these technicians does not exist")]
    NoTechnician,
    #[error("a group has at most 1000 technicians")]
    Full,
    #[error("there are 1000 groups already; delete one first")]
    TooMany,
    #[error(transparent)]
    Store(#[from] WriteError),
    #[error("the database cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Groups {
    store: Store,
    directory: Directory,
}

impl Groups {
    #[must_use]
    pub fn new(store: Store, directory: Directory) -> Self {
        Self { store, directory }
    }

    /// # Errors
    /// See [`GroupError`].
    pub async fn create(
        &self,
        me: &Account,
        name: &str,
        members: &[u64],
    ) -> Result<u64, GroupError> {
        need(me)?;
        let name = clean_name(name).ok_or(GroupError::Name)?;
        let members = self.known(members)?;
        if self.directory.now().groups().count() >= GROUPS {
            return Err(GroupError::TooMany);
        }
        let id = random_id();
        let mut change = Change::new().run(
            "INSERT INTO technician_groups (id, name, created_at) VALUES ($1, $2, $3)",
            values![id, name, now()],
        );
        for technician in members {
            change = join(change, id, technician);
        }
        self.write(change.audit(entry(me, "group_created", id)))
            .await?;
        Ok(id)
    }

    /// Renames it, and says anew who is in it.
    ///
    /// # Errors
    /// See [`GroupError`].
    pub async fn change(
        &self,
        me: &Account,
        id: u64,
        name: Option<&str>,
        members: Option<&[u64]>,
    ) -> Result<(), GroupError> {
        need(me)?;
        let group = self.find(id)?;
        let mut change = Change::new();
        if let Some(name) = name {
            let name = clean_name(name).ok_or(GroupError::Name)?;
            let sql = "UPDATE technician_groups SET name = $2 WHERE id = $1";
            change = change.run_once(sql, values![id, name]);
        }
        let mut record = entry(me, "group_changed", id);
        if let Some(members) = members {
            let wanted = self.known(members)?;
            let before: BTreeSet<_> = group.members.iter().copied().collect();
            for &technician in wanted.difference(&before) {
                change = join(change, id, technician);
                record.detail += &format!(" technician:{technician}:joined");
            }
            for &technician in before.difference(&wanted) {
                change = change.run(
                    "DELETE FROM group_members WHERE group_id = $1 AND account_id = $2",
                    values![id, technician],
                );
                record.detail += &format!(" technician:{technician}:left");
            }
        }
        self.write(change.audit(record)).await
    }

    /// Deletes it: it leaves all channels, with what they say about it; round robins in it become queues.
    ///
    /// # Errors
    /// See [`GroupError`].
    pub async fn remove(&self, me: &Account, id: u64) -> Result<(), GroupError> {
        need(me)?;
        self.find(id)?;
        let change = Change::new()
            .run("DELETE FROM group_members WHERE group_id = $1", values![id])
            .run(
                "DELETE FROM channel_groups WHERE group_id = $1",
                values![id],
            )
            .run(
                "DELETE FROM refinements WHERE subject = 'group' AND subject_id = $1",
                values![id],
            )
            .run(
                "UPDATE channels SET routing = 'queue', routing_id = NULL \
                 WHERE routing = 'round_robin' AND routing_id = $1",
                values![id],
            )
            .and(names::kept(Removed::Group, id))
            .run_once("DELETE FROM technician_groups WHERE id = $1", values![id])
            .audit(entry(me, "group_removed", id));
        self.write(change).await
    }

    fn find(&self, id: u64) -> Result<Group, GroupError> {
        let snapshot = self.directory.now();
        snapshot.group(id).cloned().ok_or(GroupError::NotFound)
    }

    fn known(&self, members: &[u64]) -> Result<BTreeSet<u64>, GroupError> {
        let unique: HashSet<_> = members.iter().collect();
        if unique.len() > MEMBERS {
            return Err(GroupError::Full);
        }
        let snapshot = self.directory.now();
        let known = |id: &u64| snapshot.account(*id).map(|one| one.id);
        let found: Option<_> = members.iter().map(known).collect();
        found.ok_or(GroupError::NoTechnician)
    }

    async fn write(&self, change: Change) -> Result<(), GroupError> {
        let written = self.store.write(change).await;
        written.map_err(|error| match error {
            WriteError::Exists => GroupError::NameTaken,
            other => other.into(),
        })?;
        Ok(self.directory.reload().await?)
    }
}

fn need(me: &Account) -> Result<(), GroupError> {
    let may = me.role.preset().contains(Permission::TechnicianManage);
    may.then_some(()).ok_or(GroupError::NotAllowed)
}

fn join(change: Change, group: u64, technician: u64) -> Change {
    change.run(
        "INSERT INTO group_members (group_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        values![group, technician],
    )
}

fn entry(me: &Account, action: &'static str, group: u64) -> AuditEntry {
    AuditEntry {
        at: now(),
        actor: format!("technician:{}", me.id),
        action,
        session: None,
        detail: format!("group:{group}"),
    }
}
