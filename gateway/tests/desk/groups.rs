//! Groups of technicians: making, filling, deleting them, and what they bring into channels.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Gateway, code, path};

#[tokio::test]
async fn groups_have_unique_names_and_known_members() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let body = json!({ "name": "Night shift", "members": [tim.id, tim.id] });
    let (status, made) = owner.post("/groups", body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(made["members"], json!([{ "id": tim.id, "name": "Tim" }]));
    let (status, answer) = owner
        .post("/groups", json!({ "name": "Night shift" }))
        .await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "name_taken")
    );
    let one = format!("/groups/{}", made["id"].as_str().unwrap());
    for (body, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "members": ["7"] }), "members"),
    ] {
        let (status, answer) = owner.patch(&one, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["error"]["field"], field);
    }
    let body = json!({ "name": "Late shift", "members": [owner.id] });
    let (_, changed) = owner.patch(&one, body).await;
    assert_eq!(changed["name"], "Late shift");
    assert_eq!(changed["members"][0]["name"], "Olivia");
    let (_, groups) = tim.get("/groups").await;
    assert_eq!(groups, json!([changed]));
    assert_eq!(owner.delete(&one).await.0, StatusCode::NO_CONTENT);
    assert_eq!(owner.delete(&one).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_group_brings_its_technicians_into_a_channel_and_takes_them_out() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let (_, group) = owner
        .post(
            "/groups",
            json!({ "name": "Printers", "members": [tim.id] }),
        )
        .await;
    let group = group["id"].as_str().unwrap();
    let (_, made) = owner.post("/channels", json!({ "name": "Paper" })).await;
    let id = made["id"].as_str().unwrap();
    let sees = async || tim.get("/channels").await.1.as_array().unwrap().len() == 3;
    assert!(!sees().await);
    let assigned = format!("/channels/{id}/groups/{group}");
    let (status, shown) = owner.put(&assigned).await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    assert_eq!(
        shown["groups"][0],
        json!({ "id": group, "name": "Printers", "members": 1 })
    );
    assert!(sees().await);
    let session = tim.session("Jam", Some(id)).await;

    // Who is left out of the group is left out of the channel, but not out of a session of their own.
    let one = format!("/groups/{group}");
    owner.patch(&one, json!({ "members": [] })).await;
    assert!(!sees().await);
    assert_eq!(tim.get(&path(&session, "")).await.0, StatusCode::OK);
    owner.patch(&one, json!({ "members": [tim.id] })).await;
    assert!(sees().await);

    let patch = json!({ "routing": { "rule": "round_robin", "group_id": group } });
    let (status, answer) = owner.patch(&format!("/channels/{id}"), patch).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    owner.delete(&one).await;
    assert!(!sees().await);
    let (_, channels) = owner.get("/channels").await;
    let paper = channels
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == id);
    assert_eq!(paper.unwrap()["routing"]["rule"], "queue");
}

#[tokio::test]
async fn a_channel_takes_a_hundred_groups_and_says_so() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (_, made) = owner.post("/channels", json!({ "name": "Paper" })).await;
    let id = made["id"].as_str().unwrap();
    let mut groups = Vec::new();
    for number in 0..101 {
        let body = json!({ "name": format!("Group {number}") });
        let (_, group) = owner.post("/groups", body).await;
        let group = group["id"].as_str().unwrap();
        groups.push(format!("/channels/{id}/groups/{group}"));
    }
    let (last, most) = groups.split_last().unwrap();
    for one in most {
        assert_eq!(owner.put(one).await.0, StatusCode::OK);
    }
    let (status, answer) = owner.put(last).await;
    assert_eq!((status, code(&answer)), (StatusCode::CONFLICT, "full"));
    owner.delete(&most[0]).await;
    assert_eq!(owner.put(last).await.0, StatusCode::OK);
}
