//! Who gets a seat, with real connections: only the one that was let in last, and nobody whose time ended on the way.

use std::sync::Arc;
use std::time::Duration;

use mayday_protocol::control::{EndReason, Rights, ToTechnician, decode};
use mayday_protocol::{Audience, Class, ClearHeader, Packet, Sequence, SessionId, Slot};
use mayday_transport::{
    Arrival, HttpsCertificate, Identity, Incoming, Link, Listener, Received, WebCertificates,
    connect,
};
use tokio::sync::oneshot;

use super::{Command, Switchboard};
use crate::desk::{LiveEffect, Stay};
use crate::relay::{Grants, Room, TechnicianPlace};

const SESSION: SessionId = SessionId(7);
const SLOT: Slot = Slot::ALL[1];
const SOON: Duration = Duration::from_secs(10);

struct Everything;

impl Grants for Everything {
    fn allowed(&self, _: SessionId, _: Slot) -> Rights {
        Rights::CONTROL
    }
}

struct World {
    listener: Listener,
    identity: Identity,
    _folder: tempfile::TempDir,
}

impl World {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::load_or_create(folder.path()).unwrap();
        let listener = Listener::bind(
            "127.0.0.1:0".parse().unwrap(),
            &identity,
            &WebCertificates::load_or_create(folder.path()).unwrap(),
            &HttpsCertificate::load_or_create(folder.path(), &["localhost".to_owned()]).unwrap(),
        )
        .unwrap();
        Self {
            listener,
            identity,
            _folder: folder,
        }
    }

    /// A client's connection, and the gateway's end of it.
    async fn pair(&self) -> (Link, Link) {
        let port = self.listener.local_addr().port();
        let client = connect("127.0.0.1", port, self.identity.pin(), None)
            .await
            .unwrap();
        client.send_control(&"hello").await.unwrap();
        let Some(Incoming::Native(near)) = self.listener.accept_udp().await else {
            panic!("nobody came");
        };
        assert!(matches!(near.recv().await.unwrap(), Received::Control(_)));
        (client, near)
    }
}

/// A viewer's task says that it is ready; its place, if it got one.
fn came(
    board: &mut Switchboard,
    link: &Link,
    stay: Stay,
) -> Option<(Arc<Room>, Arc<TechnicianPlace>)> {
    let (seated, mut here) = oneshot::channel();
    board.obey(Command::ViewerCame {
        session: SESSION,
        slot: SLOT,
        link: link.clone(),
        stay,
        seated,
    });
    here.try_recv().ok()
}

async fn is_closed(link: &Link) -> bool {
    tokio::time::timeout(SOON, link.closed()).await.is_ok()
}

fn key() -> Packet {
    let header = ClearHeader {
        class: Class::Input,
        source: 0,
        audience: Audience::AGENT,
        session: SESSION,
        sequence: Sequence(1),
        size: 0,
        age_us: 0,
    };
    Packet::new(header, vec![9; 9].into())
}

#[tokio::test]
async fn a_removed_technician_who_comes_late_does_not_get_the_next_ones_seat() {
    let world = World::start();
    let mut board = Switchboard::default();
    let (first, first_near) = world.pair().await;
    let (second, second_near) = world.pair().await;
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(1)));
    board.perform(LiveEffect::EndViewer(SESSION, SLOT, EndReason::Removed));
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(2)));
    let (room, place) = came(&mut board, &second_near, Stay(2)).expect("the second has a seat");
    assert!(came(&mut board, &first_near, Stay(1)).is_none());
    assert!(is_closed(&first).await);
    assert!(room.has_technician(SLOT, &place), "the second keeps it");
    let said = ToTechnician::Clear {};
    board.perform(LiveEffect::ToTechnician(SESSION, SLOT, said.clone()));
    let Ok(Received::Control(bytes)) = second.recv().await else {
        panic!("the second hears nothing");
    };
    assert_eq!(decode::<ToTechnician>(&bytes).unwrap(), said);
}

#[tokio::test]
async fn the_late_one_gets_nothing_before_the_next_one_came_either() {
    let world = World::start();
    let mut board = Switchboard::default();
    let (first, first_near) = world.pair().await;
    let (_second, second_near) = world.pair().await;
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(1)));
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(2)));
    assert!(came(&mut board, &first_near, Stay(1)).is_none());
    assert!(is_closed(&first).await);
    assert!(came(&mut board, &second_near, Stay(2)).is_some());
}

#[tokio::test]
async fn who_was_removed_on_the_way_hears_why_and_gets_no_seat() {
    let world = World::start();
    let mut board = Switchboard::default();
    let (technician, near) = world.pair().await;
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(1)));
    board.perform(LiveEffect::EndViewer(SESSION, SLOT, EndReason::Removed));
    assert!(came(&mut board, &near, Stay(1)).is_none());
    let Ok(Received::Control(bytes)) = technician.recv().await else {
        panic!("no reason");
    };
    let ended = ToTechnician::Ended {
        reason: EndReason::Removed,
    };
    assert_eq!(decode::<ToTechnician>(&bytes).unwrap(), ended);
    assert!(is_closed(&technician).await);
    assert!(board.sessions.is_empty(), "nothing is left behind");
}

#[tokio::test]
async fn a_seat_that_ended_gives_no_authority_to_whoever_still_holds_its_connection() {
    let world = World::start();
    let mut board = Switchboard::default();
    let (agent, agent_near) = world.pair().await;
    board.perform(LiveEffect::AgentArrives(SESSION, Stay(1)));
    let (seated, _here) = oneshot::channel();
    board.obey(Command::AgentCame {
        session: SESSION,
        link: agent_near,
        stay: Stay(1),
        seated,
    });
    let (_first, first_near) = world.pair().await;
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(2)));
    let (room, removed) = came(&mut board, &first_near, Stay(2)).unwrap();
    board.perform(LiveEffect::EndViewer(SESSION, SLOT, EndReason::Removed));
    let (_second, second_near) = world.pair().await;
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(3)));
    let (_, next) = came(&mut board, &second_near, Stay(3)).unwrap();
    for (place, passes) in [(&removed, false), (&next, true)] {
        let taken = room.take_from_technician(SLOT, place, key(), Arrival::Ordered, &Everything);
        taken.await.unwrap();
        let heard = tokio::time::timeout(Duration::from_millis(300), agent.recv()).await;
        assert_eq!(heard.is_ok(), passes);
    }
}

#[tokio::test]
async fn only_the_agent_that_is_here_clears_what_technicians_see() {
    let world = World::start();
    let mut board = Switchboard::default();
    let (_agent, agent_near) = world.pair().await;
    board.perform(LiveEffect::AgentArrives(SESSION, Stay(1)));
    let (seated, _here) = oneshot::channel();
    board.obey(Command::AgentCame {
        session: SESSION,
        link: agent_near,
        stay: Stay(1),
        seated,
    });
    let (technician, near) = world.pair().await;
    board.perform(LiveEffect::ViewerArrives(SESSION, SLOT, Stay(2)));
    assert!(came(&mut board, &near, Stay(2)).is_some());
    for (stay, clears) in [(Stay(0), false), (Stay(1), true)] {
        board.obey(Command::Clear {
            session: SESSION,
            stay,
            slot: Some(SLOT),
        });
        let heard = tokio::time::timeout(Duration::from_millis(300), technician.recv()).await;
        assert_eq!(heard.is_ok(), clears);
    }
}
