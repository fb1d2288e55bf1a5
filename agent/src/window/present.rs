//! Puts a view of the core into the windows: scene by scene, in the end user's language. Owns the shown prompt and its timer.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use mayday_session::text::visible_lines;
use mayday_session::verification::WRONG_CODES;
use slint::{ComponentHandle, ModelRc, SharedString, Timer, TimerMode, VecModel, Weak};

use super::banner::BannerStrip;
use super::chat;
use super::conduct::Conduct;
use super::prompt::OpenPrompt;
use super::request::Requests;
use super::shown_text::{initials, shown, shown_host};
use super::ui::{
    Action, AgentWindow, BannerFacts, Page, PinFacts, Present, PromptFacts, VerifyFacts,
    VerifyMode, WaitingFacts,
};
use super::{Texts, picture, surface};
use crate::face::{Banner, BannerEntry, Doing, PromptCode, Scene, UserAction, View};
use crate::sentence::Sentence;

/// Often enough for a bar that moves, seldom enough for a stream that would carry it.
const TICK: Duration = Duration::from_millis(250);

pub(super) struct Presenter {
    main: Weak<AgentWindow>,
    texts: Texts,
    conduct: Rc<Conduct>,
    banner: BannerStrip,
    requests: Requests,
    prompt: Rc<RefCell<Option<OpenPrompt>>>,
    countdown: Timer,
    /// Counts what is shown anew, so that a page can tell.
    turns: Cell<i32>,
    last: RefCell<Option<View>>,
    shown_at: Cell<Option<Instant>>,
}

impl Presenter {
    pub(super) fn new(
        main: Weak<AgentWindow>,
        texts: Texts,
        conduct: Rc<Conduct>,
        banner: BannerStrip,
    ) -> Self {
        let requests = Requests::new(main.clone(), texts.clone(), conduct.clone());
        Self {
            main,
            texts,
            conduct,
            banner,
            requests,
            prompt: Rc::default(),
            countdown: Timer::default(),
            turns: Cell::new(0),
            last: RefCell::default(),
            shown_at: Cell::new(None),
        }
    }

    /// Shows `view`; what has not changed stays as it is, with its focus and what was typed.
    pub(super) fn show(&self, view: View) {
        let Some(main) = self.main.upgrade() else {
            return;
        };
        let last = self.last.replace(Some(view.clone()));
        if last.as_ref() == Some(&view) {
            return;
        }
        self.shown_at.set(Some(Instant::now()));
        let page_before = main.get_page();
        let unread = |view: &View| view.chat.as_ref().map_or(0, |chat| chat.unread);
        let news = unread(&view);
        self.show_chat(&main, &view, last.as_ref().map_or(0, unread));
        self.show_banner(&main, view.banner.as_ref(), news);
        let connected = view.banner.is_some();
        let chats = is_chatting(&view);
        let was_connected = last.as_ref().is_some_and(|last| last.banner.is_some());
        let chatted = last.as_ref().is_some_and(is_chatting);
        let same = connected == was_connected && chats == chatted;
        if !same || last.is_none_or(|last| last.scene != view.scene) {
            self.show_scene(&main, view.scene, connected, chats);
        }
        if chats && !chatted {
            surface::bring_up(&main);
        }
        // The technician needs the screen, and may not touch our windows to clear it; the banner stays.
        if main.get_page() == Page::Connected && page_before != Page::Connected {
            main.window().set_minimized(true);
        }
        if was_connected && !connected {
            main.window().set_minimized(false);
        }
    }

    /// When something new was shown last.
    pub(super) fn shown_at(&self) -> Option<Instant> {
        self.shown_at.get()
    }

    /// Whether somebody sees the screen, or was allowed to.
    pub(super) fn is_shared(&self) -> bool {
        let last = self.last.borrow();
        last.as_ref().is_some_and(|view| view.banner.is_some())
    }

    /// The end user did something in the main window.
    pub(super) fn act(&self, action: Action) {
        match action {
            Action::Allow => self.answer(UserAction::Allow),
            Action::ViewOnly => self.answer(UserAction::ViewOnly),
            Action::Reject => self.answer(UserAction::Reject),
            Action::Pause => self.conduct.send(UserAction::Pause),
            Action::Resume => self.conduct.send(UserAction::Resume),
            Action::LowerToView => self.conduct.send(UserAction::LowerToView),
            Action::Stop => self.conduct.send(UserAction::Stop),
            Action::Leave => self.conduct.send(UserAction::Leave),
            Action::InviteAgain => self.conduct.send(UserAction::InviteAgain),
            Action::OpenChat => self.conduct.send(UserAction::OpenChat),
            Action::CloseChat => self.conduct.send(UserAction::CloseChat),
            Action::SkipRating => self.conduct.send(UserAction::SkipRating),
            Action::Retry => self.conduct.send(UserAction::Retry),
            Action::Quit => self.conduct.send(UserAction::Quit),
            Action::ShowCode => self.conduct.send(UserAction::ShowCode),
            Action::NewCode => self.conduct.send(UserAction::NewCode),
            Action::EnterPin => self.conduct.send(UserAction::EnterPin),
            Action::Trust => self.conduct.send(UserAction::GatewayConfirmed(true)),
            Action::Distrust => self.conduct.send(UserAction::GatewayConfirmed(false)),
        }
    }

