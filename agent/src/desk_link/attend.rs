//! The agent in its session, while the connection lives: the gateway's words and the end user's actions go into consent, and what
//! follows from it out to the gateway, the pipeline and the window. Owns the one loop in which all of that is in order.

use std::time::Duration;

use mayday_protocol::control::{self, EndReason, FromAgent, ScreenState, ToAgent};
use mayday_session::consent::{self, Asked, Consent, Effect, Prompt};
use mayday_session::verification::Verification;
use mayday_transport::{Link, LinkError, Received};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep_until;

use super::Core;
use super::rating::RatingWanted;
use super::reach::Welcome;
use super::show::Desk;
use super::talk::Talk;
use crate::face::{Scene, UserAction};
use crate::system;

/// How a stay in a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    Lost,
    Ended(EndReason),
    /// The end user left.
    Left,
}

/// What the agent knows of its session beyond one connection.
pub struct Session {
    pub consent: Consent,
    pub prompt: Option<Prompt>,
    pub desk: Desk,
    pub resume_token: String,
    /// The end user asked for help themselves.
    requested: bool,
    place: Option<u32>,
    pub talk: Talk,
    /// What the gateway wants to know at the end.
    pub rating: Option<RatingWanted>,
    leaving: bool,
}

impl Session {
    #[must_use]
    pub fn new(desk: Desk, requested: bool) -> Self {
        Self {
            consent: Consent::new(),
            prompt: None,
            desk,
            resume_token: String::new(),
            requested,
            place: None,
            talk: Talk::default(),
            rating: None,
            leaving: false,
        }
    }

    fn waiting(&self) -> Scene {
        Scene::Waiting {
            organisation: self.desk.organisation.clone(),
            gateway_host: self.desk.gateway_host.clone(),
            technician: self
                .desk
                .technician
                .as_ref()
                .map(|person| person.name.clone()),
            ran_out: self.consent.ran_out(),
            can_invite_again: self.consent.can_invite_again(),
            place: self.place,
            requested: self.requested,
        }
    }
}

/// Messages to the gateway, sent one after the other by a task of their own: the loop never waits for the network.
struct Outbox {
    messages: UnboundedSender<FromAgent>,
    sender: tokio::task::JoinHandle<()>,
}

impl Outbox {
    fn new(link: Link) -> Self {
        let (messages, mut waiting) = unbounded_channel();
        let sender = tokio::spawn(async move {
            while let Some(message) = waiting.recv().await {
                if link.send_control(&message).await.is_err() {
                    return;
                }
            }
        });
        Self { messages, sender }
    }

    fn send(&self, message: FromAgent) {
        // Without a receiver the connection is over, which the loop hears itself.
        let _ = self.messages.send(message);
    }

    async fn finish(self) {
        drop(self.messages);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(500), self.sender).await;
    }
}

impl Core {
    /// Stays until the connection, the session or the end user's patience ends.
    pub async fn attend(
        &mut self,
        session: &mut Session,
        welcome: &Welcome,
        states: &mut UnboundedReceiver<ScreenState>,
    ) -> Stay {
        let link = &welcome.link;
        let outbox = Outbox::new(link.clone());
        self.settle(session, welcome, &outbox, self.permit.lowerings());
        let stay = loop {
            // Read before the queue of actions is: a lowering after this overtakes whatever they raise.
            let seen = self.permit.lowerings();
            let timeouts = [session.consent.poll_timeout(), session.talk.poll_timeout()];
            let timeout = timeouts
                .into_iter()
                .flatten()
                .min()
                .map(|at| self.stage.clock.instant(at));
            tokio::select! {
                biased;
                action = self.actions.recv() => {
                    let Some(action) = action else { break Stay::Left };
                    self.act(session, &action);
                    while let Ok(action) = self.actions.try_recv() {
                        self.act(session, &action);
                    }
                }
                received = link.recv() => {
                    if let Ok(Received::Packet { packet, .. }) = &received {
                        self.sharing.packet(packet, link);
                        continue; // input and reports change nothing of who may what
                    }
                    if let Some(stay) = self.receive(session, received) {
                        break stay;
                    }
                }
                Some(state) = states.recv() => {
                    outbox.send(FromAgent::Screen { state });
                    if state == ScreenState::Live {
                        self.report_again(outbox.messages.clone());
                    }
                }
                () = async { match timeout { Some(at) => sleep_until(at.into()).await, None => std::future::pending().await } } => {
                    session.consent.handle_timeout(self.stage.clock.now());
                }
            }
            self.settle(session, welcome, &outbox, seen);
            if session.leaving {
                break Stay::Left;
            }
        };
        self.sharing.link_lost();
        if stay == Stay::Left {
            outbox.finish().await;
            link.close_after_delivery(mayday_transport::close_code::DONE, "the end user left")
                .await;
        }
        stay
    }

