//! How a role's preset becomes what one technician may do in one channel, and which word decided it.

use super::role::{Role, Scope};
use super::set::{Permission, Permissions};

/// What a channel says about one permission. Without a word of it, the role decides (inherit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    On,
    Off,
}

impl Setting {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::On, Self::Off]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// Everything that a channel says about one technician or one group, or about both together: off wins over on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Refinements {
    on: Permissions,
    off: Permissions,
}

impl Refinements {
    pub const NONE: Self = Self {
        on: Permissions::NONE,
        off: Permissions::NONE,
    };

    #[must_use]
    pub fn and(self, permission: Permission, setting: Setting) -> Self {
        match setting {
            Setting::On => Self {
                on: self.on.with(permission),
                ..self
            },
            Setting::Off => Self {
                off: self.off.with(permission),
                ..self
            },
        }
    }

    /// What a technician's own refinements and those of a group of theirs come to.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self {
            on: self.on.and_all(other.on),
            off: self.off.and_all(other.off),
        }
    }

    /// What is said about one permission; `None` for inherit.
    #[must_use]
    pub fn about(self, permission: Permission) -> Option<Setting> {
        if self.off.contains(permission) {
            Some(Setting::Off)
        } else if self.on.contains(permission) {
            Some(Setting::On)
        } else {
            None
        }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.on.is_empty() && self.off.is_empty()
    }

    pub fn iter(self) -> impl Iterator<Item = (Permission, Setting)> {
        let about = move |one| self.about(one).map(|setting| (one, setting));
        Permission::ALL.into_iter().filter_map(about)
    }

    fn of(self, preset: Permissions) -> Permissions {
        preset.and_all(self.on).and_not(self.off)
    }
}

/// What a technician may do in one channel: the preset of the role, as the channel refines it for them and their groups.
/// Off wins over on, the channel over the role. An owner cannot be refined, so that nobody locks the last one out.
/// `member` says whether they are a technician of the channel; without that, only a role for all channels counts.
#[must_use]
pub fn effective(role: Role, member: bool, channel: Refinements) -> Permissions {
    if role == Role::Owner {
        return Permissions::all();
    }
    if !member && role.scope() == Scope::OwnChannels {
        return Permissions::NONE;
    }
    channel.of(role.preset())
}

/// Which word decided about one permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Because {
    /// An owner may do everything.
    Owner,
    /// They are no technician of the channel, and their role is for their own channels only.
    NotInChannel,
    Role,
    /// The channel says so for this technician.
    Technician,
    /// The channel says so for this one of their groups, counted as given.
    Group(usize),
}

/// What [`effective`] comes to for one permission, and why. `groups` are what the channel says about each of the technician's groups.
#[must_use]
pub fn explain(
    role: Role,
    member: bool,
    technician: Refinements,
    groups: &[Refinements],
    permission: Permission,
) -> (bool, Because) {
    if role == Role::Owner {
        return (true, Because::Owner);
    }
    if !member && role.scope() == Scope::OwnChannels {
        return (false, Because::NotInChannel);
    }
    for setting in [Setting::Off, Setting::On] {
        let says = |one: &Refinements| one.about(permission) == Some(setting);
        if says(&technician) {
            return (setting == Setting::On, Because::Technician);
        }
        if let Some(group) = groups.iter().position(says) {
            return (setting == Setting::On, Because::Group(group));
        }
    }
    (role.preset().contains(permission), Because::Role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::{SessionDelete, SessionTake};

    fn refine(permission: Permission, setting: Setting) -> Refinements {
        Refinements::NONE.and(permission, setting)
    }

    #[test]
    fn off_wins_over_on_in_whatever_order() {
        let on = refine(SessionDelete, Setting::On);
        let off = refine(SessionDelete, Setting::Off);
        for both in [on.joined(off), off.joined(on)] {
            let set = effective(Role::ChannelTechnician, true, both);
            assert!(!set.contains(SessionDelete));
        }
    }

    #[test]
    fn the_channel_wins_over_the_role_in_both_directions() {
        let gives = refine(SessionDelete, Setting::On);
        let takes = refine(SessionTake, Setting::Off);
        let technician = Role::ChannelTechnician;
        assert!(effective(technician, true, gives).contains(SessionDelete));
        assert!(!effective(technician, true, takes).contains(SessionTake));
    }

    #[test]
    fn without_a_word_of_the_channel_the_role_decides() {
        for role in Role::ALL {
            assert_eq!(effective(role, true, Refinements::NONE), role.preset());
        }
    }

    #[test]
    fn a_channel_role_means_nothing_in_a_channel_of_others() {
        let gives = refine(SessionDelete, Setting::On);
        assert!(effective(Role::ChannelManager, false, gives).is_empty());
        assert!(!effective(Role::TechnicianManager, false, Refinements::NONE).is_empty());
    }

    #[test]
    fn nothing_can_be_taken_from_an_owner() {
        let off = Permission::ALL
            .iter()
            .fold(Refinements::NONE, |all, &one| all.and(one, Setting::Off));
        assert_eq!(effective(Role::Owner, false, off), Permissions::all());
    }

    /// Every role, member or not, and every way a technician and two groups of theirs can be refined.
    #[test]
    fn the_explanation_comes_to_what_is_in_effect() {
        let ways = [None, Some(Setting::On), Some(Setting::Off)];
        let of = |way: Option<Setting>| {
            way.map_or(Refinements::NONE, |setting| refine(SessionDelete, setting))
        };
        for role in Role::ALL {
            for member in [false, true] {
                for (mine, one, other) in ways
                    .into_iter()
                    .flat_map(|a| ways.map(|b| (a, b)))
                    .flat_map(|(a, b)| ways.map(|c| (a, b, c)))
                {
                    let groups = [of(one), of(other)];
                    let all = of(mine).joined(groups[0]).joined(groups[1]);
                    let (allowed, because) =
                        explain(role, member, of(mine), &groups, SessionDelete);
                    let set = effective(role, member, all);
                    assert_eq!(allowed, set.contains(SessionDelete));
                    let said = match because {
                        Because::Technician => Some(mine),
                        Because::Group(index) => Some([one, other][index]),
                        Because::Owner | Because::NotInChannel | Because::Role => None,
                    };
                    if let Some(said) = said {
                        assert_eq!(said == Some(Setting::On), allowed);
                    }
                }
            }
        }
    }
}
