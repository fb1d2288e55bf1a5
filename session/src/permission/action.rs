//! The check of one action on one session: what it needs, and how the actor stands to the session.

use super::set::{Permission, Permissions};

/// How an actor stands to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// Assigned to the actor.
    Own,
    /// The actor was invited to it.
    Invited,
    /// Assigned to nobody, in a channel of the actor's.
    Unassigned,
    /// Assigned to somebody else, in a channel of the actor's.
    Others,
    /// In a channel that the actor does not see.
    Outside,
}

impl Relation {
    pub const ALL: [Self; 5] = [
        Self::Own,
        Self::Invited,
        Self::Unassigned,
        Self::Others,
        Self::Outside,
    ];
}

/// What a person can do to a session. The names are those of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// See it in lists, with its device and history.
    See,
    Ask,
    Withdraw,
    Connect,
    Take,
    Release,
    Close,
    Delete,
    ShowPin,
    NewPin,
    CopyLink,
    Extend,
    Assign,
    TransferUser,
    TransferChannel,
    Invite,
    /// End the part of an invited technician.
    Remove,
    /// Change its name and note.
    Edit,
    /// Write to the end user.
    Chat,
    /// Write to the other technicians.
    Whisper,
    /// Add a note.
    Note,
    /// Take the controls, ask for them, hand them over.
    Control,
}

impl Action {
    pub const ALL: [Self; 22] = [
        Self::See,
        Self::Ask,
        Self::Withdraw,
        Self::Connect,
        Self::Take,
        Self::Release,
        Self::Close,
        Self::Delete,
        Self::ShowPin,
        Self::NewPin,
        Self::CopyLink,
        Self::Extend,
        Self::Assign,
        Self::TransferUser,
        Self::TransferChannel,
        Self::Invite,
        Self::Remove,
        Self::Edit,
        Self::Chat,
        Self::Whisper,
        Self::Note,
        Self::Control,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Ask => "ask",
            Self::Withdraw => "withdraw",
            Self::Connect => "connect",
            Self::Take => "take",
            Self::Release => "release",
            Self::Close => "close",
            Self::Delete => "delete",
            Self::ShowPin => "show_pin",
            Self::NewPin => "new_pin",
            Self::CopyLink => "copy_link",
            Self::Extend => "extend",
            Self::Assign => "assign",
            Self::TransferUser => "transfer_user",
            Self::TransferChannel => "transfer_channel",
            Self::Invite => "invite",
            Self::Remove => "remove",
            Self::Edit => "edit",
            Self::Chat => "chat",
            Self::Whisper => "whisper",
            Self::Note => "note",
            Self::Control => "control",
        }
    }

    /// Every one of these is needed.
    #[must_use]
    pub fn needs(self) -> &'static [Permission] {
        match self {
            Self::See => &[],
            Self::Ask | Self::Connect => &[Permission::SessionAsk, Permission::RemoteView],
            Self::Withdraw => &[Permission::SessionAsk],
            Self::Take => &[Permission::SessionTake],
            Self::Release => &[Permission::SessionRelease],
            Self::Close => &[Permission::SessionClose],
            Self::Delete => &[Permission::SessionDelete],
            Self::ShowPin | Self::NewPin => &[Permission::SessionShowPin],
            Self::CopyLink => &[Permission::SessionCopyLink],
            Self::Extend => &[Permission::SessionExtend],
            Self::Assign => &[Permission::SessionAssign],
            Self::TransferUser => &[Permission::SessionTransferUser, Permission::SessionRelease],
            Self::TransferChannel => &[Permission::SessionTransferChannel],
            Self::Invite | Self::Remove => &[Permission::SessionInvite],
            Self::Edit | Self::Note => &[Permission::SessionCreate],
            Self::Chat | Self::Whisper => &[Permission::RemoteChat],
            Self::Control => &[Permission::RemoteView, Permission::RemoteControl],
        }
    }

    /// Whether an invited technician, who helps in somebody else's session, may do it.
    fn is_for_invited(self) -> bool {
        match self {
            Self::See
            | Self::Ask
            | Self::Withdraw
            | Self::Connect
            | Self::Release
            | Self::CopyLink
            | Self::ShowPin
            | Self::Chat
            | Self::Whisper
            | Self::Note
            | Self::Control => true,
            Self::Take
            | Self::Close
            | Self::Delete
            | Self::NewPin
            | Self::Extend
            | Self::Assign
            | Self::TransferUser
            | Self::TransferChannel
            | Self::Invite
            | Self::Remove
            | Self::Edit => false,
        }
    }

    /// Whether only a technician of the session may do it, whatever else they manage: it is them whom the end user knows and grants.
    fn is_for_members_only(self) -> bool {
        matches!(
            self,
            Self::Ask | Self::Withdraw | Self::Connect | Self::Chat | Self::Control
        )
    }
}

