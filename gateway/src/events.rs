//! Live news for every open console: bounded queues, one per console. Who hears what is said by the sender; how it looks is api/'s.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mayday_protocol::SessionId;
use tokio::sync::mpsc;

use crate::clock::{Timestamp, now};
use crate::desk::{Record, Said};
use crate::directory::Snapshot;
use mayday_session::permission::Permissions;

/// A console that is this far behind is cut off; it comes back and fetches everything anew.
const QUEUE: usize = 256;

#[derive(Clone, Debug)]
pub enum Event {
    Session(Arc<Record>),
    SessionGone(SessionId),
    Channel(u64),
    ChannelGone(u64),
    Technician(u64),
    TechnicianGone(u64),
    /// A group was made, changed or removed.
    Groups,
    /// What this account sees or may do has changed.
    Access,
    /// The end user does not know who invites them.
    NotMe(SessionId),
    /// Somebody wrote in a session's chat.
    Said(Arc<Said>),
    /// A session's notes changed.
    Notes(SessionId),
    /// Too many wrong PINs.
    PinsLocked,
    /// The gateway's settings are other ones: its name may be.
    Settings,
    /// Somebody signed in or out as this account.
    SignIns(u64),
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct Events {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    next: AtomicU64,
    consoles: Mutex<HashMap<u64, Console>>,
    /// When the last console of an account was closed.
    left: Mutex<HashMap<u64, Timestamp>>,
}

struct Console {
    account: u64,
    sign_in: String,
    queue: mpsc::Sender<Event>,
}

/// One console's end of its queue. It ends when the console is cut off or signed out; dropping it says good-bye.
pub struct Subscription {
    queue: mpsc::Receiver<Event>,
    id: u64,
    account: u64,
    events: Events,
}

impl Subscription {
    pub async fn next(&mut self) -> Option<Event> {
        self.queue.recv().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.events.consoles().remove(&self.id);
        if !self.events.is_online(self.account) {
            let account = self.account;
            self.events.left().insert(account, now());
            self.events.send(|_| Some(Event::Technician(account)));
        }
    }
}

impl Events {
    #[must_use]
    pub fn subscribe(&self, account: u64, sign_in: &str) -> Subscription {
        let was_online = self.is_online(account);
        let (sender, queue) = mpsc::channel(QUEUE);
        let id = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let console = Console {
            account,
            sign_in: sign_in.to_owned(),
            queue: sender,
        };
        if !was_online {
            self.send(|_| Some(Event::Technician(account)));
        }
        self.consoles().insert(id, console);
        Subscription {
            queue,
            id,
            account,
            events: self.clone(),
        }
    }

    /// Whether a console of this account is open.
    #[must_use]
    pub fn is_online(&self, account: u64) -> bool {
        self.consoles().values().any(|one| one.account == account)
    }

    /// When a console of this account was last open: `at` while one is.
    #[must_use]
    pub fn last_seen(&self, account: u64, at: Timestamp) -> Option<Timestamp> {
        if self.is_online(account) {
            return Some(at);
        }
        self.left().get(&account).copied()
    }

    /// Sends to every console what `event` says for its account.
    pub fn send(&self, event: impl Fn(u64) -> Option<Event>) {
        self.consoles().retain(|_, console| {
            event(console.account).is_none_or(|event| console.queue.try_send(event).is_ok())
        });
    }

    /// A channel was made or changed: news for those who see it.
    pub fn channel_changed(&self, snapshot: &Snapshot, id: u64) {
        self.send(|account| sees(snapshot, account, id).then_some(Event::Channel(id)));
    }

    /// A channel was removed; `before` knows who saw it.
    pub fn channel_gone(&self, before: &Snapshot, id: u64) {
        self.send(|account| sees(before, account, id).then_some(Event::ChannelGone(id)));
    }

