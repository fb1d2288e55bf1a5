//! One technician's connection after it was let in: input and feedback to the relay at once, words to the desk in their order.

use std::sync::Arc;

use mayday_protocol::control::{self, FromTechnician, Refusal, ToTechnician};
use mayday_protocol::{Slot, TechnicianId};
use mayday_transport::{Link, Received, close_code};
use tokio::sync::{mpsc, oneshot};

use super::switchboard::Command;
use super::{Live, answer};
use crate::desk::{Desk, ViewerJoined};
use crate::relay::{Room, TechnicianPlace};

/// Words that wait for the desk; a technician who says more must wait.
const WAITING: usize = 64;

pub(super) async fn serve(live: &Live, link: Link, joined: ViewerJoined) {
    let (session, slot, stay) = (joined.session, joined.slot, joined.stay);
    let technician = joined.technician;
    let state = live.desk.remote_state(session, slot);
    let is_let_in = state.is_some();
    let hello = match state {
        Some(state) => ToTechnician::Joined {
            version: mayday_protocol::VERSION,
            session,
            slot,
            state,
            name: joined.name,
            resume: joined.resume,
        },
        None => ToTechnician::Refused {
            reason: Refusal::Ticket {},
        },
    };
    // If this fails, the rest ends at once by itself.
    answer(&link, &hello).await;
    let (seated, here) = oneshot::channel();
    let came = Command::ViewerCame {
        session,
        slot,
        link: link.clone(),
        stay,
        seated,
    };
    if live.commands.send(came).is_err() {
        return;
    }
    // Whose time ended before, or who came after somebody else was let in, is closed already.
    let Ok((room, place)) = here.await else {
        return;
    };

    let seat = Seated {
        room,
        place,
        slot,
        technician,
    };
    let (words, heard) = mpsc::channel(WAITING);
    let listening = tokio::spawn(crate::origin::carried(listen(
        live.desk.clone(),
        seat.clone(),
        heard,
    )));
    if is_let_in {
        forward(&seat, &live.desk, &words).await;
    }
    drop(words);
    let _ = listening.await;
    link.close_after_delivery(close_code::DONE, "").await;

    let (was_here, still) = oneshot::channel();
    let went = Command::ViewerWent {
        session,
        slot,
        stay,
        was_here,
    };
    let _ = live.commands.send(went);
    if still.await == Ok(true) {
        live.desk.viewer_gone(session, slot, technician).await;
    }
}

/// Whose connection this is, for as long as the room says so.
#[derive(Clone)]
struct Seated {
    room: Arc<Room>,
    place: Arc<TechnicianPlace>,
    slot: Slot,
    technician: TechnicianId,
}

impl Seated {
    fn is_still(&self) -> bool {
        self.room.has_technician(self.slot, &self.place)
    }
}

async fn forward(seat: &Seated, desk: &Desk, words: &mpsc::Sender<FromTechnician>) {
    let (room, place) = (&seat.room, &seat.place);
    let link = &place.link;
    loop {
        match link.recv().await {
            // Their time is over; they only have to hear why.
            Ok(_) if !seat.is_still() => {}
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
                let taken = room.take_from_technician(seat.slot, place, packet, path, desk);
                if let Err(misplaced) = taken.await {
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

async fn listen(desk: Desk, seat: Seated, mut heard: mpsc::Receiver<FromTechnician>) {
    let session = seat.room.session();
    while let Some(message) = heard.recv().await {
        if seat.is_still() {
            desk.viewer_said(session, seat.slot, seat.technician, message)
                .await;
        }
    }
}
