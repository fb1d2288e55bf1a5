//! Who may do what, through every route: what the session crate's truth table says is what HTTP answers. No cell is left out: a route
//! that is not in the table of `routes` fails a test.

mod audited;
mod channels;
mod everywhere;
mod routes;
mod sessions;
mod stream;

use mayday_session::permission::{Denied, Permission, Refinements, Role, Setting};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use crate::support::{Console, Gateway, code};

/// How the channel refines the permissions that a route needs, for the one who tries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Nothing is said: the role decides.
    Inherit,
    On,
    Off,
}

impl Way {
    const ALL: [Self; 3] = [Self::Inherit, Self::On, Self::Off];

    fn setting(self) -> Option<Setting> {
        match self {
            Self::Inherit => None,
            Self::On => Some(Setting::On),
            Self::Off => Some(Setting::Off),
        }
    }

    fn refinements(self, needs: &[Permission]) -> Refinements {
        let setting = self.setting();
        needs.iter().fold(Refinements::NONE, |all, &one| {
            setting.map_or(all, |setting| all.and(one, setting))
        })
    }

    /// The owner tells the channel so about `technician`.
    async fn tell(self, owner: &Console, channel: &str, technician: &str, needs: &[Permission]) {
        let settings: Map<_, _> = self
            .refinements(needs)
            .iter()
            .map(|(one, setting)| (one.name().to_owned(), Value::from(setting.name())))
            .collect();
        let path = format!("/channels/{channel}/permissions/technician/{technician}");
        let (status, answer) = owner.put_json(&path, json!({ "settings": settings })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
}

/// A gateway whose owner is `boss`, with a channel in which `other` works.
struct Stage {
    gateway: Gateway,
    boss: Console,
    other: Console,
    shared: String,
}

impl Stage {
    async fn set() -> Self {
        let gateway = Gateway::start();
        let boss = gateway.owner().await;
        let other = gateway.technician(&boss, "Other", "channel_technician");
        let other = other.await;
        let body = json!({ "name": "Shared", "max_open_sessions": 10_000 });
        let (_, shared) = boss.post("/channels", body).await;
        let shared = shared["id"].as_str().unwrap().to_owned();
        join(&boss, &shared, &other).await;
        Self {
            gateway,
            boss,
            other,
            shared,
        }
    }

    /// Somebody of this role, who works in the channel too.
    async fn actor(&self, role: Role) -> Console {
        let name = format!("Some-{}", role.name());
        let actor = self.gateway.technician(&self.boss, &name, role.name());
        let actor = actor.await;
        join(&self.boss, &self.shared, &actor).await;
        actor
    }
}

async fn join(boss: &Console, channel: &str, technician: &Console) {
    let member = format!("/channels/{channel}/members/{}", technician.id);
    assert_eq!(boss.put(&member).await.0, StatusCode::OK);
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
