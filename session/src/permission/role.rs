//! The four roles as presets of permissions, and how far each reaches.

use super::set::{Permission, Permissions};

/// What an account is. Refinements change what it may do, never which role it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Takes unassigned sessions and works in the sessions assigned to them.
    ChannelTechnician,
    /// Configures the channels under their control and manages the sessions in them.
    ChannelManager,
    /// Manages channels, the sessions in all of them, and technicians.
    TechnicianManager,
    /// Everything, and the system's settings.
    Owner,
}

/// Where a role's permissions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only in the channels that the account is a member of.
    OwnChannels,
    /// In every channel that is not somebody's Private.
    AllChannels,
}

impl Role {
    pub const ALL: [Self; 4] = [
        Self::ChannelTechnician,
        Self::ChannelManager,
        Self::TechnicianManager,
        Self::Owner,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ChannelTechnician => "channel_technician",
            Self::ChannelManager => "channel_manager",
            Self::TechnicianManager => "technician_manager",
            Self::Owner => "owner",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::ChannelTechnician | Self::ChannelManager => Scope::OwnChannels,
            Self::TechnicianManager | Self::Owner => Scope::AllChannels,
        }
    }

    #[must_use]
    pub fn preset(self) -> Permissions {
        match self {
            Self::ChannelTechnician => Permissions::of(&TECHNICIAN),
            Self::ChannelManager => Self::ChannelTechnician
                .preset()
                .and_all(Permissions::of(&MANAGER)),
            Self::TechnicianManager => Self::ChannelManager
                .preset()
                .and_all(Permissions::of(&TECHNICIAN_MANAGER)),
            Self::Owner => Permissions::all(),
        }
    }
}

const TECHNICIAN: [Permission; 17] = [
    Permission::SessionCreate,
    Permission::SessionTake,
    Permission::SessionAsk,
    Permission::SessionCopyLink,
    Permission::SessionShowPin,
    Permission::SessionRelease,
    Permission::SessionInvite,
    Permission::SessionClose,
    Permission::RemoteView,
    Permission::RemoteControl,
    Permission::RemoteClipboard,
    Permission::RemoteFiles,
    Permission::RemoteAudio,
    Permission::RemoteChat,
    Permission::RemoteCommand,
    Permission::RemoteReboot,
    Permission::RemoteRecord,
];

const MANAGER: [Permission; 9] = [
    Permission::SessionAssign,
    Permission::SessionTransferUser,
    Permission::SessionTransferChannel,
    Permission::SessionExtend,
    Permission::SessionDelete,
    Permission::SessionViewAll,
    Permission::ChannelEdit,
    Permission::ChannelManageMembers,
    Permission::SosCallManage,
];

const TECHNICIAN_MANAGER: [Permission; 4] = [
    Permission::ChannelCreate,
    Permission::ChannelRemove,
    Permission::TechnicianManage,
    Permission::ReportView,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_holds_all_of_the_one_before_it_and_more() {
        for pair in Role::ALL.windows(2) {
            let (less, more) = (pair[0].preset(), pair[1].preset());
            assert!(less.iter().all(|one| more.contains(one)), "{pair:?}");
            assert!(more.iter().any(|one| !less.contains(one)), "{pair:?}");
        }
    }

    #[test]
    fn only_the_owner_sees_the_audit_and_the_system() {
        for role in Role::ALL {
            let set = role.preset();
            let owner = role == Role::Owner;
            assert_eq!(set.contains(Permission::SystemManage), owner);
            assert_eq!(set.contains(Permission::AuditView), owner);
            assert_eq!(Role::parse(role.name()), Some(role));
        }
    }
}
