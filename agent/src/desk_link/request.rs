//! The ways into a session without an invite: filling in the form of an SOS Call, and reading out a session code. Owns what the end user
//! goes through until there is a session; nothing that they typed is lost by a refusal or a lost network.

use std::time::{Duration, Instant};

use mayday_protocol::control::{Answer, CallRequest, FromAgent, Join, Refusal, ToAgent};
use mayday_protocol::invite::Token;
use mayday_session::form::{self, BadAnswer, Wrong};
use mayday_transport::{KeyPin, Link, close_code};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::reach::{self, Form, NotJoined, Welcome};
use super::words::{self, Failure};
use super::{ANSWER, Core, label};
use crate::cli::{Exit, Gateway};
use crate::face::{FormError, Scene, UserAction};
use crate::sentence::Sentence;

/// Between two attempts to show the same code again after the network was lost.
const PAUSE: Duration = Duration::from_secs(1);

/// What became of a code.
enum Shown {
    Entered(Box<Welcome>),
    Lost,
    Over,
    New,
    /// The end user has a PIN after all.
    Back,
}

impl Core {
    /// Lets the end user fill in an SOS Call's form and sends it; gives the session and how to come back to it.
    pub async fn request(
        &mut self,
        to: &Gateway,
        key: KeyPin,
        call: &str,
    ) -> Result<Result<(Welcome, Join), Failure>, Exit> {
        let mut form = match self.form(to, key, call).await? {
            Ok(form) => form,
            Err(failure) => return Ok(Err(failure)),
        };
        let request = made_up_key();
        let mut error = None;
        loop {
            let answers = self.filled_in(to, &form, error.take()).await?;
            if let Err(bad) = form::check(&form.fields, &answers) {
                error = Some(not_answered(bad));
                continue;
            }
            self.show_form(to, &form, None, true);
            let join = Join::Call(CallRequest {
                call: call.to_owned(),
                key: request.clone(),
                answers,
            });
            let sent = reach::join(to, key, join.clone(), self.prefer);
            let sent = tokio::time::timeout(ANSWER, sent);
            let failed = match self.unless_left(sent).await? {
                Ok(Ok(welcome)) => return Ok(Ok((welcome, join))),
                Ok(Err(failed)) => failed,
                Err(_) => NotJoined::Lost,
            };
            if let NotJoined::Refused(Refusal::Form { .. }) = failed {
                match self.form(to, key, call).await? {
                    Ok(newer) => form = newer,
                    Err(failure) => return Ok(Err(failure)),
                }
            }
            error = Some(FormError {
                field: None,
                sentence: words::not_sent(&failed),
            });
        }
    }

    async fn form(
        &mut self,
        to: &Gateway,
        key: KeyPin,
        call: &str,
    ) -> Result<Result<Form, Failure>, Exit> {
        let asked = reach::form(to, key, call, self.prefer);
        let asked = tokio::time::timeout(ANSWER, asked);
        Ok(match self.unless_left(asked).await? {
            Ok(Ok(form)) => Ok(form),
            Ok(Err(NotJoined::Connect(error))) => Err(words::not_connected(&error)),
            Ok(Err(NotJoined::Refused(refusal))) => Err(words::no_call(&refusal)),
            Ok(Err(NotJoined::Lost)) | Err(_) => Err(words::lost_at_once()),
        })
    }

    async fn filled_in(
        &mut self,
        to: &Gateway,
        form: &Form,
        error: Option<FormError>,
    ) -> Result<Vec<Answer>, Exit> {
        self.show_form(to, form, error, false);
        loop {
            if let UserAction::Send(answers) = self.action().await? {
                return Ok(answers);
            }
        }
    }

    fn show_form(&mut self, to: &Gateway, form: &Form, error: Option<FormError>, sending: bool) {
        let mut gateway = label(to);
        gateway
            .organisation
            .get_or_insert_with(|| form.organisation.clone());
        self.stage.scene(Scene::Form {
            gateway,
            name: form.name.clone(),
            fields: form.fields.clone(),
            error,
            sending,
        });
    }

