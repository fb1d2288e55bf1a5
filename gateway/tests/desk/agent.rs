//! The end user's agent and the technician together: joining, asking, answering, leaving.

use std::time::Duration;

use mayday_protocol::control::{FromAgent, Join, Refusal, Rights, ToAgent};
use mayday_transport::Path;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Gateway, can, code, path, token};

#[tokio::test]
async fn the_link_lets_one_agent_in_and_the_technician_sees_its_computer() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    let ToAgent::Welcome {
        organisation,
        technician,
        ..
    } = agent.hear().await
    else {
        panic!("no welcome");
    };
    assert_eq!(organisation, "Example & Sons");
    assert_eq!(technician.unwrap().name, "Olivia");
    let active = owner.look(&session).await;
    assert_eq!(active["status"], "active");
    assert_eq!(active["device"]["host_name"], "office-7<U+202E>");
    assert_eq!(active["device"]["public_address"], "127.0.0.1");
    assert!(can(&active, "ask") && !can(&active, "connect"));
    let second = gateway.agent(Join::Invite(token(&session))).await;
    assert_eq!(
        second.hear().await,
        ToAgent::Refused {
            reason: Refusal::InUse {}
        }
    );
}

#[tokio::test]
async fn asking_allowing_connecting_and_stopping() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway
        .agent(Join::Pin(session["pin"].as_str().unwrap().to_owned()))
        .await;
    agent
        .hear_until(|message| matches!(message, ToAgent::Welcome { .. }).then_some(()))
        .await;
    let (status, answer) = owner.post(&path(&session, "/connect"), json!({})).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "not_granted")
    );
    let (status, asking) = owner
        .post(&path(&session, "/ask"), json!({ "rights": "control" }))
        .await;
    assert_eq!(
        (status, &asking["sub_state"]["kind"]),
        (StatusCode::OK, &json!("asking"))
    );
    let (ask, slot) = agent
        .hear_until(|message| match message {
            ToAgent::Ask {
                ask,
                slot,
                person,
                rights,
                ..
            } => {
                assert_eq!((person.name.as_str(), *rights), ("Olivia", Rights::CONTROL));
                Some((*ask, *slot))
            }
            _ => None,
        })
        .await;
    let (status, answer) = owner.post(&path(&session, "/ask"), json!({})).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "already_asking")
    );
    agent
        .say(FromAgent::Answer {
            ask,
            rights: Rights::VIEW,
            code: None,
        })
        .await;
    let granted = owner.wait_for(&session, |one| can(one, "connect")).await;
    assert_eq!(granted["sub_state"]["rights"], "view");
    let (status, connection) = owner.post(&path(&session, "/connect"), json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        connection["certificate_hashes"].as_array().unwrap().len(),
        2
    );
    assert!(
        connection["websocket_url"]
            .as_str()
            .unwrap()
            .starts_with("ws://127.0.0.1:")
    );
    agent
        .say(FromAgent::Lowered {
            slot,
            rights: Rights::NONE,
        })
        .await;
    let stopped = owner.wait_for(&session, |one| !can(one, "connect")).await;
    assert_eq!(stopped["status"], "active");
    agent.say(FromAgent::Leave {}).await;
    owner
        .wait_for(&session, |one| one["status"] == "waiting")
        .await;
    let again = gateway.agent(Join::Invite(token(&session))).await;
    assert!(matches!(again.hear().await, ToAgent::Welcome { .. }));
}

