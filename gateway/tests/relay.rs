//! The relay with real connections in one process: one agent, several technicians, one of them slow.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use mayday_gateway::relay::{AgentPlace, FromAgentRelay, Grants, Room, TechnicianPlace};
use mayday_protocol::control::Rights;
use mayday_protocol::{Audience, Class, ClearHeader, Packet, Sequence, SessionId, Slot};
use mayday_transport::{
    HttpsCertificate, Identity, Incoming, Link, Listener, Received, WebCertificates, connect,
};

const SESSION: SessionId = SessionId(77);
const SOON: Duration = Duration::from_secs(10);

/// What the end user granted, as a table.
#[derive(Clone)]
struct Granted(Arc<Mutex<[Rights; Slot::COUNT]>>);

impl Grants for Granted {
    fn allowed(&self, _: SessionId, slot: Slot) -> Rights {
        self.0.lock().unwrap()[slot.index()]
    }
}

struct World {
    listener: Listener,
    identity: Identity,
    room: Arc<Room>,
    granted: Granted,
    agent: Link,
    place: Arc<AgentPlace>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A gateway with one room and an agent in it; nobody may see anything yet.
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::load_or_create(folder.path()).unwrap();
        let listener = Listener::bind(
            "127.0.0.1:0".parse().unwrap(),
            &identity,
            &WebCertificates::load_or_create(folder.path()).unwrap(),
            &HttpsCertificate::load_or_create(folder.path(), &["localhost".to_owned()]).unwrap(),
        )
        .unwrap();
        let granted = Granted(Arc::new(Mutex::new([Rights::NONE; Slot::COUNT])));
        let room = Arc::new(Room::new(SESSION));
        let (agent, near) = pair(&listener, &identity).await;
        let place = Arc::new(AgentPlace::new(near.clone()));
        room.set_agent(Some(place.clone()));
        tokio::spawn(serve_agent(near, room.clone(), granted.clone()));
        Self {
            listener,
            identity,
            room,
            granted,
            agent,
            place,
            _folder: folder,
        }
    }

    async fn technician(&self, slot: Slot, rights: Rights) -> Link {
        let (technician, near) = pair(&self.listener, &self.identity).await;
        let place = Arc::new(TechnicianPlace::new(near));
        self.room.set_technician(slot, Some(place.clone()));
        self.grant(slot, rights);
        tokio::spawn(serve_technician(
            place,
            slot,
            self.room.clone(),
            self.granted.clone(),
        ));
        technician
    }

    fn grant(&self, slot: Slot, rights: Rights) {
        self.granted.0.lock().unwrap()[slot.index()] = rights;
    }
}

async fn pair(listener: &Listener, identity: &Identity) -> (Link, Link) {
    let port = listener.local_addr().port();
    let client = connect("127.0.0.1", port, identity.pin(), None)
        .await
        .unwrap();
    client.send_control(&"hello").await.unwrap();
    let Some(Incoming::Native(near)) = listener.accept_udp().await else {
        panic!("nobody came");
    };
    assert!(matches!(near.recv().await.unwrap(), Received::Control(_)));
    (client, near)
}

async fn serve_agent(link: Link, room: Arc<Room>, granted: Granted) {
    let mut relay = FromAgentRelay::new(room, granted);
    loop {
        tokio::select! {
            received = link.recv() => {
                let Ok(received) = received else { return };
                if relay.take(received).is_err() {
                    return link.close(1, "misplaced");
                }
            }
            () = relay.forward() => {}
        }
    }
}

async fn serve_technician(
    place: Arc<TechnicianPlace>,
    slot: Slot,
    room: Arc<Room>,
    granted: Granted,
) {
    let link = &place.link;
    while let Ok(received) = link.recv().await {
        let Received::Packet { packet, path } = received else {
            continue;
        };
        if room
            .take_from_technician(slot, &place, packet, path, &granted)
            .await
            .is_err()
        {
            return link.close(1, "misplaced");
        }
    }
}

fn packet(class: Class, audience: Audience, sequence: u32, payload: impl Into<Bytes>) -> Packet {
    Packet::new(
        ClearHeader {
            class,
            source: 0,
            audience,
            session: SESSION,
            sequence: Sequence(sequence),
            size: 0,
            age_us: 1000,
        },
        payload.into(),
    )
}

fn everybody() -> Audience {
    Slot::ALL.into_iter().fold(Audience::NOBODY, Audience::with)
}

