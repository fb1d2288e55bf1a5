//! One agent's connection after it was let in: media to the relay at once, words to the desk in their order.

use std::sync::Arc;
use std::time::Duration;

use mayday_protocol::SessionId;
use mayday_protocol::control::{self, FromAgent, ToAgent};
use mayday_transport::{Link, Received, close_code};
use tokio::sync::{mpsc, oneshot};

use super::Live;
use super::switchboard::Command;
use crate::desk::{AgentJoined, Desk};
use crate::relay::{FromAgentRelay, Room};

/// Words that wait for the desk; an agent that says more must wait.
const WAITING: usize = 64;
/// A connection that does not take a report for this long is as good as gone.
const IN_TIME: Duration = Duration::from_secs(5);

pub(super) async fn serve(live: &Live, link: Link, joined: AgentJoined) {
    let session = joined.session;
    let welcome = ToAgent::Welcome {
        version: mayday_protocol::VERSION,
        session,
        resume_token: joined.resume_token,
        organisation: joined.organisation,
        technician: joined.technician,
    };
    // If this fails, the rest ends at once by itself.
    let _ = link.send_control(&welcome).await;
    let stay = live.next_stay();
    let (room, here) = oneshot::channel();
    let came = Command::AgentCame {
        session,
        link: link.clone(),
        stay,
        room,
    };
    if live.commands.send(came).is_err() {
        return;
    }
    let Ok(room) = here.await else { return };

    let (words, heard) = mpsc::channel(WAITING);
    let listening = tokio::spawn(listen(live.desk.clone(), session, heard));
    let left = forward(&link, room, live.desk.clone(), &words).await;
    drop(words);
    // The desk hears everything that was said before it hears that the connection is gone.
    let _ = listening.await;
    link.close(close_code::DONE, "");

    let (was_here, answer) = oneshot::channel();
    let went = Command::AgentWent {
        session,
        stay,
        was_here,
    };
    let _ = live.commands.send(went);
    if answer.await == Ok(true) && !left {
        live.desk.agent_lost(session).await;
    }
}

/// Reads until the connection ends; whether the agent said goodbye.
async fn forward(
    link: &Link,
    room: Arc<Room>,
    desk: Desk,
    words: &mpsc::Sender<FromAgent>,
) -> bool {
    let mut relay = FromAgentRelay::new(room.clone(), desk);
    loop {
        let received = tokio::select! {
            biased;
            received = link.recv() => received,
            () = relay.forward() => continue,
            (slot, sequences) = room.abandoned_updates() => {
                let report = ToAgent::Abandoned { slot, sequences };
                match tokio::time::timeout(IN_TIME, link.send_control(&report)).await {
                    Ok(Ok(())) => continue,
                    Ok(Err(_)) | Err(_) => return false,
                }
            }
        };
        match received {
            Ok(Received::Control(bytes)) => {
                let Ok(message) = control::decode(&bytes) else {
                    link.close(close_code::MALFORMED, "no control message");
                    return false;
                };
                let left = message == FromAgent::Leave {};
                if words.send(message).await.is_err() || left {
                    return left;
                }
            }
            Ok(media) => {
                if let Err(misplaced) = relay.take(media) {
                    link.close(close_code::MALFORMED, &misplaced.to_string());
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
}

async fn listen(desk: Desk, session: SessionId, mut heard: mpsc::Receiver<FromAgent>) {
    while let Some(message) = heard.recv().await {
        desk.agent_said(session, message).await;
    }
}
