//! How a form lies in the database: its JSON, which later versions must be able to read. Owns the conversion both ways.

use mayday_session::form::{Field, Form, Kind};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct StoredField {
    id: u32,
    label: String,
    required: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    long: bool,
    /// With these it is a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
}

pub fn to_json(form: &Form) -> String {
    let fields: Vec<_> = form.own().iter().map(out).collect();
    serde_json::to_string(&fields).expect("plain data is always JSON")
}

/// What cannot be read is an empty form: name and issue are asked for in any case.
pub fn from_json(json: &str) -> Form {
    let fields: Vec<StoredField> = serde_json::from_str(json).unwrap_or_default();
    let fields = fields.into_iter().map(into).collect();
    Form::new(fields).unwrap_or_default()
}

fn out(field: &Field) -> StoredField {
    StoredField {
        id: field.id,
        label: field.label.clone(),
        required: field.required,
        long: field.kind == Kind::LongText,
        options: match &field.kind {
            Kind::Choice(options) => options.clone(),
            Kind::Text | Kind::LongText => Vec::new(),
        },
    }
}

fn into(stored: StoredField) -> Field {
    let kind = match (stored.long, stored.options.is_empty()) {
        (_, false) => Kind::Choice(stored.options),
        (true, true) => Kind::LongText,
        (false, true) => Kind::Text,
    };
    Field {
        id: stored.id,
        label: stored.label,
        required: stored.required,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_back_as_it_went() {
        let field = |id, label: &str, kind| Field {
            id,
            label: label.to_owned(),
            required: id == 16,
            kind,
        };
        let options = vec!["North".to_owned(), "South".to_owned()];
        let form = Form::new(vec![
            field(16, "Room", Kind::Text),
            field(17, "More", Kind::LongText),
            field(20, "Building", Kind::Choice(options)),
        ]);
        let form = form.unwrap();
        assert_eq!(from_json(&to_json(&form)), form);
        assert_eq!(from_json("damaged"), Form::default());
    }
}
