//! Notes, earlier sessions of a computer, the rating and the reports, over HTTP and the wire.

use mayday_protocol::control::{FromAgent, Join, SystemReport, ToAgent, decode};
use mayday_transport::{Received, connect};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Agent, Console, Gateway, code, path, token};

#[tokio::test]
async fn notes_have_authors_and_only_they_change_them() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let session = owner.session("Printer", None).await;
    owner
        .post(
            &path(&session, "/invite"),
            json!({ "technician_id": tim.id }),
        )
        .await;
    let (status, note) = tim
        .post(
            &path(&session, "/notes"),
            json!({ "text": " toner is empty " }),
        )
        .await;
    assert_eq!(
        (status, &note["text"]),
        (StatusCode::CREATED, &json!("toner is empty"))
    );
    let at = path(
        &session,
        &format!("/notes/{}", note["id"].as_str().unwrap()),
    );
    let (status, body) = owner.patch(&at, json!({ "text": "mine now" })).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "not_yours"));
    assert_eq!(owner.delete(&at).await.0, StatusCode::FORBIDDEN);
    let (_, edited) = tim.patch(&at, json!({ "text": "toner was empty" })).await;
    assert!(edited["edited_at"].is_string());
    owner.post(&path(&session, "/close"), json!({})).await;
    owner
        .post(&path(&session, "/notes"), json!({ "text": "ordered" }))
        .await;
    let (_, notes) = owner.get(&path(&session, "/notes")).await;
    let texts: Vec<_> = notes
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["toner was empty", "ordered"]);
    assert_eq!(tim.delete(&at).await.0, StatusCode::NO_CONTENT);
    let (_, history) = owner.get(&path(&session, "/history")).await;
    let words: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["what"].as_str().unwrap())
        .collect();
    for word in ["noted", "note_edited", "note_deleted"] {
        assert!(words.contains(&word), "{words:?}");
    }
}

async fn agent_of(gateway: &Gateway, session: &Value, device: &str) -> mayday_transport::Link {
    let (host, port) = gateway.address.rsplit_once(':').unwrap();
    let link = connect(host, port.parse().unwrap(), gateway.pin, None)
        .await
        .unwrap();
    let hello = FromAgent::Hello {
        version: mayday_protocol::VERSION,
        join: Join::Invite(token(session)),
        system: SystemReport {
            host_name: "office-7".to_owned(),
            device: device.to_owned(),
            ..SystemReport::default()
        },
    };
    link.send_control(&hello).await.unwrap();
    link
}

