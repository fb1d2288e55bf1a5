//! Signing in and out, set-up links, managing technicians.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Gateway, PASSWORD, code};

#[tokio::test]
async fn only_the_right_password_signs_in_and_signing_out_ends_it() {
    let gateway = Gateway::start();
    let visitor = gateway.visitor();
    assert_eq!(visitor.get("/me").await.0, StatusCode::UNAUTHORIZED);
    let wrong = json!({ "email": "owner@example.org", "password": "wrong horse battery" });
    let (status, answer) = visitor.post("/auth/sign-in", wrong).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::UNAUTHORIZED, "wrong_credentials")
    );
    let unknown = json!({ "email": "nobody@example.org", "password": PASSWORD });
    let (unknown_status, unknown_answer) = visitor.post("/auth/sign-in", unknown).await;
    assert_eq!((unknown_status, unknown_answer), (status, answer));
    let owner = gateway.owner().await;
    let (_, me) = owner.get("/me").await;
    assert_eq!(me["role"], "owner");
    assert_eq!(
        owner.post("/auth/sign-out", json!({})).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(owner.get("/me").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nothing_changes_without_the_header_that_other_sites_cannot_send() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let url = format!("{}/api/v1/sessions", gateway.base);
    let forged = owner
        .client
        .post(url)
        .json(&json!({ "name": "x" }))
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert_eq!(owner.get("/sessions").await.1["total"], 0);
}

#[tokio::test]
async fn the_cookie_is_out_of_scripts_and_other_sites_reach() {
    let gateway = Gateway::start();
    let answer = reqwest::Client::new()
        .post(format!("{}/api/v1/auth/sign-in", gateway.base))
        .header("x-mayday", "1")
        .json(&json!({ "email": "owner@example.org", "password": PASSWORD }))
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
}

#[tokio::test]
async fn the_sixth_wrong_password_waits_even_if_the_seventh_is_right() {
    let gateway = Gateway::start();
    let visitor = gateway.visitor();
    for _ in 0..5 {
        let body = json!({ "email": "owner@example.org", "password": "wrong horse battery" });
        assert_eq!(
            visitor.post("/auth/sign-in", body).await.0,
            StatusCode::UNAUTHORIZED
        );
    }
    let body = json!({ "email": "Owner@Example.org ", "password": PASSWORD });
    let (status, answer) = visitor.post("/auth/sign-in", body).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::TOO_MANY_REQUESTS, "try_later")
    );
    assert!(answer["error"]["retry_after_s"].as_u64().unwrap() > 600);
}

#[tokio::test]
async fn a_set_up_link_works_once() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let body = json!({ "name": "Tim", "email": "tim@example.org", "role": "channel_technician" });
    let (_, created) = owner.post("/technicians", body).await;
    assert_eq!(created["technician"]["state"], "invited");
    let token = created["setup_link"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let path = format!("/setup/{token}");
    let visitor = gateway.visitor();
    let (_, info) = visitor.get(&path).await;
    assert_eq!(info["name"], "Tim");
    let short = json!({ "password": "short" });
    assert_eq!(
        visitor.post(&path, short).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let body = json!({ "password": PASSWORD });
    assert_eq!(visitor.post(&path, body.clone()).await.0, StatusCode::OK);
    assert_eq!(visitor.get("/me").await.1["name"], "Tim");
    let (status, answer) = gateway.visitor().post(&path, body).await;
    assert_eq!((status, code(&answer)), (StatusCode::GONE, "setup_link"));
}

#[tokio::test]
async fn a_new_set_up_link_ends_the_one_before() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let body = json!({ "name": "Tim", "email": "tim@example.org", "role": "channel_technician" });
    let (_, created) = owner.post("/technicians", body).await;
    let id = created["technician"]["id"].as_str().unwrap();
    let (_, again) = owner
        .post(&format!("/technicians/{id}/setup-link"), json!({}))
        .await;
    for (link, expected) in [
        (&created["setup_link"], StatusCode::GONE),
        (&again["setup_link"], StatusCode::OK),
    ] {
        let token = link.as_str().unwrap().rsplit('/').next().unwrap();
        assert_eq!(
            gateway.visitor().get(&format!("/setup/{token}")).await.0,
            expected
        );
    }
}

#[tokio::test]
async fn signing_out_everywhere_and_a_new_password_end_other_sign_ins() {
    let gateway = Gateway::start();
    let (desk, phone) = (gateway.owner().await, gateway.owner().await);
    let change = json!({ "current": "not my password", "new": "another good one" });
    assert_eq!(
        desk.post("/me/password", change).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let change = json!({ "current": PASSWORD, "new": "another good one" });
    assert_eq!(
        desk.post("/me/password", change).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(phone.get("/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.get("/me").await.0, StatusCode::OK);
    assert_eq!(
        desk.post("/auth/sign-out-everywhere", json!({})).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(desk.get("/me").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn technicians_do_not_manage_technicians_and_managers_do_not_touch_owners() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mia = gateway
        .technician(&owner, "Mia", "technician_manager")
        .await;
    let new = json!({ "name": "Eve", "email": "eve@example.org", "role": "owner" });
    assert_eq!(
        tim.post("/technicians", new.clone()).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(mia.post("/technicians", new).await.0, StatusCode::FORBIDDEN);
    let owners = format!("/technicians/{}", owner.id);
    assert_eq!(
        mia.patch(&owners, json!({ "disabled": true })).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        mia.post(&format!("{owners}/setup-link"), json!({})).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(mia.delete(&owners).await.0, StatusCode::FORBIDDEN);
    let tims = format!("/technicians/{}", tim.id);
    assert_eq!(
        mia.patch(&tims, json!({ "role": "owner" })).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(owner.delete(&owners).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_disabled_technician_is_out_at_once_and_their_sessions_wait_for_somebody() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let session = tim.session("Printer", None).await;
    let disable = json!({ "disabled": true });
    let (status, shown) = owner
        .patch(&format!("/technicians/{}", tim.id), disable)
        .await;
    assert_eq!(
        (status, &shown["state"]),
        (StatusCode::OK, &json!("disabled"))
    );
    assert_eq!(tim.get("/me").await.0, StatusCode::UNAUTHORIZED);
    let body = json!({ "email": "tim@example.org", "password": PASSWORD });
    assert_eq!(
        tim.post("/auth/sign-in", body).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(owner.look(&session).await["status"], "in_queue");
}

#[tokio::test]
async fn a_removed_account_frees_its_address() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let again = json!({ "name": "Tim", "email": "TIM@example.org", "role": "channel_technician" });
    let (status, answer) = owner.post("/technicians", again.clone()).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "email_taken")
    );
    assert_eq!(
        owner.delete(&format!("/technicians/{}", tim.id)).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(tim.get("/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(
        owner.post("/technicians", again).await.0,
        StatusCode::CREATED
    );
}
