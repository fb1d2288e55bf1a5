//! Channels and groups, as seen by one technician.

use std::collections::HashMap;

use mayday_session::permission::Permission;

use super::rights;
use crate::api::types::{
    Channel, ChannelAction, ChannelGroup, ChannelKind, ChannelMember, Group, Id, RightsName,
    Routing, RoutingRule, Verification,
};
use crate::directory::{self, Account, Kind, Snapshot};

pub fn channel(
    snapshot: &Snapshot,
    me: &Account,
    channel: &directory::Channel,
    open: &HashMap<u64, u32>,
) -> Channel {
    let mut groups: Vec<_> = channel
        .groups
        .iter()
        .filter_map(|id| snapshot.group(*id))
        .map(|group| ChannelGroup {
            id: Id(group.id),
            name: group.name.clone(),
            members: u32::try_from(group.members.len()).unwrap_or(u32::MAX),
        })
        .collect();
    groups.sort_by_cached_key(|one| (one.name.to_lowercase(), one.id));
    Channel {
        id: Id(channel.id),
        name: channel.name.clone(),
        description: channel.description.clone(),
        kind: match channel.kind {
            Kind::Default => ChannelKind::Default,
            Kind::Private { .. } => ChannelKind::Private,
            Kind::Shared => ChannelKind::Shared,
        },
        expiration_s: channel.expiration_s,
        pin_valid_s: channel.pin_valid_s,
        default_rights: rights(channel.default_rights).unwrap_or(RightsName::View),
        open_sessions: open.get(&channel.id).copied().unwrap_or(0),
        max_open_sessions: channel.max_open_sessions,
        routing: routing(channel.routing),
        skills: channel.skills.clone(),
        verification: verification(channel.verification),
        rating: channel.rating,
        rating_question: channel.rating_question.clone(),
        members: people(snapshot, channel.members.iter()),
        groups,
        actions: actions(snapshot, me, channel),
    }
}

pub fn group(snapshot: &Snapshot, group: &directory::Group) -> Group {
    Group {
        id: Id(group.id),
        name: group.name.clone(),
        members: people(snapshot, group.members.iter()),
    }
}

fn people<'a>(snapshot: &Snapshot, ids: impl Iterator<Item = &'a u64>) -> Vec<ChannelMember> {
    let mut people: Vec<_> = ids
        .filter_map(|id| snapshot.account(*id))
        .map(|account| ChannelMember {
            id: Id(account.id),
            name: account.name.clone(),
        })
        .collect();
    people.sort_by_cached_key(|one| (one.name.to_lowercase(), one.id));
    people
}

fn routing(routing: directory::Routing) -> Routing {
    let (rule, technician, group) = match routing {
        directory::Routing::Queue => (RoutingRule::Queue, None, None),
        directory::Routing::Technician(id) => (RoutingRule::Technician, Some(id), None),
        directory::Routing::RoundRobin(id) => (RoutingRule::RoundRobin, None, Some(id)),
        directory::Routing::LeastBusy => (RoutingRule::LeastBusy, None, None),
    };
    Routing {
        rule,
        technician_id: technician.map(Id),
        group_id: group.map(Id),
    }
}

/// `None` when the rule lacks whom it is about.
pub fn routing_from(routing: Routing) -> Option<directory::Routing> {
    Some(match routing.rule {
        RoutingRule::Queue => directory::Routing::Queue,
        RoutingRule::Technician => directory::Routing::Technician(routing.technician_id?.0),
        RoutingRule::RoundRobin => directory::Routing::RoundRobin(routing.group_id?.0),
        RoutingRule::LeastBusy => directory::Routing::LeastBusy,
    })
}

pub fn verification(verification: directory::Verification) -> Verification {
    match verification {
        directory::Verification::Off => Verification::Off,
        directory::Verification::Compare => Verification::Compare,
        directory::Verification::Type => Verification::Type,
    }
}

pub fn verification_from(name: Verification) -> directory::Verification {
    match name {
        Verification::Off => directory::Verification::Off,
        Verification::Compare => directory::Verification::Compare,
        Verification::Type => directory::Verification::Type,
    }
}

fn actions(snapshot: &Snapshot, me: &Account, channel: &directory::Channel) -> Vec<ChannelAction> {
    use ChannelAction as A;
    use Permission as P;
    let permissions = snapshot.permissions(me, channel);
    let shared = channel.kind == Kind::Shared;
    let not_private = !matches!(channel.kind, Kind::Private { .. });
    [
        (A::CreateSession, P::SessionCreate, true),
        (A::Edit, P::ChannelEdit, true),
        (A::Remove, P::ChannelRemove, shared),
        (A::ManageMembers, P::ChannelManageMembers, shared),
        (A::ManagePermissions, P::ChannelManageMembers, not_private),
        (A::ManageCalls, P::SosCallManage, not_private),
    ]
    .into_iter()
    .filter(|(_, permission, possible)| *possible && permissions.contains(*permission))
    .map(|(action, _, _)| action)
    .collect()
}
