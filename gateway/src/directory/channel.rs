//! A channel as the directory knows it: its settings, who works in it, and what it says about permissions.

use std::collections::{BTreeSet, HashMap, HashSet};

use mayday_protocol::control::Rights;
use mayday_session::permission::Refinements;

use crate::clock::Timestamp;
use crate::settings::NewChannels;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Exists always and takes what has no other channel; every technician is in it.
    Default,
    Private {
        owner: u64,
    },
    Shared,
}

/// To whom a channel gives incoming requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    #[default]
    Queue,
    Technician(u64),
    /// In turn among the technicians of this group.
    RoundRobin(u64),
    LeastBusy,
}

/// Whether both people compare a short code before anything is asked, or the technician types what the end user reads out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    #[default]
    Off,
    Compare,
    Type,
}

impl Verification {
    pub const ALL: [Self; 3] = [Self::Off, Self::Compare, Self::Type];

    /// The word in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Compare => "compare",
            Self::Type => "type",
        }
    }
}

/// Whom a refinement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    Technician(u64),
    Group(u64),
}

impl Subject {
    /// The word in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Technician(_) => "technician",
            Self::Group(_) => "group",
        }
    }

    #[must_use]
    pub fn id(self) -> u64 {
        match self {
            Self::Technician(id) | Self::Group(id) => id,
        }
    }
}

/// Technicians who are treated alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub id: u64,
    pub name: String,
    pub members: HashSet<u64>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    pub id: u64,
    pub name: String,
    pub description: String,
    pub kind: Kind,
    pub expiration_s: u32,
    pub pin_valid_s: u32,
    pub default_rights: Rights,
    pub max_open_sessions: u32,
    pub routing: Routing,
    /// What a technician must know to be given this channel's requests.
    pub skills: Vec<String>,
    pub verification: Verification,
    /// Whether the end user is asked for a rating at the end.
    pub rating: bool,
    /// In the channel's own words; empty: in ours.
    pub rating_question: String,
    /// Technicians who were added one by one.
    pub members: HashSet<u64>,
    pub groups: BTreeSet<u64>,
    pub refinements: HashMap<Subject, Refinements>,
    pub created_at: Timestamp,
    /// Members and those of the groups, as of this snapshot.
    pub(super) technicians: HashSet<u64>,
    /// What the refinements come to for each technician whom they are about, as of this snapshot.
    pub(super) refined: HashMap<u64, Refinements>,
}

impl Channel {
    /// A shared channel that begins with these settings.
    #[must_use]
    pub fn new(id: u64, begins: NewChannels, created_at: Timestamp) -> Self {
        Self {
            id,
            name: String::new(),
            description: String::new(),
            kind: Kind::Shared,
            expiration_s: begins.expiration_s,
            pin_valid_s: begins.pin_valid_s,
            default_rights: begins.default_rights,
            max_open_sessions: 500,
            routing: Routing::Queue,
            skills: Vec::new(),
            verification: begins.verification,
            rating: false,
            rating_question: String::new(),
            members: HashSet::new(),
            groups: BTreeSet::new(),
            refinements: HashMap::new(),
            created_at,
            technicians: HashSet::new(),
            refined: HashMap::new(),
        }
    }

    /// Whether `account` is one of its technicians, by itself or by a group.
    #[must_use]
    pub fn has_member(&self, account: u64) -> bool {
        match self.kind {
            Kind::Default => true,
            Kind::Private { owner } => owner == account,
            Kind::Shared => self.technicians.contains(&account),
        }
    }

    /// What the channel says about this technician, by itself and by all their groups.
    #[must_use]
    pub fn refined(&self, account: u64) -> Refinements {
        self.refined.get(&account).copied().unwrap_or_default()
    }

    /// What the channel says about one technician or group alone.
    #[must_use]
    pub fn about(&self, subject: Subject) -> Refinements {
        self.refinements.get(&subject).copied().unwrap_or_default()
    }

    /// Works out who is in it and what is said about whom, once per snapshot instead of once per question.
    pub(super) fn settle(&mut self, groups: &HashMap<u64, Group>) {
        let of = |id: &u64| groups.get(id).map(|group| &group.members);
        self.technicians = self.members.clone();
        let by_group = self.groups.iter().filter_map(of);
        self.technicians.extend(by_group.flatten());
        for (&subject, &refinements) in &self.refinements {
            let mut add = |account: u64| {
                let all = self.refined.entry(account).or_default();
                *all = all.joined(refinements);
            };
            match subject {
                Subject::Technician(account) => add(account),
                Subject::Group(group) => of(&group).into_iter().flatten().copied().for_each(add),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mayday_session::permission::{Permission, Setting};

    fn group(id: u64, members: &[u64]) -> (u64, Group) {
        let group = Group {
            id,
            name: format!("group {id}"),
            members: members.iter().copied().collect(),
            created_at: Timestamp(0),
        };
        (id, group)
    }

    #[test]
    fn a_technician_is_in_by_themselves_or_by_a_group() {
        let mut channel = Channel::new(1, NewChannels::default(), Timestamp(0));
        channel.members = [10].into();
        channel.groups = [7].into();
        channel.settle(&[group(7, &[11, 12]), group(8, &[13])].into());
        let inside: Vec<_> = (10..=13).filter(|&id| channel.has_member(id)).collect();
        assert_eq!(inside, [10, 11, 12]);
    }

    #[test]
    fn a_group_that_is_off_wins_over_a_technician_who_is_on() {
        let mut channel = Channel::new(1, NewChannels::default(), Timestamp(0));
        let about = |setting| Refinements::NONE.and(Permission::SessionDelete, setting);
        channel
            .refinements
            .insert(Subject::Technician(10), about(Setting::On));
        channel
            .refinements
            .insert(Subject::Group(7), about(Setting::Off));
        channel.settle(&[group(7, &[10, 11])].into());
        for account in [10, 11] {
            let said = channel.refined(account).about(Permission::SessionDelete);
            assert_eq!(said, Some(Setting::Off));
        }
        assert!(channel.refined(12).is_empty());
    }
}