/// The next packet, whole.
async fn next(link: &Link) -> Packet {
    let received = tokio::time::timeout(SOON, link.recv()).await;
    match received.expect("nothing came").unwrap() {
        Received::Packet { packet, .. } => packet,
        Received::Stream(stream) => stream.read().await.unwrap(),
        Received::Control(_) => panic!("a control message came"),
    }
}

async fn nothing_comes(link: &Link) {
    let received = tokio::time::timeout(Duration::from_millis(200), link.recv()).await;
    assert!(received.is_err(), "{received:?}");
}

#[tokio::test]
async fn an_update_reaches_its_audience_and_nobody_else() {
    let world = World::start().await;
    let [one, two, three] = Slot::ALL;
    let first = world.technician(one, Rights::VIEW).await;
    let second = world.technician(two, Rights::CONTROL).await;
    let third = world.technician(three, Rights::NONE).await;
    for (sequence, payload) in [(1, vec![1; 100]), (2, vec![2; 50_000])] {
        let update = packet(Class::Update, everybody(), sequence, payload);
        if update.fits_datagram() {
            world.agent.send_datagram(&update).unwrap();
        } else {
            world.agent.send_stream(&update).await.unwrap();
        }
        for link in [&first, &second] {
            let seen = next(link).await;
            assert_eq!(seen.payload, update.payload);
            assert!(seen.header.age_us >= 1000);
            assert_eq!(seen.header.sequence, update.header.sequence);
        }
    }
    let only = packet(Class::Pong, Audience::only(two), 3, vec![3; 4]);
    world.agent.send_datagram(&only).unwrap();
    assert_eq!(next(&second).await.payload, only.payload);
    nothing_comes(&first).await;
    nothing_comes(&third).await;
}

#[tokio::test]
async fn a_grant_that_ended_stops_pictures_and_input_at_once() {
    let world = World::start().await;
    let slot = Slot::ALL[0];
    let technician = world.technician(slot, Rights::CONTROL).await;
    let key = packet(Class::Input, Audience::AGENT, 1, vec![9; 9]);
    technician.send_ordered(&key).await.unwrap();
    assert_eq!(next(&world.agent).await.payload, key.payload);
    world.grant(slot, Rights::VIEW);
    technician.send_ordered(&key).await.unwrap();
    nothing_comes(&world.agent).await;
    let report = packet(Class::Feedback, Audience::AGENT, 2, vec![1; 9]);
    technician.send_datagram(&report).unwrap();
    assert_eq!(next(&world.agent).await.payload, report.payload);
    world.grant(slot, Rights::NONE);
    let update = packet(Class::Update, everybody(), 1, vec![1; 9]);
    world.agent.send_datagram(&update).unwrap();
    nothing_comes(&technician).await;
}

#[tokio::test]
async fn nothing_passes_while_the_desk_is_behind_the_end_user() {
    let world = World::start().await;
    let [one, two, _] = Slot::ALL;
    let lowered = world.technician(one, Rights::CONTROL).await;
    let other = world.technician(two, Rights::VIEW).await;
    world.place.shut(Some(one));
    let update = packet(Class::Update, everybody(), 1, vec![1; 9]);
    world.agent.send_datagram(&update).unwrap();
    assert_eq!(next(&other).await.payload, update.payload);
    nothing_comes(&lowered).await;
    let key = packet(Class::Input, Audience::AGENT, 1, vec![9; 9]);
    lowered.send_ordered(&key).await.unwrap();
    nothing_comes(&world.agent).await;
    world.place.reopen(Some(one));
    world.agent.send_datagram(&update).unwrap();
    assert_eq!(next(&lowered).await.payload, update.payload);
}

#[tokio::test]
async fn input_carries_its_true_sender() {
    let world = World::start().await;
    let technician = world.technician(Slot::ALL[2], Rights::CONTROL).await;
    let mut forged = packet(Class::Input, Audience::AGENT, 1, vec![9; 9]);
    forged.header.source = 0;
    technician.send_datagram(&forged).unwrap();
    assert_eq!(next(&world.agent).await.header.source, 2);
}

