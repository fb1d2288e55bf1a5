//! The words of the window in the end user's language. Owns which language that is and how places are filled; the words themselves are
//! in `agent/ui/texts`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::catalogue;
use crate::cli::Language;
use crate::sentence::Sentence;

const ENGLISH: &str = include_str!("../../ui/texts/en.toml");
const GERMAN: &str = include_str!("../../ui/texts/de.toml");
const FRENCH: &str = include_str!("../../ui/texts/fr.toml");
const DUTCH: &str = include_str!("../../ui/texts/nl.toml");
const SPANISH: &str = include_str!("../../ui/texts/es.toml");
const JAPANESE: &str = include_str!("../../ui/texts/ja.toml");

/// One language's catalogue; cheap to clone.
#[derive(Clone, Debug)]
pub struct Texts {
    language: Language,
    texts: Arc<BTreeMap<String, String>>,
}

impl Texts {
    /// In the language of the command line, else in the desktop's.
    #[must_use]
    pub fn for_language(wanted: Option<Language>) -> Self {
        Self::new(wanted.unwrap_or_else(|| desktop_language(|name| std::env::var(name).ok())))
    }

    /// In `language`.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let texts = catalogue::parse(source(language)).expect("a test reads every catalogue");
        Self {
            language,
            texts: Arc::new(texts),
        }
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of `key` (`section.key`); a key that is missing shows as itself, so that it is found.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.texts
            .get(key)
            .cloned()
            .unwrap_or_else(|| key.to_owned())
    }

    /// The text of `key` with `value` in the place `{x}`.
    #[must_use]
    pub fn with(&self, key: &str, value: &str) -> String {
        self.text(key).replace("{x}", value)
    }

    /// The text of `key`, its places filled by name.
    #[must_use]
    pub fn filled(&self, key: &str, args: &[(&'static str, String)]) -> String {
        fill(&self.text(key), args)
    }

    /// A sentence of the core, its places filled. Its keys live in the section `sentence`.
    #[must_use]
    pub fn sentence(&self, sentence: &Sentence) -> String {
        self.filled(&format!("sentence.{}", sentence.key), &sentence.args)
    }

    /// Whether `typed` is the letter that `key` names, in either case.
    #[must_use]
    pub fn is_letter(&self, key: &str, typed: &str) -> bool {
        !typed.is_empty() && self.text(key).to_lowercase() == typed.to_lowercase()
    }
}

fn source(language: Language) -> &'static str {
    match language {
        Language::En => ENGLISH,
        Language::De => GERMAN,
        Language::Fr => FRENCH,
        Language::Nl => DUTCH,
        Language::Es => SPANISH,
        Language::Ja => JAPANESE,
    }
}

/// Fills all places at once, so that a value cannot bring a place of its own.
fn fill(text: &str, args: &[(&'static str, String)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = args.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// As gettext decides: `LC_ALL` before `LC_MESSAGES` before `LANG`; a language that is not here is English.
fn desktop_language(variable: impl Fn(&str) -> Option<String>) -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .unwrap_or_default()
        .to_lowercase();
    let primary = locale.split(['_', '-', '.', '@']).next();
    match primary.unwrap_or_default() {
        "de" => Language::De,
        "fr" => Language::Fr,
        "nl" => Language::Nl,
        "es" => Language::Es,
        "ja" => Language::Ja,
        _ => Language::En,
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    fn keys(source: &str) -> Vec<String> {
        catalogue::parse(source).unwrap().into_keys().collect()
    }

    #[test]
    fn every_language_has_the_same_keys() {
        for language in Language::value_variants() {
            assert_eq!(keys(source(*language)), keys(ENGLISH), "{language:?}");
        }
    }

    #[test]
    fn every_language_has_the_same_places() {
        let places = |text: &str| {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
                .collect();
            names.sort();
            names
        };
        for language in Language::value_variants() {
            let other = catalogue::parse(source(*language)).unwrap();
            for (key, text) in catalogue::parse(ENGLISH).unwrap() {
                assert_eq!(places(&text), places(&other[&key]), "{language:?} {key}");
            }
        }
    }

    #[test]
    fn every_key_that_the_window_names_is_in_the_catalogue() {
        let known = keys(ENGLISH);
        let mut named = 0;
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/ui")).unwrap() {
            let path = file.unwrap().path();
            if path
                .extension()
                .is_none_or(|extension| extension != "slint")
            {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for call in ["Texts.t(\"", "Texts.with(\"", "Texts.is-letter(\""] {
                for part in source.split(call).skip(1) {
                    let key = part.split('"').next().unwrap().to_owned();
                    assert!(known.contains(&key), "{} names {key}", path.display());
                    named += 1;
                }
            }
        }
        assert!(named > 50, "only {named} keys found");
    }

    #[test]
    fn every_sentence_that_the_core_names_is_in_the_catalogue() {
        let known = keys(ENGLISH);
        let mut folders = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src"
        ))];
        let mut named = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                for part in source.split("Sentence::new(\"").skip(1) {
                    let Some((key, _)) = part.split_once("\")") else {
                        continue;
                    };
                    assert!(
                        known.contains(&format!("sentence.{key}")),
                        "{} names {key}",
                        path.display()
                    );
                    named += 1;
                }
            }
        }
        assert!(named > 10, "only {named} sentences found");
    }

    #[test]
    fn keys_of_one_page_are_different_letters() {
        for language in Language::value_variants().iter().copied() {
            let texts = Texts::new(language);
            for page in [
                &["allow", "view-only"][..],
                &["pause", "view-only", "stop", "leave", "chat"],
                &["invite-again", "leave", "chat"],
            ] {
                let mut letters: Vec<String> = page
                    .iter()
                    .map(|key| texts.text(&format!("keys.{key}")))
                    .collect();
                letters.sort();
                letters.dedup();
                assert_eq!(letters.len(), page.len(), "{language:?} {page:?}");
            }
        }
    }

    #[test]
    fn the_desktop_says_the_language() {
        let of = |pairs: &'static [(&str, &str)]| {
            desktop_language(|name| {
                pairs
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("LANG", "de_AT.UTF-8")]), Language::De);
        assert_eq!(
            of(&[("LC_ALL", "en_GB.UTF-8"), ("LANG", "de_DE.UTF-8")]),
            Language::En
        );
        assert_eq!(
            of(&[("LC_ALL", ""), ("LC_MESSAGES", "de_DE"), ("LANG", "C")]),
            Language::De
        );
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8")]), Language::Ja);
        assert_eq!(of(&[("LANG", "pt_BR.UTF-8")]), Language::En);
        assert_eq!(of(&[]), Language::En);
    }

    #[test]
    fn a_value_cannot_bring_a_place_of_its_own() {
        let args = [("a", "{b}".to_owned()), ("b", "secret".to_owned())];
        assert_eq!(fill("x {a} y {b}{unknown}.", &args), "x {b} y secret.");
        assert_eq!(fill("open {a", &args), "open a");
    }
}
