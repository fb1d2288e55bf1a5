//! The form of an SOS Call: which fields there are, and whether what somebody filled in fits them. Both ends check with this, the agent
//! before it sends and the desk before it believes. Owns no words: the two fixed fields are named by whoever shows them.

use mayday_protocol::control::{Answer, FieldKind, FormField};
use mayday_protocol::limits::NAME_CHARS;

/// The field that every form begins with: the end user's name.
pub const NAME: u32 = 1;
/// The second one: what the problem is.
pub const ISSUE: u32 = 2;
/// Fields of the channel's own have ids from here on.
pub const OWN_FROM: u32 = 16;
/// Fields beside name and issue.
pub const OWN_FIELDS: usize = 10;
/// Choices of one field.
pub const OPTIONS: std::ops::RangeInclusive<usize> = 2..=20;
/// An answer of one line, characters.
pub const TEXT_CHARS: usize = 200;
/// An answer of several lines, characters: a whole form of them, four bytes each, is within a control message.
pub const LONG_CHARS: usize = 1000;

/// One field of an SOS Call's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Stays when the form is edited.
    pub id: u32,
    pub label: String,
    pub required: bool,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    LongText,
    Choice(Vec<String>),
}

/// A form that keeps the limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    own: Vec<Field>,
}

/// Why something is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    #[error("a form has at most 10 fields of its own")]
    TooMany,
    #[error("a field's label has 1 to 64 characters")]
    Label,
    #[error("two fields have the same label")]
    SameLabel,
    #[error("a choice has 2 to 20 different answers of 1 to 64 characters")]
    Options,
}

/// Why an answer does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Missing,
    TooLong {
        limit: usize,
    },
    /// It is none of the answers there are.
    NoChoice,
    /// There is no such field, or it was answered twice.
    NoField,
}

/// The first answer that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadAnswer {
    pub field: u32,
    pub wrong: Wrong,
}

impl Form {
    /// # Errors
    /// [`BadForm`] says which limit is broken. Fields without an id of their own ([`OWN_FROM`] and more, each once) get one.
    pub fn new(mut own: Vec<Field>) -> Result<Self, BadForm> {
        if own.len() > OWN_FIELDS {
            return Err(BadForm::TooMany);
        }
        for field in &mut own {
            field.label = clean(&field.label).ok_or(BadForm::Label)?;
            if let Kind::Choice(options) = &mut field.kind {
                let cleaned: Option<Vec<_>> = options.iter().map(|one| clean(one)).collect();
                *options = cleaned.ok_or(BadForm::Options)?;
                if !OPTIONS.contains(&options.len()) || has_twice(options.iter()) {
                    return Err(BadForm::Options);
                }
            }
        }
        if has_twice(own.iter().map(|field| &field.label)) {
            return Err(BadForm::SameLabel);
        }
        number(&mut own);
        Ok(Self { own })
    }

    #[must_use]
    pub fn own(&self) -> &[Field] {
        &self.own
    }

    /// All fields in their order, as the agent gets them.
    #[must_use]
    pub fn to_wire(&self) -> Vec<FormField> {
        let fixed = [(NAME, FieldKind::Name), (ISSUE, FieldKind::Issue)];
        let fixed = fixed.map(|(id, kind)| FormField {
            id,
            required: true,
            kind,
            ..FormField::default()
        });
        let own = self.own.iter().map(|field| {
            let (kind, options) = match &field.kind {
                Kind::Text => (FieldKind::Text, Vec::new()),
                Kind::LongText => (FieldKind::LongText, Vec::new()),
                Kind::Choice(options) => (FieldKind::Choice, options.clone()),
            };
            FormField {
                id: field.id,
                label: field.label.clone(),
                required: field.required,
                kind,
                options,
            }
        });
        fixed.into_iter().chain(own).collect()
    }
}

/// The longest answer to a field, characters.
#[must_use]
pub fn limit(kind: FieldKind) -> usize {
    match kind {
        FieldKind::Name | FieldKind::Choice => NAME_CHARS,
        FieldKind::Text | FieldKind::Unknown => TEXT_CHARS,
        FieldKind::Issue | FieldKind::LongText => LONG_CHARS,
    }
}

/// Whether `answers` fit `fields`; blanks around an answer do not count.
///
/// # Errors
/// [`BadAnswer`] names the first field that is not well answered.
pub fn check(fields: &[FormField], answers: &[Answer]) -> Result<(), BadAnswer> {
    for field in fields {
        let answer = answer_to(answers, field.id);
        let wrong = match answer.chars().count() {
            0 if field.required => Some(Wrong::Missing),
            0 => None,
            long if long > limit(field.kind) => Some(Wrong::TooLong {
                limit: limit(field.kind),
            }),
            _ if field.kind == FieldKind::Choice && !field.options.iter().any(|o| o == answer) => {
                Some(Wrong::NoChoice)
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            let field = field.id;
            return Err(BadAnswer { field, wrong });
        }
    }
    for (index, answer) in answers.iter().enumerate() {
        let known = fields.iter().any(|field| field.id == answer.field);
        let again = answers[..index].iter().any(|one| one.field == answer.field);
        if !known || again {
            return Err(BadAnswer {
                field: answer.field,
                wrong: Wrong::NoField,
            });
        }
    }
    Ok(())
}

/// What was answered to a field, without blanks around it; empty when nothing was.
#[must_use]
pub fn answer_to(answers: &[Answer], field: u32) -> &str {
    let answer = answers.iter().find(|answer| answer.field == field);
    answer.map_or("", |answer| answer.value.trim())
}

/// 1 to 64 characters, none of them for control.
fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=NAME_CHARS).contains(&text.chars().count());
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

