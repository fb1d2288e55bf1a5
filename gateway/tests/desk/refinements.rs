//! What a channel says about permissions: who may say it, what comes of it, and that it takes effect at once.

use bytes::Bytes;
use mayday_protocol::control::{EndReason, Join, Rights, ToAgent, ToTechnician};
use mayday_protocol::{Audience, Class, ClearHeader, Packet, Sequence, SessionId, Slot};
use mayday_transport::{Link, Received};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::events::Stream;
use crate::sign_outs::{heard, ticket, viewer};
use crate::support::{Agent, Console, Gateway, PATIENCE, can, code, path, token};

async fn shared(owner: &Console, members: &[&Console]) -> String {
    let (_, made) = owner.post("/channels", json!({ "name": "Shared" })).await;
    let id = made["id"].as_str().unwrap().to_owned();
    for member in members {
        owner
            .put(&format!("/channels/{id}/members/{}", member.id))
            .await;
    }
    id
}

fn line<'a>(shown: &'a Value, permission: &str) -> &'a Value {
    let lines = shown["lines"].as_array().unwrap();
    lines
        .iter()
        .find(|one| one["permission"] == permission)
        .unwrap()
}

#[tokio::test]
async fn off_wins_over_on_and_the_editor_says_why() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let id = shared(&owner, &[&tim]).await;
    let (_, group) = owner
        .post(
            "/groups",
            json!({ "name": "Trainees", "members": [tim.id] }),
        )
        .await;
    let at = |kind: &str, who: &str| format!("/channels/{id}/permissions/{kind}/{who}");
    let tims = at("technician", &tim.id);
    let (_, shown) = owner.get(&tims).await;
    let take = line(&shown, "session.take");
    assert_eq!(
        (&take["allowed"], &take["because"]),
        (&json!(true), &json!("role"))
    );
    let on = json!({ "settings": { "session.delete": "on" } });
    let (_, shown) = owner.put_json(&tims, on).await;
    let delete = line(&shown, "session.delete");
    assert_eq!(
        (&delete["allowed"], &delete["because"]),
        (&json!(true), &json!("technician"))
    );
    assert_eq!(delete["by_role"], false);
    let off = json!({ "settings": { "session.delete": "off", "session.take": "off" } });
    let group = group["id"].as_str().unwrap();
    owner.put_json(&at("group", group), off).await;
    let (_, shown) = owner.get(&tims).await;
    for permission in ["session.delete", "session.take"] {
        let line = line(&shown, permission);
        assert_eq!(
            (&line["allowed"], &line["because"]),
            (&json!(false), &json!("group"))
        );
        assert_eq!(line["by_group"]["name"], "Trainees");
    }
    let (_, refined) = owner.get(&format!("/channels/{id}/permissions")).await;
    assert_eq!(refined[0]["name"], "Tim");
    assert_eq!(
        (&refined[1]["name"], &refined[1]["off"]),
        (&json!("Trainees"), &json!(2))
    );
    // Who leaves the channel takes along what was said about them.
    owner
        .delete(&format!("/channels/{id}/members/{}", tim.id))
        .await;
    let (_, refined) = owner.get(&format!("/channels/{id}/permissions")).await;
    assert_eq!(refined.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_gives_what_they_lack_or_refines_above_themselves() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let mia = gateway.technician(&owner, "Mia", "channel_manager").await;
    let max = gateway
        .technician(&owner, "Max", "technician_manager")
        .await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let id = shared(&owner, &[&mia, &max, &tim]).await;
    let at = |who: &Console| format!("/channels/{id}/permissions/technician/{}", who.id);
    let on = |permission: &str| json!({ "settings": { permission: "on" } });
    let (status, answer) = mia.put_json(&at(&tim), on("channel.remove")).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::FORBIDDEN, "not_allowed")
    );
    assert_eq!(
        mia.put_json(&at(&tim), on("session.extend")).await.0,
        StatusCode::OK
    );
    for above in [&mia, &max] {
        let (status, _) = mia.put_json(&at(above), on("session.extend")).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(mia.get(&at(above)).await.1["editable"], false);
    }
    // What somebody with more gave may stay when somebody with less changes something else.
    owner.put_json(&at(&tim), on("channel.remove")).await;
    let both = json!({ "settings": { "channel.remove": "on", "session.take": "off" } });
    assert_eq!(mia.put_json(&at(&tim), both).await.0, StatusCode::OK);
    let (status, answer) = owner.put_json(&at(&tim), on("session.fly")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
}

