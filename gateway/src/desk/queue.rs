//! Who waits in which channel's queue, in order: the place that an end user sees. Counts those who are there (or lost for less than 60 s)
//! and have nobody assigned, by since when. Owns no session.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use mayday_protocol::SessionId;
use mayday_protocol::control::{AgentState, ToAgent};
use mayday_session::desk::Status;
use mayday_session::{ChannelId, Timestamp};

use super::record::Record;
use super::{Desk, LiveEffect};
use crate::clock::now;

/// Where one waits.
type Spot = (ChannelId, Timestamp);

#[derive(Default)]
pub struct Queue {
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    spots: HashMap<SessionId, Spot>,
    of_channel: HashMap<ChannelId, BTreeSet<(Timestamp, SessionId)>>,
}

impl Lines {
    /// Puts a session where it belongs; gives everybody whose place that changed, with the new one.
    fn put(&mut self, id: SessionId, spot: Option<Spot>) -> Vec<(SessionId, Option<u32>)> {
        let before = self.spots.get(&id).copied();
        if before == spot {
            return Vec::new();
        }
        let mut moved = Vec::new();
        if let Some((channel, since)) = before {
            self.spots.remove(&id);
            let line = self.of_channel.entry(channel).or_default();
            line.remove(&(since, id));
            if line.is_empty() {
                self.of_channel.remove(&channel);
            } else {
                moved.extend(from(line, (since, id)));
            }
        }
        match spot {
            Some((channel, since)) => {
                self.spots.insert(id, (channel, since));
                let line = self.of_channel.entry(channel).or_default();
                line.insert((since, id));
                moved.extend(from(line, (since, id)));
            }
            None => moved.push((id, None)),
        }
        moved
    }

    fn place(&self, id: SessionId) -> Option<u32> {
        let (channel, since) = self.spots.get(&id)?;
        let line = self.of_channel.get(channel)?;
        let ahead = line.range(..(*since, id)).count();
        u32::try_from(ahead + 1).ok()
    }
}

/// The places from this one on.
fn from(
    line: &BTreeSet<(Timestamp, SessionId)>,
    first: (Timestamp, SessionId),
) -> Vec<(SessionId, Option<u32>)> {
    let ahead = line.range(..first).count();
    let behind = line.range(first..).enumerate();
    behind
        .map(|(index, (_, id))| (*id, u32::try_from(ahead + index + 1).ok()))
        .collect()
}

impl Desk {
    /// Keeps the queue in line with a session that changed, and tells everybody whose place that changed. An agent that has just
    /// `arrived` hears its own in any case.
    pub(super) fn keep_queue(&self, record: &Record, arrived: bool) {
        let (facts, at) = (record.facts(), now());
        let waits = facts.deleted_at.is_none()
            && facts.status(at) == Status::InQueue
            && facts.sub_state(at).agent != AgentState::Away;
        let since = facts.queued_at.unwrap_or(facts.created_at);
        let spot = waits.then_some((facts.channel, since));
        let lines = &self.inner.queue.lines;
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = lines.put(record.id(), spot);
        let told_already = moved.iter().any(|(id, _)| *id == record.id());
        let own = (arrived && !told_already)
            .then(|| lines.place(record.id()))
            .flatten();
        // While the lines are held: two changes must not be told in the other order.
        for (id, place) in moved {
            self.tell(LiveEffect::ToAgent(id, ToAgent::Queue { place }));
        }
        if own.is_some() {
            let message = ToAgent::Queue { place: own };
            self.tell(LiveEffect::ToAgent(record.id(), message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: ChannelId = ChannelId(1);
    const SALES: ChannelId = ChannelId(2);

    fn spot(channel: ChannelId, at: u64) -> Option<Spot> {
        Some((channel, Timestamp(at)))
    }

    fn moved(of: &[(u64, u32)]) -> Vec<(SessionId, Option<u32>)> {
        let told = |(id, place): &(u64, u32)| (SessionId(*id), Some(*place).filter(|p| *p > 0));
        of.iter().map(told).collect()
    }

    #[test]
    fn who_came_first_is_first_and_channels_do_not_mix() {
        let mut lines = Lines::default();
        assert_eq!(lines.put(SessionId(7), spot(HELP, 10)), moved(&[(7, 1)]));
        assert_eq!(lines.put(SessionId(3), spot(HELP, 20)), moved(&[(3, 2)]));
        assert_eq!(lines.put(SessionId(9), spot(SALES, 5)), moved(&[(9, 1)]));
        assert_eq!(lines.put(SessionId(3), spot(HELP, 20)), []);
        assert_eq!(lines.place(SessionId(3)), Some(2));
    }

    #[test]
    fn those_behind_hear_that_somebody_was_taken() {
        let mut lines = Lines::default();
        for id in 1..=4 {
            lines.put(SessionId(id), spot(HELP, id));
        }
        let told = lines.put(SessionId(2), None);
        assert_eq!(told, moved(&[(3, 2), (4, 3), (2, 0)]));
        let told = lines.put(SessionId(1), spot(SALES, 1));
        assert_eq!(told, moved(&[(3, 1), (4, 2), (1, 1)]));
        for id in [1, 3, 4] {
            lines.put(SessionId(id), None);
        }
        assert!(lines.spots.is_empty() && lines.of_channel.is_empty());
    }
}
