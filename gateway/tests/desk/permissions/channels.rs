//! Every route of channels by every role, as a technician of the channel, a stranger to it, and before somebody's Private; with the
//! permission inherited, on and off.

use mayday_session::permission::{Denied, Permission, Role, Scope, effective};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::routes::{Needs, ROUTES, Route};
use super::{Way, assert_fits, join};
use crate::sessions::channel;
use crate::support::{Console, Gateway, code};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Member,
    /// By a group.
    Grouped,
    Stranger,
    OthersPrivate,
}

const STANDINGS: [Standing; 4] = [
    Standing::Member,
    Standing::Grouped,
    Standing::Stranger,
    Standing::OthersPrivate,
];

struct Cast {
    owner: Console,
    other: Console,
    group: String,
    private: String,
}

#[tokio::test]
async fn channels_answer_what_role_standing_and_refinement_say() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let other = gateway
        .technician(&owner, "Other", "channel_technician")
        .await;
    let (_, group) = owner
        .post("/groups", json!({ "name": "Other group" }))
        .await;
    let (_, channels) = other.get("/channels").await;
    let cast = Cast {
        group: group["id"].as_str().unwrap().to_owned(),
        private: channel(&channels, "private"),
        owner,
        other,
    };
    for role in Role::ALL {
        let name = format!("Some-{}", role.name());
        let actor = gateway.technician(&cast.owner, &name, role.name()).await;
        let body = json!({ "name": name, "members": [actor.id] });
        let (_, mine) = cast.owner.post("/groups", body).await;
        let mine = mine["id"].as_str().unwrap().to_owned();
        for standing in STANDINGS {
            for way in Way::ALL {
                // Nobody refines a Private channel: there is one way only.
                if standing != Standing::OthersPrivate || way == Way::Inherit {
                    each_route(&cast, &actor, &mine, role, standing, way).await;
                }
            }
        }
    }
}

async fn each_route(
    cast: &Cast,
    actor: &Console,
    mine: &str,
    role: Role,
    standing: Standing,
    way: Way,
) {
    for route in ROUTES {
        let permission = match route.needs {
            Needs::Channel(permission) | Needs::Call(permission) => Some(permission),
            Needs::Sees => None,
            Needs::Nothing | Needs::SignIn | Needs::Everywhere(_) | Needs::Session(_) => continue,
        };
        // Nobody calls into a Private channel.
        if standing == Standing::OthersPrivate && matches!(route.needs, Needs::Call(_)) {
            continue;
        }
        let id = place(
            cast,
            actor,
            mine,
            standing,
            &format!(
                "{role:?} {standing:?} {way:?} {}{}",
                route.method,
                route.path.len()
            ),
        )
        .await;
        if standing != Standing::OthersPrivate {
            way.tell(&cast.owner, &id, &actor.id, permission.as_slice())
                .await;
        }
        let answer = call(cast, actor, route, &id).await;
        let cell = format!("{role:?} {standing:?} {way:?} {route:?}");
        assert_fits(
            expected(role, standing, way, permission),
            &understood(route, answer),
            &cell,
        );
        if standing != Standing::OthersPrivate {
            // The name is free for the next, and the list stays short.
            cast.owner.delete(&format!("/channels/{id}")).await;
        }
    }
}

fn expected(
    role: Role,
    standing: Standing,
    way: Way,
    permission: Option<Permission>,
) -> Result<(), Denied> {
    let member = match standing {
        Standing::Member | Standing::Grouped => true,
        Standing::Stranger => false,
        Standing::OthersPrivate => return Err(Denied::NotFound),
    };
    if !member && role.scope() == Scope::OwnChannels {
        return Err(Denied::NotFound);
    }
    let Some(permission) = permission else {
        return Ok(());
    };
    let may = effective(role, member, way.refinements(&[permission])).contains(permission);
    may.then_some(()).ok_or(Denied::Missing(permission))
}

/// A new session names its channel in the body, so that one which does not exist is a wrong field and no wrong address; and who may
/// enter a session code is told that this one is wrong, or that there were too many.
fn understood(route: &Route, (status, answer): (StatusCode, Value)) -> (StatusCode, Value) {
    let wrong_field = status == StatusCode::UNPROCESSABLE_ENTITY
        && matches!(route.path, "/sessions" | "/session-codes")
        && answer["error"]["field"] == "channel_id";
    let wrong_code = matches!(code(&answer), "wrong_code" | "try_later");
    let status = match status {
        _ if wrong_field => StatusCode::NOT_FOUND,
        _ if wrong_code => StatusCode::OK,
        other => other,
    };
    (status, answer)
}

/// A channel to which the actor stands so.
async fn place(cast: &Cast, actor: &Console, mine: &str, standing: Standing, name: &str) -> String {
    if standing == Standing::OthersPrivate {
        return cast.private.clone();
    }
    let name: String = name.chars().take(64).collect();
    let (status, made) = cast.owner.post("/channels", json!({ "name": name })).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    match standing {
        Standing::Member => join(&cast.owner, &id, actor).await,
        Standing::Grouped => {
            let (status, _) = cast
                .owner
                .put(&format!("/channels/{id}/groups/{mine}"))
                .await;
            assert_eq!(status, StatusCode::OK);
        }
        Standing::Stranger | Standing::OthersPrivate => {}
    }
    id
}

async fn call(cast: &Cast, actor: &Console, route: &Route, id: &str) -> (StatusCode, Value) {
    let call = match route.needs {
        Needs::Call(_) => {
            let calls = format!("/channels/{id}/calls");
            let (status, call) = cast.owner.post(&calls, json!({ "name": "Help" })).await;
            assert_eq!(status, StatusCode::CREATED, "{call}");
            call["id"].as_str().map(str::to_owned)
        }
        _ => None,
    };
    let path = route
        .path
        .replace("{id}", call.as_deref().unwrap_or(id))
        .replace("{technician_id}", &cast.other.id)
        .replace("{group_id}", &cast.group)
        .replace("{kind}", "group")
        .replace("{subject_id}", &cast.group);
    match route.method {
        "GET" => actor.get(&path).await,
        "DELETE" => actor.delete(&path).await,
        "PATCH" => actor.patch(&path, json!({ "description": "x" })).await,
        "PUT" if path.contains("/permissions/") => {
            actor.put_json(&path, json!({ "settings": {} })).await
        }
        "PUT" => actor.put(&path).await,
        _ => {
            actor
                .post(
                    &path,
                    json!({ "name": "x", "channel_id": id, "code": "123456789" }),
                )
                .await
        }
    }
}