    /// What the end user did, while there is a session.
    pub fn act(&mut self, session: &mut Session, action: &UserAction) {
        let action = match action {
            UserAction::Code(typed) => consent::UserAction::Code(typed.parse().ok()),
            UserAction::SameCode(same) => {
                let shown = session.consent.verification().map(|(one, _)| one.code);
                consent::UserAction::Code(shown.filter(|_| *same))
            }
            UserAction::Allow => consent::UserAction::Allow,
            UserAction::ViewOnly => consent::UserAction::ViewOnly,
            UserAction::Reject => consent::UserAction::Reject,
            UserAction::Pause => consent::UserAction::Pause,
            UserAction::Resume => consent::UserAction::Resume,
            UserAction::LowerToView => consent::UserAction::LowerToView,
            UserAction::Stop => consent::UserAction::Stop,
            UserAction::Leave | UserAction::Quit => consent::UserAction::Leave,
            UserAction::InviteAgain => consent::UserAction::InviteAgain,
            UserAction::OpenChat => return session.talk.set_open(true),
            UserAction::CloseChat => return session.talk.set_open(false),
            UserAction::Say(text) => {
                return session.talk.write(text, self.stage.clock.now());
            }
            UserAction::Pin(_)
            | UserAction::Gateway(_)
            | UserAction::GatewayConfirmed(_)
            | UserAction::ShowCode
            | UserAction::NewCode
            | UserAction::EnterPin
            | UserAction::Send(_)
            | UserAction::Rate { .. }
            | UserAction::SkipRating
            | UserAction::Retry => return,
        };
        session
            .consent
            .handle_action(action, self.stage.clock.now());
    }

    /// Brings permit, pipeline, gateway and window in line with consent. What ends comes before what begins.
    fn settle(
        &mut self,
        session: &mut Session,
        welcome: &Welcome,
        outbox: &Outbox,
        seen: crate::permit::Lowerings,
    ) {
        self.sharing.permit(&session.consent, seen);
        while let Some(effect) = session.consent.poll_effect() {
            if let Some(message) = self.perform(session, effect) {
                outbox.send(message);
            }
        }
        for message in session.talk.poll(self.stage.clock.now()) {
            outbox.send(message);
        }
        self.sharing
            .share(&session.consent, &welcome.link, welcome.session);
        let waiting = session.waiting();
        self.stage.consent(
            &session.consent,
            session.prompt.as_ref(),
            &session.desk,
            waiting,
            session.talk.view(),
            self.sharing.present(),
        );
    }

