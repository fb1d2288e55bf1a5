//! One agent's connection after it was let in: media to the relay at once, words to the desk in their order.

use std::sync::Arc;

use mayday_protocol::Slot;
use mayday_protocol::control::{self, FromAgent, ToAgent};
use mayday_transport::{Link, Received, close_code};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::pace::Pace;
use super::switchboard::Command;
use super::{IN_TIME, Live, answer};
use crate::desk::{AgentJoined, Desk, Stay};
use crate::origin;
use crate::relay::{AgentPlace, FromAgentRelay, Room};

/// Words that wait for the desk; an agent that says more must wait.
const WAITING: usize = 64;

pub(super) async fn serve(live: &Live, link: Link, joined: AgentJoined) {
    let (session, stay) = (joined.session, joined.stay);
    let welcome = ToAgent::Welcome {
        version: mayday_protocol::VERSION,
        session,
        resume_token: joined.resume_token,
        organisation: joined.organisation,
        technician: joined.technician,
    };
    // If this fails, the rest ends at once by itself.
    answer(&link, &welcome).await;
    let (seated, here) = oneshot::channel();
    let came = Command::AgentCame {
        session,
        link: link.clone(),
        stay,
        seated,
    };
    if live.commands.send(came).is_err() {
        return;
    }
    // Whose time ended before is closed already.
    let Ok((room, place)) = here.await else {
        return;
    };

    let (words, heard) = mpsc::channel(WAITING);
    let listening = tokio::spawn(origin::carried(listen(
        live.desk.clone(),
        room.clone(),
        place.clone(),
        heard,
    )));
    let mut agent = Agent {
        live,
        stay,
        place,
        room,
        pace: Pace::new(Instant::now()),
        words,
    };
    let left = agent.forward().await;
    drop(agent);
    // The desk hears everything that was said before it hears that the connection is gone.
    let _ = listening.await;
    link.close(close_code::DONE, "");

    let (was_here, still) = oneshot::channel();
    let went = Command::AgentWent {
        session,
        stay,
        was_here,
    };
    let _ = live.commands.send(went);
    if still.await == Ok(true) && !left {
        live.desk.agent_lost(session).await;
    }
}

/// An agent's connection while it lasts.
struct Agent<'a> {
    live: &'a Live,
    stay: Stay,
    place: Arc<AgentPlace>,
    room: Arc<Room>,
    pace: Pace,
    words: mpsc::Sender<FromAgent>,
}

impl Agent<'_> {
    /// Reads until the connection ends; whether the agent said goodbye.
    async fn forward(&mut self) -> bool {
        let (link, room) = (self.place.link.clone(), self.room.clone());
        let mut relay = FromAgentRelay::new(room.clone(), self.live.desk.clone());
        loop {
            let received = tokio::select! {
                biased;
                received = link.recv() => received,
                () = relay.forward() => continue,
                message = self.pace.due() => match self.words.send(message).await {
                    Ok(()) => continue,
                    Err(_) => return false,
                },
                (slot, sequences) = room.abandoned_updates() => {
                    let report = ToAgent::Abandoned { slot, sequences };
                    match tokio::time::timeout(IN_TIME, link.send_control(&report)).await {
                        Ok(Ok(())) => continue,
                        Ok(Err(_)) | Err(_) => return false,
                    }
                }
            };
            match received {
                // Its time is over; it only has to hear why.
                Ok(_) if !room.has_agent(&self.place) => {}
                Ok(Received::Control(bytes)) => {
                    let Ok(message) = control::decode(&bytes) else {
                        link.close(close_code::MALFORMED, "no control message");
                        return false;
                    };
                    let left = message == FromAgent::Leave {};
                    if !self.hear(message).await || left {
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

    /// What takes pictures away does so at once; the desk, which writes everything down first, hears of it then. Whether it can hear.
    async fn hear(&mut self, message: FromAgent) -> bool {
        if let Some(slot) = blinded(&message) {
            self.place.shut(slot);
            self.room.flush(slot);
            let clear = Command::Clear {
                session: self.room.session(),
                stay: self.stay,
                slot,
            };
            let _ = self.live.commands.send(clear);
        }
        match self.pace.take(message, Instant::now()) {
            Some(message) => self.words.send(message).await.is_ok(),
            None => true,
        }
    }
}

/// Who may see nothing any more after this: nobody, one slot, or (`None` inside) all.
fn blinded(message: &FromAgent) -> Option<Option<Slot>> {
    match message {
        FromAgent::Lowered { slot, rights } if !rights.view => Some(Some(*slot)),
        FromAgent::Paused { paused: true } | FromAgent::Leave {} => Some(None),
        FromAgent::Lowered { .. }
        | FromAgent::Paused { .. }
        | FromAgent::Hello { .. }
        | FromAgent::System { .. }
        | FromAgent::Answer { .. }
        | FromAgent::Unanswered { .. }
        | FromAgent::InviteAgain { .. }
        | FromAgent::Screen { .. }
        | FromAgent::Chat { .. }
        | FromAgent::ChatSeen { .. }
        | FromAgent::Rate { .. }
        | FromAgent::Unknown => None,
    }
}

async fn listen(
    desk: Desk,
    room: Arc<Room>,
    place: Arc<AgentPlace>,
    mut heard: mpsc::Receiver<FromAgent>,
) {
    while let Some(message) = heard.recv().await {
        let shut = blinded(&message);
        if room.has_agent(&place) {
            desk.agent_said(room.session(), message).await;
        }
        if let Some(slot) = shut {
            place.reopen(slot);
        }
    }
}
