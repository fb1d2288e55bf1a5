//! SOS Calls and session codes from outside: managers make them, strangers use them, and nobody makes work without end.

use mayday_protocol::base32;
use mayday_protocol::control::{
    Answer, CallRequest, FromAgent, Join, Refusal, Rights, ToAgent, Verification, VerificationMode,
};
use mayday_protocol::invite::Token;
use mayday_protocol::{AskId, TechnicianId};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Agent, Console, Gateway, can, code, path};

/// A key as agents make it up.
pub fn key(number: u8) -> String {
    Token::new([number; 16]).to_string()
}

pub fn answers(name: &str, issue: &str) -> Vec<Answer> {
    let answer = |field, value: &str| Answer {
        field,
        value: value.to_owned(),
    };
    vec![answer(1, name), answer(2, issue)]
}

pub fn request(call: &Value, number: u8, answers: Vec<Answer>) -> Join {
    Join::Call(CallRequest {
        call: token(call),
        key: key(number),
        answers,
    })
}

fn token(call: &Value) -> String {
    let link = call["link"].as_str().unwrap();
    assert!(link.contains("/c/"));
    link.rsplit('/').next().unwrap().to_owned()
}

async fn default_channel(console: &Console) -> String {
    let (_, channels) = console.get("/channels").await;
    let mut all = channels.as_array().unwrap().iter();
    let found = all.find(|one| one["kind"] == "default").unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn call(console: &Console, body: Value) -> Value {
    let channel = default_channel(console).await;
    let (status, call) = console
        .post(&format!("/channels/{channel}/calls"), body)
        .await;
    assert_eq!(status, StatusCode::CREATED, "{call}");
    call
}

fn of(call: &Value, rest: &str) -> String {
    format!("/calls/{}{rest}", call["id"].as_str().unwrap())
}

async fn refused(agent: &Agent) -> Refusal {
    agent
        .hear_until(|message| match message {
            ToAgent::Refused { reason } => Some(reason.clone()),
            _ => None,
        })
        .await
}

async fn welcome(agent: &Agent) -> String {
    agent
        .hear_until(|message| match message {
            ToAgent::Welcome { resume_token, .. } => Some(resume_token.clone()),
            ToAgent::Refused { reason } => panic!("{reason:?}"),
            _ => None,
        })
        .await
}

async fn place(agent: &Agent) -> Option<u32> {
    agent
        .hear_until(|message| match message {
            ToAgent::Queue { place } => Some(*place),
            _ => None,
        })
        .await
}

async fn in_queue(console: &Console) -> Vec<Value> {
    let (_, page) = console
        .get("/sessions?status=in_queue&sort=waiting&channel=")
        .await;
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_request_waits_in_the_queue_with_what_was_filled_in_and_everybody_sees_their_place() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let fields = json!([
        { "label": "Building", "required": true, "kind": "choice", "options": ["North", "South"] },
        { "label": "More", "kind": "long_text" }
    ]);
    let call = call(&owner, json!({ "name": "Printers", "fields": fields })).await;
    let asks = gateway.agent(Join::Form(token(&call))).await;
    let ToAgent::Form {
        organisation,
        name,
        fields,
    } = asks.hear().await
    else {
        panic!("no form");
    };
    assert_eq!((&*organisation, &*name), ("Example & Sons", "Printers"));
    let ids: Vec<_> = fields.iter().map(|field| field.id).collect();
    assert_eq!(ids, [1, 2, 16, 17]);

    let mut filled = answers("Ada <b>L</b>", "no \u{202e}ink\nat all");
    let wrong = gateway.agent(request(&call, 1, filled.clone())).await;
    let missing = Refusal::Form { field: Some(16) };
    assert_eq!(refused(&wrong).await, missing);
    filled.push(Answer {
        field: 16,
        value: "South".to_owned(),
    });
    let first = gateway.agent(request(&call, 1, filled)).await;
    welcome(&first).await;
    assert_eq!(place(&first).await, Some(1));
    let waiting = in_queue(&owner).await;
    assert_eq!(waiting.len(), 1);
    let session = &waiting[0];
    assert_eq!(session["name"], "Ada <b>L</b>");
    assert_eq!(session["request"]["call"], "Printers");
    assert_eq!(session["request"]["issue"], "no <U+202E>ink\nat all");
    let own = &session["request"]["answers"][2];
    assert_eq!(
        (&own["label"], &own["value"]),
        (&json!("Building"), &json!("South"))
    );
    assert!(can(session, "take"));

    let call = self::call(&owner, json!({ "name": "Everything" })).await;
    let second = gateway
        .agent(request(&call, 2, answers("Bob", "help")))
        .await;
    welcome(&second).await;
    assert_eq!(place(&second).await, Some(2));
    owner.post(&path(session, "/take"), json!({})).await;
    let by = first
        .hear_until(|message| match message {
            ToAgent::Assigned { technician } => technician.clone(),
            _ => None,
        })
        .await;
    assert_eq!(by.name, "Olivia");
    assert_eq!(place(&second).await, Some(1));
}

#[tokio::test]
async fn a_lost_network_keeps_the_place_and_a_request_sent_twice_is_one() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let call = call(&owner, json!({ "name": "Help" })).await;
    let first = gateway.agent(request(&call, 1, answers("Ada", "a"))).await;
    let resume = welcome(&first).await;
    let second = gateway.agent(request(&call, 2, answers("Bob", "b"))).await;
    welcome(&second).await;
    assert_eq!(place(&second).await, Some(2));
    first.vanish();
    let again = gateway.agent(Join::Resume(resume)).await;
    welcome(&again).await;
    assert_eq!(place(&again).await, Some(1));
    // The answer to the second one was lost: it is sent again.
    let twice = gateway.agent(request(&call, 2, answers("Bob", "b"))).await;
    welcome(&twice).await;
    assert_eq!(place(&twice).await, Some(2));
    assert_eq!(in_queue(&owner).await.len(), 2);
}

