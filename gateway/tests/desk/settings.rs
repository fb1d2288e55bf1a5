//! The gateway's settings: each takes effect where it says, at once and after a restart; and what an operator reads beside them.

use mayday_protocol::control::{Join, ToAgent};
use mayday_protocol::stamp;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::events::Stream;
use crate::invite::{page, with_agent};
use crate::sessions::channel;
use crate::support::{Console, Gateway, falsify, token};

async fn set(owner: &Console, change: Value) -> Value {
    let (status, settings) = owner.patch("/settings", change).await;
    assert_eq!(status, StatusCode::OK, "{settings}");
    settings
}

/// The file that end users download for this session.
async fn download(gateway: &Gateway, token: &str) -> Vec<u8> {
    let url = format!("{}/j/{token}/mayday-sos-{token}", gateway.base);
    let answer = gateway.visitor().client.get(url).send().await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

fn stamped_name(file: &[u8]) -> String {
    let at = stamp::find(file).unwrap();
    let section = file[at..at + stamp::SECTION_BYTES].try_into().unwrap();
    let stamp = stamp::read(section).unwrap().unwrap();
    stamp.fields.organisation
}

#[tokio::test]
async fn another_name_reaches_pages_agents_downloads_and_open_consoles_and_stays() {
    let (gateway, _) = with_agent();
    let owner = gateway.owner().await;
    let (_, before) = owner.get("/settings").await;
    assert_eq!(before["organisation"], "Example & Sons");
    let token = token(&owner.session("Printer", None).await);
    assert_eq!(
        stamped_name(&download(&gateway, &token).await),
        "Example & Sons"
    );
    let mut console = Stream::open(&owner).await;

    let after = set(&owner, json!({ "organisation": " Harbour IT " })).await;
    assert_eq!(after["organisation"], "Harbour IT");
    console.until("settings", |_| true).await;
    let (_, system) = gateway.visitor().get("/system").await;
    assert_eq!(system["organisation"], "Harbour IT");
    let (_, html) = page(&gateway, &token, "en").await;
    assert!(
        html.contains("Harbour IT") && !html.contains("Example"),
        "{html}"
    );
    assert_eq!(
        stamped_name(&download(&gateway, &token).await),
        "Harbour IT"
    );
    let agent = gateway.agent(Join::Invite(token.clone())).await;
    let told = agent.hear_until(|heard| match heard {
        ToAgent::Welcome { organisation, .. } => Some(organisation.clone()),
        _ => None,
    });
    assert_eq!(told.await, "Harbour IT");
    let (_, audit) = owner.get("/audit?action=settings_changed").await;
    assert_eq!(audit["items"][0]["detail"], "organisation:Harbour\u{a0}IT");

    // What the command line says is only the name until somebody sets one.
    let again = Gateway::start_in(gateway.kill(), &[]);
    let (_, system) = again.visitor().get("/system").await;
    assert_eq!(system["organisation"], "Harbour IT");
}

#[tokio::test]
async fn new_channels_begin_with_the_settings_and_those_that_are_there_keep_theirs() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let change = json!({
        "expiration_s": 3600, "pin_valid_s": 300, "default_rights": "view", "verification": "compare"
    });
    set(&owner, change.clone()).await;
    let (_, made) = owner.post("/channels", json!({ "name": "New" })).await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let (_, his) = tim.get("/channels").await;
    let private = his
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "private");
    for new in [&made, private.unwrap()] {
        for field in [
            "expiration_s",
            "pin_valid_s",
            "default_rights",
            "verification",
        ] {
            assert_eq!(new[field], change[field], "{field} of {new}");
        }
    }
    let (_, channels) = owner.get("/channels").await;
    let general = channel(&channels, "default");
    let general = channels
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == general.as_str());
    assert_eq!(general.unwrap()["expiration_s"], 86400);
    assert_eq!(general.unwrap()["pin_valid_s"], 900);
    // What a channel is made with wins.
    let own = json!({ "name": "Own", "expiration_s": 900 });
    let (_, own) = owner.post("/channels", own).await;
    assert_eq!(
        (&own["expiration_s"], &own["pin_valid_s"]),
        (&json!(900), &json!(300))
    );
}

