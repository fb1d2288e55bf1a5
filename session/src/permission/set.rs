//! The permissions by name, and sets of them. Says nothing about who has them.

/// One thing that a person may be allowed to do. The names are those of the API and of a channel's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Permission {
    SessionCreate,
    SessionTake,
    SessionAssign,
    SessionRelease,
    SessionTransferUser,
    SessionTransferChannel,
    SessionInvite,
    SessionCopyLink,
    SessionShowPin,
    SessionAsk,
    SessionExtend,
    SessionClose,
    SessionDelete,
    SessionViewAll,
    ChannelCreate,
    ChannelEdit,
    ChannelRemove,
    ChannelManageMembers,
    SosCallManage,
    RemoteView,
    RemoteControl,
    RemoteClipboard,
    RemoteFiles,
    RemoteAudio,
    RemoteChat,
    RemoteCommand,
    RemoteReboot,
    RemoteRecord,
    TechnicianManage,
    ReportView,
    AuditView,
    SystemManage,
}

impl Permission {
    pub const ALL: [Self; 32] = [
        Self::SessionCreate,
        Self::SessionTake,
        Self::SessionAssign,
        Self::SessionRelease,
        Self::SessionTransferUser,
        Self::SessionTransferChannel,
        Self::SessionInvite,
        Self::SessionCopyLink,
        Self::SessionShowPin,
        Self::SessionAsk,
        Self::SessionExtend,
        Self::SessionClose,
        Self::SessionDelete,
        Self::SessionViewAll,
        Self::ChannelCreate,
        Self::ChannelEdit,
        Self::ChannelRemove,
        Self::ChannelManageMembers,
        Self::SosCallManage,
        Self::RemoteView,
        Self::RemoteControl,
        Self::RemoteClipboard,
        Self::RemoteFiles,
        Self::RemoteAudio,
        Self::RemoteChat,
        Self::RemoteCommand,
        Self::RemoteReboot,
        Self::RemoteRecord,
        Self::TechnicianManage,
        Self::ReportView,
        Self::AuditView,
        Self::SystemManage,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SessionCreate => "session.create",
            Self::SessionTake => "session.take",
            Self::SessionAssign => "session.assign",
            Self::SessionRelease => "session.release",
            Self::SessionTransferUser => "session.transfer_user",
            Self::SessionTransferChannel => "session.transfer_channel",
            Self::SessionInvite => "session.invite",
            Self::SessionCopyLink => "session.copy_link",
            Self::SessionShowPin => "session.show_pin",
            Self::SessionAsk => "session.ask",
            Self::SessionExtend => "session.extend",
            Self::SessionClose => "session.close",
            Self::SessionDelete => "session.delete",
            Self::SessionViewAll => "session.view_all",
            Self::ChannelCreate => "channel.create",
            Self::ChannelEdit => "channel.edit",
            Self::ChannelRemove => "channel.remove",
            Self::ChannelManageMembers => "channel.manage_members",
            Self::SosCallManage => "soscall.manage",
            Self::RemoteView => "remote.view",
            Self::RemoteControl => "remote.control",
            Self::RemoteClipboard => "remote.clipboard",
            Self::RemoteFiles => "remote.files",
            Self::RemoteAudio => "remote.audio",
            Self::RemoteChat => "remote.chat",
            Self::RemoteCommand => "remote.command",
            Self::RemoteReboot => "remote.reboot",
            Self::RemoteRecord => "remote.record",
            Self::TechnicianManage => "technician.manage",
            Self::ReportView => "report.view",
            Self::AuditView => "audit.view",
            Self::SystemManage => "system.manage",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether a channel can refine it: it means something in one channel, not only in all of them together.
    #[must_use]
    pub fn is_of_a_channel(self) -> bool {
        !matches!(
            self,
            Self::ChannelCreate | Self::TechnicianManage | Self::AuditView | Self::SystemManage
        )
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u64);

impl Permissions {
    pub const NONE: Self = Self(0);

    #[must_use]
    pub fn all() -> Self {
        Self::of(&Permission::ALL)
    }

    #[must_use]
    pub fn of(permissions: &[Permission]) -> Self {
        permissions
            .iter()
            .fold(Self::NONE, |set, &one| set.with(one))
    }

    #[must_use]
    pub fn contains(self, permission: Permission) -> bool {
        self.0 & bit(permission) != 0
    }

    #[must_use]
    pub fn with(self, permission: Permission) -> Self {
        Self(self.0 | bit(permission))
    }

    #[must_use]
    pub fn without(self, permission: Permission) -> Self {
        Self(self.0 & !bit(permission))
    }

    #[must_use]
    pub fn and_all(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub fn and_not(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .into_iter()
            .filter(move |&one| self.contains(one))
    }
}

fn bit(permission: Permission) -> u64 {
    1 << permission as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_permission() {
        for one in Permission::ALL {
            assert_eq!(Permission::parse(one.name()), Some(one));
        }
        assert_eq!(Permission::parse("session.fly"), None);
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set = Permissions::of(&[Permission::SessionTake, Permission::SystemManage]);
        assert!(set.contains(Permission::SystemManage));
        assert!(!set.contains(Permission::SessionAsk));
        assert!(
            !set.without(Permission::SessionTake)
                .contains(Permission::SessionTake)
        );
    }
}