    /// Everybody who sees or may do something else in any channel than before fetches everything anew.
    pub fn access_changed(&self, before: &Snapshot, after: &Snapshot) {
        let known = RefCell::new(HashMap::new());
        self.send(|account| {
            let changed = *known
                .borrow_mut()
                .entry(account)
                .or_insert_with(|| access(before, account) != access(after, account));
            changed.then_some(Event::Access)
        });
    }

    /// The gateway's settings are other ones.
    pub fn settings_changed(&self) {
        self.send(|_| Some(Event::Settings));
    }

    /// Where `changed` is signed in is another list.
    pub fn sign_ins_changed(&self, changed: u64) {
        self.send(|account| (account == changed).then_some(Event::SignIns(changed)));
    }

    /// Whether a console of this sign-in is open.
    #[must_use]
    pub fn is_open(&self, sign_in: &str) -> bool {
        self.consoles().values().any(|one| one.sign_in == sign_in)
    }

    /// The list of groups is another one.
    pub fn groups_changed(&self) {
        self.send(|_| Some(Event::Groups));
    }

    /// An account was made, changed or removed.
    pub fn technician_changed(&self, snapshot: &Snapshot, id: u64) {
        let known = snapshot.account(id).is_some();
        self.send(|_| {
            Some(if known {
                Event::Technician(id)
            } else {
                Event::TechnicianGone(id)
            })
        });
    }

    /// Ends the consoles of one sign-in.
    pub fn end_sign_in(&self, sign_in: &str) {
        self.consoles().retain(|_, one| one.sign_in != sign_in);
    }

    /// Ends all consoles of an account.
    pub fn end_account(&self, account: u64) {
        self.consoles().retain(|_, one| one.account != account);
    }

    /// Ends the consoles of an account's other sign-ins.
    pub fn end_others(&self, account: u64, sign_in: &str) {
        self.consoles()
            .retain(|_, one| one.account != account || one.sign_in == sign_in);
    }

    /// Ends all consoles, when the gateway stops.
    pub fn end_all(&self) {
        self.consoles().clear();
    }

    fn left(&self) -> MutexGuard<'_, HashMap<u64, Timestamp>> {
        self.inner
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn consoles(&self) -> MutexGuard<'_, HashMap<u64, Console>> {
        let consoles = self.inner.consoles.lock();
        consoles.unwrap_or_else(PoisonError::into_inner)
    }
}

fn sees(snapshot: &Snapshot, account: u64, channel: u64) -> bool {
    let account = snapshot.account(account);
    let channel = snapshot.channel(channel);
    account
        .zip(channel)
        .is_some_and(|(account, channel)| snapshot.sees(account, channel))
}

/// What an account may do in each channel that it sees.
fn access(snapshot: &Snapshot, account: u64) -> BTreeMap<u64, Permissions> {
    let Some(account) = snapshot.account(account) else {
        return BTreeMap::new();
    };
    let seen = snapshot
        .channels()
        .filter(|one| snapshot.sees(account, one));
    seen.map(|one| (one.id, snapshot.permissions(account, one)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_console_that_does_not_read_is_cut_off_and_others_are_not() {
        let events = Events::default();
        let mut slow = events.subscribe(1, "a");
        let mut quick = events.subscribe(2, "b");
        while quick.queue.try_recv().is_ok() {}
        for n in 0..=QUEUE {
            events.send(|_| Some(Event::Channel(n as u64)));
            assert!(matches!(quick.next().await, Some(Event::Channel(_))));
        }
        assert!(!events.is_online(1));
        let mut got = 0;
        while slow.next().await.is_some() {
            got += 1;
        }
        assert_eq!(got, QUEUE);
    }

    #[tokio::test]
    async fn signing_out_ends_only_that_sign_in() {
        let events = Events::default();
        let mut here = events.subscribe(1, "here");
        let _there = events.subscribe(1, "there");
        events.end_sign_in("here");
        while let Some(event) = here.next().await {
            assert!(matches!(event, Event::Technician(1)));
        }
        assert!(events.is_online(1));
    }
}
