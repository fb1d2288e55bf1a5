//! Routes that need nobody, anybody, or a permission that the role gives everywhere.

use mayday_session::permission::{Permission, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::routes::{Needs, ROUTES, Route, routes};
use crate::support::{Console, Gateway, code};

#[tokio::test]
async fn without_a_sign_in_there_is_only_what_needs_none() {
    let gateway = Gateway::start();
    let visitor = gateway.visitor();
    for route in ROUTES.iter().filter(|one| one.path != "/events") {
        let (status, answer) = call(&visitor, route, "7", "7").await;
        let open = route.needs == Needs::Nothing;
        assert_eq!(code(&answer) == "signed_out", !open, "{route:?} {answer}");
        assert_eq!(
            status == StatusCode::UNAUTHORIZED,
            !open || route.path == "/auth/sign-in"
        );
    }
}

#[tokio::test]
async fn each_role_everywhere_does_what_it_holds() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    for role in Role::ALL {
        let name = format!("Some-{}", role.name());
        let actor = gateway.technician(&owner, &name, role.name()).await;
        for route in routes(|needs| matches!(needs, Needs::Everywhere(_))) {
            let Needs::Everywhere(permission) = route.needs else {
                unreachable!("filtered");
            };
            let (technician, group) = subjects(&gateway, &owner, role, route).await;
            let id = if route.path.starts_with("/groups") {
                group
            } else {
                technician
            };
            let (status, answer) = call(&actor, route, &id, &id).await;
            let may = role.preset().contains(permission);
            assert_eq!(
                status == StatusCode::FORBIDDEN,
                !may,
                "{role:?} {route:?} {answer}"
            );
            assert!(!may || status.is_success(), "{role:?} {route:?} {answer}");
        }
        for route in routes(|needs| needs == Needs::SignIn) {
            // The others are about the own sign-in, and tried in files of their own.
            if route.method() == Method::GET && route.path != "/events" {
                let (status, answer) = call(&actor, route, "7", "7").await;
                assert_eq!(status, StatusCode::OK, "{role:?} {route:?} {answer}");
            }
        }
    }
}

/// No refinement of a channel reaches what holds everywhere.
#[tokio::test]
async fn a_channel_gives_nothing_that_holds_everywhere() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let (_, channels) = owner.get("/channels").await;
    let general = crate::sessions::channel(&channels, "default");
    for permission in Permission::ALL {
        let path = format!("/channels/{general}/permissions/technician/{}", tim.id);
        let body = json!({ "settings": { permission.name(): "on" } });
        let (status, answer) = owner.put_json(&path, body).await;
        if permission.is_of_a_channel() {
            assert_eq!(status, StatusCode::OK, "{permission:?} {answer}");
        } else {
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{permission:?}");
            assert_eq!(answer["error"]["field"], "settings");
        }
    }
}

/// A technician and a group of their own for each try.
async fn subjects(
    gateway: &Gateway,
    owner: &Console,
    role: Role,
    route: &Route,
) -> (String, String) {
    let place: String = route
        .path
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let name = format!("{}{}{place}", route.method, role.name());
    let someone = gateway.technician(owner, &name, "channel_technician").await;
    let (status, group) = owner.post("/groups", json!({ "name": name })).await;
    assert_eq!(status, StatusCode::CREATED, "{group}");
    (someone.id, group["id"].as_str().unwrap().to_owned())
}

async fn call(console: &Console, route: &Route, id: &str, other: &str) -> (StatusCode, Value) {
    let path = route
        .path
        .replace("{id}", id)
        .replace("{token}", "nonsense")
        .replace("{kind}", "technician")
        .replace("{technician_id}", other)
        .replace("{group_id}", other)
        .replace("{subject_id}", other);
    let body = match (route.method, route.path) {
        ("POST", "/technicians") => {
            let email = format!("{}@new.example.org", console.id);
            json!({ "name": "New", "email": email, "role": "channel_technician" })
        }
        ("POST", "/groups" | "/channels") => {
            json!({ "name": format!("{} {}", route.path, console.id) })
        }
        ("PATCH", "/technicians/{id}") => json!({ "name": "Renamed" }),
        ("POST", "/auth/sign-in") => json!({ "email": "a@example.org", "password": "x" }),
        (_, _) => json!({ "settings": {} }),
    };
    let query = match route.path {
        "/audit/export" => "?format=csv",
        "/reports" | "/reports/csv" => "?from=2026-11-01&to=2026-11-02",
        _ => "",
    };
    match route.method {
        "GET" => console.get(&format!("{path}{query}")).await,
        "DELETE" => console.delete(&path).await,
        "PATCH" => console.patch(&path, body).await,
        "PUT" => console.put_json(&path, body).await,
        _ => console.post(&path, body).await,
    }
}
