//! One technician's connection after it was let in: input and feedback to the relay at once, words to the desk in their order.

use std::sync::Arc;

use mayday_protocol::control::{self, FromTechnician, Refusal, ToTechnician};
use mayday_protocol::{SessionId, Slot};
use mayday_transport::{Link, Received, close_code};
use tokio::sync::{mpsc, oneshot};

use super::Live;
use super::switchboard::Command;
use crate::desk::{Desk, ViewerJoined};
use crate::relay::Room;

/// Words that wait for the desk; a technician who says more must wait.
const WAITING: usize = 64;

pub(super) async fn serve(live: &Live, link: Link, joined: ViewerJoined) {
    let (session, slot) = (joined.session, joined.slot);
    let state = live.desk.remote_state(session, slot);
    let is_let_in = state.is_some();
    let hello = match state {
        Some(state) => ToTechnician::Joined {
            version: mayday_protocol::VERSION,
            session,
            slot,
            state,
            name: joined.name,
        },
        None => ToTechnician::Refused {
            reason: Refusal::Ticket {},
        },
    };
    let _ = link.send_control(&hello).await;
    let stay = live.next_stay();
    let (room, here) = oneshot::channel();
    let came = Command::ViewerCame {
        session,
        slot,
        link: link.clone(),
        stay,
        room,
    };
    if live.commands.send(came).is_err() {
        return;
    }
    let Ok(room) = here.await else { return };

    let (words, heard) = mpsc::channel(WAITING);
    let listening = tokio::spawn(listen(live.desk.clone(), session, slot, heard));
    if is_let_in {
        forward(&link, slot, &room, &live.desk, &words).await;
    }
    drop(words);
    let _ = listening.await;
    link.close_after_delivery(close_code::DONE, "").await;

    let (was_here, answer) = oneshot::channel();
    let went = Command::ViewerWent {
        session,
        slot,
        stay,
        was_here,
    };
    let _ = live.commands.send(went);
    if answer.await == Ok(true) {
        live.desk.viewer_gone(session, slot).await;
    }
}

async fn forward(
    link: &Link,
    slot: Slot,
    room: &Arc<Room>,
    desk: &Desk,
    words: &mpsc::Sender<FromTechnician>,
) {
    loop {
        match link.recv().await {
            Ok(Received::Control(bytes)) => {
                let Ok(message) = control::decode(&bytes) else {
                    return link.close(close_code::MALFORMED, "no control message");
                };
                let bye = message == FromTechnician::Bye {};
                if words.send(message).await.is_err() || bye {
                    return;
                }
            }
            Ok(Received::Packet { packet, path }) => {
                let taken = room.take_from_technician(slot, packet, path, desk).await;
                if let Err(misplaced) = taken {
                    return link.close(close_code::MALFORMED, &misplaced.to_string());
                }
            }
            Ok(Received::Stream(_)) => {
                return link.close(close_code::MALFORMED, "technicians send no streams");
            }
            Err(_) => return,
        }
    }
}

async fn listen(
    desk: Desk,
    session: SessionId,
    slot: Slot,
    mut heard: mpsc::Receiver<FromTechnician>,
) {
    while let Some(message) = heard.recv().await {
        desk.viewer_said(session, slot, message).await;
    }
}