    pub(super) fn requests(&self) -> &Requests {
        &self.requests
    }

    /// The prompt's code, as the end user typed or confirmed it. Nothing counts before the prompt listens.
    pub(super) fn verify(&self, said: UserAction) {
        let open = self.prompt.borrow();
        if open
            .as_ref()
            .is_some_and(|open| open.listens(Instant::now()))
        {
            self.conduct.send(said);
        }
    }

    /// A key came before the prompt listens.
    pub(super) fn early_key(&self) {
        if let Some(prompt) = self.prompt.borrow_mut().as_mut() {
            prompt.early_key(Instant::now());
        }
    }

    fn answer(&self, answer: UserAction) {
        let counts = self
            .prompt
            .borrow_mut()
            .as_mut()
            .is_some_and(|prompt| prompt.answer(Instant::now()));
        if counts {
            self.conduct.send(answer);
            if let Some(main) = self.main.upgrade() {
                main.set_armed(false);
            }
        }
    }

    /// A new message marks itself; it opens nothing and takes no focus.
    fn show_chat(&self, main: &AgentWindow, view: &View, unread_before: u32) {
        main.set_can_chat(view.chat.is_some());
        if let Some(chat) = &view.chat {
            chat::fill(main, chat, &self.texts);
            main.set_unread(i32::try_from(chat.unread).unwrap_or(i32::MAX));
            main.set_chat_label(chat::label(chat.unread, &self.texts).into());
            if chat.unread > unread_before {
                surface::hint(main);
            }
        }
    }

    fn show_scene(&self, main: &AgentWindow, scene: Scene, connected: bool, chats: bool) {
        self.turns.set(self.turns.get().wrapping_add(1));
        main.set_about(false);
        let was_prompt = main.get_page() == Page::Prompt;
        let is_prompt = matches!(scene, Scene::Prompt { .. });
        let page = self.fill_page(main, scene, connected);
        if page != Page::Code {
            self.requests.rest();
        }
        let page = if chats { Page::Chat } else { page };
        main.set_page(page);
        if !is_prompt {
            self.countdown.stop();
            *self.prompt.borrow_mut() = None;
            if was_prompt {
                surface::lower(main);
            }
        }
    }

    /// Fills the page of `scene` and says which it is.
    fn fill_page(&self, main: &AgentWindow, scene: Scene, connected: bool) -> Page {
        match scene {
            Scene::EnterPin {
                gateway,
                error,
                ask_gateway,
            } => {
                let (host, organisation) = gateway
                    .map(|g| (g.host, g.organisation))
                    .unwrap_or_default();
                main.set_pin(PinFacts {
                    host: shown_host(&host).into(),
                    organisation: shown(&organisation.unwrap_or_default()).into(),
                    ask_gateway,
                    error: error
                        .map(|error| self.texts.sentence(&error))
                        .unwrap_or_default()
                        .into(),
                    turn: self.turns.get(),
                });
                Page::Pin
            }
            Scene::Form {
                gateway,
                name,
                fields,
                error,
                sending,
            } => {
                self.requests
                    .show_form(gateway, &name, fields, error.as_ref(), sending);
                Page::Form
            }
            Scene::Code {
                gateway,
                code,
                until,
            } => {
                self.requests.show_code(gateway, &code, until);
                Page::Code
            }
            Scene::ConfirmGateway { host, fingerprint } => {
                main.set_host(shown_host(&host).into());
                let groups: Vec<SharedString> = groups_of_four(&fingerprint)
                    .into_iter()
                    .map(SharedString::from)
                    .collect();
                main.set_fingerprint(ModelRc::new(VecModel::from(groups)));
                Page::Confirm
            }
            Scene::Connecting { host } => {
                main.set_host(shown_host(&host).into());
                Page::Connecting
            }
            Scene::Waiting {
                organisation,
                gateway_host,
                technician,
                ran_out,
                can_invite_again,
                place,
                requested,
            } => {
                main.set_host(shown_host(&gateway_host).into());
                let place = place.filter(|_| technician.is_none());
                let (number, means) = self.place(place);
                main.set_waiting(WaitingFacts {
                    place: number.into(),
                    place_means: means.into(),
                    can_cancel: requested && technician.is_none(),
                    organisation: shown(&organisation).into(),
                    host: shown_host(&gateway_host).into(),
                    technician: shown(&technician.unwrap_or_default()).into(),
                    ran_out,
                    can_invite_again,
                });
                if connected {
                    Page::Connected
                } else {
                    Page::Waiting
                }
            }
            Scene::Reconnecting { since } => {
                main.set_reconnecting_since(time_of_day(since).into());
                Page::Reconnecting
            }
            Scene::Prompt { .. } => {
                self.fill_prompt(main, scene);
                Page::Prompt
            }
            Scene::Rating { sentence, question } => {
                main.set_over_sentence(self.texts.sentence(&sentence).into());
                let question = visible_lines(&question);
                main.set_rating_question(if question.is_empty() {
                    self.texts.text("rating.question").into()
                } else {
                    question.into()
                });
                surface::bring_up(main);
                Page::Rating
            }
            Scene::Ended {
                sentence,
                can_retry,
            } => {
                self.fill_over(
                    main,
                    "over.title-ended",
                    &sentence,
                    "over.nothing-left",
                    can_retry,
                );
                Page::Over
            }
            Scene::Failed {
                sentence,
                can_retry,
            } => {
                let (title, advice) = about_failure(&sentence);
                self.fill_over(main, title, &sentence, advice, can_retry);
                Page::Over
            }
        }
    }