    /// Performs one effect here; gives what the gateway must hear.
    pub fn perform(&mut self, session: &mut Session, effect: Effect) -> Option<FromAgent> {
        match effect {
            Effect::ShowPrompt(prompt) => {
                self.sharing.release_keys();
                session.prompt = Some(prompt);
            }
            Effect::HidePrompt => session.prompt = None,
            Effect::Answer { ask, rights, code } => {
                let code = code.map(|code| code.to_string());
                return Some(FromAgent::Answer { ask, rights, code });
            }
            Effect::Unanswered { ask } => return Some(FromAgent::Unanswered { ask }),
            Effect::Lowered { slot, rights } => return Some(FromAgent::Lowered { slot, rights }),
            Effect::InviteAgain { technician } => {
                return Some(FromAgent::InviteAgain { technician });
            }
            Effect::Paused { paused } => return Some(FromAgent::Paused { paused }),
            Effect::Leave => {
                session.leaving = true;
                return Some(FromAgent::Leave {});
            }
            Effect::StartView(grant) => self.sharing.grant_view(grant),
            Effect::StartControl(grant) => self.sharing.grant_control(grant),
            Effect::EndView { slot } => self.sharing.end_view(slot),
            Effect::EndControl { slot } => self.sharing.end_control(slot),
            Effect::ReleaseKeys => self.sharing.release_keys(),
            Effect::Changed => {} // the window is brought in line after every event
        }
        None
    }

    fn receive(
        &mut self,
        session: &mut Session,
        received: Result<Received, LinkError>,
    ) -> Option<Stay> {
        match received {
            Ok(Received::Control(bytes)) => match control::decode(&bytes) {
                Ok(message) => return self.hear(session, message),
                Err(error) => tracing::debug!(%error, "a message was not understood"),
            },
            Ok(Received::Packet { .. } | Received::Stream(_)) => {} // no stream comes to an agent
            Err(error) => {
                tracing::debug!(%error, "connection lost");
                return Some(Stay::Lost);
            }
        }
        None
    }

    fn hear(&mut self, session: &mut Session, message: ToAgent) -> Option<Stay> {
        let now = self.stage.clock.now();
        let consent = &mut session.consent;
        match message {
            ToAgent::Ask {
                ask,
                slot,
                technician,
                person,
                rights,
                key,
                verification,
            } => {
                let verification = verification.as_ref().map(Verification::from_wire);
                // A code that is none can never be confirmed: nothing is asked.
                let Ok(verification) = verification.transpose() else {
                    return None;
                };
                let asked = Asked {
                    ask,
                    slot,
                    technician,
                    person,
                    rights,
                    key,
                    verification,
                };
                consent.handle_asked(asked, now);
            }
            ToAgent::Withdrawn { ask, unanswered } => {
                consent.handle_withdrawn(ask, unanswered, now);
            }
            ToAgent::Removed { slot } => consent.handle_removed(slot, now),
            ToAgent::Lowered { slot, rights } => consent.handle_lowered(slot, rights, now),
            ToAgent::Controller { slot } => consent.handle_controller(slot, now),
            ToAgent::Assigned { technician } => session.desk.technician = technician,
            ToAgent::Queue { place } => session.place = place,
            ToAgent::Connected { slot } => self.sharing.connected(slot),
            ToAgent::Disconnected { slot } => self.sharing.disconnected(slot),
            ToAgent::Abandoned { slot, sequences } => self.sharing.abandoned(slot, &sequences),
            ToAgent::Chat { messages } => session.talk.hear(messages),
            ToAgent::ChatRefused { client, again_ms } => {
                let again = again_ms.map(|ms| Duration::from_millis(ms.into()));
                session.talk.refused(client, again, now);
            }
            ToAgent::RatingWanted { question, token } => {
                session.rating = Some(RatingWanted { question, token });
            }
            ToAgent::Ended {
                reason: EndReason::Restart,
            } => return Some(Stay::Lost),
            ToAgent::Ended { reason } => return Some(Stay::Ended(reason)),
            ToAgent::Welcome { .. }
            | ToAgent::Form { .. }
            | ToAgent::Code { .. }
            | ToAgent::Refused { .. }
            | ToAgent::Rated {}
            | ToAgent::Unknown => {}
        }
        None
    }

    /// A new resolution may be another display.
    fn report_again(&self, messages: UnboundedSender<FromAgent>) {
        tokio::task::spawn_blocking(move || {
            let _ = messages.send(FromAgent::System {
                system: system::report(),
            });
        });
    }
}
