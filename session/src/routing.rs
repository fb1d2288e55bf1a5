//! Who gets an incoming request. A pure function of the channel's rule, of who could take it, and of the time; it counts no sessions and
//! knows no connections: the caller does.

use std::time::Duration;

use mayday_protocol::TechnicianId;

use crate::time::Timestamp;

/// A console that reloads, or changes networks, is away for a moment; its technician is not.
pub const ONLINE_FOR: Duration = Duration::from_secs(10);

/// How a channel gives requests to its technicians.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rule {
    /// To nobody: they wait in the queue until somebody takes them.
    #[default]
    Queue,
    /// To this one, while online.
    Technician(TechnicianId),
    /// In turn: to whom none was given for longest. The candidates are the group's technicians.
    RoundRobin,
    /// To whoever has the fewest open sessions; of several, to whom none was given for longest.
    LeastBusy,
}

/// Somebody who could take the request: a technician of the channel who may take sessions there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub technician: TechnicianId,
    /// When a console of theirs was last open; now, while one is.
    pub seen: Option<Timestamp>,
    /// Whether they have every skill that the request wants ([`has_skills`]).
    pub skilled: bool,
    /// Sessions that are assigned to them and neither closed nor expired.
    pub open_sessions: u32,
    /// When a request was last given to them.
    pub last_given: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    Assign(TechnicianId),
    /// Nobody is assigned; everybody who sees the channel may take it.
    Queue(Why),
}

/// Why a request is given to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The channel wants it so.
    Rule,
    /// None of those whom the rule names has the wanted skills.
    NobodySkilled,
    /// Somebody could take it, but is not there.
    NobodyOnline,
}

/// Gives a request to one of `candidates`, or to the queue. The same input gives the same answer.
#[must_use]
pub fn route(rule: Rule, candidates: &[Candidate], now: Timestamp) -> Decision {
    let named = |one: &&Candidate| match rule {
        Rule::Queue => false,
        Rule::Technician(technician) => one.technician == technician,
        Rule::RoundRobin | Rule::LeastBusy => true,
    };
    if rule == Rule::Queue {
        return Decision::Queue(Why::Rule);
    }
    let skilled = candidates.iter().filter(named).filter(|one| one.skilled);
    let mut online = skilled.clone().filter(|one| one.is_online(now)).peekable();
    if online.peek().is_none() {
        let any = skilled.count() > 0;
        return Decision::Queue(if any {
            Why::NobodyOnline
        } else {
            Why::NobodySkilled
        });
    }
    let chosen = online.min_by_key(|one| {
        let busy = if rule == Rule::LeastBusy {
            one.open_sessions
        } else {
            0
        };
        (busy, one.last_given, one.technician)
    });
    chosen.map_or(Decision::Queue(Why::NobodyOnline), |one| {
        Decision::Assign(one.technician)
    })
}

impl Candidate {
    fn is_online(&self, now: Timestamp) -> bool {
        self.seen.is_some_and(|seen| now.since(seen) < ONLINE_FOR)
    }
}

/// Whether somebody with the skills `own` has all that are `wanted`. Skills are tags; upper and lower case are one.
#[must_use]
pub fn has_skills(own: &[String], wanted: &[String]) -> bool {
    let lower = |tag: &String| tag.to_lowercase();
    let own: Vec<_> = own.iter().map(lower).collect();
    wanted.iter().map(lower).all(|tag| own.contains(&tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn online(id: u64) -> Candidate {
        Candidate {
            technician: TechnicianId(id),
            seen: Some(NOW),
            skilled: true,
            open_sessions: 0,
            last_given: None,
        }
    }

    fn gives(rule: Rule, candidates: &[Candidate]) -> Option<u64> {
        match route(rule, candidates, NOW) {
            Decision::Assign(technician) => Some(technician.0),
            Decision::Queue(_) => None,
        }
    }

    #[test]
    fn the_queue_rule_gives_to_nobody() {
        let decision = route(Rule::Queue, &[online(1)], NOW);
        assert_eq!(decision, Decision::Queue(Why::Rule));
    }

    #[test]
    fn one_technician_gets_it_only_while_online() {
        let rule = Rule::Technician(TechnicianId(2));
        assert_eq!(gives(rule, &[online(1), online(2)]), Some(2));
        let away = Candidate {
            seen: None,
            ..online(2)
        };
        let decision = route(rule, &[online(1), away], NOW);
        assert_eq!(decision, Decision::Queue(Why::NobodyOnline));
        assert_eq!(gives(rule, &[online(1)]), None);
    }

    #[test]
    fn a_console_that_reloads_does_not_make_its_technician_offline() {
        let limit = u64::try_from(ONLINE_FOR.as_millis()).unwrap();
        for (away_ms, given) in [(0, Some(1)), (limit - 1, Some(1)), (limit, None)] {
            let seen = Some(Timestamp(NOW.0 - away_ms));
            let candidate = Candidate { seen, ..online(1) };
            assert_eq!(gives(Rule::LeastBusy, &[candidate]), given, "{away_ms}");
        }
    }

    #[test]
    fn round_robin_gives_to_each_in_turn_and_passes_over_who_is_away() {
        let mut candidates = vec![online(1), online(2), online(3)];
        candidates[1].seen = None;
        let mut given = Vec::new();
        for turn in 0..4 {
            let next = gives(Rule::RoundRobin, &candidates).unwrap();
            given.push(next);
            let one = candidates.iter_mut().find(|one| one.technician.0 == next);
            one.unwrap().last_given = Some(Timestamp(turn));
        }
        assert_eq!(given, [1, 3, 1, 3]);
        candidates[1].seen = Some(NOW);
        assert_eq!(gives(Rule::RoundRobin, &candidates), Some(2));
    }

    #[test]
    fn least_busy_counts_open_sessions_and_then_who_waited_longest() {
        let with = |id, open_sessions, given| Candidate {
            open_sessions,
            last_given: Some(Timestamp(given)),
            ..online(id)
        };
        let candidates = [with(1, 2, 10), with(2, 1, 30), with(3, 1, 20)];
        assert_eq!(gives(Rule::LeastBusy, &candidates), Some(3));
        assert_eq!(gives(Rule::LeastBusy, &candidates[..2]), Some(2));
        // In turn, the number of sessions does not count.
        assert_eq!(gives(Rule::RoundRobin, &candidates), Some(1));
    }

    #[test]
    fn who_lacks_a_skill_gets_nothing_and_the_queue_says_why() {
        let unskilled = Candidate {
            skilled: false,
            ..online(1)
        };
        let decision = route(Rule::LeastBusy, std::slice::from_ref(&unskilled), NOW);
        assert_eq!(decision, Decision::Queue(Why::NobodySkilled));
        assert_eq!(gives(Rule::LeastBusy, &[unskilled, online(2)]), Some(2));
        let tags = |list: &[&str]| list.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
        assert!(has_skills(&tags(&["SAP", "Druck"]), &tags(&["sap"])));
        assert!(!has_skills(&tags(&["SAP"]), &tags(&["sap", "druck"])));
        assert!(has_skills(&[], &[]));
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter() {
        let mut candidates = vec![online(3), online(1), online(2)];
        for rule in [Rule::RoundRobin, Rule::LeastBusy] {
            let first = gives(rule, &candidates);
            candidates.reverse();
            assert_eq!(gives(rule, &candidates), first);
            assert_eq!(first, Some(1));
        }
    }
}
