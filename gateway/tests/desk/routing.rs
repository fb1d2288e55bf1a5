//! A channel's rule for incoming requests, as a setting.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::Gateway;

#[tokio::test]
async fn requests_go_to_people_of_the_channel_only() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let (_, group) = owner.post("/groups", json!({ "name": "Printers" })).await;
    let (_, made) = owner.post("/channels", json!({ "name": "Paper" })).await;
    assert_eq!(made["routing"]["rule"], "queue");
    let one = format!("/channels/{}", made["id"].as_str().unwrap());
    let rules = [
        json!({ "rule": "technician", "technician_id": tim.id }),
        json!({ "rule": "round_robin", "group_id": group["id"] }),
    ];
    for rule in rules.iter().chain([&json!({ "rule": "technician" })]) {
        let (status, answer) = owner.patch(&one, json!({ "routing": rule })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{rule}");
        assert_eq!(answer["error"]["field"], "routing");
    }
    owner.put(&format!("{one}/members/{}", tim.id)).await;
    owner
        .put(&format!("{one}/groups/{}", group["id"].as_str().unwrap()))
        .await;
    for rule in &rules {
        let (status, changed) = owner.patch(&one, json!({ "routing": rule })).await;
        assert_eq!(
            (status, &changed["routing"]["rule"]),
            (StatusCode::OK, &rule["rule"])
        );
    }
    let (_, changed) = owner
        .patch(&one, json!({ "routing": { "rule": "least_busy" } }))
        .await;
    assert_eq!(changed["routing"]["group_id"], json!(null));
}

#[tokio::test]
async fn the_other_settings_are_kept_and_limited() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let body = json!({
        "name": "Paper", "skills": ["SAP", " sap", "Drucker"], "verification": "type",
        "rating": true, "rating_question": "Did it help?",
    });
    let (status, made) = owner.post("/channels", body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let id = made["id"].as_str().unwrap();
    let data = gateway.kill();
    let gateway = Gateway::start_in(data, &[]);
    let owner = gateway.owner().await;
    let (_, channels) = owner.get("/channels").await;
    let kept = channels
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == id)
        .unwrap();
    assert_eq!(kept["skills"], json!(["SAP", "Drucker"]));
    assert_eq!(
        (&kept["verification"], &kept["rating"]),
        (&json!("type"), &json!(true))
    );
    assert_eq!(kept["rating_question"], "Did it help?");
    for (field, value) in [
        ("skills", json!(["x".repeat(33)])),
        ("rating_question", json!("x".repeat(201))),
    ] {
        let (status, answer) = owner
            .patch(&format!("/channels/{id}"), json!({ field: value }))
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["error"]["field"], field);
    }
    let (status, technician) = owner
        .patch(
            &format!("/technicians/{}", owner.id),
            json!({ "skills": ["SAP"] }),
        )
        .await;
    assert_eq!(
        (status, &technician["skills"]),
        (StatusCode::OK, &json!(["SAP"]))
    );
}
