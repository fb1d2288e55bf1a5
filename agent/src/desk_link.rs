//! The agent's core: from start to end, through lost networks. Owns which gateway and invite are used, when the end user is asked for
//! them, and how long the agent tries again. What happens inside a session is `attend`'s.

mod attend;
mod rating;
mod reach;
mod request;
mod share;
mod show;
mod talk;
mod words;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mayday_protocol::control::{Join, Refusal, ScreenState};
use mayday_protocol::invite::Pin;
use mayday_transport::{ConnectError, KeyPin, Path};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::cli::{Exit, Gateway};
use crate::face::{Face, GatewayLabel, Scene, UserAction};
use crate::permit::Permit;
use crate::sentence::Sentence;
use attend::{Session, Stay};
use reach::{Key, NotJoined, Welcome};
pub use share::Means;
use share::Sharing;
use show::{Desk, Stage};
use words::Failure;

/// How long a resume token is worth trying; the gateway waits as long.
const RESUME: Duration = Duration::from_secs(60);
/// How long the agent tries to come back with its invite before it asks the end user.
const COME_BACK: Duration = Duration::from_secs(15 * 60);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A gateway that does not answer the hello is not there.
const ANSWER: Duration = Duration::from_secs(9);

/// What the agent was started with.
pub struct Start {
    pub gateway: Option<Gateway>,
    pub join: Option<Join>,
    pub means: Means,
    pub exit_on_failure: bool,
    /// The stamp in this file was changed: nothing is connected.
    pub altered: bool,
}

/// Runs the agent until it ends; closes the window then.
pub async fn run(
    start: Start,
    face: Box<dyn Face>,
    permit: Arc<Permit>,
    actions: UnboundedReceiver<UserAction>,
) -> Exit {
    let (states_sender, states) = unbounded_channel();
    let mut core = Core {
        sharing: Sharing::new(start.means, permit.clone(), states_sender),
        stage: Stage::new(face),
        permit,
        actions,
        exit_on_failure: start.exit_on_failure,
        prefer: None,
    };
    let lived = if start.altered {
        core.refuse_to_start().await
    } else {
        core.live(start.gateway, start.join, states).await
    };
    let exit = match lived {
        Ok(never) => match never {},
        Err(exit) => exit,
    };
    core.stage.close();
    exit
}

pub struct Core {
    sharing: Sharing,
    stage: Stage,
    permit: Arc<Permit>,
    actions: UnboundedReceiver<UserAction>,
    exit_on_failure: bool,
    /// The way that worked on this network.
    prefer: Option<Path>,
}

/// A session, the key of its gateway, and how to come back to it.
type Entered = (Welcome, KeyPin, Join);

/// The end of the program travels as an error through everything it interrupts.
enum Never {}

impl Core {
    async fn live(
        &mut self,
        mut gateway: Option<Gateway>,
        mut join: Option<Join>,
        mut states: UnboundedReceiver<ScreenState>,
    ) -> Result<Never, Exit> {
        let mut error = None;
        loop {
            let (to, how) = match (gateway.take(), join.take()) {
                (Some(to), Some(how)) => (to, how),
                (to, how) => self.ask(to, how, error.take()).await?,
            };
            let typed = matches!(how, Join::Pin(_) | Join::Code(_));
            match self.enter(&to, &how).await? {
                Ok(Some((welcome, key, how))) => {
                    let again = self.stay(&to, key, &how, welcome, &mut states).await?;
                    self.sharing.close();
                    error = Some(again);
                    gateway = Some(to);
                }
                Ok(None) => gateway = Some(to),
                Err(failure) if typed && failure.exit == Exit::Refused && !self.exit_on_failure => {
                    error = Some(failure.sentence);
                    gateway = Some(to);
                }
                Err(failure) => {
                    let again = !failure.is_about_the_invite();
                    self.fail(failure, true).await?;
                    // An invite that is not valid any more is not tried again: a PIN can be typed.
                    (gateway, join) = (Some(to), again.then_some(how));
                }
            }
        }
    }

