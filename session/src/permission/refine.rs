//! How a role's preset becomes what one account may do in one channel.

use super::role::{Role, Scope};
use super::set::{Permission, Permissions};

/// A refinement of one permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    On,
    Off,
    Inherit,
}

/// What a channel, or an account's own settings, say about one permission. Several may name the same one: an
/// account and each of its groups bring their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refinement {
    pub permission: Permission,
    pub setting: Setting,
}

/// What an account may do in one channel: the preset of its role, refined for the account, then for the channel.
/// Off wins over on, the channel over the role. An owner cannot be refined, so that nobody locks the last one out.
/// `member` says whether the account is a technician of the channel; without that, only a role for all channels counts.
#[must_use]
pub fn effective(
    role: Role,
    member: bool,
    account: &[Refinement],
    channel: &[Refinement],
) -> Permissions {
    if role == Role::Owner {
        return Permissions::all();
    }
    if !member && role.scope() == Scope::OwnChannels {
        return Permissions::NONE;
    }
    refined(refined(role.preset(), account), channel)
}

fn refined(preset: Permissions, refinements: &[Refinement]) -> Permissions {
    let on = refinements
        .iter()
        .filter(|one| one.setting == Setting::On)
        .fold(preset, |set, one| set.with(one.permission));
    refinements
        .iter()
        .filter(|one| one.setting == Setting::Off)
        .fold(on, |set, one| set.without(one.permission))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::{SessionDelete, SessionTake};

    fn refine(permission: Permission, setting: Setting) -> Refinement {
        Refinement {
            permission,
            setting,
        }
    }

    #[test]
    fn off_wins_over_on_wherever_it_stands_in_the_list() {
        let on = refine(SessionDelete, Setting::On);
        let off = refine(SessionDelete, Setting::Off);
        for list in [[on, off], [off, on]] {
            let set = effective(Role::ChannelTechnician, true, &[], &list);
            assert!(!set.contains(SessionDelete));
        }
    }

    #[test]
    fn the_channel_wins_over_the_role_in_both_directions() {
        let gives = [refine(SessionDelete, Setting::On)];
        let takes = [refine(SessionTake, Setting::Off)];
        let technician = Role::ChannelTechnician;
        assert!(effective(technician, true, &[], &gives).contains(SessionDelete));
        assert!(!effective(technician, true, &[], &takes).contains(SessionTake));
        let account_off = [refine(SessionDelete, Setting::Off)];
        assert!(effective(technician, true, &account_off, &gives).contains(SessionDelete));
    }

    #[test]
    fn inherit_changes_nothing() {
        let all = Permission::ALL.map(|one| refine(one, Setting::Inherit));
        for role in Role::ALL {
            assert_eq!(effective(role, true, &all, &all), role.preset());
        }
    }

    #[test]
    fn a_channel_role_means_nothing_in_a_channel_of_others() {
        let gives = [refine(SessionDelete, Setting::On)];
        assert!(effective(Role::ChannelManager, false, &gives, &gives).is_empty());
        assert!(!effective(Role::TechnicianManager, false, &[], &[]).is_empty());
    }

    #[test]
    fn nothing_can_be_taken_from_an_owner() {
        let off = Permission::ALL.map(|one| refine(one, Setting::Off));
        assert_eq!(
            effective(Role::Owner, false, &off, &off),
            Permissions::all()
        );
    }
}
