//! The audit from outside: whole after real work, and every way to falsify it shows.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::json;

use crate::support::{BINARY, Gateway, falsify, path};

fn verify(data: &Path) -> Output {
    Command::new(BINARY)
        .args(["audit", "verify", "--data"])
        .arg(data)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// Some sessions were made and closed; a head that covers it was signed at the second start.
async fn worked() -> Arc<tempfile::TempDir> {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    for name in ["one", "two", "three"] {
        let session = owner.session(name, None).await;
        owner.post(&path(&session, "/close"), json!({})).await;
    }
    let data = gateway.kill();
    let heads = data.path().join("audit-heads.log");
    let signed = || {
        std::fs::read_to_string(&heads)
            .unwrap_or_default()
            .lines()
            .count()
    };
    let before = signed();
    let again = Gateway::start_in(data.clone(), &[]);
    let started = std::time::Instant::now();
    while signed() == before && started.elapsed() < crate::support::PATIENCE {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    again.kill();
    data
}

#[tokio::test]
async fn after_real_work_the_audit_is_whole() {
    let data = worked().await;
    let output = verify(data.path());
    assert!(output.status.success(), "{}", said(&output));
    let text = said(&output);
    assert!(text.contains("the audit is whole"), "{text}");
    assert!(!text.contains(" 0 signed heads"), "{text}");
}

#[tokio::test]
async fn a_changed_missing_or_cut_record_and_a_forged_head_show() {
    let cases = [
        (
            "UPDATE audit SET actor = 'technician:1' WHERE sequence = 3",
            "record 3, or one before it, was changed",
        ),
        (
            "DELETE FROM audit WHERE sequence = 4",
            "record 4 is missing",
        ),
        (
            "DELETE FROM audit WHERE sequence > 5",
            "the end was cut off",
        ),
        ("DELETE FROM audit", "the end was cut off"),
    ];
    for (sql, sentence) in cases {
        let data = worked().await;
        falsify(data.path(), sql).await;
        let output = verify(data.path());
        assert!(!output.status.success(), "{sql}");
        assert!(said(&output).contains(sentence), "{sql}: {}", said(&output));
    }
    let data = worked().await;
    let heads = data.path().join("audit-heads.log");
    let text = std::fs::read_to_string(&heads).unwrap();
    std::fs::write(&heads, text.replacen("head 1 ", "head 1 9", 1)).unwrap();
    let output = verify(data.path());
    assert!(
        said(&output).contains("line 1: not signed by this gateway"),
        "{}",
        said(&output)
    );
}

#[tokio::test]
async fn the_audit_is_searched_filtered_and_says_from_where() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("=Printer \"drum\"", None).await;
    owner.post(&path(&session, "/close"), json!({})).await;
    let other = owner.session("Other", None).await;
    owner.post(&path(&other, "/release"), json!({})).await;

    let words = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|one| one["action"].as_str().unwrap().to_owned())
            .collect()
    };
    let (status, page) = owner.get("/audit?q=printer").await;
    assert_eq!(status, reqwest::StatusCode::OK, "{page}");
    assert_eq!(words(&page), ["closed", "created"]);
    assert_eq!(page["items"][0]["from"], "127.0.0.1");
    assert_eq!(page["items"][0]["session_name"], "=Printer \"drum\"");

    let (_, page) = owner.get("/audit?action=released").await;
    assert_eq!(words(&page), ["released"]);
    let (_, page) = owner.get("/audit?limit=2").await;
    let before = page["next_before"].as_u64().unwrap();
    let (_, rest) = owner
        .get(&format!("/audit?limit=500&before={before}"))
        .await;
    assert!(rest["items"][0]["sequence"].as_u64().unwrap() < before);
    assert!(rest["next_before"].is_null());
    let (_, nothing) = owner.get("/audit?until=2001-01-01T00:00:00Z").await;
    assert_eq!(words(&nothing), Vec::<String>::new());

    let (_, check) = owner.get("/audit/check").await;
    assert_eq!(check["whole"], true, "{check}");
    let (_, state) = owner.get("/audit/status").await;
    assert_eq!(state["records"], check["records"]);

    let technician = gateway
        .technician(&owner, "Tom", "channel_technician")
        .await;
    for route in ["", "/export?format=csv", "/status", "/check"] {
        let (status, _) = technician.get(&format!("/audit{route}")).await;
        assert_eq!(status, reqwest::StatusCode::FORBIDDEN, "{route}");
    }
}

