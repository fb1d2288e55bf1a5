//! Every route that changes something leaves a record that says who did it: the table of `routes` is walked, each route once, where it
//! succeeds.

use mayday_protocol::control::{Join, Rights, ToAgent};
use mayday_session::permission::Permission;
use mayday_transport::Link;
use reqwest::Method;
use serde_json::{Value, json};

use super::join;
use super::routes::{Needs, ROUTES, Route};
use crate::sign_outs::{ticket, viewer};
use crate::support::{Agent, Console, Gateway, PASSWORD, can, path, token};

/// What changes nothing that somebody could be asked about.
const NO_DEED: [(&str, &str); 3] = [
    // A ticket for a minute; the viewer that comes with it is recorded.
    ("POST", "/sessions/{id}/connect"),
    // How far somebody has read.
    ("POST", "/sessions/{id}/chat/read"),
    ("POST", "/sessions/{id}/whispers/read"),
];

#[tokio::test]
async fn every_route_that_changes_something_leaves_a_record() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let mut number = 0;
    for route in ROUTES {
        let known = NO_DEED.contains(&(route.method, route.path));
        if route.method() == Method::GET || known {
            continue;
        }
        number += 1;
        let name = format!("Tim-{number}");
        let role = match route.needs {
            Needs::Everywhere(Permission::SystemManage) => "owner",
            _ => "technician_manager",
        };
        let tim = gateway.technician(&owner, &name, role).await;
        let stage = Stage::build(&gateway, &owner, (tim, &name), route).await;
        let before = newest(&owner).await;
        let (status, answer) = stage.play(route).await;
        assert!(status.is_success(), "{route:?} {status} {answer}");
        let records = since(&owner, before).await;
        let told = records.iter().any(|one| one["actor"] == name.as_str());
        assert!(told, "{route:?} left no record of {name}: {records:#?}");
    }
    assert!(number > 50, "{number}");
}

async fn newest(owner: &Console) -> u64 {
    let (_, page) = owner.get("/audit?limit=1").await;
    page["items"][0]["sequence"].as_u64().unwrap()
}

async fn since(owner: &Console, before: u64) -> Vec<Value> {
    let (_, page) = owner.get("/audit?limit=20").await;
    let items = page["items"].as_array().unwrap().iter();
    let later = |one: &&Value| one["sequence"].as_u64().unwrap() > before;
    items.filter(later).cloned().collect()
}

/// All that one route needs to succeed, done by `tim`.
struct Stage {
    tim: Console,
    path: String,
    body: Value,
    /// Kept until the route was tried.
    _there: Vec<Link>,
    _agent: Option<Agent>,
}

impl Stage {
    async fn build(
        gateway: &Gateway,
        owner: &Console,
        (tim, name): (Console, &str),
        route: &Route,
    ) -> Self {
        let mut stage = Self {
            path: route.path.to_owned(),
            body: body(route, &tim, name),
            tim,
            _there: Vec::new(),
            _agent: None,
        };
        if let Some(rest) = route.path.strip_prefix("/sessions/{id}") {
            stage.session(gateway, owner, route, rest).await;
        } else if route.path == "/session-codes" {
            stage.code(gateway).await;
        } else if route.path.starts_with("/me/sign-ins") {
            let elsewhere = format!("{}@example.org", name.to_lowercase());
            gateway.sign_in(&elsewhere).await;
            let (_, known) = stage.tim.get("/me/sign-ins").await;
            let others = |one: &&Value| one["this"] == false;
            let other = known.as_array().unwrap().iter().find(others).unwrap();
            let id = other["id"].as_str().unwrap();
            stage.path = route.path.replace("{id}", id);
        } else if route.path == "/setup/{token}" {
            let again = format!("/technicians/{}/setup-link", stage.tim.id);
            let (_, made) = owner.post(&again, json!({})).await;
            let link = made["setup_link"].as_str().unwrap();
            let token = link.rsplit('/').next().unwrap();
            stage.path = format!("/setup/{token}");
        } else {
            stage.elsewhere(owner, route).await;
        }
        stage
    }

