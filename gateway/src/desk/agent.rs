//! What agents say: hello with PIN, link or resume token, and everything later.

use std::net::IpAddr;
use std::sync::Arc;

use mayday_protocol::SessionId;
use mayday_protocol::control::{AgentState, FromAgent, Join, Refusal, SystemReport};
use mayday_session::desk::{Arrival, NotAllowed};

use super::device::Device;
use super::record::{Entry, Resume};
use super::transition::Draft;
use super::{AgentJoined, Desk, DeskError, LiveEffect};
use crate::secrets::{random_token, token_hash};

/// What an agent says to tell its computer from others.
const DEVICE_CHARS: usize = 64;

impl Desk {
    pub(super) async fn let_agent_in(
        &self,
        join: Join,
        system: SystemReport,
        from: IpAddr,
    ) -> Result<AgentJoined, Refusal> {
        let (entry, arrival, used) = match join {
            Join::Pin(pin) => (self.by_pin(&pin, from).await?, Some(Arrival::Invited), None),
            Join::Invite(token) => (self.by_link(&token).await?, Some(Arrival::Invited), None),
            Join::Resume(token) => {
                let used = token_hash(&token);
                let entry = self.entry_by_resume(&used).await.map_err(refusal)?;
                (entry, Some(Arrival::Resumed), Some(used))
            }
            Join::Call(request) => (self.by_request(request, from).await?, None, None),
            Join::Code(key) => {
                let entry = self.by_key(&key).await?.ok_or(Refusal::NotFound {})?;
                (entry, None, None)
            }
            // A form makes no session.
            Join::Form(_) => return Err(Refusal::NotFound {}),
        };
        let mut device = Device::new(&system, from);
        if !system.device.is_empty() && system.device.len() <= DEVICE_CHARS {
            device.key = self.inner.keys.look_up("device", &system.device);
        }
        let token = random_token();
        let newest = token_hash(&token);
        let stay = self.next_stay();
        let joined = self.change(entry, move |draft| {
            let resume = rotated(draft, used, newest)?;
            let now = draft.now;
            let arrival = arrival.unwrap_or_else(|| arrival_by_key(draft));
            draft.session().handle_agent_joined(arrival, now)?;
            draft.record.resume = Some(resume);
            draft.record.device = Some(device);
            draft.announce = Some(LiveEffect::AgentArrives(draft.record.id(), stay));
            Ok(())
        });
        let record = joined.await.map_err(refusal)?.record;
        self.replay_chat(record.id()).await;
        let assigned = record.facts().assigned().map(|one| one.technician);
        Ok(AgentJoined {
            session: record.id(),
            stay,
            resume_token: token,
            organisation: self.inner.system.now().organisation.to_string(),
            technician: assigned.map(|technician| self.person(technician)),
        })
    }

    pub(super) async fn hear_agent(&self, session: SessionId, message: FromAgent) {
        let message = match message {
            FromAgent::Chat { client, text } => {
                return self.end_user_says(session, client, text).await;
            }
            FromAgent::ChatSeen { got, read } => {
                return self.end_user_saw(session, got, read).await;
            }
            message => message,
        };
        let heard = self.change_if_there(session, move |draft| {
            let now = draft.now;
            match message {
                FromAgent::System { system } => {
                    let device = draft.record.device.take().unwrap_or_default();
                    draft.record.device = Some(device.again(&system));
                }
                FromAgent::Answer { ask, rights, code } => {
                    let code = code.and_then(|code| code.parse().ok());
                    draft.session().handle_answer(ask, rights, code, now);
                }
                FromAgent::Unanswered { ask } => draft.session().handle_unanswered(ask, now),
                FromAgent::Lowered { slot, rights } => {
                    draft.session().handle_lowered(slot, rights, now);
                }
                FromAgent::InviteAgain { technician } => {
                    draft.session().handle_invite_again(technician, now);
                }
                FromAgent::Paused { paused } => draft.session().handle_paused(paused, now),
                FromAgent::Screen { state } => draft.session().handle_screen(state, now),
                FromAgent::Leave {} => {
                    draft.session().handle_agent_left(now);
                    // Nobody waits in the queue for somebody who gave up.
                    if draft.record.request.is_some() {
                        draft.session().handle_cancelled(now);
                    }
                    // The stay is over: joining again needs the link or the PIN.
                    draft.record.resume = None;
                }
                // A hello in the middle, or something from a later version.
                FromAgent::Hello { .. }
                | FromAgent::Rate { .. }
                | FromAgent::Chat { .. }
                | FromAgent::ChatSeen { .. }
                | FromAgent::Unknown => {}
            }
            Ok(())
        });
        heard.await;
    }

    pub(super) async fn lose_agent(&self, session: SessionId) {
        let lost = self.change_if_there(session, |draft| {
            let now = draft.now;
            draft.session().handle_agent_lost(now);
            Ok(())
        });
        lost.await;
    }

    /// For news that cannot be refused: a session that is gone needs none, and a failed write is logged.
    pub(super) async fn change_if_there(
        &self,
        session: SessionId,
        act: impl FnOnce(&mut Draft) -> Result<(), DeskError> + Send + 'static,
    ) {
        let Some(entry) = self.inner.shelf.get(session) else {
            return;
        };
        match self.change(entry, act).await {
            Ok(_) | Err(DeskError::NotAllowed(_)) => {}
            Err(error) => tracing::error!(%error, "what a connection said could not be written"),
        }
    }

    /// The session behind a link's token.
    async fn by_link(&self, token: &str) -> Result<Arc<Entry>, Refusal> {
        self.entry_by_link(token).await.map_err(refusal)
    }
}

/// The key is the agent's own secret: if it was here a moment ago, its answer was lost on the way, or its network was.
fn arrival_by_key(draft: &Draft) -> Arrival {
    match draft.record.session.sub_state(draft.now).agent {
        AgentState::Here | AgentState::Lost => Arrival::Resumed,
        AgentState::Away | AgentState::Unknown => Arrival::Invited,
    }
}

/// The resume tokens after this arrival.
fn rotated(draft: &Draft, used: Option<String>, newest: String) -> Result<Resume, DeskError> {
    let Some(used) = used else {
        return Ok(Resume {
            newest,
            before: None,
        });
    };
    let known = draft.record.resume.as_ref();
    // Somebody with the same token was quicker.
    let known = known.filter(|known| known.newest == used || known.before.as_ref() == Some(&used));
    known.ok_or(NotAllowed::ResumeLate)?;
    Ok(Resume {
        newest,
        before: Some(used),
    })
}

pub(super) fn refusal(error: DeskError) -> Refusal {
    match error {
        DeskError::NotAllowed(NotAllowed::AgentInUse) => Refusal::InUse {},
        DeskError::NotAllowed(NotAllowed::ResumeLate) => Refusal::ResumeLate {},
        DeskError::NotAllowed(NotAllowed::Closed | NotAllowed::Expired | NotAllowed::Deleted) => {
            Refusal::Over {}
        }
        DeskError::NotAllowed(_) | DeskError::NotFound => Refusal::NotFound {},
        DeskError::TryLater { seconds } => Refusal::TryLater {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        },
        DeskError::Invalid { .. }
        | DeskError::ChannelFull
        | DeskError::NoTechnician
        | DeskError::WrongCode
        | DeskError::Chat(_)
        | DeskError::Store(_)
        | DeskError::Read(_) => {
            tracing::error!(%error, "an agent could not be let in");
            Refusal::Busy {}
        }
    }
}