    /// Lets the end user type what is missing.
    async fn ask(
        &mut self,
        gateway: Option<Gateway>,
        join: Option<Join>,
        error: Option<Sentence>,
    ) -> Result<(Gateway, Join), Exit> {
        let (mut gateway, mut join, mut error) = (gateway, join, error);
        loop {
            if let (Some(gateway), Some(join)) = (&gateway, &join) {
                return Ok((gateway.clone(), join.clone()));
            }
            self.stage.scene(Scene::EnterPin {
                gateway: gateway.as_ref().map(label),
                error: error.take(),
                ask_gateway: gateway.is_none(),
            });
            match self.action().await? {
                UserAction::Gateway(text) => match text.parse() {
                    Ok(typed) => gateway = Some(typed),
                    Err(_) => error = Some(Sentence::new("malformed-gateway")),
                },
                UserAction::Pin(text) => match text.parse::<Pin>() {
                    Ok(pin) => join = Some(Join::Pin(pin.to_string())),
                    Err(_) => error = Some(Sentence::new("malformed-pin")),
                },
                // Which key the agent comes back with is decided when the code is shown.
                UserAction::ShowCode => join = Some(Join::Code(String::new())),
                _ => {} // leaving is handled by `action`, the rest belongs to other scenes
            }
        }
    }

    /// Goes whichever way leads into a session; gives how to come back to it. `None`: the end user wants another way.
    async fn enter(
        &mut self,
        to: &Gateway,
        how: &Join,
    ) -> Result<Result<Option<Entered>, Failure>, Exit> {
        self.stage.scene(Scene::Connecting { host: to.shown() });
        let key = match self.key(to).await? {
            Ok(key) => key,
            Err(failure) => return Ok(Err(failure)),
        };
        Ok(match how {
            Join::Form(call) => {
                let requested = self.request(to, key, call).await?;
                requested.map(|(welcome, how)| Some((welcome, key, how)))
            }
            Join::Code(_) => {
                let shown = self.show_code(to, key).await?;
                shown.map(|entered| entered.map(|(welcome, how)| (welcome, key, how)))
            }
            Join::Pin(_) | Join::Invite(_) | Join::Resume(_) | Join::Call(_) => {
                let joined = self.say_hello(to, key, how).await?;
                joined.map(|welcome| Some((welcome, key, how.clone())))
            }
        })
    }

    /// The gateway's key; with whatever the end user must confirm on the way.
    async fn key(&mut self, to: &Gateway) -> Result<Result<KeyPin, Failure>, Exit> {
        match self.unless_left(reach::key(to)).await? {
            Ok(Key::Known(pin)) => Ok(Ok(pin)),
            Ok(Key::Unconfirmed(pin)) => {
                if !self.confirm(to, pin).await? {
                    let sentence = Sentence::new("not-confirmed");
                    return Ok(Err(Failure {
                        sentence,
                        exit: Exit::NotReached,
                    }));
                }
                self.stage.scene(Scene::Connecting { host: to.shown() });
                Ok(Ok(pin))
            }
            Err(error) => Ok(Err(words::not_connected(&error))),
        }
    }

    async fn say_hello(
        &mut self,
        to: &Gateway,
        key: KeyPin,
        how: &Join,
    ) -> Result<Result<Welcome, Failure>, Exit> {
        let by_pin = matches!(how, Join::Pin(_));
        let joined = tokio::time::timeout(ANSWER, reach::join(to, key, how.clone(), self.prefer));
        Ok(match self.unless_left(joined).await? {
            Ok(Ok(welcome)) => Ok(welcome),
            Ok(Err(NotJoined::Connect(error))) => Err(words::not_connected(&error)),
            Ok(Err(NotJoined::Refused(refusal))) => Err(words::refused(&refusal, by_pin)),
            Ok(Err(NotJoined::Lost)) => Err(words::lost_at_once()),
            Err(_) => Err(words::not_connected(&ConnectError::Unreachable {
                host: to.host.clone(),
                port: to.port,
                cause: "no answer".to_owned(),
            })),
        })
    }

