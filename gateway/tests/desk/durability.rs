//! What was answered stays, whatever happens to the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mayday_protocol::control::{Join, ToAgent};
use serde_json::{Value, json};

use crate::support::{Gateway, path, token};

#[tokio::test]
async fn killed_in_the_middle_it_loses_no_acknowledged_change() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let made = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (owner, made) = (owner.clone(), Arc::clone(&made));
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    let body = json!({ "name": format!("{writer}-{n}") });
                    let url = format!("{}/api/v1/sessions", owner.base);
                    let request = owner.client.post(url).header("x-mayday", "1").json(&body);
                    let Ok(answer) = request.send().await else {
                        break;
                    };
                    let Ok(session) = answer.json::<Value>().await else {
                        break;
                    };
                    acknowledged.push(session);
                    made.fetch_add(1, Ordering::Relaxed);
                }
                acknowledged
            })
        })
        .collect();
    while made.load(Ordering::Relaxed) < 40 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let data = gateway.kill();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(acknowledged.len() >= 40);
    let gateway = Gateway::start_in(data, &[]);
    let owner = gateway.owner().await;
    for session in &acknowledged {
        let kept = owner.look(session).await;
        assert_eq!(kept["name"], session["name"]);
        let (_, link) = owner.get(&path(session, "/link")).await;
        assert_eq!(
            link["link"].as_str().unwrap().rsplit('/').next().unwrap(),
            token(session)
        );
    }
}

#[tokio::test]
async fn an_agent_comes_back_after_a_restart() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let agent = gateway.agent(Join::Invite(token(&session))).await;
    let ToAgent::Welcome { resume_token, .. } = agent.hear().await else {
        panic!("no welcome");
    };
    let data = gateway.kill();
    let gateway = Gateway::start_in(data, &[]);
    let owner = gateway.owner().await;
    assert_eq!(owner.look(&session).await["sub_state"]["agent"], "lost");
    let back = gateway.agent(Join::Resume(resume_token)).await;
    assert!(matches!(back.hear().await, ToAgent::Welcome { .. }));
    assert_eq!(owner.look(&session).await["sub_state"]["agent"], "here");
}