/// Why an actor may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The session is to be treated as if it did not exist.
    #[error("there is no such session")]
    NotFound,
    #[error("you need the permission {} for this", .0.name())]
    Missing(Permission),
    #[error(
        "only a technician of this session can do this; take it or let yourself be invited first"
    )]
    NotYours,
}

/// Whether `actor`, with these permissions in the session's channel, may do `action` to a session they stand to in `relation`.
///
/// # Errors
/// [`Denied`] says what is missing.
pub fn check(actor: Permissions, action: Action, relation: Relation) -> Result<(), Denied> {
    if !sees(actor, relation) {
        return Err(Denied::NotFound);
    }
    if let Some(&missing) = action.needs().iter().find(|&&one| !actor.contains(one)) {
        return Err(Denied::Missing(missing));
    }
    let within_reach = match relation {
        Relation::Own => true,
        Relation::Unassigned => !action.is_for_members_only(),
        Relation::Invited => action.is_for_invited() || actor.contains(Permission::SessionViewAll),
        Relation::Others => !action.is_for_members_only(),
        Relation::Outside => false,
    };
    if within_reach {
        Ok(())
    } else {
        Err(Denied::NotYours)
    }
}

fn sees(actor: Permissions, relation: Relation) -> bool {
    match relation {
        Relation::Own | Relation::Invited => true,
        Relation::Unassigned => !actor.is_empty(),
        Relation::Others => actor.contains(Permission::SessionViewAll),
        Relation::Outside => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Role;

    #[test]
    fn a_session_of_others_does_not_exist_for_a_channel_technician() {
        let technician = Role::ChannelTechnician.preset();
        for action in Action::ALL {
            let checked = check(technician, action, Relation::Others);
            assert_eq!(checked, Err(Denied::NotFound));
        }
    }

    #[test]
    fn nobody_reaches_a_channel_they_do_not_see() {
        for (role, action) in Role::ALL
            .into_iter()
            .flat_map(|r| Action::ALL.map(|a| (r, a)))
        {
            let checked = check(role.preset(), action, Relation::Outside);
            assert_eq!(checked, Err(Denied::NotFound));
        }
    }

    #[test]
    fn only_technicians_of_the_session_ask_and_connect() {
        for action in [Action::Ask, Action::Connect] {
            let owner = Role::Owner.preset();
            assert_eq!(check(owner, action, Relation::Own), Ok(()));
            assert_eq!(check(owner, action, Relation::Invited), Ok(()));
            for relation in [Relation::Unassigned, Relation::Others] {
                assert_eq!(check(owner, action, relation), Err(Denied::NotYours));
            }
        }
    }

    #[test]
    fn a_transfer_needs_the_release_permission_too() {
        let manager = Role::ChannelManager.preset();
        assert_eq!(check(manager, Action::TransferUser, Relation::Own), Ok(()));
        assert_eq!(
            check(
                manager.without(Permission::SessionRelease),
                Action::TransferUser,
                Relation::Own
            ),
            Err(Denied::Missing(Permission::SessionRelease))
        );
    }
}