    /// Shows a session code until a technician has entered it; `None` when the end user has a PIN after all.
    pub async fn show_code(
        &mut self,
        to: &Gateway,
        key: KeyPin,
    ) -> Result<Result<Option<(Welcome, Join)>, Failure>, Exit> {
        let mut secret = made_up_key();
        loop {
            let join = Join::Code(secret.clone());
            let opened = reach::open(to, key, join.clone(), self.prefer);
            let opened = tokio::time::timeout(ANSWER, opened);
            let link = match self.unless_left(opened).await? {
                Ok(Ok(link)) => link,
                Ok(Err(NotJoined::Connect(error))) => return Ok(Err(words::not_connected(&error))),
                Ok(Err(NotJoined::Refused(_) | NotJoined::Lost)) | Err(_) => {
                    return Ok(Err(words::lost_at_once()));
                }
            };
            match self.until_entered(to, &link).await? {
                Ok(Shown::Entered(welcome)) => return Ok(Ok(Some((*welcome, join)))),
                Ok(Shown::Lost) => {
                    self.unless_left(tokio::time::sleep(PAUSE)).await?;
                }
                Ok(Shown::Over) => match self.code_is_over(to).await? {
                    true => secret = made_up_key(),
                    false => return Ok(Ok(None)),
                },
                Ok(Shown::New) => secret = made_up_key(),
                Ok(Shown::Back) => return Ok(Ok(None)),
                Err(refusal) => return Ok(Err(words::no_code(&refusal))),
            }
        }
    }

    /// Waits on one connection.
    async fn until_entered(
        &mut self,
        to: &Gateway,
        link: &Link,
    ) -> Result<Result<Shown, Refusal>, Exit> {
        let mut until = Instant::now() + ANSWER;
        let mut shown = false;
        loop {
            tokio::select! {
                heard = reach::hear(link) => match heard {
                    Ok(ToAgent::Code { code, seconds, organisation }) => {
                        until = Instant::now() + Duration::from_secs(seconds.into());
                        shown = true;
                        self.show_digits(to, code, organisation, until);
                    }
                    Ok(ToAgent::Refused { reason }) => return Ok(Err(reason)),
                    Ok(message) => if let Some(welcome) = reach::welcomed(link, message) {
                        return Ok(Ok(Shown::Entered(Box::new(welcome))));
                    },
                    Err(_) if shown && Instant::now() < until => return Ok(Ok(Shown::Lost)),
                    Err(_) => return Ok(Ok(if shown { Shown::Over } else { Shown::Lost })),
                },
                () = tokio::time::sleep_until(until.into()) => {
                    return Ok(Ok(if shown { Shown::Over } else { Shown::Lost }));
                }
                action = self.actions.recv() => {
                    let said = match action {
                        Some(UserAction::NewCode) => Ok(Shown::New),
                        Some(UserAction::EnterPin) => Ok(Shown::Back),
                        None | Some(UserAction::Leave | UserAction::Quit) => Err(Exit::Normal),
                        Some(_) => continue,
                    };
                    say_goodbye(link).await;
                    return said.map(Ok);
                }
            }
        }
    }

    fn show_digits(&mut self, to: &Gateway, code: String, organisation: String, until: Instant) {
        let mut gateway = label(to);
        gateway.organisation.get_or_insert(organisation);
        self.stage.scene(Scene::Code {
            gateway,
            code,
            until,
        });
    }

    /// Whether the end user wants another one.
    async fn code_is_over(&mut self, to: &Gateway) -> Result<bool, Exit> {
        let gateway = label(to);
        self.stage.scene(Scene::Code {
            gateway,
            code: String::new(),
            until: Instant::now(),
        });
        loop {
            match self.action().await? {
                UserAction::NewCode => return Ok(true),
                UserAction::EnterPin => return Ok(false),
                _ => {} // belongs to other scenes
            }
        }
    }
}

/// The gateway forgets the code; if it does not hear this, the code ends by itself.
async fn say_goodbye(link: &Link) {
    let said = link.send_control(&FromAgent::Leave {});
    if tokio::time::timeout(Duration::from_millis(500), said)
        .await
        .is_ok()
    {
        link.close_after_delivery(close_code::DONE, "not needed any more")
            .await;
    }
}

/// What proves that a later connection is this agent's.
fn made_up_key() -> String {
    let mut bytes = [0; 16];
    // Without randomness there is no TLS either: the connection fails before this is ever sent.
    let _ = SystemRandom::new().fill(&mut bytes);
    Token::new(bytes).to_string()
}

fn not_answered(bad: BadAnswer) -> FormError {
    let sentence = match bad.wrong {
        Wrong::Missing => Sentence::new("answer-missing"),
        Wrong::TooLong { limit } => Sentence::new("answer-too-long").with("limit", limit),
        Wrong::NoChoice | Wrong::NoField => Sentence::new("answer-no-choice"),
    };
    FormError {
        field: Some(bad.field),
        sentence,
    }
}
