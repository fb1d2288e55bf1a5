//! The window's words in the technician's language. Owns which language that is; the words are in `viewer/texts`.

use std::collections::BTreeMap;

const CATALOGUES: [(&str, &str); 6] = [
    ("en", include_str!("../../texts/en.json")),
    ("de", include_str!("../../texts/de.json")),
    ("fr", include_str!("../../texts/fr.json")),
    ("nl", include_str!("../../texts/nl.json")),
    ("es", include_str!("../../texts/es.json")),
    ("ja", include_str!("../../texts/ja.json")),
];

#[derive(Debug)]
pub struct Texts {
    words: BTreeMap<String, String>,
}

impl Texts {
    /// In the language `wanted`, else in the desktop's, else in English.
    #[must_use]
    pub fn new(wanted: Option<&str>) -> Self {
        let desktop = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let tag = wanted.map(str::to_owned).or(desktop).unwrap_or_default();
        let known = CATALOGUES.iter().find(|(name, _)| tag.starts_with(name));
        let (_, source) = known.unwrap_or(&CATALOGUES[0]);
        Self {
            words: serde_json::from_str(source).expect("a test reads every catalogue"),
        }
    }

    /// A key that is missing shows as itself, so that it is found.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.words
            .get(key)
            .cloned()
            .unwrap_or_else(|| key.to_owned())
    }

    /// The text with `{place}`s filled.
    #[must_use]
    pub fn filled(&self, key: &str, places: &[(&str, &str)]) -> String {
        places.iter().fold(self.text(key), |text, (place, value)| {
            text.replace(&format!("{{{place}}}"), value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut found: Vec<_> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_language_has_the_same_keys_and_places() {
        let english = Texts::new(Some("en")).words;
        for (language, _) in CATALOGUES {
            let other = Texts::new(Some(language)).words;
            assert!(other.keys().eq(english.keys()), "{language}");
            for (key, text) in &other {
                assert_eq!(places(text), places(&english[key]), "{language}: {key}");
                assert!(!text.is_empty(), "{language}: {key}");
            }
        }
    }

    #[test]
    fn an_unknown_language_is_english() {
        assert_eq!(Texts::new(Some("xx")).text("bar.fit"), "Fit");
        assert_eq!(Texts::new(Some("de_AT.UTF-8")).text("bar.fit"), "Anpassen");
    }
}
