//! Connections of agents that have no session yet: one that asks for a form, and one that shows a session code and waits for somebody to
//! enter it. Owns how long they may wait; what they get is the desk's.

use std::time::Duration;

use mayday_protocol::control::{self, FromAgent, Join, SystemReport, ToAgent};
use mayday_transport::{Link, Received, close_code};

use super::{Live, agent, answer, hello};
use crate::clock::now;

/// Answers with the form of an SOS Call, and ends.
pub(super) async fn form(live: &Live, link: Link, token: &str) {
    match live.desk.call_form(token) {
        Ok(form) => {
            if answer(&link, &form).await {
                link.close_after_delivery(close_code::DONE, "the form")
                    .await;
            }
        }
        Err(reason) => hello::refuse(&link, &ToAgent::Refused { reason }).await,
    }
}

/// Shows a code until somebody enters it, the end user leaves, or its time is over.
pub(super) async fn code(live: &Live, link: Link, key: String, system: SystemReport) {
    let address = link.remote().ip();
    let shown = live.desk.show_code(&key, &system.host_name, address);
    let mut shown = match shown {
        Ok(shown) => shown,
        Err(reason) => return hello::refuse(&link, &ToAgent::Refused { reason }).await,
    };
    let left = Duration::from_millis(shown.expires_at.0.saturating_sub(now().0));
    let message = ToAgent::Code {
        code: shown.code,
        seconds: u32::try_from(left.as_secs()).unwrap_or(u32::MAX),
        organisation: shown.organisation,
    };
    if !answer(&link, &message).await {
        return;
    }
    let entered = tokio::select! {
        entered = shown.entered.wait_for(|entered| *entered) => entered.is_ok(),
        () = left_or_gone(live, &link, &key) => return,
        () = tokio::time::sleep(left) => false,
    };
    if !entered {
        return link.close(close_code::DONE, "the code is over");
    }
    match live
        .desk
        .agent_hello(Join::Code(key), system, address)
        .await
    {
        Ok(joined) => agent::serve(live, link, joined).await,
        Err(reason) => hello::refuse(&link, &ToAgent::Refused { reason }).await,
    }
}

/// Reads what a waiting agent says; it has nothing to say but goodbye.
async fn left_or_gone(live: &Live, link: &Link, key: &str) {
    while let Ok(received) = link.recv().await {
        let Received::Control(bytes) = received else {
            return link.close(close_code::MALFORMED, "no session");
        };
        if control::decode(&bytes) == Ok(FromAgent::Leave {}) {
            return live.desk.forget_code(key);
        }
    }
}