#[tokio::test]
async fn who_cancels_is_out_of_the_queue_and_the_session_closed() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let call = call(&owner, json!({ "name": "Help" })).await;
    let agent = gateway.agent(request(&call, 1, answers("Ada", "a"))).await;
    welcome(&agent).await;
    let session = in_queue(&owner).await.remove(0);
    agent.say(FromAgent::Leave {}).await;
    let closed = owner
        .wait_for(&session, |one| one["status"] == "closed")
        .await;
    assert!(closed["closed_at"].is_string());
    let (_, history) = owner.get(&path(&session, "/history")).await;
    let words: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["what"].clone())
        .collect();
    assert!(words.contains(&json!("cancelled")), "{words:?}");

    // Taken, leaving is only leaving.
    let agent = gateway.agent(request(&call, 2, answers("Bob", "b"))).await;
    welcome(&agent).await;
    let session = in_queue(&owner).await.remove(0);
    owner.post(&path(&session, "/take"), json!({})).await;
    agent.say(FromAgent::Leave {}).await;
    owner
        .wait_for(&session, |one| one["status"] == "waiting")
        .await;
}

#[tokio::test]
async fn a_paused_call_stops_downloaded_agents_and_a_deleted_ones_link_is_dead() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let call = call(&owner, json!({ "name": "Help" })).await;
    let page = format!("{}/c/{}", gateway.base, token(&call));
    let show = || async {
        let answer = owner.client.get(&page).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, html) = show().await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("Help") && html.contains("Example &amp; Sons"));

    let (_, paused) = owner.post(&of(&call, "/pause"), json!({})).await;
    assert_eq!(paused["paused"], true);
    for join in [
        Join::Form(token(&call)),
        request(&call, 1, answers("Ada", "a")),
    ] {
        let agent = gateway.agent(join).await;
        assert_eq!(refused(&agent).await, Refusal::Paused {});
    }
    assert_eq!(show().await.0, StatusCode::SERVICE_UNAVAILABLE);
    owner.post(&of(&call, "/resume"), json!({})).await;
    let agent = gateway.agent(request(&call, 1, answers("Ada", "a"))).await;
    welcome(&agent).await;

    let (status, _) = owner.delete(&of(&call, "")).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(show().await.0, StatusCode::NOT_FOUND);
    let late = gateway.agent(request(&call, 9, answers("Bob", "b"))).await;
    assert_eq!(refused(&late).await, Refusal::NotFound {});
    assert_eq!(in_queue(&owner).await.len(), 1, "the request stays");
}

