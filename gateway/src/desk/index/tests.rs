//! The index against the plain way: look at every session, sort, cut.

use std::time::Duration;

use mayday_protocol::TechnicianId;
use mayday_session::ChannelId;
use mayday_session::desk::{Actor, Command, Session};
use mayday_session::permission::Role;

use super::super::Annals;
use super::super::record::Invite;
use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

/// A small generator of its own, so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % n
    }
}

fn session(id: u64, dice: &mut Dice) -> Record {
    let technician = TechnicianId(dice.below(4));
    let created = Timestamp(NOW.0 - dice.below(50) * 1000);
    let life = Duration::from_millis(20_000 + dice.below(60_000));
    let channel = ChannelId(dice.below(3));
    let mut session = Session::new(SessionId(id), channel, Some(technician), life, created);
    let actor = Actor {
        technician,
        permissions: Role::Owner.preset(),
    };
    let command = match dice.below(4) {
        0 => Some(Command::Release),
        1 => Some(Command::Close),
        2 => Some(Command::Invite {
            technician: TechnicianId(dice.below(4)),
        }),
        _ => None,
    };
    if let Some(command) = command {
        // What the rules refuse leaves the session as it is.
        let _ = session.handle_command(actor, command, created);
    }
    Record {
        session,
        name: format!("Printer {}", dice.below(30)),
        note: String::new(),
        created_by: Some(technician),
        device: None,
        invite: Invite {
            token_hash: id.to_string(),
            token_sealed: String::new(),
            pin: None,
        },
        resume: None,
        annals: Annals::default(),
        request: None,
    }
}

fn wants(wanted: &Wanted<'_>, record: &Record) -> bool {
    let facts = record.facts();
    let assigned = facts.members.iter().any(|one| one.part == Part::Assigned);
    let share = Share {
        channel: facts.channel.0,
        assigned,
    };
    let own = facts.member_of(TechnicianId(wanted.own)).is_some()
        && wanted.own_in.is_none_or(|id| id == facts.channel.0);
    let found = wanted.search.as_ref().is_none_or(|search| {
        let members = facts.members.iter();
        record.name.to_lowercase().contains(&search.words)
            || members
                .map(|one| one.technician.0)
                .any(|id| search.accounts.contains(&id))
    });
    (wanted.shares.contains(&share) || own)
        && wanted.statuses.contains(&record.session.status(NOW))
        && found
}

fn plain(records: &[Record], wanted: &Wanted<'_>) -> Vec<u64> {
    let mut found: Vec<_> = records.iter().filter(|one| wants(wanted, one)).collect();
    found.sort_by_cached_key(|one| Key::of(one, wanted.sort, NOW));
    found.iter().map(|one| one.id().0).collect()
}

/// All pages, one after the other, as a reader fetches them.
fn paged(index: &Index, wanted: &Wanted<'_>) -> Vec<u64> {
    let mut after: Option<Key> = None;
    let (mut ids, mut total) = (Vec::new(), None);
    loop {
        let page = index.page(&Wanted {
            after: after.as_ref(),
            search: wanted.search.as_ref().map(|one| Search {
                words: one.words.clone(),
                accounts: one.accounts.clone(),
            }),
            ..*wanted
        });
        ids.extend(page.items.iter().map(|one| one.id().0));
        assert_eq!(*total.get_or_insert(page.total), page.total);
        let Some(next) = page.next else {
            assert_eq!(total, Some(ids.len()));
            return ids;
        };
        after = Some(Key::from_cursor(&next.to_cursor()).unwrap());
    }
}

#[test]
fn every_list_is_as_if_all_sessions_were_looked_at() {
    let mut dice = Dice(7);
    let mut index = Index::default();
    let mut records = Vec::new();
    for id in 0..300 {
        // An id that comes again is a change.
        let record = session(id % 200, &mut dice);
        let entry = Arc::new(Entry::new(record.clone()));
        index.put(&entry, &record, NOW);
        records.retain(|one: &Record| one.id() != record.id());
        records.push(record);
    }
    for id in 0..20 {
        index.remove(SessionId(id));
        records.retain(|one| one.id().0 != id);
    }
    let mut seen = 0;
    for turn in 0..400 {
        let share = |channel, assigned| Share { channel, assigned };
        let all = [
            share(0, false),
            share(0, true),
            share(1, false),
            share(2, true),
        ];
        let shares = &all[..usize::try_from(dice.below(5)).unwrap()];
        let statuses = [Status::Waiting, Status::InQueue, Status::Closed];
        let wanted = Wanted {
            shares,
            own: dice.below(5),
            own_in: (dice.below(2) == 0).then(|| dice.below(3)),
            statuses: &statuses[..1 + usize::try_from(dice.below(3)).unwrap()],
            sort: Sort::ALL[turn % Sort::ALL.len()],
            after: None,
            limit: 1 + usize::try_from(dice.below(40)).unwrap(),
            search: (dice.below(3) == 0).then(|| Search {
                words: format!("printer {}", dice.below(30)),
                accounts: HashSet::from([dice.below(20)]),
            }),
        };
        let expected = plain(&records, &wanted);
        assert_eq!(paged(&index, &wanted), expected, "turn {turn}");
        seen += expected.len();
    }
    assert!(seen > 1000, "only {seen} sessions came up");
}

#[test]
fn what_is_no_cursor_is_refused() {
    for word in ["", "1", "1-2", "1-2-3", "a-2-3-x", "-1-2-3-"] {
        assert_eq!(Key::from_cursor(word), None, "{word}");
    }
    let name = Key::from_cursor("0-5-7-a - b").unwrap();
    assert_eq!(name.to_cursor(), "0-5-7-a - b");
}
