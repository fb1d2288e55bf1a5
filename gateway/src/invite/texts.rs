//! The languages the page speaks, and the choice between them. The words are in the files of texts/.

mod dutch;
mod english;
mod french;
mod german;
mod japanese;
mod spanish;

use axum::http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
    French,
    Dutch,
    Spanish,
    Japanese,
}

impl Language {
    pub const ALL: [Self; 6] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Dutch,
        Self::Spanish,
        Self::Japanese,
    ];

    /// What was asked for in the address, else the first of the browser's languages that we have.
    #[must_use]
    pub fn choose(asked: Option<&str>, headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let accepted = accepted
            .split(',')
            .map(|one| one.split(';').next().unwrap_or(one));
        asked
            .into_iter()
            .chain(accepted)
            .find_map(Self::parse)
            .unwrap_or(Self::English)
    }

    fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|one| one.tag() == primary)
    }

    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Dutch => "nl",
            Self::Spanish => "es",
            Self::Japanese => "ja",
        }
    }

    /// The language's name in its own words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Dutch => "Nederlands",
            Self::Spanish => "Español",
            Self::Japanese => "日本語",
        }
    }

    #[must_use]
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::English => &english::ENGLISH,
            Self::German => &german::GERMAN,
            Self::French => &french::FRENCH,
            Self::Dutch => &dutch::DUTCH,
            Self::Spanish => &spanish::SPANISH,
            Self::Japanese => &japanese::JAPANESE,
        }
    }
}

/// `{organisation}`, `{technician}` and other places are replaced.
pub struct Texts {
    pub title: &'static str,
    pub invited_by: &'static str,
    pub invited: &'static str,
    pub what_happens: &'static str,
    pub control: &'static str,
    pub step_download: &'static str,
    pub download: &'static str,
    pub download_note: &'static str,
    pub step_start: &'static str,
    pub by_file_manager: &'static str,
    pub by_terminal: &'static str,
    pub nowhere: &'static str,
    pub nowhere_note: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub step_allow: &'static str,
    pub step_allow_note: &'static str,
    pub other_title: &'static str,
    pub other_system: &'static str,
    pub other_computer: &'static str,
    pub by_pin: &'static str,
    pub are_you_linux: &'static str,
    pub no_agent: &'static str,
    pub phone_title: &'static str,
    pub phone: &'static str,
    pub unknown_person: &'static str,
    pub unknown_explained: &'static str,
    pub unknown_confirm: &'static str,
    pub closed_title: &'static str,
    pub closed: &'static str,
    pub expired_title: &'static str,
    pub expired: &'static str,
    pub missing_title: &'static str,
    pub missing: &'static str,
    pub later_title: &'static str,
    pub later: &'static str,
    pub disowned_title: &'static str,
    pub disowned: &'static str,
    pub warning: &'static str,
    pub gateway: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        headers
    }

    #[test]
    fn the_first_language_that_we_have_wins_and_the_address_wins_over_it() {
        let swiss = headers("rm-CH, de-CH;q=0.9, en;q=0.8");
        assert_eq!(Language::choose(None, &swiss), Language::German);
        assert_eq!(Language::choose(Some("en"), &swiss), Language::English);
        assert_eq!(Language::choose(Some("xx"), &swiss), Language::German);
        assert_eq!(
            Language::choose(None, &headers("ja-JP")),
            Language::Japanese
        );
        assert_eq!(Language::choose(None, &headers("pt")), Language::English);
    }

    /// The places of each text of a catalogue's source, by the text's name.
    fn places(source: &str) -> Vec<(&str, Vec<&str>)> {
        let texts = source.lines().filter_map(|line| {
            let (name, text) = line.trim().split_once(": \"")?;
            let mut places: Vec<_> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next())
                .collect();
            places.sort_unstable();
            assert!(text.len() > "\",".len(), "{name} says nothing");
            Some((name, places))
        });
        texts.collect()
    }

    /// docs/words.md: for people it is the app. The file manager's own words, and the technician's about the option, are theirs.
    #[test]
    fn the_app_has_no_other_name() {
        for source in [
            include_str!("texts/english.rs"),
            include_str!("texts/german.rs"),
            include_str!("texts/french.rs"),
            include_str!("texts/dutch.rs"),
            include_str!("texts/spanish.rs"),
            include_str!("texts/japanese.rs"),
            include_str!("call_texts.rs"),
        ] {
            let texts = source.lines().filter(|line| line.contains(": \""));
            let ours = texts.filter(|line| {
                let line = line.trim_start();
                !line.starts_with("by_file_manager:") && !line.starts_with("no_agent:")
            });
            for line in ours {
                let small = line.to_lowercase();
                for other in ["program", "agent", "プログラム", "エージェント"] {
                    assert!(!small.contains(other), "{line}");
                }
            }
        }
    }

    #[test]
    fn every_language_keeps_the_places() {
        let english = places(include_str!("texts/english.rs"));
        assert!(english.len() > 30);
        for source in [
            include_str!("texts/german.rs"),
            include_str!("texts/french.rs"),
            include_str!("texts/dutch.rs"),
            include_str!("texts/spanish.rs"),
            include_str!("texts/japanese.rs"),
        ] {
            assert_eq!(places(source), english);
        }
    }
}
