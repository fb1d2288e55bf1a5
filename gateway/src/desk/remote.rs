//! What one technician's viewer must know, computed from a record.

use mayday_protocol::Slot;
use mayday_protocol::control::{ConsentState, ControlRequest, RemoteState, RemoteTechnician};
use mayday_session::Timestamp;
use mayday_session::desk::Consent;

use super::record::Record;
use crate::directory::Snapshot;

/// `None` when the slot is empty.
pub fn state(
    record: &Record,
    slot: Slot,
    snapshot: &Snapshot,
    at: Timestamp,
) -> Option<RemoteState> {
    let facts = record.facts();
    let consent = facts.consent(slot, at)?;
    let sub_state = facts.sub_state(at);
    let member = facts.members.iter().find(|one| one.slot == slot);
    let name = |id: u64| snapshot.account(id).map(|one| one.name.clone());
    let technicians = facts.members.iter().map(|member| RemoteTechnician {
        slot: member.slot,
        name: name(member.technician.0).unwrap_or_default(),
        connected: matches!(
            facts.consent(member.slot, at),
            Some(Consent::Connected { .. })
        ),
        control: facts.granted(member.slot, at).control,
    });
    let device = record.device.as_ref();
    Some(RemoteState {
        rights: facts.granted(slot, at),
        consent: match consent {
            Consent::Idle => ConsentState::Idle,
            Consent::Asking { .. } => ConsentState::Asking,
            Consent::Granted { .. } | Consent::Connected { .. } => ConsentState::Granted,
            Consent::Rejected { .. } => ConsentState::Rejected,
            Consent::Unanswered { .. } => ConsentState::Unanswered,
        },
        agent: sub_state.agent,
        paused: sub_state.paused,
        screen: facts.screen(),
        controller: facts.controls(at),
        technicians: technicians.collect(),
        host_name: device.map(|one| one.host_name.clone()).unwrap_or_default(),
        request: facts.request.map(|one| ControlRequest {
            slot: one.slot,
            left_ms: u32::try_from(one.until.since(at).as_millis()).unwrap_or(u32::MAX),
        }),
        stopped: member.is_some_and(|one| one.stopped),
        left: sub_state.left,
    })
}
