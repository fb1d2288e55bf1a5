//! What a sign-in opened ends with it: tickets that nobody used yet, and viewers.

use mayday_protocol::control::{
    EndReason, FromAgent, FromTechnician, Join, Refusal, Rights, ToAgent, ToTechnician, decode,
};
use mayday_transport::{Link, Received, connect};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Agent, Console, Gateway, PASSWORD, PATIENCE, can, path, token};

/// A session whose end user allowed to look, and their agent.
async fn granted(gateway: &Gateway, owner: &Console) -> (Value, Agent) {
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    agent
        .hear_until(|message| matches!(message, ToAgent::Welcome { .. }).then_some(()))
        .await;
    let asked = json!({ "rights": "view" });
    owner.post(&path(&session, "/ask"), asked).await;
    agent.allows(Rights::VIEW).await;
    let session = owner.wait_for(&session, |one| can(one, "connect")).await;
    (session, agent)
}

pub async fn ticket(owner: &Console, session: &Value) -> String {
    let (status, answer) = owner.post(&path(session, "/connect"), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["ticket"].as_str().unwrap().to_owned()
}

/// A viewer that shows this ticket.
pub async fn viewer(gateway: &Gateway, ticket: String) -> Link {
    let (host, port) = gateway.address.rsplit_once(':').unwrap();
    let link = connect(host, port.parse().unwrap(), gateway.pin, None).await;
    let link = link.unwrap();
    let version = mayday_protocol::VERSION;
    let hello = FromTechnician::Hello { version, ticket };
    link.send_control(&hello).await.unwrap();
    link
}

/// The next message that is no state.
pub async fn heard(link: &Link) -> ToTechnician {
    let heard = async {
        loop {
            if let Received::Control(bytes) = link.recv().await.unwrap() {
                let message = decode(&bytes).unwrap();
                if !matches!(message, ToTechnician::State { .. }) {
                    return message;
                }
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.unwrap()
}

async fn assert_ended(gateway: &Gateway, open: &Link, unused: String) {
    let reason = EndReason::Restart;
    assert_eq!(heard(open).await, ToTechnician::Ended { reason });
    let late = viewer(gateway, unused).await;
    let reason = Refusal::Ticket {};
    assert_eq!(heard(&late).await, ToTechnician::Refused { reason });
}

async fn resume_of(link: &Link) -> String {
    match heard(link).await {
        ToTechnician::Joined { resume, .. } => resume,
        other => panic!("not let in: {other:?}"),
    }
}

async fn assert_refused(gateway: &Gateway, ticket: String) {
    let late = viewer(gateway, ticket).await;
    let reason = Refusal::Ticket {};
    assert_eq!(heard(&late).await, ToTechnician::Refused { reason });
}

#[tokio::test]
async fn a_lost_viewer_comes_back_by_itself_once_and_one_that_left_does_not() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (session, agent) = granted(&gateway, &owner).await;
    let first = viewer(&gateway, ticket(&owner, &session).await).await;
    let resume = resume_of(&first).await;
    first.close(9, "the wire is cut");
    let gone = |message: &ToAgent| matches!(message, ToAgent::Disconnected { .. }).then_some(());
    agent.hear_until(gone).await;
    let second = viewer(&gateway, resume.clone()).await;
    let newer = resume_of(&second).await;
    assert_refused(&gateway, resume).await;
    second.send_control(&FromTechnician::Bye {}).await.unwrap();
    agent.hear_until(gone).await;
    assert_refused(&gateway, newer).await;
}

#[tokio::test]
async fn what_a_viewer_may_come_back_with_ends_with_the_sign_in_and_with_another_window() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (session, _agent) = granted(&gateway, &owner).await;
    let first = viewer(&gateway, ticket(&owner, &session).await).await;
    let earlier = resume_of(&first).await;
    let second = viewer(&gateway, ticket(&owner, &session).await).await;
    let newest = resume_of(&second).await;
    assert_refused(&gateway, earlier).await;
    owner.post("/auth/sign-out-everywhere", json!({})).await;
    assert_refused(&gateway, newest).await;
}

#[tokio::test]
async fn signing_out_everywhere_ends_viewers_and_tickets_and_not_the_grant() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (session, agent) = granted(&gateway, &owner).await;
    let open = viewer(&gateway, ticket(&owner, &session).await).await;
    assert!(matches!(heard(&open).await, ToTechnician::Joined { .. }));
    let unused = ticket(&owner, &session).await;
    owner.post("/auth/sign-out-everywhere", json!({})).await;
    assert_ended(&gateway, &open, unused).await;
    let gone = |message: &ToAgent| matches!(message, ToAgent::Disconnected { .. }).then_some(());
    agent.hear_until(gone).await;
    let back = gateway.owner().await;
    let again = viewer(&gateway, ticket(&back, &session).await).await;
    assert!(matches!(heard(&again).await, ToTechnician::Joined { .. }));
}

#[tokio::test]
async fn signing_out_ends_what_this_sign_in_opened_and_no_other() {
    let gateway = Gateway::start();
    let (owner, elsewhere) = (gateway.owner().await, gateway.owner().await);
    let (session, _agent) = granted(&gateway, &owner).await;
    let open = viewer(&gateway, ticket(&owner, &session).await).await;
    assert!(matches!(heard(&open).await, ToTechnician::Joined { .. }));
    elsewhere.post("/auth/sign-out", json!({})).await;
    let unused = ticket(&owner, &session).await;
    owner.post("/auth/sign-out", json!({})).await;
    assert_ended(&gateway, &open, unused).await;
}

#[tokio::test]
async fn a_sign_in_that_runs_out_ends_the_remote_view() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (session, agent) = granted(&gateway, &owner).await;
    let open = viewer(&gateway, ticket(&owner, &session).await).await;
    assert!(matches!(heard(&open).await, ToTechnician::Joined { .. }));
    let unused = ticket(&owner, &session).await;
    let over = "UPDATE web_sessions SET expires_at = 1";
    crate::support::falsify(gateway.data.path(), over).await;
    assert_eq!(owner.get("/me").await.0, StatusCode::UNAUTHORIZED);
    assert_ended(&gateway, &open, unused).await;
    let gone = |message: &ToAgent| matches!(message, ToAgent::Disconnected { .. }).then_some(());
    agent.hear_until(gone).await;
}

