//! What was answered stays, whatever happens to the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mayday_protocol::control::{Join, ToAgent};
use serde_json::{Value, json};

use crate::support::{Gateway, path, token};

#[tokio::test]
async fn killed_in_the_middle_it_loses_no_acknowledged_change() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (owner, stop) = (owner.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
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
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let data = gateway.kill();
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(
        acknowledged.len() > 8,
        "only {} were made",
        acknowledged.len()
    );
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
