//! The chat over HTTP, the live stream and the wire to the agent: with the end user, among technicians, and what must never mix.

use std::time::Duration;

use mayday_protocol::control::{ChatMessage, FromAgent, Join, ToAgent};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Agent, Console, Gateway, code, path, token};

async fn say(console: &Console, session: &Value, client: &str, text: &str) -> (StatusCode, Value) {
    let body = json!({ "client_id": client, "text": text });
    console.post(&path(session, "/chat"), body).await
}

async fn texts(console: &Console, session: &Value, chat: &str) -> Vec<String> {
    let (status, page) = console.get(&path(session, chat)).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let messages = page["messages"].as_array().unwrap();
    let text = |one: &Value| one["text"].as_str().unwrap().to_owned();
    messages.iter().map(text).collect()
}

async fn hears(agent: &Agent) -> Vec<ChatMessage> {
    agent
        .hear_until(|message| match message {
            ToAgent::Chat { messages } => Some(messages.clone()),
            _ => None,
        })
        .await
}

fn chat(client: u64, text: &str) -> FromAgent {
    FromAgent::Chat {
        client,
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn both_sides_write_and_read() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    let (status, sent) = say(&owner, &session, "a", " What does it say? ").await;
    assert_eq!(
        (status, &sent["text"]),
        (StatusCode::OK, &json!("What does it say?"))
    );
    let heard = hears(&agent).await;
    assert_eq!(heard[0].from.as_deref(), Some("Olivia"));
    agent.say(chat(7, "paper\u{202e}jam")).await;
    let echo = hears(&agent).await;
    assert_eq!((echo[0].client, echo[0].from.as_deref()), (Some(7), None));
    let now = owner
        .wait_for(&session, |one| one["talk"]["unread"] == 1)
        .await;
    assert_eq!(now["talk"]["delivered"], 0);
    assert_eq!(
        texts(&owner, &session, "/chat").await[1],
        "paper<U+202E>jam"
    );
    agent.say(FromAgent::ChatSeen { got: 2, read: 1 }).await;
    owner
        .wait_for(&session, |one| {
            one["talk"]["read"] == 1 && one["talk"]["delivered"] == 2
        })
        .await;
    let read = owner
        .post(&path(&session, "/chat/read"), json!({ "upto": 2 }))
        .await;
    assert_eq!(read.0, StatusCode::NO_CONTENT);
    owner
        .wait_for(&session, |one| one["talk"]["unread"] == 0)
        .await;
}

#[tokio::test]
async fn what_is_written_to_an_absent_end_user_waits_for_them() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    say(&owner, &session, "a", "first").await;
    say(&owner, &session, "b", "second").await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    let heard = hears(&agent).await;
    let texts: Vec<_> = heard.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["first", "second"]);
}

#[tokio::test]
async fn a_message_that_comes_twice_is_one_message() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let (_, first) = say(&owner, &session, "a", "hello").await;
    let (status, again) = say(&owner, &session, "a", "hello").await;
    assert_eq!(
        (status, &again["number"]),
        (StatusCode::OK, &first["number"])
    );
    let both = tokio::join!(
        say(&owner, &session, "b", "at once"),
        say(&owner, &session, "b", "at once")
    );
    assert_eq!(both.0.1["number"], both.1.1["number"]);
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    hears(&agent).await;
    for _ in 0..2 {
        agent.say(chat(5, "here I am")).await;
        assert_eq!(hears(&agent).await[0].client, Some(5));
    }
    assert_eq!(
        texts(&owner, &session, "/chat").await,
        ["hello", "at once", "here I am"]
    );
}

/// At the wire: everything that the gateway says to the agent is looked at.
#[tokio::test]
async fn a_whisper_is_never_sent_to_the_agent() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let whisper = |client: &str| {
        let body = json!({ "client_id": client, "text": "between us" });
        let path = path(&session, "/whispers");
        let owner = owner.clone();
        async move { owner.post(&path, body).await }
    };
    assert_eq!(whisper("a").await.0, StatusCode::OK);
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    assert_eq!(whisper("b").await.0, StatusCode::OK);
    say(&owner, &session, "c", "to you").await;
    agent.say(FromAgent::ChatSeen { got: 99, read: 99 }).await;
    // Once more from the beginning, as after a lost connection.
    assert_eq!(whisper("d").await.0, StatusCode::OK);
    say(&owner, &session, "last", "the end").await;
    loop {
        let message = agent.hear().await;
        assert!(
            !format!("{message:?}").contains("between us"),
            "{message:?}"
        );
        if let ToAgent::Chat { messages } = &message
            && messages.iter().any(|one| one.text == "the end")
        {
            break;
        }
    }
    assert_eq!(texts(&owner, &session, "/whispers").await.len(), 3);
    assert_eq!(
        texts(&owner, &session, "/chat").await,
        ["to you", "the end"]
    );
}

