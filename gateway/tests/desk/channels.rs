//! Channels: making, changing, removing, and who works in them.

use reqwest::StatusCode;
use serde_json::json;

use crate::sessions::channel;
use crate::support::{Gateway, code, path};

#[tokio::test]
async fn everybody_has_the_default_and_a_private_channel_and_both_stay() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (_, channels) = owner.get("/channels").await;
    for kind in ["default", "private"] {
        let id = channel(&channels, kind);
        let (status, answer) = owner.delete(&format!("/channels/{id}")).await;
        assert_eq!(
            (status, code(&answer)),
            (StatusCode::CONFLICT, "fixed"),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn members_see_a_channel_and_others_do_not() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let (status, made) = owner.post("/channels", json!({ "name": "Network" })).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let id = made["id"].as_str().unwrap();
    assert_eq!(tim.get("/channels").await.1.as_array().unwrap().len(), 2);
    let body = json!({ "name": "x", "channel_id": id });
    assert_eq!(
        tim.post("/sessions", body.clone()).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let member = format!("/channels/{id}/members/{}", tim.id);
    assert_eq!(tim.put(&member).await.0, StatusCode::NOT_FOUND);
    let (status, with_tim) = owner.put(&member).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(with_tim["members"].as_array().unwrap().len(), 2);
    assert_eq!(owner.put(&member).await.0, StatusCode::OK);
    assert_eq!(tim.get("/channels").await.1.as_array().unwrap().len(), 3);
    assert_eq!(tim.post("/sessions", body).await.0, StatusCode::CREATED);
    assert_eq!(
        tim.patch(&format!("/channels/{id}"), json!({ "name": "Mine" }))
            .await
            .0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(owner.delete(&member).await.0, StatusCode::NO_CONTENT);
    assert_eq!(tim.get("/channels").await.1.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn names_are_unique_and_settings_have_limits() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (_, made) = owner.post("/channels", json!({ "name": "Network" })).await;
    let (status, answer) = owner.post("/channels", json!({ "name": "Network" })).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "name_taken")
    );
    let one = format!("/channels/{}", made["id"].as_str().unwrap());
    for (field, value) in [
        ("expiration_s", 59),
        ("expiration_s", 604_801),
        ("pin_valid_s", 5),
    ] {
        let (status, answer) = owner.patch(&one, json!({ field: value })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["error"]["field"], field);
    }
    let patch = json!({ "expiration_s": 3600, "default_rights": "view", "max_open_sessions": 1 });
    let (_, changed) = owner.patch(&one, patch).await;
    assert_eq!(
        (&changed["expiration_s"], &changed["default_rights"]),
        (&json!(3600), &json!("view"))
    );
    let body = json!({ "name": "x", "channel_id": made["id"] });
    assert_eq!(
        owner.post("/sessions", body.clone()).await.0,
        StatusCode::CREATED
    );
    let (status, answer) = owner.post("/sessions", body).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "channel_full")
    );
    let elsewhere = owner.session("Elsewhere", None).await;
    let there = json!({ "channel_id": made["id"] });
    let go = path(&elsewhere, "/transfer-channel");
    let (status, answer) = owner.post(&go, there).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "channel_full")
    );
}

#[tokio::test]
async fn removing_a_channel_moves_its_sessions_to_the_default_one() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (_, made) = owner.post("/channels", json!({ "name": "Network" })).await;
    let id = made["id"].as_str().unwrap();
    let open = owner.session("Open", Some(id)).await;
    let closed = owner.session("Closed", Some(id)).await;
    owner.post(&path(&closed, "/close"), json!({})).await;
    let deleted = owner.session("Deleted", Some(id)).await;
    owner.delete(&path(&deleted, "")).await;
    let one = format!("/channels/{id}");
    assert_eq!(owner.delete(&one).await.0, StatusCode::NO_CONTENT);
    assert_eq!(owner.delete(&one).await.0, StatusCode::NOT_FOUND);
    for session in [&open, &closed] {
        assert_eq!(owner.look(session).await["channel"]["name"], "General");
    }
}

#[tokio::test]
async fn a_session_moves_only_to_a_channel_that_its_mover_works_in() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let mia = gateway.technician(&owner, "Mia", "channel_manager").await;
    let (_, made) = owner.post("/channels", json!({ "name": "Network" })).await;
    let session = mia.session("Printer", None).await;
    let there = json!({ "channel_id": made["id"] });
    let go = path(&session, "/transfer-channel");
    assert_eq!(mia.post(&go, there.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, moved) = owner.post(&go, there.clone()).await;
    assert_eq!(
        (status, &moved["channel"]["name"]),
        (StatusCode::OK, &json!("Network"))
    );
    let (status, answer) = owner.post(&go, there).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "same_channel")
    );
}

#[tokio::test]
async fn who_may_not_move_a_session_is_not_told_that_the_channel_is_full() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mia = gateway.technician(&owner, "Mia", "channel_manager").await;
    let full = json!({ "name": "Full", "max_open_sessions": 1 });
    let (_, full) = owner.post("/channels", full).await;
    let id = full["id"].as_str().unwrap();
    let inside = owner.session("Inside", Some(id)).await;
    let there = json!({ "channel_id": id });
    for technician in [&tim, &mia] {
        let session = technician.session("Printer", None).await;
        let go = path(&session, "/transfer-channel");
        let (status, answer) = technician.post(&go, there.clone()).await;
        assert_eq!(
            (status, code(&answer)),
            (StatusCode::FORBIDDEN, "not_allowed")
        );
    }
    let go = path(&inside, "/transfer-channel");
    let (_, answer) = owner.post(&go, there.clone()).await;
    assert_eq!(code(&answer), "same_channel");
    let closed = owner.session("Closed", None).await;
    owner.post(&path(&closed, "/close"), json!({})).await;
    let (_, answer) = owner.post(&path(&closed, "/transfer-channel"), there).await;
    assert_eq!(code(&answer), "closed");
}

#[tokio::test]
async fn a_session_is_extended_by_a_minute_to_a_week() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let go = path(&session, "/extend");
    for wrong in [0, 59, 604_801, u32::MAX] {
        let (status, answer) = owner.post(&go, json!({ "seconds": wrong })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["error"]["field"], "seconds", "{answer}");
    }
    assert_eq!(
        owner.look(&session).await["expires_at"],
        session["expires_at"]
    );
    for right in [60, 604_800] {
        let (status, _) = owner.post(&go, json!({ "seconds": right })).await;
        assert_eq!(status, StatusCode::OK);
    }
}