#[tokio::test]
async fn strangers_cannot_make_work_without_end() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let call = call(&owner, json!({ "name": "Help" })).await;
    for number in 0..10 {
        let agent = gateway
            .agent(request(&call, number, answers("Ada", "a")))
            .await;
        welcome(&agent).await;
    }
    let many = gateway.agent(request(&call, 10, answers("Ada", "a"))).await;
    let Refusal::TryLater { seconds } = refused(&many).await else {
        panic!("an eleventh request was taken");
    };
    assert!((500..=601).contains(&seconds), "{seconds}");
    assert_eq!(in_queue(&owner).await.len(), 10);
    // Not even by a restart.
    let data = gateway.kill();
    let gateway = Gateway::start_in(data, &[]);
    let again = gateway.agent(request(&call, 11, answers("Ada", "a"))).await;
    assert!(matches!(refused(&again).await, Refusal::TryLater { .. }));
}

#[tokio::test]
async fn a_full_channel_says_so() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let call = call(&owner, json!({ "name": "Help" })).await;
    let channel = default_channel(&owner).await;
    let one = json!({ "max_open_sessions": 1 });
    owner.patch(&format!("/channels/{channel}"), one).await;
    let first = gateway.agent(request(&call, 1, answers("Ada", "a"))).await;
    welcome(&first).await;
    let second = gateway.agent(request(&call, 2, answers("Bob", "b"))).await;
    assert_eq!(refused(&second).await, Refusal::Full {});
}

#[tokio::test]
async fn its_default_technician_gets_the_request_and_only_managers_change_it() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let body = json!({ "name": "Help", "technician_id": tim.id });
    let call = call(&owner, body).await;
    assert_eq!(call["technician"]["name"], "Tim");
    let agent = gateway.agent(request(&call, 1, answers("Ada", "a"))).await;
    let named = agent
        .hear_until(|message| match message {
            ToAgent::Welcome { technician, .. } => Some(technician.clone()),
            _ => None,
        })
        .await;
    assert_eq!(named.unwrap().name, "Tim");

    let channel = default_channel(&tim).await;
    let (status, seen) = tim.get(&format!("/channels/{channel}/calls")).await;
    assert_eq!(
        (status, &seen[0]["may_manage"]),
        (StatusCode::OK, &json!(false))
    );
    assert!(seen[0]["link"].is_string());
    let name = json!({ "name": "Mine" });
    for (status, _) in [
        tim.post(&format!("/channels/{channel}/calls"), name.clone())
            .await,
        tim.patch(&of(&call, ""), name.clone()).await,
        tim.post(&of(&call, "/pause"), json!({})).await,
        tim.delete(&of(&call, "")).await,
    ] {
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    let (status, bad) = owner
        .patch(
            &of(&call, ""),
            json!({ "fields": [{ "label": "", "kind": "text" }] }),
        )
        .await;
    assert_eq!(
        (status, &bad["error"]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("fields"))
    );
    let (_, nobody) = owner
        .patch(&of(&call, ""), json!({ "technician_id": "" }))
        .await;
    assert!(nobody["technician"].is_null());
}

#[tokio::test]
async fn a_session_code_brings_agent_and_technician_together_once() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let agent = gateway.agent(Join::Code(key(1))).await;
    let ToAgent::Code {
        code: digits,
        seconds,
        ..
    } = agent.hear().await
    else {
        panic!("no code");
    };
    assert_eq!(digits.len(), 9);
    assert!((590..=600).contains(&seconds));
    let shown_again = gateway.agent(Join::Code(key(1))).await;
    let ToAgent::Code { code: same, .. } = shown_again.hear().await else {
        panic!("no code");
    };
    assert_eq!(same, digits, "a lost network shows the same code again");

    let wrong = json!({ "code": "000000000" });
    let (status, answer) = owner.post("/session-codes", wrong).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::UNPROCESSABLE_ENTITY, "wrong_code")
    );
    let spaced = format!("{} {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
    let (status, session) = owner
        .post("/session-codes", json!({ "code": spaced }))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{session}");
    assert_eq!(session["name"], "office-7<U+202E>");
    welcome(&shown_again).await;
    owner
        .wait_for(&session, |one| one["status"] == "active")
        .await;
    let (status, again) = owner
        .post("/session-codes", json!({ "code": digits }))
        .await;
    let same_words = (status, code(&again), &again["error"]["message"]);
    assert_eq!(
        same_words,
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "wrong_code",
            &answer["error"]["message"]
        )
    );
}