#[tokio::test]
async fn packets_of_another_session_or_of_the_other_side_end_the_connection() {
    for (class, session) in [(Class::Input, SessionId(1)), (Class::Update, SESSION)] {
        let world = World::start().await;
        let technician = world.technician(Slot::ALL[0], Rights::CONTROL).await;
        let mut misplaced = packet(class, Audience::AGENT, 1, vec![9; 9]);
        misplaced.header.session = session;
        technician.send_datagram(&misplaced).unwrap();
        assert!(
            tokio::time::timeout(SOON, technician.closed())
                .await
                .is_ok()
        );
    }
    let world = World::start().await;
    let forged = packet(Class::Input, Audience::AGENT, 1, vec![9; 9]);
    world.agent.send_datagram(&forged).unwrap();
    assert!(
        tokio::time::timeout(SOON, world.agent.closed())
            .await
            .is_ok()
    );
    let world = World::start().await;
    let picture = packet(Class::Update, everybody(), 1, vec![9; 9]);
    world.agent.send_ordered(&picture).await.unwrap();
    assert!(
        tokio::time::timeout(SOON, world.agent.closed())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_slow_technician_slows_nobody_and_its_lost_updates_are_reported() {
    let world = World::start().await;
    let quick = world.technician(Slot::ALL[0], Rights::VIEW).await;
    // This one reads nothing at all.
    let slow = world.technician(Slot::ALL[1], Rights::VIEW).await;
    let updates = 60;
    for sequence in 1..=updates {
        let update = packet(Class::Update, everybody(), sequence, vec![7; 200_000]);
        world.agent.send_stream(&update).await.unwrap();
        assert_eq!(next(&quick).await.header.sequence.0, sequence);
    }
    // Its connection takes 4 MB unread and 1 MB is kept for it: 25 updates. The others are reported, all at once or one after the other.
    let mut reported = 0;
    while reported < updates as usize - 27 {
        let (slot, sequences) = tokio::time::timeout(SOON, world.room.abandoned_updates())
            .await
            .unwrap_or_else(|_| panic!("only {reported} are reported"));
        assert_eq!(slot, Slot::ALL[1]);
        reported += sequences.len();
    }
    drop(slow);
}

#[tokio::test]
async fn a_flush_gives_up_what_is_under_way() {
    let world = World::start().await;
    let slot = Slot::ALL[0];
    let technician = world.technician(slot, Rights::VIEW).await;
    let header = packet(Class::Update, everybody(), 1, vec![0; 100_000]).header;
    let mut update = world.agent.open_stream(header).await.unwrap();
    update.write(vec![1; 1000].into()).await.unwrap();
    let Ok(Received::Stream(mut stream)) = technician.recv().await else {
        panic!("no stream");
    };
    assert!(stream.chunk().await.is_ok());
    world.room.flush(Some(slot));
    let ended = tokio::time::timeout(SOON, async {
        while let Ok(Some(_)) = stream.chunk().await {}
    });
    assert!(ended.await.is_ok());
    // The next update comes as ever.
    let after = packet(Class::Update, everybody(), 2, vec![2; 3000]);
    world.agent.send_stream(&after).await.unwrap();
    assert_eq!(next(&technician).await.payload, after.payload);
}

#[tokio::test]
async fn an_update_is_passed_on_before_it_is_whole() {
    let world = World::start().await;
    let technician = world.technician(Slot::ALL[0], Rights::VIEW).await;
    let header = packet(Class::Update, everybody(), 1, vec![0; 2000]).header;
    let mut update = world.agent.open_stream(header).await.unwrap();
    update.write(vec![1; 1000].into()).await.unwrap();
    let received = tokio::time::timeout(SOON, technician.recv()).await;
    let Ok(Ok(Received::Stream(mut stream))) = received else {
        panic!("no stream");
    };
    assert_eq!(stream.chunk().await.unwrap().unwrap().len(), 1000);
    update.write(vec![1; 1000].into()).await.unwrap();
    update.finish();
    assert_eq!(stream.chunk().await.unwrap().unwrap().len(), 1000);
    assert_eq!(stream.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn ordered_packets_of_an_agent_arrive_too() {
    let world = World::start().await;
    let technician = world.technician(Slot::ALL[0], Rights::VIEW).await;
    let shape = packet(Class::Cursor, everybody(), 1, vec![5; 3000]);
    world.agent.send_ordered(&shape).await.unwrap();
    assert_eq!(next(&technician).await.payload, shape.payload);
    let key = packet(Class::Input, Audience::AGENT, 1, vec![9; 9]);
    technician.send_datagram(&key).unwrap();
    assert!(
        tokio::time::timeout(Duration::from_millis(200), world.agent.recv())
            .await
            .is_err(),
        "input without a control grant came through"
    );
}
