//! What is over leaves memory, and nobody notices.

use std::sync::Arc;
use std::time::Duration;

use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::chat::Audience;
use mayday_session::desk::{Command, Status};
use mayday_session::permission::Role;
use tokio::sync::mpsc::UnboundedReceiver;

use super::super::list::{Filter, Sort};
use super::super::{Desk, DeskError, InviteState, LiveEffect, NewSession, Parts};
use crate::accounts::Accounts;
use crate::calls::Calls;
use crate::clock::now;
use crate::directory::{Account, Directory};
use crate::events::Events;
use crate::secrets::Keys;
use crate::settings::SystemSettings;
use crate::store::{Change, Store};
use crate::values;

struct World {
    desk: Desk,
    me: Account,
    accounts: Accounts,
    store: Store,
    data: tempfile::TempDir,
    _effects: UnboundedReceiver<LiveEffect>,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let directory = Directory::open(store.clone()).await.unwrap();
        let system = SystemSettings::open(store.clone(), None).await.unwrap();
        let accounts = Accounts::new(store.clone(), directory, system);
        let made = accounts.create("Olivia", "o@example.org", Role::Owner, "machine");
        let (me, _) = made.await.unwrap();
        Self::open(data, store, me).await
    }

    async fn open(data: tempfile::TempDir, store: Store, me: Account) -> Self {
        let directory = Directory::open(store.clone()).await.unwrap();
        let system = SystemSettings::open(store.clone(), None).await.unwrap();
        let accounts = Accounts::new(store.clone(), directory.clone(), system.clone());
        let keys = Arc::new(Keys::load_or_create(&data.path().join("invites.key")).unwrap());
        let calls = Calls::open(store.clone(), directory.clone(), Arc::clone(&keys));
        let (desk, effects) = Desk::open(Parts {
            store: store.clone(),
            directory,
            events: Events::default(),
            calls: calls.await.unwrap(),
            keys,
            system,
            public_url: "https://localhost".to_owned(),
        })
        .await
        .unwrap();
        Self {
            desk,
            me,
            accounts,
            store,
            data,
            _effects: effects,
        }
    }

    /// Forgets everything that is in memory only.
    async fn restart(self) -> Self {
        Self::open(self.data, self.store, self.me).await
    }

    async fn session(&self, name: &str) -> SessionId {
        let new = NewSession {
            name: name.to_owned(),
            note: String::new(),
            channel: None,
        };
        let (record, _, _) = self.desk.create(&self.me, new).await.unwrap();
        record.id()
    }

    async fn technician(&self, name: &str) -> u64 {
        let (email, role) = (format!("{name}@example.org"), Role::ChannelTechnician);
        let made = self.accounts.create(name, &email, role, "machine");
        made.await.unwrap().0.id
    }

    async fn remove(&self, technician: u64) {
        let removed = self.accounts.remove(&self.me, technician);
        removed.await.unwrap();
        self.desk.technician_left(technician).await;
    }

    async fn close(&self, id: SessionId) {
        let closed = self.desk.command(&self.me, id, Command::Close);
        closed.await.unwrap();
    }

    /// All pages of a list, and the total that the first one says.
    async fn all(&self, filter: &Filter, limit: usize) -> (Vec<SessionId>, usize) {
        let (mut ids, mut total, mut after) = (Vec::new(), None, None);
        loop {
            let page = self.desk.list(&self.me, filter, after.as_ref(), limit);
            let page = page.await.unwrap();
            total.get_or_insert(page.total);
            assert!(page.items.len() <= limit);
            ids.extend(page.items.iter().map(|one| one.id()));
            match page.next {
                Some(next) => after = Some(next),
                None => return (ids, total.unwrap_or(0)),
            }
        }
    }

    /// As if these sessions' time had passed; a desk that starts notices.
    async fn expire(self, ids: &[SessionId]) -> Self {
        let mut change = Change::new();
        for id in ids {
            change = change.run(
                "UPDATE sessions SET facts = json_set(facts, '$.expires_at', created_at) WHERE id = $1",
                values![id.0],
            );
        }
        self.store.write(change).await.unwrap();
        let left = self.in_memory() - ids.len();
        let world = self.restart().await;
        let noticed = async {
            while world.in_memory() > left {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let noticed = tokio::time::timeout(Duration::from_secs(20), noticed);
        noticed.await.expect("the timer ends them");
        world
    }

    async fn status(&self, id: SessionId) -> Status {
        let record = self.desk.find(&self.me, id).await.unwrap();
        record.session.status(now())
    }

    async fn extend(&self, id: SessionId) {
        self.desk.extend(&self.me, id, 3600).await.unwrap();
    }

    fn in_memory(&self) -> usize {
        let open = self.desk.inner.shelf.all().len();
        let listed: u32 = self
            .desk
            .inner
            .shelf
            .count(&[
                Status::Waiting,
                Status::Active,
                Status::InQueue,
                Status::Expired,
                Status::Closed,
            ])
            .values()
            .sum();
        assert_eq!(usize::try_from(listed).unwrap(), open);
        open
    }
}

fn sorted(sort: Sort) -> Filter {
    Filter {
        sort,
        ..Filter::default()
    }
}

#[tokio::test]
async fn closed_sessions_leave_memory_and_stand_in_every_list() {
    let mut world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..80 {
        ids.push(
            world
                .session(&format!("Printer {:02}", (number * 7) % 80))
                .await,
        );
    }
    for id in &ids[..70] {
        world.close(*id).await;
    }
    for _ in 0..2 {
        assert_eq!(world.in_memory(), 10);
        for sort in Sort::ALL {
            let (found, total) = world.all(&sorted(sort), 7).await;
            assert_eq!((found.len(), total), (80, 80), "{sort:?}");
            let (whole, _) = world.all(&sorted(sort), 500).await;
            assert_eq!(found, whole, "{sort:?}: pages are the list");
            let mut once = found.clone();
            once.sort_by_key(|id| id.0);
            once.dedup();
            assert_eq!(once.len(), 80, "{sort:?}: each once");
        }
        let (by_name, _) = world.all(&sorted(Sort::Name), 9).await;
        let mut names = Vec::new();
        for id in by_name {
            let record = world.desk.find(&world.me, id).await.unwrap();
            names.push(record.name.clone());
        }
        assert!(names.is_sorted(), "{names:?}");
        let (by_status, _) = world.all(&sorted(Sort::Status), 9).await;
        assert!(by_status[..10].iter().all(|id| ids[70..].contains(id)));
        let closed = Filter {
            statuses: vec![Status::Closed],
            ..Filter::default()
        };
        assert_eq!(world.all(&closed, 50).await.1, 70);
        world = world.restart().await;
    }
    assert_eq!(world.in_memory(), 10, "looking kept nothing");
}

#[tokio::test]
async fn expired_sessions_leave_memory_and_stand_in_every_list_before_the_closed_ones() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push(world.session(&format!("Printer {number:02}")).await);
    }
    let mut world = world.expire(&ids[..30]).await;
    for id in &ids[..5] {
        world.close(*id).await;
    }
    let of = |status| Filter {
        statuses: vec![status],
        ..Filter::default()
    };
    for _ in 0..2 {
        assert_eq!(world.in_memory(), 10);
        for sort in Sort::ALL {
            let (found, total) = world.all(&sorted(sort), 7).await;
            assert_eq!((found.len(), total), (40, 40), "{sort:?}");
            let (whole, _) = world.all(&sorted(sort), 500).await;
            assert_eq!(found, whole, "{sort:?}: pages are the list");
        }
        let (by_status, _) = world.all(&sorted(Sort::Status), 7).await;
        assert!(by_status[..10].iter().all(|id| ids[30..].contains(id)));
        assert!(by_status[10..35].iter().all(|id| ids[5..30].contains(id)));
        assert_eq!(world.all(&of(Status::Expired), 7).await.1, 25);
        assert_eq!(world.all(&of(Status::Closed), 7).await.1, 5);
        assert_eq!(world.status(ids[7]).await, Status::Expired);
        world = world.restart().await;
    }
}

