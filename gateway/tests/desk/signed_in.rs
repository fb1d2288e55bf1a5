//! Where I am signed in: the list, and ending one or all others.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::events::Stream;
use crate::support::{Console, Gateway, PASSWORD, code, falsify};

/// One more browser of the owner, which calls itself `name`.
async fn browser(gateway: &Gateway, name: &str) -> Console {
    let client = reqwest::Client::builder()
        .cookie_store(true)
        .user_agent(name)
        .build()
        .unwrap();
    let console = Console {
        client,
        ..gateway.visitor()
    };
    let body = json!({ "email": "owner@example.org", "password": PASSWORD });
    let (status, me) = console.post("/auth/sign-in", body).await;
    assert_eq!(status, StatusCode::OK, "{me}");
    console
}

async fn list(console: &Console) -> Vec<Value> {
    let (status, list) = console.get("/me/sign-ins").await;
    assert_eq!(status, StatusCode::OK, "{list}");
    list.as_array().unwrap().clone()
}

fn named<'a>(list: &'a [Value], browser: &str) -> &'a Value {
    let found = list.iter().find(|one| one["browser"] == browser);
    found.unwrap_or_else(|| panic!("{browser} in {list:?}"))
}

#[tokio::test]
async fn each_browser_is_in_the_list_and_this_one_is_marked() {
    let gateway = Gateway::start();
    let phone = browser(&gateway, "Phone/1.0").await;
    let desk = browser(&gateway, "Desk/2.0").await;
    let mut console = Stream::open(&phone).await;
    let found = list(&desk).await;
    assert_eq!(found.len(), 2);
    let (there, here) = (named(&found, "Phone/1.0"), named(&found, "Desk/2.0"));
    assert_eq!(
        (&there["this"], &here["this"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&there["open"], &here["open"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(here["address"], "127.0.0.1");
    assert!(here["used_at"].as_str() >= here["since"].as_str());
    assert_eq!(found[0], *here, "the last one used comes first");
    // Somebody else's are not in it, and mine are told of a new one.
    let tim = gateway.technician(&desk, "Tim", "owner").await;
    assert_eq!(list(&tim).await.len(), 1);
    browser(&gateway, "Third/3.0").await;
    console.until("sign_ins", |_| true).await;
    assert_eq!(list(&desk).await.len(), 3);
}

#[tokio::test]
async fn ending_one_ends_its_consoles_and_nobody_elses() {
    let gateway = Gateway::start();
    let phone = browser(&gateway, "Phone/1.0").await;
    let desk = browser(&gateway, "Desk/2.0").await;
    let tim = gateway.technician(&desk, "Tim", "owner").await;
    let mut console = Stream::open(&phone).await;
    let found = list(&desk).await;
    let phones = named(&found, "Phone/1.0")["id"].as_str().unwrap();
    let path = format!("/me/sign-ins/{phones}");
    let (status, answer) = tim.delete(&path).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::NOT_FOUND, "not_found")
    );
    assert_eq!(desk.delete(&path).await.0, StatusCode::NO_CONTENT);
    while console.next().await.is_some() {}
    assert_eq!(phone.get("/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.get("/me").await.0, StatusCode::OK);
    assert_eq!(desk.delete(&path).await.0, StatusCode::NOT_FOUND);
    let (_, audit) = desk.get("/audit?action=signed_out_elsewhere").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
    assert_eq!(audit["items"][0]["detail"], "127.0.0.1");
}

#[tokio::test]
async fn ending_all_others_leaves_this_one() {
    let gateway = Gateway::start();
    let others = [browser(&gateway, "A").await, browser(&gateway, "B").await];
    let desk = browser(&gateway, "Desk/2.0").await;
    let (status, _) = desk.post("/me/sign-ins/end-others", json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for other in others {
        assert_eq!(other.get("/me").await.0, StatusCode::UNAUTHORIZED);
    }
    let left = list(&desk).await;
    assert_eq!((left.len(), &left[0]["this"]), (1, &json!(true)));
}

#[tokio::test]
async fn when_it_was_last_used_survives_a_restart_and_long_names_are_cut() {
    let gateway = Gateway::start();
    let desk = browser(&gateway, &"x".repeat(1000)).await;
    let before = "UPDATE web_sessions SET created_at = 1000000000000, used_at = 1100000000000";
    falsify(gateway.data.path(), before).await;
    let found = list(&desk).await;
    assert_eq!(found[0]["browser"].as_str().unwrap().len(), 256);
    assert_eq!(found[0]["since"], "2001-09-09T01:46:40.000Z");
    assert!(found[0]["used_at"].as_str().unwrap() > "2026");
    // Written a moment after the start, and then every minute.
    let again = Gateway::start_in(gateway.kill(), &[]);
    let other = browser(&again, "Other").await;
    let known = list(&other).await;
    let old = known.iter().find(|one| one["this"] == false).unwrap();
    assert_eq!(old["used_at"], "2004-11-09T11:33:20.000Z");
}