fn has_twice<'a>(texts: impl Iterator<Item = &'a String>) -> bool {
    let mut seen: Vec<&String> = texts.collect();
    let all = seen.len();
    seen.sort();
    seen.dedup();
    seen.len() != all
}

fn number(own: &mut [Field]) {
    let known = own.iter().map(|field| field.id).max().unwrap_or(0);
    // An id that nobody could have had before.
    let mut next = known.clamp(OWN_FROM - 1, u32::MAX / 2) + 1;
    for index in 0..own.len() {
        let id = own[index].id;
        let taken = own[..index].iter().any(|before| before.id == id);
        if taken || !(OWN_FROM..=u32::MAX / 2).contains(&id) {
            own[index].id = next;
            next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(id: u32, label: &str, required: bool, kind: Kind) -> Field {
        Field {
            id,
            label: label.to_owned(),
            required,
            kind,
        }
    }

    fn choice(options: &[&str]) -> Kind {
        Kind::Choice(options.iter().map(|one| (*one).to_owned()).collect())
    }

    fn answers(of: &[(u32, &str)]) -> Vec<Answer> {
        let answer = |(field, value): &(u32, &str)| Answer {
            field: *field,
            value: (*value).to_owned(),
        };
        of.iter().map(answer).collect()
    }

    fn form() -> Vec<FormField> {
        let building = field(16, "Building", true, choice(&["North", "South"]));
        let more = field(17, "More", false, Kind::LongText);
        Form::new(vec![building, more]).unwrap().to_wire()
    }

    fn wrong(of: &[(u32, &str)]) -> Option<(u32, Wrong)> {
        let checked = check(&form(), &answers(of));
        checked.err().map(|bad| (bad.field, bad.wrong))
    }

    #[test]
    fn name_and_issue_are_always_asked_for() {
        let kinds: Vec<_> = form().into_iter().map(|one| one.kind).collect();
        let expected = [FieldKind::Name, FieldKind::Issue, FieldKind::Choice];
        assert_eq!(kinds[..3], expected);
        assert_eq!(wrong(&[]), Some((NAME, Wrong::Missing)));
        assert_eq!(wrong(&[(1, " "), (2, "x")]), Some((NAME, Wrong::Missing)));
    }

    #[test]
    fn each_answer_is_checked_by_its_kind() {
        let good = [(1, "Ada"), (2, "no sound"), (16, " South ")];
        assert_eq!(wrong(&good), None);
        let west = [(1, "Ada"), (2, "no sound"), (16, "West")];
        assert_eq!(wrong(&west), Some((16, Wrong::NoChoice)));
        let long = "x".repeat(LONG_CHARS + 1);
        let long = [(1, "Ada"), (2, &*long), (16, "North")];
        let limit = LONG_CHARS;
        assert_eq!(wrong(&long), Some((ISSUE, Wrong::TooLong { limit })));
        let stray = [(1, "Ada"), (2, "x"), (16, "North"), (99, "y")];
        assert_eq!(wrong(&stray), Some((99, Wrong::NoField)));
        let twice = [(1, "Ada"), (2, "x"), (16, "North"), (2, "y")];
        assert_eq!(wrong(&twice), Some((2, Wrong::NoField)));
    }

    #[test]
    fn a_form_keeps_its_limits() {
        let many = (0..11).map(|n| field(0, &n.to_string(), false, Kind::Text));
        assert_eq!(Form::new(many.collect()), Err(BadForm::TooMany));
        for label in ["", "  ", "a\nb", &"x".repeat(65)] {
            let bad = Form::new(vec![field(0, label, false, Kind::Text)]);
            assert_eq!(bad, Err(BadForm::Label));
        }
        let same = vec![
            field(0, "Room", false, Kind::Text),
            field(0, " Room ", true, Kind::LongText),
        ];
        assert_eq!(Form::new(same), Err(BadForm::SameLabel));
        for options in [&["one"][..], &["a", "a"], &["a", ""]] {
            let bad = Form::new(vec![field(0, "x", false, choice(options))]);
            assert_eq!(bad, Err(BadForm::Options), "{options:?}");
        }
    }

    #[test]
    fn ids_stay_and_new_fields_get_new_ones() {
        let ids = |of: &[u32]| -> Vec<u32> {
            let fields = of.iter().enumerate();
            let fields = fields.map(|(n, id)| field(*id, &n.to_string(), false, Kind::Text));
            let form = Form::new(fields.collect()).unwrap();
            form.own().iter().map(|field| field.id).collect()
        };
        assert_eq!(ids(&[0, 0]), [16, 17]);
        assert_eq!(ids(&[20, 0, 18]), [20, 21, 18]);
        assert_eq!(ids(&[16, 16, 1]), [16, 17, 18]);
        assert_eq!(ids(&[u32::MAX])[0], u32::MAX / 2 + 1);
    }

    #[test]
    fn the_longest_form_fits_a_control_message() {
        let own = (0..OWN_FIELDS).map(|n| field(0, &n.to_string(), true, Kind::LongText));
        let form = Form::new(own.collect()).unwrap().to_wire();
        let filled: Vec<_> = form
            .iter()
            .map(|field| Answer {
                field: field.id,
                value: "\u{10ffff}".repeat(limit(field.kind)),
            })
            .collect();
        assert_eq!(check(&form, &filled), Ok(()));
        let bytes: usize = filled.iter().map(|one| one.value.len()).sum();
        assert!(bytes + 8 * 1024 < mayday_protocol::limits::CONTROL_BYTES);
    }
}