    async fn play(&self, route: &Route) -> (reqwest::StatusCode, Value) {
        match route.method {
            "DELETE" => self.tim.delete(&self.path).await,
            "PATCH" => self.tim.patch(&self.path, self.body.clone()).await,
            "PUT" if self.body.is_null() => self.tim.put(&self.path).await,
            "PUT" => self.tim.put_json(&self.path, self.body.clone()).await,
            _ => self.tim.post(&self.path, self.body.clone()).await,
        }
    }

    /// Technicians, groups, channels and SOS Calls.
    async fn elsewhere(&mut self, owner: &Console, route: &Route) {
        let name = format!("{} {}", route.method, route.path);
        let name: String = name.chars().filter(|c| *c != '/').take(60).collect();
        let made = |(_, made): (_, Value)| made["id"].as_str().unwrap_or_default().to_owned();
        let group = made(owner.post("/groups", json!({ "name": name })).await);
        let channel = made(owner.post("/channels", json!({ "name": name })).await);
        let email = format!("{group}@example.org");
        let someone = json!({ "name": "S", "email": email, "role": "channel_technician" });
        let (_, someone) = owner.post("/technicians", someone).await;
        let someone = someone["technician"]["id"].as_str().unwrap();
        let call = json!({ "name": "Help" });
        let call = made(
            owner
                .post(&format!("/channels/{channel}/calls"), call)
                .await,
        );
        if route.path.ends_with("/resume") {
            let pause = format!("/calls/{call}/pause");
            owner.post(&pause, json!({})).await;
        }
        if route.method == "DELETE" {
            let (member, with) = (format!("members/{someone}"), format!("groups/{group}"));
            for part in [member, with] {
                owner.put(&format!("/channels/{channel}/{part}")).await;
            }
        }
        let id = match route.path {
            one if one.starts_with("/technicians") => someone,
            one if one.starts_with("/groups") => &group,
            one if one.starts_with("/calls") => &call,
            _ => &channel,
        };
        self.path = route
            .path
            .replace("{id}", id)
            .replace("{technician_id}", someone)
            .replace("{group_id}", &group)
            .replace("{kind}", "technician")
            .replace("{subject_id}", someone);
    }

    async fn code(&mut self, gateway: &Gateway) {
        let key = Join::Code(crate::requests::key(1));
        let agent = gateway.agent(key).await;
        let shown = agent.hear_until(|heard| match heard {
            ToAgent::Code { code, .. } => Some(code.clone()),
            _ => None,
        });
        self.body = json!({ "code": shown.await });
        self._agent = Some(agent);
    }