    async fn confirm(&mut self, to: &Gateway, pin: KeyPin) -> Result<bool, Exit> {
        self.stage.scene(Scene::ConfirmGateway {
            host: to.shown(),
            fingerprint: pin.to_string(),
        });
        loop {
            if let UserAction::GatewayConfirmed(yes) = self.action().await? {
                return Ok(yes);
            }
        }
    }

    /// Stays in the session, through lost networks; gives why the end user must be asked for a PIN again.
    async fn stay(
        &mut self,
        to: &Gateway,
        key: KeyPin,
        how: &Join,
        first: Welcome,
        states: &mut UnboundedReceiver<ScreenState>,
    ) -> Result<Sentence, Exit> {
        let desk = Desk {
            organisation: to
                .organisation
                .clone()
                .unwrap_or_else(|| first.organisation.clone()),
            gateway_host: to.shown(),
            technician: None,
        };
        let requested = matches!(how, Join::Call(_) | Join::Code(_));
        let mut session = Session::new(desk, requested);
        let mut welcome = first;
        loop {
            self.prefer = Some(welcome.link.kind());
            session.resume_token.clone_from(&welcome.resume_token);
            session.desk.technician.clone_from(&welcome.technician);
            match self.attend(&mut session, &welcome, states).await {
                Stay::Left => return Err(Exit::Normal),
                Stay::Ended(reason) => {
                    drop(welcome);
                    let sentence = words::ended(reason);
                    let sentence = self.ask_for_rating(to, key, &session, sentence).await?;
                    return Err(self.end(sentence, Exit::Normal).await);
                }
                Stay::Lost => {
                    drop(welcome);
                    welcome = match self.come_back(to, key, how, &mut session).await? {
                        Ok(welcome) => welcome,
                        Err(sentence) => return Ok(sentence),
                    };
                }
            }
        }
    }

