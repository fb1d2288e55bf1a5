//! The stream of events tells of a session exactly those who may see it: every role in every relation, with all sessions inherited, on
//! and off.

use mayday_session::permission::Action;
use mayday_session::permission::{Permission, Relation, Role, check, effective};
use serde_json::json;

use super::sessions::session_in;
use super::{Stage, Way};
use crate::events::Stream;
use crate::support::path;

#[tokio::test]
async fn the_stream_tells_those_who_may_see() {
    let stage = Stage::set().await;
    let (boss, other, shared) = (&stage.boss, &stage.other, &stage.shared);
    for role in Role::ALL {
        let actor = stage.actor(role).await;
        for way in Way::ALL {
            let needs = [Permission::SessionViewAll];
            way.tell(boss, shared, &actor.id, &needs).await;
            for relation in Relation::ALL {
                let session = session_in(relation, boss, other, &actor, shared).await;
                let mut stream = Stream::open(&actor).await;
                let editor = match relation {
                    Relation::Outside => other,
                    _ => boss,
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
