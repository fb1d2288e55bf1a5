//! Requests through an SOS Call, and to whom a channel's rule gives them: by real agents, to technicians whose consoles are open.

use mayday_protocol::control::ToAgent;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::events::Stream;
use crate::requests::{answers, request};
use crate::support::{Agent, Console, Gateway};

/// A channel with these technicians, all at work, and its SOS Call.
struct Office {
    gateway: Gateway,
    owner: Console,
    channel: String,
    call: Value,
    technicians: Vec<Console>,
    /// Consoles stay open, and agents here.
    consoles: Vec<Stream>,
    agents: Vec<Agent>,
}

impl Office {
    async fn open(names: &[&str]) -> Self {
        let gateway = Gateway::start();
        let owner = gateway.owner().await;
        let (_, made) = owner.post("/channels", json!({ "name": "Paper" })).await;
        let channel = made["id"].as_str().unwrap().to_owned();
        let calls = format!("/channels/{channel}/calls");
        let (status, call) = owner.post(&calls, json!({ "name": "Help" })).await;
        assert_eq!(status, StatusCode::CREATED, "{call}");
        let mut office = Self {
            gateway,
            owner,
            channel,
            call,
            technicians: Vec::new(),
            consoles: Vec::new(),
            agents: Vec::new(),
        };
        for name in names {
            let one = office
                .gateway
                .technician(&office.owner, name, "channel_technician");
            let one = one.await;
            let member = format!("/channels/{}/members/{}", office.channel, one.id);
            office.owner.put(&member).await;
            office.consoles.push(Stream::open(&one).await);
            office.technicians.push(one);
        }
        office
    }

    async fn rule(&self, routing: Value) {
        let channel = format!("/channels/{}", self.channel);
        let change = json!({ "routing": routing });
        let (status, answer) = self.owner.patch(&channel, change).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// An end user asks for help; gives whose name they see, if anybody's.
    async fn asks(&mut self) -> Option<String> {
        let number = u8::try_from(self.agents.len()).unwrap() + 1;
        let join = request(&self.call, number, answers("Ada", "Paper jam"));
        let agent = self.gateway.agent(join).await;
        let given = agent.hear_until(|heard| match heard {
            ToAgent::Welcome { technician, .. } => {
                Some(technician.as_ref().map(|one| one.name.clone()))
            }
            _ => None,
        });
        let given = given.await;
        self.agents.push(agent);
        given
    }
}

#[tokio::test]
async fn round_robin_gives_requests_in_turn_to_those_of_the_group_who_are_there() {
    let mut office = Office::open(&["Ann", "Bob", "Cal"]).await;
    let away = office
        .gateway
        .technician(&office.owner, "Dora", "channel_technician")
        .await;
    let [ann, bob, _] = &office.technicians[..] else {
        panic!("three")
    };
    let members = json!([ann.id, bob.id, away.id]);
    let group = json!({ "name": "Printers", "members": members });
    let (_, group) = office.owner.post("/groups", group).await;
    let group = group["id"].as_str().unwrap();
    let joins = format!("/channels/{}/groups/{group}", office.channel);
    office.owner.put(&joins).await;
    office
        .rule(json!({ "rule": "round_robin", "group_id": group }))
        .await;
    let mut given = Vec::new();
    for _ in 0..4 {
        given.push(office.asks().await.expect("somebody"));
    }
    assert_eq!(given[..2], given[2..], "in turn");
    given.truncate(2);
    given.sort();
    assert_eq!(given, ["Ann", "Bob"], "neither Cal nor Dora");
}

#[tokio::test]
async fn least_busy_gives_a_request_to_whoever_has_fewest_sessions() {
    let mut office = Office::open(&["Ann", "Bob", "Cal"]).await;
    office.rule(json!({ "rule": "least_busy" })).await;
    for (technician, open) in [(0, 2), (1, 1)] {
        for _ in 0..open {
            let channel = Some(office.channel.as_str());
            office.technicians[technician]
                .session("Busy", channel)
                .await;
        }
    }
    let closed = office.technicians[2]
        .session("Done", Some(&office.channel))
        .await;
    let close = crate::support::path(&closed, "/close");
    office.technicians[2].post(&close, json!({})).await;
    let mut given = Vec::new();
    for _ in 0..4 {
        given.push(office.asks().await.expect("somebody"));
    }
    // Cal has none; then Bob and Cal have one, and Bob was given none yet; then Cal; then all have two, and Ann was given none yet.
    assert_eq!(given, ["Cal", "Bob", "Cal", "Ann"]);
}

#[tokio::test]
async fn a_request_that_nobody_is_there_for_waits_in_the_queue() {
    let mut office = Office::open(&[]).await;
    office.rule(json!({ "rule": "least_busy" })).await;
    assert_eq!(office.asks().await, None);
    let (_, queue) = office.owner.get("/sessions?status=in_queue").await;
    assert_eq!(queue["items"].as_array().unwrap().len(), 1, "{queue}");
}