    fn fill_over(
        &self,
        main: &AgentWindow,
        title: &str,
        sentence: &Sentence,
        advice: &str,
        can_retry: bool,
    ) {
        main.set_over_title(self.texts.text(title).into());
        main.set_over_sentence(self.texts.sentence(sentence).into());
        main.set_over_advice(self.texts.text(advice).into());
        main.set_can_retry(can_retry);
    }

    fn fill_prompt(&self, main: &AgentWindow, scene: Scene) {
        let Scene::Prompt {
            ask,
            name,
            organisation,
            gateway_host,
            picture_png,
            wants,
            deadline,
            accepts_from,
            verification,
        } = scene
        else {
            return;
        };
        let decoded = picture::decode(&picture_png);
        main.set_prompt(PromptFacts {
            initials: initials(&name).into(),
            name: shown(&name).into(),
            organisation: shown(&organisation).into(),
            host: shown_host(&gateway_host).into(),
            has_picture: decoded.is_some(),
            picture: decoded.unwrap_or_default(),
            control: wants.control,
            verify: self.verify_facts(verification),
            // Another question, not another state of the same one.
            turn: ask.0 as i32,
        });
        if self
            .prompt
            .borrow()
            .as_ref()
            .is_some_and(|open| open.ask() == ask)
        {
            return;
        }
        *self.prompt.borrow_mut() =
            Some(OpenPrompt::new(ask, deadline, accepts_from, Instant::now()));
        self.start_countdown(main);
        surface::raise(main);
    }

    fn verify_facts(&self, code: Option<PromptCode>) -> VerifyFacts {
        let Some(code) = code else {
            return VerifyFacts::default();
        };
        let left = i32::from(WRONG_CODES.saturating_sub(code.wrong));
        VerifyFacts {
            mode: match code.shown {
                Some(_) => VerifyMode::Compare,
                None => VerifyMode::Type,
            },
            code: code.shown.unwrap_or_default().into(),
            verified: code.verified,
            error: if code.wrong > 0 {
                self.texts.with("verify.wrong", &left.to_string()).into()
            } else {
                SharedString::default()
            },
            wrong: code.wrong.into(),
        }
    }

    /// The place in the queue, and what it means.
    fn place(&self, place: Option<u32>) -> (String, String) {
        match place {
            Some(1) => (
                self.texts.text("waiting.next"),
                self.texts.text("waiting.next-means"),
            ),
            Some(number) => {
                let ahead = number.saturating_sub(1).to_string();
                (
                    self.texts.with("waiting.place", &number.to_string()),
                    self.texts.with("waiting.place-means", &ahead),
                )
            }
            None => Default::default(),
        }
    }

    fn start_countdown(&self, main: &AgentWindow) {
        let prompt = self.prompt.clone();
        let conduct = self.conduct.clone();
        let texts = self.texts.clone();
        let weak = main.as_weak();
        let tick = move || {
            let now = Instant::now();
            let mut open = prompt.borrow_mut();
            let (Some(open), Some(main)) = (open.as_mut(), weak.upgrade()) else {
                return;
            };
            main.set_armed(open.listens(now));
            main.set_seconds_left(i32::try_from(open.seconds_left(now)).unwrap_or(i32::MAX));
            main.set_time_left(open.part_left(now));
            main.set_announcement(
                texts
                    .with("prompt.announce", &open.announced_seconds(now).to_string())
                    .into(),
            );
            if open.is_over(now) && open.answer(now) {
                conduct.send(UserAction::Reject);
            }
        };
        tick();
        self.countdown.start(TimerMode::Repeated, TICK, tick);
    }

