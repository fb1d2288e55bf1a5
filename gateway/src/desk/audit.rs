//! What happened, as audit records with stable words; and a session's history read back from them.

use mayday_protocol::control::Rights;
use mayday_session::Timestamp;
use mayday_session::desk::{By, Effect, Happening, What};

use super::record::Record;
use crate::store::AuditEntry;

/// One record for each thing that happened.
pub fn entries(record: &Record, effects: &[Effect], at: Timestamp) -> Vec<AuditEntry> {
    let happened = effects.iter().filter_map(|effect| match effect {
        Effect::Happened(happening) => Some(entry(record, *happening, at)),
        Effect::Ask { .. }
        | Effect::Withdraw { .. }
        | Effect::Assigned { .. }
        | Effect::Connected { .. }
        | Effect::Disconnected { .. }
        | Effect::Removed { .. }
        | Effect::Lowered { .. }
        | Effect::Controller { .. }
        | Effect::Flush { .. }
        | Effect::EndViewer { .. }
        | Effect::EndAgent { .. }
        | Effect::AlertManagers
        | Effect::Changed => None,
    });
    happened.collect()
}

fn entry(record: &Record, happening: Happening, at: Timestamp) -> AuditEntry {
    let (action, detail) = words(happening.what);
    AuditEntry {
        at,
        actor: match happening.by {
            By::Technician(technician) => format!("technician:{}", technician.0),
            By::EndUser => "end_user".to_owned(),
            By::Agent => "agent".to_owned(),
            By::Time | By::Desk => "gateway".to_owned(),
        },
        action,
        session: Some(record.id().0),
        detail,
    }
}

/// The stable word, and what else there is to say: ids as `technician:ID`, rights as words.
fn words(what: What) -> (&'static str, String) {
    let nothing = String::new;
    let whom = |technician: mayday_protocol::TechnicianId| format!("technician:{}", technician.0);
    match what {
        What::Created => ("created", nothing()),
        What::Taken => ("taken", nothing()),
        What::Released { technician } => ("released", whom(technician)),
        What::Assigned { technician } => ("assigned", whom(technician)),
        What::Transferred { from, to } => ("transferred", format!("{} {}", whom(from), whom(to))),
        What::TransferredToChannel { from, to } => {
            ("moved", format!("channel:{} channel:{}", from.0, to.0))
        }
        What::Invited { technician } => ("invited", whom(technician)),
        What::Removed { technician } => ("removed", whom(technician)),
        What::Extended { expires_at } => ("extended", format!("until:{}", expires_at.0)),
        What::Asked { rights } => ("asked", rights_words(rights).to_owned()),
        What::Withdrawn => ("withdrawn", nothing()),
        What::Granted { technician, rights } => (
            "granted",
            format!("{} {}", whom(technician), rights_words(rights)),
        ),
        What::Unanswered {
            technician,
            in_a_row,
        } => (
            "unanswered",
            format!("{} in_a_row:{in_a_row}", whom(technician)),
        ),
        What::Rejected {
            technician,
            in_a_row,
        } => (
            "rejected",
            format!("{} in_a_row:{in_a_row}", whom(technician)),
        ),
        What::Lowered { technician, rights } => (
            "lowered",
            format!("{} {}", whom(technician), rights_words(rights)),
        ),
        What::InvitedAgain { technician } => ("invited_again", whom(technician)),
        What::Unverified { technician } => ("unverified", whom(technician)),
        What::Cancelled => ("cancelled", nothing()),
        What::AgentJoined => ("agent_joined", nothing()),
        What::AgentResumed => ("agent_resumed", nothing()),
        What::AgentLost => ("agent_lost", nothing()),
        What::AgentGivenUp => ("agent_given_up", nothing()),
        What::AgentLeft => ("agent_left", nothing()),
        What::Paused => ("paused", nothing()),
        What::Unpaused => ("unpaused", nothing()),
        What::Screen { state } => ("screen", format!("{state:?}").to_lowercase()),
        What::ViewerConnected => ("connected", nothing()),
        What::ViewerDisconnected => ("disconnected", nothing()),
        What::ControlHandedTo { technician } => {
            ("control_handed", technician.map(whom).unwrap_or_default())
        }
        What::ControlAsked => ("control_asked", nothing()),
        What::ControlUnasked => ("control_unasked", nothing()),
        What::ControlKept { from } => ("control_kept", from.map(whom).unwrap_or_default()),
        What::Expired => ("expired", nothing()),
        What::Closed { .. } => ("closed", nothing()),
        What::Deleted => ("deleted", nothing()),
    }
}

fn rights_words(rights: Rights) -> &'static str {
    match (rights.view, rights.control) {
        (_, true) => "control",
        (true, false) => "view",
        (false, false) => "none",
    }
}