#[tokio::test]
async fn earlier_sessions_are_those_of_the_same_computer_that_i_may_see() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let mut sessions = Vec::new();
    for (who, device) in [
        (&owner, "same"),
        (&tim, "same"),
        (&owner, "other"),
        (&owner, ""),
        (&owner, "same"),
    ] {
        let session = who.session("Printer", None).await;
        let _link = agent_of(&gateway, &session, device).await;
        owner
            .wait_for(&session, |one| !one["device"].is_null())
            .await;
        sessions.push(session);
    }
    let earlier = |who: &Console, session: &Value| {
        let (who, path) = (who.clone(), path(session, "/earlier"));
        async move {
            let (_, found) = who.get(&path).await;
            let found = found.as_array().unwrap().clone();
            found
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    let id = |at: usize| sessions[at]["id"].as_str().unwrap().to_owned();
    assert_eq!(earlier(&owner, &sessions[4]).await, [id(1), id(0)]);
    assert!(
        earlier(&tim, &sessions[1]).await.is_empty(),
        "others' sessions stay unseen"
    );
    assert!(
        earlier(&owner, &sessions[3]).await.is_empty(),
        "an unknown computer has no past"
    );
    let shown = owner.look(&sessions[0]).await.to_string();
    assert!(!shown.contains("same"), "the key stays inside: {shown}");
}

async fn rate(gateway: &Gateway, token: &str, stars: u8, words: &str) -> ToAgent {
    let (host, port) = gateway.address.rsplit_once(':').unwrap();
    let link = connect(host, port.parse().unwrap(), gateway.pin, None)
        .await
        .unwrap();
    let rating = FromAgent::Rate {
        version: mayday_protocol::VERSION,
        token: token.to_owned(),
        stars,
        words: words.to_owned(),
    };
    link.send_control(&rating).await.unwrap();
    loop {
        if let Received::Control(bytes) = link.recv().await.unwrap() {
            return decode(&bytes).unwrap();
        }
    }
}

/// A session in which a technician wrote to the end user and then closed; what the agent was asked.
async fn ended(owner: &Console, gateway: &Gateway) -> (Value, Agent) {
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    owner
        .wait_for(&session, |one| one["status"] == "active")
        .await;
    let body = json!({ "client_id": "a", "text": "hello" });
    owner.post(&path(&session, "/chat"), body).await;
    owner.post(&path(&session, "/close"), json!({})).await;
    (session, agent)
}

async fn wanted(agent: &Agent) -> Option<(String, String)> {
    agent
        .hear_until(|message| match message {
            ToAgent::RatingWanted { question, token } => {
                Some(Some((question.clone(), token.clone())))
            }
            ToAgent::Ended { .. } => Some(None),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn the_end_user_rates_once_and_only_where_it_is_wanted() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (_, agent) = ended(&owner, &gateway).await;
    assert_eq!(
        wanted(&agent).await,
        None,
        "off unless somebody turns it on"
    );
    let (_, channels) = owner.get("/channels").await;
    let channel = crate::sessions::channel(&channels, "default");
    let change = json!({ "rating": true, "rating_question": "Are you happy?" });
    let (status, _) = owner.patch(&format!("/channels/{channel}"), change).await;
    assert_eq!(status, StatusCode::OK);
    let (session, agent) = ended(&owner, &gateway).await;
    let (question, token) = wanted(&agent).await.expect("the channel wants it");
    assert_eq!(question, "Are you happy?");
    assert!(matches!(
        rate(&gateway, "1.forged", 5, "").await,
        ToAgent::Refused { .. }
    ));
    assert!(matches!(
        rate(&gateway, &token, 9, "").await,
        ToAgent::Refused { .. }
    ));
    assert_eq!(
        rate(&gateway, &token, 4, "kind\u{202e}").await,
        ToAgent::Rated {}
    );
    assert!(matches!(
        rate(&gateway, &token, 1, "").await,
        ToAgent::Refused { .. }
    ));
    let rated = owner.look(&session).await;
    assert_eq!(
        (&rated["rating"]["stars"], &rated["rating"]["words"]),
        (&json!(4), &json!("kind<U+202E>"))
    );
    let data = gateway.kill();
    let gateway = Gateway::start_in(data, &[]);
    let owner = gateway.owner().await;
    assert_eq!(owner.look(&session).await["rating"]["stars"], 4);
    let (_, report) = owner.get(&this_year()).await;
    assert_eq!(
        (&report["total"]["rated"], &report["ratings"][3]),
        (&json!(1), &json!(1))
    );
}

fn this_year() -> String {
    let now = std::time::SystemTime::now();
    let days = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    let year = 1970 + days * 400 / 146_097;
    format!("/reports?from={year}-01-01&to={year}-12-31&zone=Europe/Berlin")
}

#[tokio::test]
async fn reports_count_and_export_what_happened() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    assert_eq!(tim.get(&this_year()).await.0, StatusCode::FORBIDDEN);
    let (_, empty) = owner.get(&this_year()).await;
    assert_eq!(
        (&empty["total"]["sessions"], &empty["total"]["waiting_s"]),
        (&json!(0), &Value::Null)
    );
    ended(&owner, &gateway).await;
    let evil = owner.session("=cmd|' /C calc'!A0", None).await;
    let (_, report) = owner.get(&this_year()).await;
    let total = &report["total"];
    assert_eq!(
        (&total["sessions"], &total["ended"], &total["answered"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert!(total["handling_s"].as_f64().unwrap() >= 0.0);
    assert_eq!(report["technicians"][0]["name"], "Olivia");
    let of_days = report["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["sessions"].as_u64().unwrap());
    assert_eq!(of_days.sum::<u64>(), 2);
    let url = format!(
        "{}/api/v1{}",
        owner.base,
        this_year().replace("/reports?", "/reports/csv?table=sessions&")
    );
    let answer = owner.client.get(url).send().await.unwrap();
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let csv = answer.text().await.unwrap();
    assert!(csv.contains("\"'=cmd"), "{csv}");
    owner.delete(&path(&evil, "")).await;
    let (_, report) = owner.get(&this_year()).await;
    assert_eq!(
        report["total"]["sessions"], 1,
        "deleted sessions do not count"
    );
    let (status, body) = owner.get("/reports?from=x&to=y").await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
    );
}