#[tokio::test]
async fn a_new_password_ends_viewers_and_who_stays_signed_in_comes_back() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (session, _agent) = granted(&gateway, &owner).await;
    let open = viewer(&gateway, ticket(&owner, &session).await).await;
    assert!(matches!(heard(&open).await, ToTechnician::Joined { .. }));
    let unused = ticket(&owner, &session).await;
    let change = json!({ "current": PASSWORD, "new": "a new horse battery" });
    let (status, _) = owner.post("/me/password", change).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_ended(&gateway, &open, unused).await;
    let again = viewer(&gateway, ticket(&owner, &session).await).await;
    assert!(matches!(heard(&again).await, ToTechnician::Joined { .. }));
}

#[tokio::test]
async fn whose_doing_it_was_that_nothing_is_seen_any_more_is_told() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let (session, agent) = granted(&gateway, &owner).await;
    let told = |session: &Value, what: &str| session["sub_state"][what] == true;
    assert!(!told(&session, "stopped"));
    let slot = mayday_protocol::Slot::ALL[0];
    let rights = Rights::NONE;
    agent.say(FromAgent::Lowered { slot, rights }).await;
    let stopped = owner.wait_for(&session, |one| told(one, "stopped")).await;
    assert_eq!(stopped["sub_state"]["kind"], "ready");
    assert_eq!(stopped["technicians"][0]["stopped"], true);
    agent.say(FromAgent::Leave {}).await;
    let left = owner.wait_for(&session, |one| told(one, "left")).await;
    assert!(!told(&left, "stopped"), "{left}");
    assert_eq!(left["sub_state"]["kind"], "offline");
}
