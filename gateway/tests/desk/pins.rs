//! Guessing PINs.

use mayday_protocol::control::{Join, Refusal, ToAgent};

use crate::support::{Gateway, token};

#[tokio::test]
async fn the_sixth_wrong_pin_waits_the_link_still_works_and_a_restart_forgets_nothing() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let right = session["pin"].as_str().unwrap().to_owned();
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for guess in [wrong, "no digits", "", "１２３４５６", wrong] {
        let agent = gateway.agent(Join::Pin(guess.to_owned())).await;
        assert_eq!(
            agent.hear().await,
            ToAgent::Refused {
                reason: Refusal::NotFound {}
            }
        );
    }
    let refused_later = |message| match message {
        ToAgent::Refused {
            reason: Refusal::TryLater { seconds },
        } => seconds > 600,
        _ => false,
    };
    let sixth = gateway.agent(Join::Pin(right.clone())).await;
    assert!(refused_later(sixth.hear().await));
    let data = gateway.kill();
    let gateway = Gateway::start_in(data, &[]);
    let after_restart = gateway.agent(Join::Pin(right)).await;
    assert!(refused_later(after_restart.hear().await));
    let by_link = gateway.agent(Join::Invite(token(&session))).await;
    assert!(matches!(by_link.hear().await, ToAgent::Welcome { .. }));
}