#[tokio::test]
async fn a_lost_agent_comes_back_with_its_newest_token_and_keeps_its_grant() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    let welcome = |message: &ToAgent| match message {
        ToAgent::Welcome { resume_token, .. } => Some(resume_token.clone()),
        _ => None,
    };
    let first = agent.hear_until(welcome).await;
    owner
        .post(&path(&session, "/ask"), json!({ "rights": "view" }))
        .await;
    agent.allows(Rights::VIEW).await;
    owner.wait_for(&session, |one| can(one, "connect")).await;
    agent.vanish();
    owner
        .wait_for(&session, |one| one["sub_state"]["agent"] == "lost")
        .await;
    let back = gateway.agent(Join::Resume(first.clone())).await;
    let second = back.hear_until(welcome).await;
    assert_ne!(first, second);
    let here = owner
        .wait_for(&session, |one| one["sub_state"]["agent"] == "here")
        .await;
    assert!(can(&here, "connect"));
    let third = gateway.agent(Join::Resume(second)).await;
    third.hear_until(welcome).await;
    let replay = gateway.agent(Join::Resume(first)).await;
    assert!(
        matches!(replay.hear().await, ToAgent::Refused { .. }),
        "a used token works once"
    );
}

#[tokio::test]
async fn closing_ends_the_agent_and_the_link_says_over() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    agent
        .hear_until(|message| matches!(message, ToAgent::Welcome { .. }).then_some(()))
        .await;
    owner.post(&path(&session, "/close"), json!({})).await;
    agent
        .hear_until(|message| matches!(message, ToAgent::Ended { .. }).then_some(()))
        .await;
    let late = gateway.agent(Join::Invite(token(&session))).await;
    assert_eq!(
        late.hear().await,
        ToAgent::Refused {
            reason: Refusal::Over {}
        }
    );
}

#[tokio::test]
async fn whoever_takes_over_is_announced_and_has_no_grant() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let tim = gateway
        .technician(&owner, "Tim", "channel_technician")
        .await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    agent
        .hear_until(|message| matches!(message, ToAgent::Welcome { .. }).then_some(()))
        .await;
    let assign = json!({ "technician_id": tim.id });
    assert_eq!(
        owner.post(&path(&session, "/assign"), assign).await.0,
        StatusCode::OK
    );
    agent
        .hear_until(|message| matches!(message, ToAgent::Removed { .. }).then_some(()))
        .await;
    let name = agent
        .hear_until(|message| match message {
            ToAgent::Assigned { technician } => Some(technician.clone().unwrap().name),
            _ => None,
        })
        .await;
    assert_eq!(name, "Tim");
    assert!(!can(&tim.look(&session).await, "connect"));
}

#[tokio::test]
async fn an_unanswered_question_ends_by_itself() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    agent
        .hear_until(|message| matches!(message, ToAgent::Welcome { .. }).then_some(()))
        .await;
    owner.post(&path(&session, "/ask"), json!({})).await;
    let withdrawn = agent.hear_until(|message| {
        matches!(
            message,
            ToAgent::Withdrawn {
                unanswered: true,
                ..
            }
        )
        .then_some(())
    });
    // 30 s at the desk; the agent hears of it without anybody looking.
    tokio::time::sleep(Duration::from_secs(15)).await;
    withdrawn.await;
    let ran_out = owner.look(&session).await;
    assert_eq!(ran_out["sub_state"]["kind"], "unanswered");
    let mine = &ran_out["technicians"][0];
    assert_eq!(mine["consent"], "unanswered");
    assert!(mine["reject_until"].is_string(), "can be asked again");
    let history = owner.get(&path(&session, "/history")).await.1;
    let happened = history.as_array().unwrap();
    assert!(happened.iter().any(|one| one["what"] == "unanswered"));
    assert!(happened.iter().all(|one| one["what"] != "rejected"));
}

#[tokio::test]
async fn where_udp_does_not_pass_the_agent_comes_by_websocket() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let join = Join::Invite(token(&session));
    let agent = gateway.agent_by(join, Some(Path::WebSocket)).await;
    assert!(matches!(agent.hear().await, ToAgent::Welcome { .. }));
    owner.post(&path(&session, "/ask"), json!({})).await;
    agent
        .hear_until(|message| matches!(message, ToAgent::Ask { .. }).then_some(()))
        .await;
}
