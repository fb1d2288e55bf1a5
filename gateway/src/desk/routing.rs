//! To whom an incoming request is given: gathers what the session crate's routing decides upon.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use mayday_protocol::TechnicianId;
use mayday_session::permission::Permission;
use mayday_session::routing::{Candidate, Decision, Rule, Why, has_skills, route};
use mayday_session::{ChannelId, Timestamp};

use super::Desk;
use super::annals::number;
use crate::clock::now;
use crate::directory::{Channel, Routing, Snapshot};
use crate::store::Store;

/// To whom a request was last given in each channel.
#[derive(Default)]
pub struct Given {
    at: Mutex<HashMap<(u64, u64), Timestamp>>,
}

impl Given {
    /// As the sessions remember it that began with a request.
    pub(super) async fn load(store: &Store) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT f.channel_id, f.technician_id, MAX(f.created_at) AS at FROM session_figures f \
             JOIN sessions s ON s.id = f.session_id \
             WHERE s.created_by IS NULL AND f.technician_id IS NOT NULL GROUP BY 1, 2",
        )
        .fetch_all(store.reads())
        .await?;
        let given = Self::default();
        for row in &rows {
            let (channel, technician) = (number(row, "channel_id"), number(row, "technician_id"));
            given.note(channel, technician, Timestamp(number(row, "at")));
        }
        Ok(given)
    }

    fn to(&self, channel: u64, technician: u64) -> Option<Timestamp> {
        let at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.get(&(channel, technician)).copied()
    }

    fn note(&self, channel: u64, technician: u64, when: Timestamp) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.insert((channel, technician), when);
    }
}

/// What the sessions say about one technician.
#[derive(Clone, Copy, Default)]
struct Load {
    open: u32,
    last_given: Option<Timestamp>,
}

impl Desk {
    /// Decides by the channel's rule who gets a request that comes in now, and remembers it for the next one's turn. `wanted` are skills
    /// that the request asks for beside those of the channel. A channel that was removed meanwhile has a queue in the default one.
    #[must_use]
    pub fn route(&self, channel: ChannelId, wanted: &[String]) -> Decision {
        let snapshot = self.inner.directory.now();
        let at = now();
        let Some(channel) = snapshot.channel(channel.0) else {
            return Decision::Queue(Why::Rule);
        };
        let candidates = self.candidates(&snapshot, channel, wanted, at);
        let rule = match channel.routing {
            Routing::Queue => Rule::Queue,
            Routing::Technician(id) => Rule::Technician(TechnicianId(id)),
            Routing::RoundRobin(_) => Rule::RoundRobin,
            Routing::LeastBusy => Rule::LeastBusy,
        };
        let decision = route(rule, &candidates, at);
        if let Decision::Assign(technician) = decision {
            self.inner.given.note(channel.id, technician.0, at);
        }
        decision
    }

    /// Technicians of the channel who can sign in and may take sessions there; of a group, if the rule names one.
    fn candidates(
        &self,
        snapshot: &Snapshot,
        channel: &Channel,
        wanted: &[String],
        at: Timestamp,
    ) -> Vec<Candidate> {
        let loads = self.loads(channel.id, at);
        let group = match channel.routing {
            Routing::RoundRobin(id) => Some(snapshot.group(id)),
            Routing::Queue | Routing::Technician(_) | Routing::LeastBusy => None,
        };
        snapshot
            .accounts()
            .filter(|one| one.is_usable() && channel.has_member(one.id))
            .filter(|one| {
                group.is_none_or(|group| group.is_some_and(|group| group.members.contains(&one.id)))
            })
            .filter(|one| {
                let may = snapshot.permissions(one, channel);
                may.contains(Permission::SessionTake)
            })
            .map(|one| {
                let load = loads.get(&one.id).copied().unwrap_or_default();
                Candidate {
                    technician: TechnicianId(one.id),
                    seen: self.inner.events.last_seen(one.id, at),
                    skilled: has_skills(&one.skills, &channel.skills)
                        && has_skills(&one.skills, wanted),
                    open_sessions: load.open,
                    last_given: load.last_given.max(self.inner.given.to(channel.id, one.id)),
                }
            })
            .collect()
    }

    fn loads(&self, channel: u64, at: Timestamp) -> HashMap<u64, Load> {
        let mut loads: HashMap<u64, Load> = HashMap::new();
        for entry in self.inner.shelf.all() {
            let record = entry.current();
            let facts = record.facts();
            let Some(assigned) = facts.assigned() else {
                continue;
            };
            let load = loads.entry(assigned.technician.0).or_default();
            load.open += u32::from(record.is_open(at));
            // Without a creator: a request of an end user.
            if record.created_by.is_none() && facts.channel.0 == channel {
                load.last_given = load.last_given.max(Some(facts.created_at));
            }
        }
        loads
    }
}