    fn show_banner(&self, main: &AgentWindow, banner: Option<&Banner>, unread: u32) {
        let facts = banner.map(|banner| BannerFacts {
            line: self.banner_line(banner).into(),
            paused: banner.paused,
            control: banner.technicians.iter().any(|entry| entry.control),
            present: banner
                .technicians
                .iter()
                .any(|entry| entry.doing != Doing::Nothing),
            chat: chat::label(unread, &self.texts).into(),
            unread: unread > 0,
        });
        if let Some(banner) = banner {
            let present: Vec<Present> = banner
                .technicians
                .iter()
                .map(|entry| self.present(entry))
                .collect();
            main.set_present(ModelRc::new(VecModel::from(present)));
        }
        main.set_banner(facts.clone().unwrap_or_default());
        if let Err(error) = self.banner.show(facts, main) {
            tracing::error!("the banner cannot be shown: {error}");
        }
    }

    fn present(&self, entry: &BannerEntry) -> Present {
        let key = match (entry.doing, entry.control) {
            (Doing::Controls, _) => "connected.controls",
            (Doing::Sees, true) => "connected.sees-may-control",
            (Doing::Sees, false) => "connected.sees",
            (Doing::Nothing, true) => "connected.may-control",
            (Doing::Nothing, false) => "connected.may-view",
        };
        Present {
            name: shown(&entry.name).into(),
            words: self.texts.with(key, &time_of_day(entry.since)).into(),
            control: entry.doing == Doing::Controls,
        }
    }

    /// "Anna controls your computer since 14:32; Ben and Cleo see your screen since 14:40".
    fn banner_line(&self, banner: &Banner) -> String {
        let everybody: Vec<&BannerEntry> = banner.technicians.iter().collect();
        if banner.paused {
            return self
                .texts
                .filled("banner.paused", &[("names", self.names(&everybody))]);
        }
        let groups = ["control", "view", "may-control", "may-view"];
        let parts: Vec<String> = groups
            .into_iter()
            .filter_map(|what| {
                let group: Vec<&BannerEntry> = everybody
                    .iter()
                    .copied()
                    .filter(|entry| banner_group(entry) == what)
                    .collect();
                self.group(what, &group)
            })
            .collect();
        parts.join(&self.texts.text("banner.join"))
    }

    fn group(&self, what: &str, group: &[&BannerEntry]) -> Option<String> {
        let since = group.iter().map(|entry| entry.since).min()?;
        let number = if group.len() == 1 { "one" } else { "several" };
        let args = [("names", self.names(group)), ("since", time_of_day(since))];
        Some(self.texts.filled(&format!("banner.{what}-{number}"), &args))
    }

    fn names(&self, group: &[&BannerEntry]) -> String {
        let names: Vec<String> = group.iter().map(|entry| shown(&entry.name)).collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => rest.join(", ") + &self.texts.text("banner.and") + last,
            None => String::new(),
        }
    }
}

/// What stands above the sentence of a failure, and what the end user can do now that the sentence does not say already.
fn about_failure(sentence: &Sentence) -> (&'static str, &'static str) {
    match sentence.key {
        // Nothing went wrong, and no technician knows of it yet.
        "call-paused" | "call-full" => ("over.title-later", "over.later"),
        "unknown-call" | "unknown-invite" | "session-over" => {
            ("over.title-failed", "over.nothing-left")
        }
        _ => ("over.title-failed", "over.ask-technician"),
    }
}

/// In which part of the banner's line a technician is named.
fn banner_group(entry: &BannerEntry) -> &'static str {
    match (entry.doing, entry.control) {
        (Doing::Controls, _) => "control",
        (Doing::Sees, _) => "view",
        (Doing::Nothing, true) => "may-control",
        (Doing::Nothing, false) => "may-view",
    }
}

/// Whether the chat is what the window shows: not before a prompt is answered, and only in a session.
fn is_chatting(view: &View) -> bool {
    let open = view.chat.as_ref().is_some_and(|chat| chat.open);
    open && matches!(
        view.scene,
        Scene::Waiting { .. } | Scene::Reconnecting { .. }
    )
}

/// Hours and minutes on the end user's clock.
fn time_of_day(moment: Instant) -> String {
    (chrono::Local::now() - moment.elapsed())
        .format("%H:%M")
        .to_string()
}

/// A fingerprint in groups that can be read out.
fn groups_of_four(fingerprint: &str) -> Vec<String> {
    let characters: Vec<char> = fingerprint
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .collect();
    characters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_shown_whole_in_groups() {
        let pin = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";
        assert_eq!(groups_of_four(pin).len(), 13);
        assert_eq!(groups_of_four(pin).concat(), pin);
        assert_eq!(groups_of_four("ab:cd:ef"), ["abcd", "ef"]);
    }
}