#[tokio::test]
async fn what_is_given_and_taken_shows_at_once() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let id = shared(&owner, &[&tim]).await;
    let session = owner.session("Owner's", Some(&id)).await;
    let mut stream = Stream::open(&tim).await;
    assert_eq!(tim.get(&path(&session, "")).await.0, StatusCode::NOT_FOUND);
    let at = format!("/channels/{id}/permissions/technician/{}", tim.id);
    let on = json!({ "settings": { "session.view_all": "on", "session.close": "off" } });
    owner.put_json(&at, on).await;
    stream.until("access", |_| true).await;
    let seen = tim.look(&session).await;
    assert!(can(&seen, "take") || !can(&seen, "close"), "{seen}");
    assert!(!can(&tim.session("Mine", Some(&id)).await, "close"));
    owner.put_json(&at, json!({ "settings": {} })).await;
    stream.until("access", |_| true).await;
    assert_eq!(tim.get(&path(&session, "")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_grant_beyond_what_the_channel_leaves_ends() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let id = shared(&owner, &[&tim]).await;
    let session = tim.session("Printer", Some(&id)).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    tim.wait_for(&session, |one| can(one, "ask")).await;
    let (status, _) = tim
        .post(&path(&session, "/ask"), json!({ "rights": "control" }))
        .await;
    assert_eq!(status, StatusCode::OK);
    agent.allows(Rights::CONTROL).await;
    tim.wait_for(&session, |one| can(one, "connect")).await;
    let view = viewer(&gateway, ticket(&tim, &session).await).await;
    assert!(matches!(heard(&view).await, ToTechnician::Joined { .. }));
    agent
        .hear_until(|heard| matches!(heard, ToAgent::Connected { .. }).then_some(()))
        .await;
    view.send_ordered(&key(&session)).await.unwrap();
    agent.gets(Class::Input).await;

    let at = format!("/channels/{id}/permissions/technician/{}", tim.id);
    let off = |permission: &str| json!({ "settings": { permission: "off" } });
    owner.put_json(&at, off("remote.control")).await;
    let lowered = agent.hear_until(|heard| match heard {
        ToAgent::Lowered { slot, rights } => Some((*slot, *rights)),
        _ => None,
    });
    assert_eq!(lowered.await, (Slot::ALL[0], Rights::VIEW));
    view.send_ordered(&key(&session)).await.unwrap();
    agent.gets_nothing().await;
    agent.shows(&session).await;
    shown(&view).await;
    let after = tim.look(&session).await;
    assert!(can(&after, "connect"), "{after}");
    let asked = json!({ "rights": "control" });
    let (status, answer) = tim.post(&path(&session, "/ask"), asked).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::FORBIDDEN, "not_allowed")
    );

    owner.put_json(&at, off("remote.view")).await;
    agent
        .hear_until(|heard| matches!(heard, ToAgent::Removed { .. }).then_some(()))
        .await;
    let last = heard(&view).await;
    let last = match last {
        ToTechnician::Clear {} => heard(&view).await,
        other => other,
    };
    let reason = EndReason::Removed;
    assert_eq!(last, ToTechnician::Ended { reason });
    assert!(!can(&tim.look(&session).await, "connect"));
}

/// A key press, as the viewer sends it.
fn key(session: &Value) -> Packet {
    packet(session, Class::Input, Audience::AGENT)
}

fn packet(session: &Value, class: Class, audience: Audience) -> Packet {
    let id: u64 = session["id"].as_str().unwrap().parse().unwrap();
    let header = ClearHeader {
        class,
        source: 0,
        audience,
        session: SessionId(id),
        sequence: Sequence(1),
        size: 0,
        age_us: 0,
    };
    Packet::new(header, Bytes::from_static(b"sealed"))
}

impl Agent {
    /// Waits for a packet of this class.
    async fn gets(&self, class: Class) {
        while self.next_packet(PATIENCE).await.expect("a packet") != class {}
    }

    async fn gets_nothing(&self) {
        let soon = std::time::Duration::from_millis(300);
        assert_eq!(self.next_packet(soon).await, None);
    }

    async fn shows(&self, session: &Value) {
        let update = packet(session, Class::Update, Audience::only(Slot::ALL[0]));
        self.link.send_datagram(&update).unwrap();
    }

    async fn next_packet(&self, wait: std::time::Duration) -> Option<Class> {
        let next = async {
            loop {
                if let Received::Packet { packet, .. } = self.link.recv().await.unwrap() {
                    return packet.header.class;
                }
            }
        };
        tokio::time::timeout(wait, next).await.ok()
    }
}

/// Waits for an update.
async fn shown(view: &Link) {
    let update = async {
        loop {
            if let Received::Packet { packet, .. } = view.recv().await.unwrap()
                && packet.header.class == Class::Update
            {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, update).await.unwrap();
}