#[tokio::test]
async fn whispers_count_apart_and_only_for_others() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let session = owner.session("Printer", None).await;
    owner
        .post(
            &path(&session, "/invite"),
            json!({ "technician_id": tim.id }),
        )
        .await;
    let body = json!({ "client_id": "a", "text": "have a look" });
    tim.post(&path(&session, "/whispers"), body).await;
    let talk = |one: &Value| {
        (
            one["talk"]["unread"].clone(),
            one["talk"]["unread_whispers"].clone(),
        )
    };
    assert_eq!(talk(&owner.look(&session).await), (json!(0), json!(1)));
    assert_eq!(talk(&tim.look(&session).await), (json!(0), json!(0)));
}

#[tokio::test]
async fn who_writes_too_fast_or_too_much_hears_what_to_do() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let long = say(&owner, &session, "long", &"x".repeat(2001)).await;
    assert_eq!(
        (long.0, &long.1["error"]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("text"))
    );
    let empty = say(&owner, &session, "empty", " \n ").await;
    assert_eq!(empty.0, StatusCode::UNPROCESSABLE_ENTITY);
    let odd = say(&owner, &session, "no spaces", "hello").await;
    assert_eq!(odd.1["error"]["field"], "client_id");
    let mut refused = None;
    for n in 0..40 {
        let answer = say(&owner, &session, &format!("n{n}"), "hello").await;
        if answer.0 == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer.1);
            break;
        }
    }
    let refused = refused.expect("somebody writes forty messages at once");
    assert_eq!(code(&refused), "too_fast");
    assert!(refused["error"]["retry_after_s"].as_u64().unwrap() >= 1);
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    for client in 0..40 {
        agent.say(chat(client, "hello")).await;
    }
    let again = agent.hear_until(|message| match message {
        ToAgent::ChatRefused { again_ms, .. } => Some(*again_ms),
        _ => None,
    });
    assert!(again.await.is_some(), "it can be sent later");
    agent.say(chat(99, &"x".repeat(2001))).await;
    let never = agent.hear_until(|message| match message {
        ToAgent::ChatRefused {
            client: 99,
            again_ms,
        } => Some(*again_ms),
        _ => None,
    });
    assert_eq!(never.await, None, "too long stays too long");
}

#[tokio::test]
async fn nobody_writes_into_a_session_that_is_over_or_not_theirs() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let session = owner.session("Printer", None).await;
    assert_eq!(
        say(&tim, &session, "a", "hello").await.0,
        StatusCode::NOT_FOUND
    );
    owner.post(&path(&session, "/release"), json!({})).await;
    let (status, body) = say(&tim, &session, "a", "hello").await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "not_yours"));
    let whisper = json!({ "client_id": "b", "text": "I know him" });
    let whispered = tim.post(&path(&session, "/whispers"), whisper).await;
    assert_eq!(whispered.0, StatusCode::OK);
    owner.post(&path(&session, "/take"), json!({})).await;
    owner.post(&path(&session, "/close"), json!({})).await;
    let (status, body) = say(&owner, &session, "c", "hello").await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "closed"));
}

#[tokio::test]
async fn the_chat_survives_a_power_cut() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    say(&owner, &session, "a", "first").await;
    let data = gateway.kill();
    let gateway = Gateway::start_in(data, &[]);
    let owner = gateway.owner().await;
    let (_, second) = say(&owner, &session, "b", "second").await;
    assert_eq!(second["number"], 2);
    let (_, again) = say(&owner, &session, "a", "first").await;
    assert_eq!(again["number"], 1);
    assert_eq!(texts(&owner, &session, "/chat").await, ["first", "second"]);
}

#[tokio::test]
async fn older_messages_come_page_by_page() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    for n in 1..=5 {
        say(&owner, &session, &format!("n{n}"), &n.to_string()).await;
    }
    let (_, page) = owner.get(&path(&session, "/chat?limit=2")).await;
    assert_eq!(
        (&page["messages"][0]["number"], &page["more"]),
        (&json!(4), &json!(true))
    );
    let (_, page) = owner.get(&path(&session, "/chat?limit=9&before=4")).await;
    assert_eq!(
        (&page["messages"][2]["number"], &page["more"]),
        (&json!(3), &json!(false))
    );
}

#[tokio::test]
async fn an_agent_that_resumes_hears_what_it_missed() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    let resume = agent.hear_until(|message| match message {
        ToAgent::Welcome { resume_token, .. } => Some(resume_token.clone()),
        _ => None,
    });
    let resume = resume.await;
    agent.vanish();
    owner
        .wait_for(&session, |one| one["sub_state"]["agent"] == "lost")
        .await;
    say(&owner, &session, "a", "are you back?").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let agent = gateway.agent(Join::Resume(resume)).await;
    assert_eq!(hears(&agent).await[0].text, "are you back?");
}