#[tokio::test]
async fn shorter_sign_ins_end_those_that_lasted_longer_already() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    // As if he had signed in two hours ago.
    let sql = "UPDATE web_sessions SET created_at = created_at - 7200000, expires_at = expires_at - 7200000 \
               WHERE account_id = (SELECT id FROM accounts WHERE name = 'Tim')";
    falsify(gateway.data.path(), sql).await;
    assert_eq!(tim.get("/me").await.0, StatusCode::OK);
    let mut console = Stream::open(&tim).await;
    set(&owner, json!({ "sign_in_s": 3600 })).await;
    assert_eq!(tim.get("/me").await.0, StatusCode::UNAUTHORIZED);
    while console.next().await.is_some() {}
    assert_eq!(owner.get("/me").await.0, StatusCode::OK);
    let cookie = gateway.visitor().client;
    let answer = cookie
        .post(format!("{}/api/v1/auth/sign-in", gateway.base))
        .header("x-mayday", "1")
        .json(&json!({ "email": "owner@example.org", "password": crate::support::PASSWORD }))
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Max-Age=3600"), "{cookie}");
}

#[tokio::test]
async fn what_is_out_of_the_limits_is_refused_with_its_field_and_changes_nothing() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (_, before) = owner.get("/settings").await;
    for (field, value) in [
        ("organisation", json!("  ")),
        ("organisation", json!("x".repeat(65))),
        ("sign_in_s", json!(3599)),
        ("sign_in_s", json!(2_592_001)),
        ("expiration_s", json!(59)),
        ("pin_valid_s", json!(86_401)),
    ] {
        let both = json!({ "default_rights": "view", field: value });
        let (status, answer) = owner.patch("/settings", both).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert_eq!(answer["error"]["field"], field);
    }
    assert_eq!(owner.get("/settings").await.1, before);
    // Saying what is so already leaves no record.
    set(&owner, before).await;
    let (_, audit) = owner.get("/audit?action=settings_changed").await;
    assert_eq!(audit["items"], json!([]));
}

#[tokio::test]
async fn the_operator_reads_what_is_so() {
    let (gateway, template) = with_agent();
    let owner = gateway.owner().await;
    let file = download(&gateway, &token(&owner.session("Printer", None).await)).await;
    let (status, state) = owner.get("/system/state").await;
    assert_eq!(status, StatusCode::OK, "{state}");
    assert_eq!(state["listens_on"], gateway.address.as_str());
    assert_eq!(state["metrics_url"], format!("{}/metrics", gateway.base));
    assert_eq!(state["pin"], gateway.pin.to_string());
    assert_eq!(state["certificate"]["kind"], "own");
    let ends = state["certificate"]["ends_at"].as_str().unwrap();
    assert!(ends > "2026-11-22", "{ends}");
    let agent = &state["agent"];
    assert_eq!(
        (&agent["whole"], &agent["organisation"]),
        (&json!(true), &json!("Example & Sons"))
    );
    assert_eq!(agent["gateway"], gateway.address.as_str());
    assert_eq!(agent["bytes"], template.len());
    let hash = ring::digest::digest(&ring::digest::SHA256, &file);
    let hash: String = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(agent["fingerprint"], hash);
    assert_eq!(
        state["data"]["folder"],
        gateway.data.path().to_str().unwrap()
    );
    let bytes = |field: &str| state["data"][field].as_u64().unwrap();
    assert!(bytes("bytes") > bytes("database_bytes") && bytes("database_bytes") > 4096);
    assert_eq!(state["open_sessions"], 1);
    let (_, status) = owner.get("/audit/status").await;
    assert_eq!(state["audit"]["records"], status["records"]);
    assert_eq!(state["audit"]["hash"].as_str().unwrap().len(), 64);

    // A file that somebody changed is said to be so.
    let path = gateway
        .data
        .path()
        .join("agents")
        .join(agent["file"].as_str().unwrap());
    let at = stamp::find(&file).unwrap();
    let mut changed = file;
    changed[at + 60] ^= 1;
    std::fs::write(path, changed).unwrap();
    let (_, state) = owner.get("/system/state").await;
    assert_eq!(
        (&state["agent"]["whole"], &state["agent"]["organisation"]),
        (&json!(false), &Value::Null)
    );
}