    async fn session(&mut self, gateway: &Gateway, owner: &Console, route: &Route, rest: &str) {
        let baton = rest.starts_with("/control/");
        // The one who has the controls is the one who is assigned.
        let tim_asks = matches!(rest, "/control/take" | "/control/unask");
        let (first, second) = match tim_asks {
            true => (owner, &self.tim),
            false => (&self.tim, owner),
        };
        let (_, shared) = owner
            .post(
                "/channels",
                json!({ "name": format!("{} {rest}", route.method) }),
            )
            .await;
        let shared = shared["id"].as_str().unwrap();
        join(owner, shared, owner).await;
        join(owner, shared, &self.tim).await;
        let session = first.session("Printer", Some(shared)).await;
        let mut there = Vec::new();
        if baton || matches!(rest, "/ask" | "/withdraw") {
            let agent = gateway.agent(Join::Invite(token(&session))).await;
            first.wait_for(&session, |one| can(one, "ask")).await;
            if baton {
                invite(first, &session, second).await;
                for one in [first, second] {
                    grant(one, &session, &agent).await;
                    there.push(viewer(gateway, ticket(one, &session).await).await);
                    let connected =
                        |heard: &ToAgent| matches!(heard, ToAgent::Connected { .. }).then_some(());
                    agent.hear_until(connected).await;
                }
            }
            self._agent = Some(agent);
        }
        let asks = path(&session, "/control/take");
        let note = match rest {
            "/withdraw" => self.do_first(&path(&session, "/ask"), json!({})).await,
            "/take" => self.do_first(&path(&session, "/release"), json!({})).await,
            "/technicians/{technician_id}" => {
                invite(&self.tim, &session, owner).await;
                Value::Null
            }
            "/control/unask" => self.do_first(&asks, json!({})).await,
            "/control/keep" => owner.post(&asks, json!({})).await.1,
            "/notes/{note_id}" => {
                let notes = path(&session, "/notes");
                self.do_first(&notes, json!({ "text": "mine" })).await
            }
            _ => Value::Null,
        };
        if matches!(
            rest,
            "/assign" | "/transfer-user" | "/invite" | "/control/give"
        ) {
            self.body = json!({ "technician_id": owner.id });
        }
        if rest == "/transfer-channel" {
            let (_, channels) = owner.get("/channels").await;
            let default = crate::sessions::channel(&channels, "default");
            self.body = json!({ "channel_id": default });
        }
        let rest = rest
            .replace("{technician_id}", &owner.id)
            .replace("{note_id}", note["id"].as_str().unwrap_or_default());
        self.path = path(&session, &rest);
        self._there = there;
    }

    async fn do_first(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.tim.post(path, body).await;
        assert!(status.is_success(), "{path} {answer}");
        answer
    }
}

async fn invite(by: &Console, session: &Value, whom: &Console) {
    let whom = json!({ "technician_id": whom.id });
    let (status, answer) = by.post(&path(session, "/invite"), whom).await;
    assert!(status.is_success(), "{answer}");
}

/// The end user allows everything.
async fn grant(technician: &Console, session: &Value, agent: &Agent) {
    let control = json!({ "rights": "control" });
    let (status, answer) = technician.post(&path(session, "/ask"), control).await;
    assert!(status.is_success(), "{answer}");
    agent.allows(Rights::CONTROL).await;
    technician
        .wait_for(session, |one| can(one, "connect"))
        .await;
}

fn body(route: &Route, tim: &Console, name: &str) -> Value {
    let new = format!("{}@new.example.org", tim.id);
    match (route.method, route.path) {
        ("POST", "/auth/sign-in") => {
            json!({ "email": format!("{}@example.org", name.to_lowercase()), "password": PASSWORD })
        }
        ("POST", "/setup/{token}") => json!({ "password": PASSWORD }),
        ("POST", "/me/password") => json!({ "current": PASSWORD, "new": "a new horse battery" }),
        ("POST", "/technicians") => {
            json!({ "name": "New", "email": new, "role": "channel_technician" })
        }
        ("PATCH", "/sessions/{id}") => json!({ "note": "x" }),
        ("PATCH", "/sessions/{id}/notes/{note_id}") | ("POST", "/sessions/{id}/notes") => {
            json!({ "text": "hello" })
        }
        ("PATCH", "/me") => json!({ "language": "de" }),
        ("PATCH", "/settings") => json!({ "sign_in_s": 7200 }),
        ("PATCH", _) => json!({ "name": "Renamed" }),
        ("POST", "/groups" | "/channels" | "/channels/{id}/calls" | "/sessions") => {
            json!({ "name": format!("{} of {}", route.path, tim.id) })
        }
        ("PUT", "/channels/{id}/permissions/{kind}/{subject_id}") => {
            json!({ "settings": { "session.take": "off" } })
        }
        ("PUT", _) => Value::Null,
        ("POST", "/sessions/{id}/extend") => json!({ "seconds": 3600 }),
        ("POST", "/sessions/{id}/chat" | "/sessions/{id}/whispers") => {
            json!({ "client_id": "a", "text": "hello" })
        }
        (_, _) => json!({}),
    }
}
