//! Every route of one session by every role in every relation to it, with what it needs inherited, on and off.

use mayday_session::permission::{Action, Denied, Relation, Role, check, effective};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::routes::{Needs, Route, routes};
use super::{Stage, Way, assert_fits};
use crate::sessions::channel;
use crate::support::{Console, path};

#[tokio::test]
async fn routes_answer_what_the_truth_table_says() {
    let stage = Stage::set().await;
    let (boss, other, shared) = (&stage.boss, &stage.other, &stage.shared);
    for role in Role::ALL {
        let actor = stage.actor(role).await;
        for route in routes(|needs| matches!(needs, Needs::Session(_))) {
            let Needs::Session(action) = route.needs else {
                unreachable!("filtered");
            };
            for way in Way::ALL {
                let mut sessions = Vec::new();
                for relation in relations(way) {
                    let session = session_in(relation, boss, other, &actor, shared).await;
                    sessions.push((relation, session));
                }
                way.tell(boss, shared, &actor.id, action.needs()).await;
                for (relation, session) in sessions {
                    let answer = try_it(route, &actor, other, &session).await;
                    let expected = expected(role, way, action, relation);
                    let cell = format!("{role:?} {route:?} {relation:?} {way:?}");
                    // Where they may not write a note there is none of theirs to change.
                    let no_note = route.path.ends_with("{note_id}") && expected.is_err();
                    if !(no_note && answer.0 == StatusCode::NOT_FOUND) {
                        assert_fits(expected, &answer, &cell);
                    }
                }
                Way::Inherit.tell(boss, shared, &actor.id, &[]).await;
            }
        }
    }
}

/// Nobody refines the Private channel in which a session is outside.
fn relations(way: Way) -> impl Iterator<Item = Relation> {
    let all = Relation::ALL.into_iter();
    all.filter(move |&one| one != Relation::Outside || way == Way::Inherit)
}

fn expected(role: Role, way: Way, action: Action, relation: Relation) -> Result<(), Denied> {
    let permissions = effective(role, true, way.refinements(action.needs()));
    check(permissions, action, relation)
}

/// A session to which `actor` stands in this relation.
pub async fn session_in(
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
    route: &Route,
    actor: &Console,
    other: &Console,
    session: &Value,
) -> (StatusCode, Value) {
    let rest = route.path.strip_prefix("/sessions/{id}").unwrap();
    let note = match rest {
        "/notes/{note_id}" => written(actor, session).await,
        _ => String::new(),
    };
    let parts = rest
        .replace("{technician_id}", &other.id)
        .replace("{note_id}", &note);
    let path = path(session, &parts);
    let body = match rest {
        "/assign" | "/transfer-user" | "/invite" => json!({ "technician_id": other.id }),
        "/extend" => json!({ "seconds": 3600 }),
        "/transfer-channel" => {
            let (_, channels) = actor.get("/channels").await;
            json!({ "channel_id": channel(&channels, "default") })
        }
        "/chat" | "/whispers" => json!({ "client_id": "a", "text": "hello" }),
        "/chat/read" | "/whispers/read" => json!({ "upto": 0 }),
        "/notes" | "/notes/{note_id}" => json!({ "text": "hello" }),
        "/control/give" => json!({ "technician_id": other.id }),
        "" => json!({ "note": "x" }),
        _ => json!({}),
    };
    match route.method {
        "GET" => actor.get(&path).await,
        "DELETE" => actor.delete(&path).await,
        "PATCH" => actor.patch(&path, body).await,
        "PUT" => actor.put_json(&path, body).await,
        _ => actor.post(&path, body).await,
    }
}

/// A note of the actor's own, where they may write one: nobody changes another's.
async fn written(actor: &Console, session: &Value) -> String {
    let body = json!({ "text": "mine" });
    let (_, note) = actor.post(&path(session, "/notes"), body).await;
    note["id"].as_str().unwrap_or("7").to_owned()
}
