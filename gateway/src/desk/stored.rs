//! How a session's facts lie in the database: their JSON, which later versions must be able to read. Owns the conversion both ways.

use mayday_protocol::control::{Rights, ScreenState};
use mayday_protocol::{AskId, SessionId, Slot, TechnicianId};
use mayday_session::desk::{
    ClosedBy, Closing, Facts, Member, Part, PendingAsk, Presence, Rejections,
};
use mayday_session::verification::{Verification, VerificationMode};
use mayday_session::{ChannelId, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct StoredFacts {
    expires_at: u64,
    agent: StoredPresence,
    members: Vec<StoredMember>,
    controller: Option<Slot>,
    #[serde(default)]
    queued_at: Option<u64>,
    rejections: Vec<StoredRejections>,
    expiry_seen: Option<u64>,
    closing: Option<StoredClosing>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum StoredPresence {
    Never,
    Here {
        since: u64,
        paused: bool,
        screen: ScreenState,
    },
    Lost {
        since: u64,
        paused: bool,
    },
    Left {
        at: u64,
        #[serde(default)]
        chosen: bool,
    },
}

#[derive(Serialize, Deserialize)]
struct StoredMember {
    slot: Slot,
    technician: u64,
    assigned: bool,
    grant: Option<Rights>,
    ask: Option<StoredAsk>,
    viewer: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stopped: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredAsk {
    ask: u64,
    rights: Rights,
    until: u64,
    /// Four digits, and whether they are typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<(String, bool)>,
}

#[derive(Serialize, Deserialize)]
struct StoredRejections {
    technician: u64,
    in_a_row: u8,
    pause_until: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unanswered: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredClosing {
    at: u64,
    /// Absent: the end user.
    technician: Option<u64>,
}

/// What the other columns know already.
pub struct Columns {
    pub id: SessionId,
    pub channel: ChannelId,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

pub fn to_json(facts: &Facts) -> String {
    let stored = StoredFacts {
        expires_at: facts.expires_at.0,
        agent: presence_out(facts.agent),
        members: facts.members.iter().map(member_out).collect(),
        controller: facts.controller,
        queued_at: facts.queued_at.map(|at| at.0),
        rejections: facts.rejections.iter().map(rejections_out).collect(),
        expiry_seen: facts.expiry_seen.map(|at| at.0),
        closing: facts.closing.map(closing_out),
    };
    serde_json::to_string(&stored).expect("plain data is always JSON")
}

pub fn from_json(columns: Columns, json: &str) -> Result<Facts, serde_json::Error> {
    let stored: StoredFacts = serde_json::from_str(json)?;
    Ok(Facts {
        id: columns.id,
        channel: columns.channel,
        created_at: columns.created_at,
        expires_at: Timestamp(stored.expires_at),
        agent: presence_in(stored.agent),
        members: stored.members.into_iter().map(member_in).collect(),
        controller: stored.controller,
        queued_at: stored.queued_at.map(Timestamp),
        request: None,
        rejections: stored.rejections.into_iter().map(rejections_in).collect(),
        expiry_seen: stored.expiry_seen.map(Timestamp),
        closing: stored.closing.map(closing_in),
        deleted_at: columns.deleted_at,
    })
}

fn presence_out(presence: Presence) -> StoredPresence {
    match presence {
        Presence::Never => StoredPresence::Never,
        Presence::Here {
            since,
            paused,
            screen,
        } => StoredPresence::Here {
            since: since.0,
            paused,
            screen,
        },
        Presence::Lost { since, paused } => StoredPresence::Lost {
            since: since.0,
            paused,
        },
        Presence::Left { at, chosen } => StoredPresence::Left { at: at.0, chosen },
    }
}

fn presence_in(stored: StoredPresence) -> Presence {
    match stored {
        StoredPresence::Never => Presence::Never,
        StoredPresence::Here {
            since,
            paused,
            screen,
        } => Presence::Here {
            since: Timestamp(since),
            paused,
            screen,
        },
        StoredPresence::Lost { since, paused } => Presence::Lost {
            since: Timestamp(since),
            paused,
        },
        StoredPresence::Left { at, chosen } => Presence::Left {
            at: Timestamp(at),
            chosen,
        },
    }
}

fn member_out(member: &Member) -> StoredMember {
    StoredMember {
        slot: member.slot,
        technician: member.technician.0,
        assigned: member.part == Part::Assigned,
        grant: member.grant,
        ask: member.ask.map(|pending| StoredAsk {
            ask: pending.ask.0,
            rights: pending.rights,
            until: pending.until.0,
            code: pending.verification.map(|one| {
                let typed = one.mode == VerificationMode::Type;
                (one.code.to_string(), typed)
            }),
        }),
        viewer: member.viewer.map(|since| since.0),
        stopped: member.stopped,
    }
}

fn member_in(stored: StoredMember) -> Member {
    Member {
        slot: stored.slot,
        technician: TechnicianId(stored.technician),
        part: if stored.assigned {
            Part::Assigned
        } else {
            Part::Invited
        },
        grant: stored.grant,
        ask: stored.ask.map(|pending| PendingAsk {
            ask: AskId(pending.ask),
            rights: pending.rights,
            until: Timestamp(pending.until),
            verification: pending.code.and_then(|(code, typed)| {
                let mode = if typed {
                    VerificationMode::Type
                } else {
                    VerificationMode::Compare
                };
                let code = code.parse().ok()?;
                Some(Verification { mode, code })
            }),
        }),
        viewer: stored.viewer.map(Timestamp),
        stopped: stored.stopped,
    }
}

fn rejections_out(one: &Rejections) -> StoredRejections {
    StoredRejections {
        technician: one.technician.0,
        in_a_row: one.in_a_row,
        pause_until: one.pause_until.map(|at| at.0),
        unanswered: one.unanswered,
    }
}

fn rejections_in(stored: StoredRejections) -> Rejections {
    Rejections {
        technician: TechnicianId(stored.technician),
        in_a_row: stored.in_a_row,
        pause_until: stored.pause_until.map(Timestamp),
        unanswered: stored.unanswered,
    }
}

fn closing_out(closing: Closing) -> StoredClosing {
    StoredClosing {
        at: closing.at.0,
        technician: match closing.by {
            ClosedBy::Technician(technician) => Some(technician.0),
            ClosedBy::EndUser => None,
        },
    }
}

fn closing_in(stored: StoredClosing) -> Closing {
    let technician = stored.technician.map(TechnicianId);
    Closing {
        at: Timestamp(stored.at),
        by: technician.map_or(ClosedBy::EndUser, ClosedBy::Technician),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back_as_they_went() {
        let facts = Facts {
            id: SessionId(1),
            channel: ChannelId(2),
            created_at: Timestamp(3),
            expires_at: Timestamp(4),
            agent: Presence::Here {
                since: Timestamp(5),
                paused: true,
                screen: ScreenState::Locked,
            },
            members: vec![Member {
                slot: Slot::ALL[2],
                technician: TechnicianId(6),
                part: Part::Invited,
                grant: Some(Rights::CONTROL),
                ask: Some(PendingAsk {
                    ask: AskId(7),
                    rights: Rights::VIEW,
                    until: Timestamp(8),
                    verification: Some(Verification {
                        mode: VerificationMode::Compare,
                        code: "0471".parse().unwrap(),
                    }),
                }),
                viewer: Some(Timestamp(9)),
                stopped: true,
            }],
            controller: Some(Slot::ALL[2]),
            queued_at: Some(Timestamp(13)),
            request: None,
            rejections: vec![Rejections {
                technician: TechnicianId(6),
                in_a_row: 2,
                pause_until: Some(Timestamp(10)),
                unanswered: true,
            }],
            expiry_seen: Some(Timestamp(4)),
            closing: Some(Closing {
                at: Timestamp(11),
                by: ClosedBy::EndUser,
            }),
            deleted_at: Some(Timestamp(12)),
        };
        let columns = Columns {
            id: facts.id,
            channel: facts.channel,
            created_at: facts.created_at,
            deleted_at: facts.deleted_at,
        };
        assert_eq!(from_json(columns, &to_json(&facts)).unwrap(), facts);
    }
}