#[tokio::test]
async fn codes_are_not_guessed() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    for _ in 0..5 {
        let (_, answer) = owner
            .post("/session-codes", json!({ "code": "123456789" }))
            .await;
        assert_eq!(code(&answer), "wrong_code");
    }
    let (status, answer) = owner
        .post("/session-codes", json!({ "code": "123456789" }))
        .await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::TOO_MANY_REQUESTS, "try_later")
    );
    // Nor shown without end.
    for number in 0..10 {
        let agent = gateway.agent(Join::Code(key(number))).await;
        assert!(matches!(agent.hear().await, ToAgent::Code { .. }));
    }
    let many = gateway.agent(Join::Code(key(99))).await;
    assert!(matches!(refused(&many).await, Refusal::TryLater { .. }));
}

/// The question's id and code, as the agent gets them.
async fn asked(agent: &Agent) -> (AskId, Option<Verification>) {
    agent
        .hear_until(|message| match message {
            ToAgent::Ask {
                ask, verification, ..
            } => Some((*ask, verification.clone())),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn an_agent_that_says_yes_without_the_code_has_granted_nothing() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let channel = default_channel(&owner).await;
    let typed = json!({ "verification": "type" });
    owner.patch(&format!("/channels/{channel}"), typed).await;
    let session = owner.session("Printer", None).await;
    let pin = session["pin"].as_str().unwrap().to_owned();
    let agent = gateway.agent(Join::Pin(pin)).await;
    welcome(&agent).await;
    for wrong in [None, Some("0000".to_owned()), Some("x".to_owned())] {
        // After a rejection five seconds pass; the end user lets them ask at once.
        let technician = TechnicianId(owner.id.parse().unwrap());
        agent.say(FromAgent::InviteAgain { technician }).await;
        owner.wait_for(&session, |one| can(one, "ask")).await;
        let (status, asking) = owner.post(&path(&session, "/ask"), json!({})).await;
        assert_eq!(status, StatusCode::OK, "{asking}");
        let (ask, wanted) = asked(&agent).await;
        let wanted = wanted.unwrap();
        assert_eq!(wanted.mode, VerificationMode::Type);
        assert_eq!(
            asking["technicians"][0]["verification"]["code"],
            wanted.code
        );
        // One in ten thousand codes is this one.
        let code = wrong.filter(|code| *code != wanted.code);
        let rights = Rights::CONTROL;
        agent.say(FromAgent::Answer { ask, rights, code }).await;
        let told = agent
            .hear_until(|message| match message {
                ToAgent::Withdrawn { ask, .. } => Some(*ask),
                _ => None,
            })
            .await;
        assert_eq!(told, ask);
        let after = owner.look(&session).await;
        assert_eq!(after["technicians"][0]["consent"], "rejected");
        assert!(!can(&after, "connect"));
    }
    let technician = TechnicianId(owner.id.parse().unwrap());
    agent.say(FromAgent::InviteAgain { technician }).await;
    owner.wait_for(&session, |one| can(one, "ask")).await;
    owner.post(&path(&session, "/ask"), json!({})).await;
    let (ask, wanted) = asked(&agent).await;
    let (rights, code) = (Rights::VIEW, wanted.map(|one| one.code));
    agent.say(FromAgent::Answer { ask, rights, code }).await;
    owner.wait_for(&session, |one| can(one, "connect")).await;
}

#[tokio::test]
async fn nobody_but_the_technician_who_asks_sees_the_code() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let channel = default_channel(&owner).await;
    let compare = json!({ "verification": "compare" });
    owner.patch(&format!("/channels/{channel}"), compare).await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let session = tim.session("Printer", None).await;
    let pin = session["pin"].as_str().unwrap().to_owned();
    let agent = gateway.agent(Join::Pin(pin)).await;
    welcome(&agent).await;
    tim.post(&path(&session, "/ask"), json!({})).await;
    let (_, wanted) = asked(&agent).await;
    assert_eq!(wanted.unwrap().mode, VerificationMode::Compare);
    let (mine, theirs) = (tim.look(&session).await, owner.look(&session).await);
    assert_eq!(mine["technicians"][0]["verification"]["mode"], "compare");
    assert!(theirs["technicians"][0]["verification"].is_null());
}

#[tokio::test]
async fn what_is_no_key_or_no_token_leads_nowhere() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let call = call(&owner, json!({ "name": "Help" })).await;
    let bad_key = Join::Call(CallRequest {
        call: token(&call),
        key: base32::encode(&[7; 16]),
        answers: answers("Ada", "a"),
    });
    for join in [bad_key, Join::Code("x".to_owned()), Join::Form(key(1))] {
        let agent = gateway.agent(join).await;
        assert_eq!(refused(&agent).await, Refusal::NotFound {});
    }
    assert!(in_queue(&owner).await.is_empty());
}
