//! What the window shows now. Owns the newest scene and banner, and the line in the log for each change (keys only: no names, no
//! addresses).

use std::time::{Duration, Instant};

use mayday_protocol::Slot;
use mayday_protocol::control::Person;
use mayday_session::Timestamp;
use mayday_session::consent::{Consent, Held, Prompt, Verified};
use mayday_session::verification::{Verification, VerificationMode};

use crate::face::{Banner, BannerEntry, ChatView, Doing, Face, PromptCode, Scene, View};

/// The agent's clock: milliseconds since it started.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Default for Clock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock {
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let millis = u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        Timestamp(millis)
    }

    #[must_use]
    pub fn instant(&self, at: Timestamp) -> Instant {
        self.0 + Duration::from_millis(at.0)
    }
}

/// Who and where, as the verified connection says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    pub organisation: String,
    pub gateway_host: String,
    pub technician: Option<Person>,
}

/// The window as the core last set it.
pub struct Stage {
    face: Box<dyn Face>,
    pub clock: Clock,
    shown: Option<View>,
}

impl Stage {
    #[must_use]
    pub fn new(face: Box<dyn Face>) -> Self {
        Self {
            face,
            clock: Clock::default(),
            shown: None,
        }
    }

    /// Shows a scene without anybody connected.
    pub fn scene(&mut self, scene: Scene) {
        self.show(View {
            scene,
            banner: None,
            chat: None,
        });
    }

    /// Shows where consent stands: a prompt if there is one, else `otherwise`; and who, of those with a grant, is `present`.
    pub fn consent(
        &mut self,
        consent: &Consent,
        prompt: Option<&Prompt>,
        desk: &Desk,
        otherwise: Scene,
        chat: ChatView,
        present: [bool; Slot::COUNT],
    ) {
        let scene = prompt.map_or(otherwise, |prompt| self.prompt(prompt, consent, desk));
        let technicians: Vec<_> = consent
            .held()
            .map(|held| BannerEntry {
                slot: held.slot,
                name: held.person.name.clone(),
                control: held.rights.control,
                doing: doing(held, consent.controller(), present),
                since: self.clock.instant(held.since),
            })
            .collect();
        let banner = (!technicians.is_empty()).then(|| Banner {
            technicians,
            paused: consent.is_paused(),
        });
        self.show(View {
            scene,
            banner,
            chat: Some(chat),
        });
    }

    pub fn close(&self) {
        self.face.close();
    }

    fn prompt(&self, prompt: &Prompt, consent: &Consent, desk: &Desk) -> Scene {
        Scene::Prompt {
            ask: prompt.ask,
            name: prompt.person.name.clone(),
            organisation: desk.organisation.clone(),
            gateway_host: desk.gateway_host.clone(),
            picture_png: prompt.person.picture.clone(),
            wants: prompt.wants,
            deadline: self.clock.instant(prompt.deadline),
            accepts_from: self.clock.instant(prompt.accepts_from),
            verification: consent.verification().map(code),
        }
    }

    fn show(&mut self, view: View) {
        if self.shown.as_ref() == Some(&view) {
            return;
        }
        let before = self.shown.as_ref().map(|shown| key(&shown.scene));
        let now = key(&view.scene);
        if before != Some(now) {
            match now {
                (scene, Some(sentence)) => tracing::info!(scene = %scene, sentence = %sentence),
                (scene, None) => tracing::info!(scene = %scene),
            }
        }
        self.face.show(view.clone());
        self.shown = Some(view);
    }
}

fn doing(held: Held<'_>, controller: Option<Slot>, present: [bool; Slot::COUNT]) -> Doing {
    if !present[held.slot.index()] {
        Doing::Nothing
    } else if held.rights.control && controller == Some(held.slot) {
        Doing::Controls
    } else {
        Doing::Sees
    }
}

/// Where the code is typed, the window does not know it.
fn code((wanted, verified): (Verification, Verified)) -> PromptCode {
    PromptCode {
        shown: match wanted.mode {
            VerificationMode::Compare => Some(wanted.code.to_string()),
            VerificationMode::Type => None,
        },
        verified: verified == Verified::Yes,
        wrong: match verified {
            Verified::NotYet { wrong } => wrong,
            Verified::NotNeeded | Verified::Yes => 0,
        },
    }
}

/// A scene's name, and its sentence's key.
fn key(scene: &Scene) -> (&'static str, Option<&'static str>) {
    match scene {
        Scene::EnterPin { error, .. } => ("enter_pin", error.as_ref().map(|error| error.key)),
        Scene::Form { error, .. } => ("form", error.as_ref().map(|error| error.sentence.key)),
        Scene::Code { .. } => ("code", None),
        Scene::ConfirmGateway { .. } => ("confirm_gateway", None),
        Scene::Connecting { .. } => ("connecting", None),
        Scene::Waiting { .. } => ("waiting", None),
        Scene::Reconnecting { .. } => ("reconnecting", None),
        Scene::Prompt { .. } => ("prompt", None),
        Scene::Rating { sentence, .. } => ("rating", Some(sentence.key)),
        Scene::Ended { sentence, .. } => ("ended", Some(sentence.key)),
        Scene::Failed { sentence, .. } => ("failed", Some(sentence.key)),
    }
}
