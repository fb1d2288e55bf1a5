//! Every action by every role in every relation to a session, through its route: what the session crate's truth table says is what
//! HTTP answers. No cell is left out.

use mayday_session::permission::{Action, Denied, Relation, Role, check};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sessions::channel;
use crate::support::{Console, Gateway, code, path};

#[tokio::test]
async fn routes_answer_what_the_truth_table_says() {
    let gateway = Gateway::start();
    let boss = gateway.owner().await;
    let other = gateway
        .technician(&boss, "Other", "channel_technician")
        .await;
    let (_, shared) = boss.post("/channels", json!({ "name": "Shared" })).await;
    let shared = shared["id"].as_str().unwrap().to_owned();
    join(&boss, &shared, &other).await;
    for role in Role::ALL {
        let actor = gateway
            .technician(&boss, &format!("Some-{}", role.name()), role.name())
            .await;
        join(&boss, &shared, &actor).await;
        for relation in Relation::ALL {
            for action in Action::ALL {
                let session = session_in(relation, &boss, &other, &actor, &shared).await;
                let answer = try_it(action, &actor, &other, &session).await;
                let expected = check(role.preset(), action, relation);
                assert_fits(
                    expected,
                    &answer,
                    &format!("{role:?} {action:?} {relation:?}"),
                );
            }
        }
    }
}

async fn join(boss: &Console, channel: &str, technician: &Console) {
    let member = format!("/channels/{channel}/members/{}", technician.id);
    assert_eq!(boss.put(&member).await.0, StatusCode::OK);
}

/// A session to which `actor` stands in this relation.
async fn session_in(
    relation: Relation,
    boss: &Console,
    other: &Console,
    actor: &Console,
    shared: &str,
) -> Value {
    match relation {
        Relation::Own => actor.session("Own", Some(shared)).await,
        Relation::Others => other.session("Others", Some(shared)).await,
        Relation::Unassigned => {
            let session = other.session("Unassigned", Some(shared)).await;
            other.post(&path(&session, "/release"), json!({})).await;
            session
        }
        Relation::Invited => {
            let session = boss.session("Invited", Some(shared)).await;
            let invite = json!({ "technician_id": actor.id });
            let (status, _) = boss.post(&path(&session, "/invite"), invite).await;
            assert_eq!(status, StatusCode::OK);
            session
        }
        Relation::Outside => {
            let (_, channels) = other.get("/channels").await;
            let private = channel(&channels, "private");
            other.session("Outside", Some(&private)).await
        }
    }
}

async fn try_it(
    action: Action,
    actor: &Console,
    other: &Console,
    session: &Value,
) -> (StatusCode, Value) {
    let technician = json!({ "technician_id": other.id });
    let (method, rest, body) = match action {
        Action::See => (Method::GET, String::new(), json!({})),
        Action::Delete => (Method::DELETE, String::new(), json!({})),
        Action::Edit => (Method::PATCH, String::new(), json!({ "note": "x" })),
        Action::ShowPin => (Method::GET, "/pin".to_owned(), json!({})),
        Action::NewPin => (Method::POST, "/pin".to_owned(), json!({})),
        Action::CopyLink => (Method::GET, "/link".to_owned(), json!({})),
        Action::Extend => (
            Method::POST,
            "/extend".to_owned(),
            json!({ "seconds": 3600 }),
        ),
        Action::Assign => (Method::POST, "/assign".to_owned(), technician),
        Action::TransferUser => (Method::POST, "/transfer-user".to_owned(), technician),
        Action::Invite => (Method::POST, "/invite".to_owned(), technician),
        Action::Remove => (
            Method::DELETE,
            format!("/technicians/{}", other.id),
            json!({}),
        ),
        Action::TransferChannel => {
            let (_, channels) = actor.get("/channels").await;
            let there = channel(&channels, "default");
            (
                Method::POST,
                "/transfer-channel".to_owned(),
                json!({ "channel_id": there }),
            )
        }
        Action::Chat | Action::Whisper => {
            let chat = if action == Action::Chat {
                "/chat"
            } else {
                "/whispers"
            };
            let body = json!({ "client_id": "a", "text": "hello" });
            (Method::POST, chat.to_owned(), body)
        }
        Action::Note => (
            Method::POST,
            "/notes".to_owned(),
            json!({ "text": "hello" }),
        ),
        Action::Control => (Method::POST, "/control/take".to_owned(), json!({})),
        Action::Ask
        | Action::Withdraw
        | Action::Connect
        | Action::Take
        | Action::Release
        | Action::Close => (Method::POST, format!("/{}", action.name()), json!({})),
    };
    let path = path(session, &rest);
    match method {
        Method::GET => actor.get(&path).await,
        Method::DELETE => actor.delete(&path).await,
        Method::PATCH => actor.patch(&path, body).await,
        _ => actor.post(&path, body).await,
    }
}

/// What is allowed may still be impossible in the session's state (409), but is never refused for who asks.
fn assert_fits(expected: Result<(), Denied>, answer: &(StatusCode, Value), cell: &str) {
    let (status, body) = answer;
    let fits = match expected {
        Ok(()) => status.is_success() || *status == StatusCode::CONFLICT,
        Err(Denied::NotFound) => *status == StatusCode::NOT_FOUND,
        Err(Denied::Missing(_)) => *status == StatusCode::FORBIDDEN && code(body) == "not_allowed",
        Err(Denied::NotYours) => *status == StatusCode::FORBIDDEN && code(body) == "not_yours",
    };
    assert!(fits, "{cell}: expected {expected:?}, got {status} {body}");
}