    /// Tries to reach the session again: with the resume token first, then anew with the invite.
    async fn come_back(
        &mut self,
        to: &Gateway,
        key: KeyPin,
        how: &Join,
        session: &mut Session,
    ) -> Result<Result<Welcome, Sentence>, Exit> {
        let since = Instant::now();
        session.talk.connection_lost(self.stage.clock.now());
        session
            .consent
            .handle_connection_lost(self.stage.clock.now());
        let mut pause = FIRST_PAUSE;
        let mut resumes = true;
        loop {
            self.settle_alone(session, since);
            let resume = resumes && since.elapsed() < RESUME;
            let join = match (resume, how) {
                (true, _) => Join::Resume(session.resume_token.clone()),
                (false, Join::Invite(_) | Join::Call(_) | Join::Code(_)) => how.clone(),
                (false, Join::Pin(_) | Join::Resume(_) | Join::Form(_)) => {
                    return Ok(Err(Sentence::new("connection-lost")));
                }
            };
            let attempt = tokio::time::timeout(ANSWER, reach::join(to, key, join, self.prefer));
            match self.while_lost(session, since, attempt).await? {
                Ok(Ok(welcome)) => {
                    let now = self.stage.clock.now();
                    if resume {
                        session.consent.handle_resumed(now);
                    } else {
                        session.consent.handle_joined(now);
                    }
                    return Ok(Ok(welcome));
                }
                Ok(Err(NotJoined::Refused(Refusal::ResumeLate {} | Refusal::NotFound {})))
                    if resume =>
                {
                    resumes = false;
                    continue;
                }
                Ok(Err(NotJoined::Refused(refusal))) if is_final(&refusal) => {
                    let failure = words::refused(&refusal, false);
                    return Err(self.end(failure.sentence, failure.exit).await);
                }
                Ok(Err(error)) => tracing::debug!("not back yet: {}", error.kind()),
                Err(_) => tracing::debug!("not back yet: no answer"),
            }
            if since.elapsed() > COME_BACK {
                return Ok(Err(Sentence::new("connection-lost")));
            }
            self.while_lost(session, since, tokio::time::sleep(pause))
                .await?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits for `what` while the end user can still stop and leave, and grants run out.
    async fn while_lost<T>(
        &mut self,
        session: &mut Session,
        since: Instant,
        what: impl Future<Output = T>,
    ) -> Result<T, Exit> {
        tokio::pin!(what);
        loop {
            self.settle_alone(session, since);
            let timeout = session
                .consent
                .poll_timeout()
                .map(|at| self.stage.clock.instant(at));
            tokio::select! {
                biased;
                action = self.actions.recv() => match action {
                    None | Some(UserAction::Leave | UserAction::Quit) => return Err(Exit::Normal),
                    Some(action) => self.act(session, &action),
                },
                done = &mut what => return Ok(done),
                () = async { match timeout { Some(at) => tokio::time::sleep_until(at.into()).await, None => std::future::pending().await } } => {
                    session.consent.handle_timeout(self.stage.clock.now());
                }
            }
        }
    }

    /// As in a session, but there is nobody to tell.
    fn settle_alone(&mut self, session: &mut Session, since: Instant) {
        let seen = self.permit.lowerings();
        self.sharing.permit(&session.consent, seen);
        while let Some(effect) = session.consent.poll_effect() {
            // The gateway hears what each technician holds when the agent is back.
            let _unheard = self.perform(session, effect);
        }
        let (prompt, desk) = (session.prompt.as_ref(), &session.desk);
        self.stage.consent(
            &session.consent,
            prompt,
            desk,
            Scene::Reconnecting { since },
            session.talk.view(),
            self.sharing.present(),
        );
    }

    async fn refuse_to_start(&mut self) -> Result<Never, Exit> {
        loop {
            let sentence = Sentence::new("altered");
            self.fail(
                Failure {
                    sentence,
                    exit: Exit::Altered,
                },
                false,
            )
            .await?;
        }
    }

    /// Shows a failure; returns when the end user wants to try again.
    async fn fail(&mut self, failure: Failure, can_retry: bool) -> Result<(), Exit> {
        tracing::warn!(sentence = %failure.sentence.key, "failed");
        if self.exit_on_failure {
            return Err(failure.exit);
        }
        self.stage.scene(Scene::Failed {
            sentence: failure.sentence,
            can_retry,
        });
        loop {
            match self.actions.recv().await {
                Some(UserAction::Retry) if can_retry => return Ok(()),
                Some(UserAction::Leave | UserAction::Quit) | None => return Err(failure.exit),
                Some(_) => {}
            }
        }
    }

    /// Shows the end; returns when the end user has seen it.
    async fn end(&mut self, sentence: Sentence, exit: Exit) -> Exit {
        self.sharing.close();
        self.stage.scene(Scene::Ended {
            sentence,
            can_retry: false,
        });
        while !self.exit_on_failure {
            match self.actions.recv().await {
                Some(UserAction::Leave | UserAction::Quit) | None => break,
                Some(_) => {}
            }
        }
        exit
    }

    async fn action(&mut self) -> Result<UserAction, Exit> {
        match self.actions.recv().await {
            None | Some(UserAction::Leave | UserAction::Quit) => Err(Exit::Normal),
            Some(action) => Ok(action),
        }
    }

    /// Waits for `what`, unless the end user leaves first.
    async fn unless_left<T>(&mut self, what: impl Future<Output = T>) -> Result<T, Exit> {
        tokio::pin!(what);
        loop {
            tokio::select! {
                done = &mut what => return Ok(done),
                action = self.action() => {
                    action?;
                }
            }
        }
    }
}

/// Whether coming again cannot help.
fn is_final(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::NotFound {}
        | Refusal::Over {}
        | Refusal::Version { .. }
        | Refusal::Paused {}
        | Refusal::Full {}
        | Refusal::Form { .. } => true,
        Refusal::TryLater { .. }
        | Refusal::InUse {}
        | Refusal::ResumeLate {}
        | Refusal::Ticket {}
        | Refusal::Busy {}
        | Refusal::Unknown => false,
    }
}

fn label(gateway: &Gateway) -> GatewayLabel {
    GatewayLabel {
        host: gateway.shown(),
        organisation: gateway.organisation.clone(),
    }
}
