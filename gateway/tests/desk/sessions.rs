//! Sessions through the API: what technicians do, and who may not.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Console, Gateway, can, code, path};

#[tokio::test]
async fn a_new_session_waits_with_link_and_pin() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session(" Printer ", None).await;
    assert_eq!(session["name"], "Printer");
    assert_eq!(session["status"], "waiting");
    assert_eq!(session["technicians"][0]["name"], "Olivia");
    let (_, link) = owner.get(&path(&session, "/link")).await;
    assert_eq!(link["link"], session["link"]);
    let (_, pin) = owner.get(&path(&session, "/pin")).await;
    assert_eq!(pin["pin"], session["pin"]);
    assert_eq!(pin["pin"].as_str().unwrap().len(), 6);
    let (_, new) = owner.post(&path(&session, "/pin"), json!({})).await;
    assert_ne!(new["pin"], session["pin"]);
}

#[tokio::test]
async fn bad_names_are_refused_with_the_field() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    for name in ["", "   ", "a\u{7}b", &"x".repeat(65)] {
        let (status, answer) = owner.post("/sessions", json!({ "name": name })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["error"]["field"], "name");
    }
    let nowhere = json!({ "name": "x", "channel_id": "123" });
    let (status, _) = owner.post("/sessions", nowhere).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn of_two_takes_exactly_one_wins() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let eve = gateway
        .technician(&owner, "Eve", "channel_technician")
        .await;
    for _ in 0..10 {
        let session = owner.session("Printer", None).await;
        let (status, released) = owner.post(&path(&session, "/release"), json!({})).await;
        assert_eq!(
            (status, &released["status"]),
            (StatusCode::OK, &json!("in_queue"))
        );
        let take = path(&session, "/take");
        let (one, other) = tokio::join!(tim.post(&take, json!({})), eve.post(&take, json!({})));
        let won = [one.0, other.0]
            .iter()
            .filter(|status| **status == StatusCode::OK)
            .count();
        assert_eq!(won, 1, "{one:?} {other:?}");
        let winner = if one.0 == StatusCode::OK { &tim } else { &eve };
        assert_eq!(
            owner.look(&session).await["technicians"][0]["id"],
            *winner.id
        );
    }
}

#[tokio::test]
async fn a_session_of_others_does_not_exist_for_a_channel_technician() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let session = owner.session("Printer", None).await;
    assert_eq!(tim.get("/sessions").await.1["total"], 0);
    for rest in ["", "/link", "/pin", "/history"] {
        assert_eq!(
            tim.get(&path(&session, rest)).await.0,
            StatusCode::NOT_FOUND,
            "{rest}"
        );
    }
    for rest in [
        "/pin",
        "/ask",
        "/take",
        "/release",
        "/close",
        "/connect",
        "/withdraw",
    ] {
        let (status, _) = tim.post(&path(&session, rest), json!({})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{rest}");
    }
    assert_eq!(
        tim.delete(&path(&session, "")).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        tim.get("/sessions/123").await,
        tim.get(&path(&session, "")).await
    );
}

#[tokio::test]
async fn private_sessions_are_seen_by_their_owner_only() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let (_, channels) = tim.get("/channels").await;
    let private = channel(&channels, "private");
    let session = tim.session("Mine", Some(&private)).await;
    assert_eq!(
        owner.get(&path(&session, "")).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(owner.get("/sessions").await.1["total"], 0);
    let body = json!({ "name": "x", "channel_id": private });
    assert_eq!(
        owner.post("/sessions", body).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn whoever_is_invited_helps_and_whoever_it_is_transferred_to_has_it() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mia = gateway.technician(&owner, "Mia", "channel_manager").await;
    let session = mia.session("Printer", None).await;
    let invite = json!({ "technician_id": tim.id });
    let (status, with_tim) = mia.post(&path(&session, "/invite"), invite.clone()).await;
    assert_eq!(
        (status, with_tim["technicians"].as_array().unwrap().len()),
        (StatusCode::OK, 2)
    );
    let seen = tim.look(&session).await;
    assert!(
        !can(&seen, "close") && can(&seen, "release"),
        "{}",
        seen["actions"]
    );
    let (status, answer) = mia.post(&path(&session, "/invite"), invite.clone()).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "already_member")
    );
    let (status, handed) = mia.post(&path(&session, "/transfer-user"), invite).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(handed["technicians"].as_array().unwrap().len(), 1);
    let home = tim.get("/sessions?channel=home").await.1;
    assert_eq!(home["items"][0]["id"], session["id"]);
    let nobody = json!({ "technician_id": "123" });
    let (status, answer) = mia.post(&path(&session, "/assign"), nobody).await;
    assert_eq!(
        (status, &answer["error"]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("technician_id"))
    );
}

#[tokio::test]
async fn a_closed_session_stays_closed_and_a_deleted_one_is_gone() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let (_, closed) = owner.post(&path(&session, "/close"), json!({})).await;
    assert_eq!(closed["status"], "closed");
    assert!(!closed["closed_at"].is_null());
    let (status, answer) = owner
        .post(&path(&session, "/extend"), json!({ "seconds": 3600 }))
        .await;
    assert_eq!((status, code(&answer)), (StatusCode::CONFLICT, "closed"));
    assert_eq!(
        owner.get(&path(&session, "/pin")).await.0,
        StatusCode::CONFLICT
    );
    let history = owner.get(&path(&session, "/history")).await.1;
    let words: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["what"].clone())
        .collect();
    assert_eq!(words, ["created", "closed"]);
    assert_eq!(history[0]["actor"], "Olivia");
    assert_eq!(
        owner.delete(&path(&session, "")).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        owner.get(&path(&session, "")).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(owner.get("/sessions").await.1["total"], 0);
}

#[tokio::test]
async fn lists_are_filtered_sorted_searched_and_paged() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    for name in ["Beta", "alpha", "Gamma"] {
        owner.session(name, None).await;
    }
    let closed = owner.session("Delta", None).await;
    owner.post(&path(&closed, "/close"), json!({})).await;
    assert_eq!(names(&owner, "").await, ["Delta", "Gamma", "alpha", "Beta"]);
    assert_eq!(
        names(&owner, "?sort=name").await,
        ["alpha", "Beta", "Delta", "Gamma"]
    );
    assert_eq!(names(&owner, "?status=closed").await, ["Delta"]);
    assert_eq!(
        names(&owner, "?status=waiting,in_queue&q=ALPH").await,
        ["alpha"]
    );
    assert_eq!(
        names(&owner, "?q=olivia&channel=home&sort=status&limit=1").await,
        ["Gamma"]
    );
    let (_, page) = owner.get("/sessions?sort=name&limit=3").await;
    assert_eq!(page["total"], 4);
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(
        names(&owner, &format!("?sort=name&limit=3&cursor={cursor}")).await,
        ["Gamma"]
    );
    assert_eq!(
        owner.get("/sessions?status=sleeping").await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn name_and_note_change() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let patch = json!({ "note": "second floor" });
    let (status, changed) = owner.patch(&path(&session, ""), patch).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&changed["name"], &changed["note"]),
        (&json!("Printer"), &json!("second floor"))
    );
}

async fn names(console: &Console, query: &str) -> Vec<String> {
    let (status, page) = console.get(&format!("/sessions{query}")).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

pub fn channel(channels: &Value, kind: &str) -> String {
    let found = channels
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == kind);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}