#[tokio::test]
async fn an_extended_session_is_back_in_memory_with_its_link_and_chat() {
    let world = World::new().await;
    let id = world.session("Printer").await;
    let link = world.desk.show_link(&world.me, id).await.unwrap();
    let token = link.rsplit('/').next().unwrap();
    let say = async |world: &World, client: &str| {
        let whisper = Audience::Technicians;
        let said = world
            .desk
            .say(&world.me, id, whisper, client.to_owned(), "Hello");
        said.await.unwrap().number
    };
    assert_eq!(say(&world, "a").await, 1);
    let world = world.expire(&[id]).await;
    let looked = world.desk.look_at_invite(token).await.unwrap();
    assert_eq!(looked.state, InviteState::Expired);
    assert_eq!(world.in_memory(), 0, "looking kept nothing");

    world.extend(id).await;
    let world = {
        assert_eq!(world.in_memory(), 1);
        assert_eq!(world.status(id).await, Status::Waiting);
        assert_eq!(world.all(&Filter::default(), 5).await, (vec![id], 1));
        world.restart().await
    };
    assert_eq!(world.in_memory(), 1, "a restart forgets nothing of it");
    let looked = world.desk.look_at_invite(token).await.unwrap();
    assert_eq!(looked.state, InviteState::Open);
    assert_eq!(say(&world, "b").await, 2, "the chat goes on where it was");
    world.close(id).await;
    assert_eq!(world.in_memory(), 0);
}