#[tokio::test]
async fn an_export_has_every_record_and_no_formula() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    owner.session("=1+1", None).await;
    let (_, page) = owner.get("/audit?limit=500").await;
    let count = page["items"].as_array().unwrap().len();
    let csv = owner.text("/audit/export?format=csv").await;
    assert_eq!(csv.lines().count(), count + 1, "{csv}");
    assert!(csv.contains("\"'=1+1\""), "{csv}");
    let json = owner.text("/audit/export?format=json").await;
    let all: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(all.len(), count);
}

#[tokio::test]
async fn what_was_removed_keeps_its_name_and_roles_are_said_in_words() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let (_, shared) = owner.post("/channels", json!({ "name": "Depot" })).await;
    let shared = shared["id"].as_str().unwrap().to_owned();
    let group = json!({ "name": "Trainees", "members": [tim.id] });
    let (_, group) = owner.post("/groups", group).await;
    let group = group["id"].as_str().unwrap().to_owned();
    let at = format!("/channels/{shared}/permissions/group/{group}");
    let off = json!({ "settings": { "session.take": "off" } });
    owner
        .put(&format!("/channels/{shared}/groups/{group}"))
        .await;
    owner.put_json(&at, off).await;
    let (status, call) = owner
        .post(
            &format!("/channels/{shared}/calls"),
            json!({ "name": "Help the depot" }),
        )
        .await;
    assert!(status.is_success(), "{call}");
    owner
        .delete(&format!("/calls/{}", call["id"].as_str().unwrap()))
        .await;
    let nobody = json!({ "members": [] });
    owner.patch(&format!("/groups/{group}"), nobody).await;
    owner.delete(&format!("/groups/{group}")).await;
    owner.delete(&format!("/channels/{shared}")).await;
    let manager = json!({ "role": "channel_manager" });
    owner
        .patch(&format!("/technicians/{}", tim.id), manager)
        .await;

    let (_, page) = owner.get("/audit?limit=500").await;
    let said = |action: &str| -> String {
        let items = page["items"].as_array().unwrap();
        let found = items.iter().find(|one| one["action"] == action);
        let found = found.unwrap_or_else(|| panic!("no {action}"));
        found["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(said("channel_removed"), "Depot");
    assert_eq!(said("group_removed"), "Trainees");
    assert_eq!(said("group_changed"), "Trainees Tim left");
    assert_eq!(said("call_deleted"), "Help the depot Depot");
    assert_eq!(
        said("permissions_changed"),
        "Depot Trainees session.take:off"
    );
    assert_eq!(said("account_changed"), "Tim channel_manager");
    owner.patch("/me", json!({ "name": "Olive" })).await;
    let (_, newest) = owner.get("/audit?limit=1").await;
    assert_eq!(newest["items"][0]["detail"], "Olive");
    let items = page["items"].as_array().unwrap();
    let changed = items.iter().find(|one| one["action"] == "account_changed");
    assert_eq!(
        changed.unwrap()["about"][1],
        json!({ "is": "role", "role": "channel_manager" })
    );

    let csv = owner.text("/audit/export?format=csv&lang=de-CH").await;
    assert!(csv.contains("Tim Kanalleitung"), "{csv}");
    assert!(!csv.contains("channel_manager"), "{csv}");
    let json = owner.text("/audit/export?format=json").await;
    assert!(
        json.contains("channel_manager"),
        "stable words for programs"
    );
}
