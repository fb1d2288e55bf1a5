//! The pages on the way into a session without an invite: the form with what was typed into it, and the code with its countdown. Owns
//! what was typed, so that showing the form again loses nothing; what is sent when is the core's.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use mayday_protocol::control::{Answer, FieldKind, FormField};
use slint::{Model, ModelRc, SharedString, Timer, TimerMode, VecModel, Weak};

use super::Texts;
use super::conduct::Conduct;
use super::shown_text::{shown, shown_host};
use super::ui::{AgentWindow, CodeFacts, FormFacts, FormItem, FormKind};
use crate::face::{FormError, GatewayLabel, UserAction};

const TICK: Duration = Duration::from_millis(500);
/// The minutes left at which a screen reader speaks.
const SPOKEN_EVERY: u64 = 60;

pub(super) struct Requests {
    main: Weak<AgentWindow>,
    texts: Texts,
    conduct: Rc<Conduct>,
    form: RefCell<Filled>,
    countdown: Timer,
}

/// A form and what was typed into it.
#[derive(Default)]
struct Filled {
    fields: Vec<FormField>,
    values: Vec<String>,
    items: Rc<VecModel<FormItem>>,
}

impl Requests {
    pub(super) fn new(main: Weak<AgentWindow>, texts: Texts, conduct: Rc<Conduct>) -> Self {
        Self {
            main,
            texts,
            conduct,
            form: RefCell::default(),
            countdown: Timer::default(),
        }
    }

    pub(super) fn show_form(
        &self,
        gateway: GatewayLabel,
        name: &str,
        fields: Vec<FormField>,
        error: Option<&FormError>,
        sending: bool,
    ) {
        let Some(main) = self.main.upgrade() else {
            return;
        };
        let about_all = error.filter(|error| error.field.is_none());
        main.set_form(FormFacts {
            name: shown(name).into(),
            organisation: shown(&gateway.organisation.unwrap_or_default()).into(),
            host: shown_host(&gateway.host).into(),
            error: about_all
                .map(|error| self.texts.sentence(&error.sentence))
                .unwrap_or_default()
                .into(),
            sending,
        });
        let mut form = self.form.borrow_mut();
        if form.fields != fields {
            form.change_to(fields);
        }
        let items: Vec<FormItem> = form
            .fields
            .iter()
            .zip(&form.values)
            .map(|(field, value)| self.item(field, value, error))
            .collect();
        if form.items.row_count() == items.len() {
            for (row, item) in items.into_iter().enumerate() {
                if form.items.row_data(row).as_ref() != Some(&item) {
                    form.items.set_row_data(row, item);
                }
            }
        } else {
            form.items = Rc::new(VecModel::from(items));
            main.set_form_fields(ModelRc::from(form.items.clone()));
        }
    }

    /// The end user typed or chose something.
    pub(super) fn answer(&self, index: i32, value: &str) {
        let mut form = self.form.borrow_mut();
        let Ok(index) = usize::try_from(index) else {
            return;
        };
        let Some(known) = form.values.get_mut(index) else {
            return;
        };
        value.clone_into(known);
        let chosen = form.fields[index].kind == FieldKind::Choice;
        let (items, value) = (form.items.clone(), value.to_owned());
        drop(form);
        // A text is where it was typed; a choice shows what was chosen. What was wrong before may be right now.
        let stale = |item: &FormItem| chosen || !item.error.is_empty();
        if let Some(item) = items.row_data(index).filter(stale) {
            let (value, error) = (value.into(), SharedString::new());
            items.set_row_data(
                index,
                FormItem {
                    value,
                    error,
                    ..item
                },
            );
        }
    }

    pub(super) fn send(&self) {
        let form = self.form.borrow();
        let answers = form.fields.iter().zip(&form.values);
        let answers = answers.map(|(field, value)| Answer {
            field: field.id,
            value: value.trim().to_owned(),
        });
        let answers = answers.filter(|one| !one.value.is_empty()).collect();
        self.conduct.send(UserAction::Send(answers));
    }