#[tokio::test]
async fn the_pin_of_an_expired_session_is_free_for_others_and_never_comes_back() {
    let world = World::new().await;
    let id = world.session("Printer").await;
    let shown = world.desk.show_pin(&world.me, id).await.unwrap();
    assert!(shown.pin.is_some());
    let world = world.expire(&[id]).await;
    world.extend(id).await;
    let shown = world.desk.show_pin(&world.me, id).await.unwrap();
    assert_eq!(shown.pin, None);
    let fresh = world.desk.new_pin(&world.me, id).await.unwrap();
    assert!(fresh.pin.is_some());
}

#[tokio::test]
async fn who_was_removed_meanwhile_is_not_in_a_session_that_is_extended() {
    let world = World::new().await;
    let tom = world.technician("Tom").await;
    let id = world.session("Printer").await;
    let to_tom = Command::Assign {
        technician: TechnicianId(tom),
    };
    world.desk.command(&world.me, id, to_tom).await.unwrap();
    let world = world.expire(&[id]).await;
    world.remove(tom).await;
    assert_eq!(world.status(id).await, Status::Expired);
    world.extend(id).await;
    assert_eq!(world.status(id).await, Status::InQueue);
}

#[tokio::test]
async fn a_closed_session_is_found_changed_and_deleted() {
    let world = World::new().await;
    let id = world.session("Printer").await;
    let other = world.session("Scanner").await;
    world.close(id).await;
    world.close(other).await;
    let searched = |search: &str| Filter {
        search: search.to_owned(),
        ..Filter::default()
    };
    assert_eq!(world.all(&searched("PRINT"), 5).await.0, [id]);
    assert_eq!(
        world.all(&searched("olivia"), 5).await.1,
        2,
        "by technician"
    );

    let edited = world.desk.edit(&world.me, id, Some("Coffee"), None);
    edited.await.unwrap();
    assert_eq!(world.all(&searched("print"), 5).await.1, 0);
    assert_eq!(world.all(&searched("coffee"), 5).await.0, [id]);
    let lines = world.desk.history(&world.me, id).await.unwrap();
    let what: Vec<_> = lines.iter().map(|line| line.what.as_str()).collect();
    assert_eq!(what, ["created", "closed", "edited"]);
    let again = world.desk.command(&world.me, id, Command::Close).await;
    assert!(matches!(again, Err(DeskError::NotAllowed(_))));

    world
        .desk
        .command(&world.me, id, Command::Delete)
        .await
        .unwrap();
    let gone = world.desk.find(&world.me, id).await;
    assert!(matches!(gone, Err(DeskError::NotFound)));
    assert_eq!(world.all(&Filter::default(), 5).await, (vec![other], 1));
    assert_eq!(world.in_memory(), 0);
}

#[tokio::test]
async fn whoever_works_with_a_closed_session_at_the_same_time_works_with_the_same() {
    let world = World::new().await;
    let id = world.session("Printer").await;
    world.close(id).await;
    let (one, other) = tokio::join!(world.desk.entry(id), world.desk.entry(id));
    let (one, other) = (one.unwrap().unwrap(), other.unwrap().unwrap());
    assert!(Arc::ptr_eq(&one, &other));
    let edits = (0..20).map(|number| {
        let (desk, me) = (world.desk.clone(), world.me.clone());
        tokio::spawn(async move {
            let (name, note) = (format!("Name {number}"), format!("Note {number}"));
            match number % 2 {
                0 => desk.edit(&me, id, Some(&name), None).await,
                _ => desk.edit(&me, id, None, Some(&note)).await,
            }
        })
    });
    for edit in edits.collect::<Vec<_>>() {
        edit.await.unwrap().unwrap();
    }
    drop((one, other));
    let lines = world.desk.history(&world.me, id).await.unwrap();
    assert_eq!(lines.len(), 22);
    let record = world.desk.find(&world.me, id).await.unwrap();
    assert!(record.name.starts_with("Name ") && record.note.starts_with("Note "));
}

#[tokio::test]
async fn what_an_earlier_version_closed_is_taken_over() {
    let world = World::new().await;
    let id = world.session("Printer").await;
    world.close(id).await;
    let before = Change::new()
        .run("DELETE FROM archived_technicians", values![])
        .run("DELETE FROM archived_sessions", values![]);
    world.store.write(before).await.unwrap();
    assert_eq!(world.all(&Filter::default(), 5).await.1, 0);
    let world = world.restart().await;
    assert_eq!(world.all(&Filter::default(), 5).await, (vec![id], 1));
    assert_eq!(world.in_memory(), 0);
}
