//! The stream of events tells of a session exactly those who may see it: every role in every relation, with all sessions inherited, on
//! and off.

use mayday_session::permission::Action;
use mayday_session::permission::{Permission, Relation, Role, check, effective};
use serde_json::json;

use super::sessions::session_in;
use super::{Way, join};
use crate::events::Stream;
use crate::support::{Gateway, path};

#[tokio::test]
async fn the_stream_tells_those_who_may_see() {
    let gateway = Gateway::start();
    let boss = gateway.owner().await;
    let other = gateway
        .technician(&boss, "Other", "channel_technician")
        .await;
    let body = json!({ "name": "Shared", "max_open_sessions": 10_000 });
    let (_, shared) = boss.post("/channels", body).await;
    let shared = shared["id"].as_str().unwrap().to_owned();
    join(&boss, &shared, &other).await;
    for role in Role::ALL {
        let name = format!("Some-{}", role.name());
        let actor = gateway.technician(&boss, &name, role.name()).await;
        join(&boss, &shared, &actor).await;
        for way in Way::ALL {
            let needs = [Permission::SessionViewAll];
            way.tell(&boss, &shared, &actor.id, &needs).await;
            for relation in Relation::ALL {
                let session = session_in(relation, &boss, &other, &actor, &shared).await;
                let mut stream = Stream::open(&actor).await;
                let editor = if relation == Relation::Outside {
                    &other
                } else {
                    &boss
                };
                editor
                    .patch(&path(&session, ""), json!({ "note": "new" }))
                    .await;
                // A session of their own comes after it, so that silence is heard.
                let marker = actor.session("Marker", None).await;
                let heard = loop {
                    let event = stream.next().await.unwrap();
                    if event.0 == "session" && event.1["id"] == session["id"] {
                        break true;
                    }
                    if event.0 == "session" && event.1["id"] == marker["id"] {
                        break false;
                    }
                };
                let refined = match relation {
                    Relation::Outside => Way::Inherit.refinements(&needs),
                    _ => way.refinements(&needs),
                };
                let may = check(effective(role, true, refined), Action::See, relation);
                assert_eq!(heard, may.is_ok(), "{role:?} {relation:?} {way:?}");
            }
        }
    }
}