    pub(super) fn show_code(&self, gateway: GatewayLabel, code: &str, until: Instant) {
        let Some(main) = self.main.upgrade() else {
            return;
        };
        let digits: Vec<char> = code.chars().filter(char::is_ascii_digit).take(9).collect();
        let groups: Vec<String> = digits
            .chunks(3)
            .map(|group| group.iter().collect())
            .collect();
        let spoken: Vec<String> = digits.iter().map(char::to_string).collect();
        main.set_code(CodeFacts {
            code: groups.join(" ").into(),
            spoken: spoken.join(" ").into(),
            organisation: shown(&gateway.organisation.unwrap_or_default()).into(),
            host: shown_host(&gateway.host).into(),
        });
        let (weak, texts) = (self.main.clone(), self.texts.clone());
        let tick = move || {
            let Some(main) = weak.upgrade() else {
                return;
            };
            let left = until.saturating_duration_since(Instant::now());
            let seconds = left.as_millis().div_ceil(1000) as u64;
            main.set_code_left(minutes_and_seconds(seconds).into());
            let minutes = seconds.div_ceil(SPOKEN_EVERY).to_string();
            main.set_code_announcement(texts.with("code.announce", &minutes).into());
        };
        tick();
        self.countdown.start(TimerMode::Repeated, TICK, tick);
    }

    /// Another page is shown.
    pub(super) fn rest(&self) {
        self.countdown.stop();
    }

    fn item(&self, field: &FormField, value: &str, error: Option<&FormError>) -> FormItem {
        let error = error.filter(|error| error.field == Some(field.id));
        let options = field.options.iter().map(SharedString::from);
        FormItem {
            label: match field.kind {
                FieldKind::Name => self.texts.text("form.name").into(),
                FieldKind::Issue => self.texts.text("form.issue").into(),
                FieldKind::Text | FieldKind::LongText | FieldKind::Choice | FieldKind::Unknown => {
                    shown(&field.label).into()
                }
            },
            required: field.required,
            kind: match field.kind {
                FieldKind::Issue | FieldKind::LongText => FormKind::Lines,
                FieldKind::Choice => FormKind::Choice,
                FieldKind::Name | FieldKind::Text | FieldKind::Unknown => FormKind::Line,
            },
            options: ModelRc::new(VecModel::from_iter(options)),
            value: value.into(),
            error: error
                .map(|error| self.texts.sentence(&error.sentence))
                .unwrap_or_default()
                .into(),
        }
    }
}

impl Filled {
    /// Answers to fields that stay are kept.
    fn change_to(&mut self, fields: Vec<FormField>) {
        let known = |field: &FormField| {
            let place = self.fields.iter().position(|one| one.id == field.id)?;
            let value = self.values.get(place)?;
            let fits = field.kind != FieldKind::Choice || field.options.contains(value);
            fits.then(|| value.clone())
        };
        let values = fields.iter().map(|field| known(field).unwrap_or_default());
        self.values = values.collect();
        self.fields = fields;
        self.items = Rc::default();
    }
}

fn minutes_and_seconds(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(id: u32, kind: FieldKind, options: &[&str]) -> FormField {
        FormField {
            id,
            kind,
            options: options.iter().map(|one| (*one).to_owned()).collect(),
            ..FormField::default()
        }
    }

    #[test]
    fn a_form_that_changed_keeps_the_answers_that_still_fit() {
        let mut form = Filled::default();
        form.change_to(vec![
            field(1, FieldKind::Name, &[]),
            field(16, FieldKind::Choice, &["North", "South"]),
        ]);
        form.values = vec!["Ada".to_owned(), "South".to_owned()];
        form.change_to(vec![
            field(17, FieldKind::Text, &[]),
            field(1, FieldKind::Name, &[]),
            field(16, FieldKind::Choice, &["North", "West"]),
        ]);
        assert_eq!(form.values, ["", "Ada", ""]);
    }

    #[test]
    fn the_time_left_is_minutes_and_seconds() {
        assert_eq!(minutes_and_seconds(600), "10:00");
        assert_eq!(minutes_and_seconds(61), "1:01");
        assert_eq!(minutes_and_seconds(0), "0:00");
    }
}
