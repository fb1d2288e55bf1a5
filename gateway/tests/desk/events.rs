//! The live stream of the lists.

use mayday_protocol::control::Join;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Console, Gateway, PATIENCE, falsify, path, token};

pub struct Stream {
    answer: reqwest::Response,
    text: String,
}

impl Stream {
    pub async fn open(console: &Console) -> Self {
        let url = format!("{}/api/v1/events", console.base);
        let answer = console.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let mut stream = Self {
            answer,
            text: String::new(),
        };
        assert_eq!(stream.next().await.unwrap().0, "hello");
        stream
    }

    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().to_owned()
                };
                let found = (
                    field("event: "),
                    serde_json::from_str(&field("data: ")).unwrap(),
                );
                self.text = rest.to_owned();
                return Some(found);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk())
                .await
                .unwrap();
            let chunk = chunk.expect("the stream goes on, or ends well")?;
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    pub async fn until(&mut self, name: &str, good: impl Fn(&Value) -> bool) -> Value {
        loop {
            let (event, data) = self.next().await.expect("the stream goes on");
            if event == name && good(&data) {
                return data;
            }
        }
    }
}

#[tokio::test]
async fn changes_arrive_without_asking() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let mut stream = Stream::open(&owner).await;
    let session = owner.session("Printer", None).await;
    stream
        .until("session", |one| one["id"] == session["id"])
        .await;
    let _agent = gateway.agent(Join::Invite(token(&session))).await;
    let active = stream
        .until("session", |one| one["status"] == "active")
        .await;
    assert_eq!(active["device"]["os"], "linux");
    owner.delete(&path(&session, "")).await;
    stream
        .until("session_gone", |one| one["id"] == session["id"])
        .await;
}

#[tokio::test]
async fn everybody_hears_only_of_what_they_may_see() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mut tims = Stream::open(&tim).await;
    let secret = owner.session("Secret", None).await;
    let open = owner.session("Open", None).await;
    owner.post(&path(&open, "/release"), json!({})).await;
    let seen = tims.until("session", |_| true).await;
    assert_eq!(seen["id"], open["id"], "not {}", secret["id"]);
    owner.post(&path(&open, "/take"), json!({})).await;
    tims.until("session_gone", |one| one["id"] == open["id"])
        .await;
}

#[tokio::test]
async fn signing_out_ends_the_stream() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let mut stream = Stream::open(&owner).await;
    owner.post("/auth/sign-out", json!({})).await;
    while stream.next().await.is_some() {}
    let url = format!("{}/api/v1/events", gateway.base);
    let answer = owner.client.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_set_up_link_ends_the_streams_of_those_before() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mut stream = Stream::open(&tim).await;
    let (_, made) = owner
        .post(&format!("/technicians/{}/setup-link", tim.id), json!({}))
        .await;
    let token = made["setup_link"].as_str().unwrap().rsplit('/').next();
    let password = json!({ "password": "a new horse battery" });
    let again = format!("/setup/{}", token.unwrap());
    let (status, _) = gateway.visitor().post(&again, password).await;
    assert_eq!(status, StatusCode::OK);
    while stream.next().await.is_some() {}
    assert_eq!(tim.get("/me").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_sign_in_that_ran_out_ends_its_stream() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let mut stream = Stream::open(&owner).await;
    falsify(
        gateway.data.path(),
        "UPDATE web_sessions SET expires_at = 0",
    )
    .await;
    while stream.next().await.is_some() {}
}

#[tokio::test]
async fn not_me_alerts_those_who_see_the_session() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mut owners = Stream::open(&owner).await;
    let session = tim.session("Printer", None).await;
    let url = format!("{}/j/{}/not-me", gateway.base, token(&session));
    gateway.visitor().client.post(url).send().await.unwrap();
    let alert = owners.until("alert", |_| true).await;
    assert_eq!(
        (&alert["kind"], &alert["session_id"]),
        (&json!("not_me"), &session["id"])
    );
}

#[tokio::test]
async fn who_is_online_shows() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mut stream = Stream::open(&owner).await;
    let tims = Stream::open(&tim).await;
    stream
        .until("technician", |one| {
            one["name"] == "Tim" && one["online"] == true
        })
        .await;
    drop(tims);
    stream
        .until("technician", |one| {
            one["name"] == "Tim" && one["online"] == false
        })
        .await;
}
