//! The truth table (action x role x relation) as a document, made from the check itself.

use std::fmt::Write as _;

use super::action::{Action, Relation, check};
use super::refine::{Because, Refinements, Setting, explain};
use super::role::Role;
use super::set::Permission;

/// The whole table in Markdown. A test compares it with docs/permissions.md.
#[must_use]
pub fn truth_table() -> String {
    let mut text = String::from(INTRODUCTION);
    for role in Role::ALL {
        let _ = write!(text, "\n## {}\n\n| action | needs |", title(role));
        for relation in Relation::ALL {
            let _ = write!(text, " {} |", heading(relation));
        }
        text.push_str("\n|---|---|");
        text.push_str(&"---|".repeat(Relation::ALL.len()));
        text.push('\n');
        for action in Action::ALL {
            text.push_str(&row(role, action));
        }
    }
    text.push_str("\n## What each role holds\n\n");
    for role in Role::ALL {
        let names: Vec<_> = role.preset().iter().map(|one| one.name()).collect();
        let _ = writeln!(text, "- **{}**: {}", title(role), names.join(", "));
    }
    refined(&mut text);
    text
}

/// Every way in which a channel can speak about one permission of a technician and a group of theirs.
fn refined(text: &mut String) {
    text.push_str(REFINED);
    let permission = Permission::SessionDelete;
    let said = |setting: Option<Setting>| {
        setting.map_or(Refinements::NONE, |setting| {
            Refinements::NONE.and(permission, setting)
        })
    };
    let ways = [None, Some(Setting::On), Some(Setting::Off)];
    for role in [Role::ChannelTechnician, Role::ChannelManager] {
        for (technician, group) in ways.into_iter().flat_map(|one| ways.map(|two| (one, two))) {
            let (allowed, because) =
                explain(role, true, said(technician), &[said(group)], permission);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                if role.preset().contains(permission) {
                    "yes"
                } else {
                    "no"
                },
                setting_name(technician),
                setting_name(group),
                if allowed { "**yes**" } else { "**no**" },
                decider(because)
            );
        }
    }
}

fn setting_name(setting: Option<Setting>) -> &'static str {
    setting.map_or("inherit", Setting::name)
}

fn decider(because: Because) -> &'static str {
    match because {
        Because::Owner | Because::NotInChannel | Because::Role => "the role",
        Because::Technician => "the technician's",
        Because::Group(_) => "the group's",
    }
}

fn row(role: Role, action: Action) -> String {
    let needs: Vec<_> = action.needs().iter().map(|one| one.name()).collect();
    let needs = if needs.is_empty() {
        "-".to_owned()
    } else {
        needs.join(", ")
    };
    let mut line = format!("| {} | {needs} |", action.name());
    for relation in Relation::ALL {
        let cell = match check(role.preset(), action, relation) {
            Ok(()) => "yes",
            Err(super::Denied::NotFound) => "unseen",
            Err(super::Denied::Missing(_)) => "no",
            Err(super::Denied::NotYours) => "not theirs",
        };
        let _ = write!(line, " {cell} |");
    }
    line.push('\n');
    line
}

fn title(role: Role) -> &'static str {
    match role {
        Role::ChannelTechnician => "Channel technician",
        Role::ChannelManager => "Channel manager",
        Role::TechnicianManager => "Technician manager",
        Role::Owner => "Owner",
    }
}

fn heading(relation: Relation) -> &'static str {
    match relation {
        Relation::Own => "assigned to them",
        Relation::Invited => "invited",
        Relation::Unassigned => "unassigned",
        Relation::Others => "others'",
        Relation::Outside => "outside",
    }
}

const REFINED: &str = "
## How a channel refines the role

A refinement belongs to one channel, and there to one technician or one group: per channel *and* per technician or group, never for all channels
at once and never for everybody in one (that is the role's business). Off wins over on, whoever of the two says it; what the channel says
wins over the role; where nothing is said the role decides. A technician of several groups has what all of them say together. Nothing is taken from
an owner, and in a channel that somebody does not work in, a refinement means nothing.

| the role gives it | for the technician | for a group of theirs | may they | decided by |
|---|---|---|---|---|
";

const INTRODUCTION: &str = "# Who may do what

This table is made from the code (`session/src/permission`) and a test keeps it current; to write it anew:
`MAYDAY_WRITE_DOCS=1 cargo test -p mayday-session --test permissions`.

Columns are how the person stands to the session: assigned to them, invited to it, assigned to nobody in a channel
of theirs, assigned to somebody else in a channel of theirs, or outside the channels they see. A channel manager's channels
are those they are a member of; a technician manager's and an owner's are all but the Private channels of others.

*yes*: allowed, if the session's state allows it. *no*: a permission is missing. *unseen*: for them there is no such session.
*not theirs*: only a technician of the session can do it, because it is that technician whom the end user grants.
A channel can refine its permissions per technician or group: on, off or inherit (off wins over on, channel over role; docs/channels.md).
Every cell is tried through its route, inherited, on and off (`gateway/tests/desk/permissions/`); a route without a row there fails.
";
