//! What the machine remembers of rejections, per technician: the pause after one, and the end of asking after three in a row.

use std::time::Duration;

use mayday_protocol::TechnicianId;

use crate::time::Timestamp;

/// How long a technician cannot ask after a rejection.
pub const REJECT_PAUSE: Duration = Duration::from_secs(5);
/// After so many rejections in a row only the end user invites the technician again.
pub const REJECTS_IN_A_ROW: u8 = 3;
/// More technicians than ever ask in one session; a gateway that invents more forgets none of the latest.
const REMEMBERED: usize = 256;

#[derive(Clone, Debug, Default)]
pub(super) struct Refusals(Vec<Refusal>);

#[derive(Clone, Copy, Debug)]
struct Refusal {
    technician: TechnicianId,
    in_a_row: u8,
    at: Timestamp,
}

impl Refusals {
    pub(super) fn count(&mut self, technician: TechnicianId, at: Timestamp) {
        let in_a_row = self.find(technician).map_or(0, |one| one.in_a_row);
        self.forget(technician);
        if self.0.len() == REMEMBERED {
            self.0.remove(0);
        }
        self.0.push(Refusal {
            technician,
            in_a_row: in_a_row.saturating_add(1),
            at,
        });
    }

    pub(super) fn forget(&mut self, technician: TechnicianId) {
        self.0.retain(|one| one.technician != technician);
    }

    /// Whether a question of this technician may be shown.
    pub(super) fn may_ask(&self, technician: TechnicianId, now: Timestamp) -> bool {
        self.find(technician)
            .is_none_or(|one| one.in_a_row < REJECTS_IN_A_ROW && now >= one.at.after(REJECT_PAUSE))
    }

    /// Those whom only the end user can invite again.
    pub(super) fn shut_out(&self) -> impl Iterator<Item = TechnicianId> + '_ {
        let shut = |one: &&Refusal| one.in_a_row >= REJECTS_IN_A_ROW;
        self.0.iter().filter(shut).map(|one| one.technician)
    }

    fn find(&self, technician: TechnicianId) -> Option<&Refusal> {
        self.0.iter().find(|one| one.technician == technician)
    }
}
