//! The page's words in English and German, and the choice between them.

use axum::http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

impl Language {
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
        let primary = tag.trim().split(['-', '_']).next()?;
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            _ => None,
        }
    }

    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    #[must_use]
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}

/// `{organisation}` and `{technician}` are replaced.
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
    pub copy: &'static str,
    pub copied: &'static str,
    pub step_allow: &'static str,
    pub step_allow_note: &'static str,
    pub other_system: &'static str,
    pub no_agent: &'static str,
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
    pub disowned_title: &'static str,
    pub disowned: &'static str,
    pub warning: &'static str,
    pub gateway: &'static str,
    pub other_language: &'static str,
}

const ENGLISH: Texts = Texts {
    title: "Get help from {organisation}",
    invited_by: "{technician} invites you to a support session.",
    invited: "You are invited to a support session.",
    what_happens: "You start a small program. It installs nothing, and when you leave nothing keeps running.",
    control: "Nobody sees your screen before you allow it. You can stop at any time.",
    step_download: "Download the program",
    download: "Download for Linux",
    download_note: "One file. Keep its name: it says which session it is for.",
    step_start: "Start it",
    by_file_manager: "In the file manager: right-click the downloaded file → Properties → Permissions → allow running it as a program. Then double-click it.",
    by_terminal: "Or in a terminal, with this one line:",
    copy: "Copy",
    copied: "Copied",
    step_allow: "Decide",
    step_allow_note: "The program shows who asks and for what. You allow it or reject it.",
    other_system: "This looks like {system}. The program runs on Linux (64-bit PC) for now. Open this link on the Linux computer that needs help, or tell your technician.",
    no_agent: "This help desk has not prepared its program yet. Tell your technician: “the gateway has no agent template”.",
    phone: "Open this link on the computer that needs help, not on the phone.",
    unknown_person: "I don’t know this person",
    unknown_explained: "If you did not ask for help, somebody may want to deceive you. With this button you close the session, and {organisation} is told.",
    unknown_confirm: "Close the session and report it",
    closed_title: "This session is closed",
    closed: "Nobody can connect any more. If you still need help, ask your technician for a new link.",
    expired_title: "This link has expired",
    expired: "Ask your technician to extend the session or to send a new link.",
    missing_title: "This link leads nowhere",
    missing: "Perhaps a part of it is missing: copy it as a whole. If that does not help, ask your technician for a new one.",
    disowned_title: "The session is closed",
    disowned: "Nobody can connect, and {organisation} was told. If you downloaded the program, delete the file. If somebody is on the phone who pressed you, hang up.",
    warning: "Real support never asks for your passwords, your bank, or gift cards.",
    gateway: "This page is from {host}.",
    other_language: "Deutsch",
};

const GERMAN: Texts = Texts {
    title: "Hilfe von {organisation}",
    invited_by: "{technician} lädt Sie zu einer Support-Sitzung ein.",
    invited: "Sie sind zu einer Support-Sitzung eingeladen.",
    what_happens: "Sie starten ein kleines Programm. Es installiert nichts, und wenn Sie gehen, läuft nichts weiter.",
    control: "Niemand sieht Ihren Bildschirm, bevor Sie es erlauben. Sie können jederzeit beenden.",
    step_download: "Programm herunterladen",
    download: "Für Linux herunterladen",
    download_note: "Eine Datei. Lassen Sie ihren Namen, wie er ist: er sagt, zu welcher Sitzung sie gehört.",
    step_start: "Starten",
    by_file_manager: "Im Dateimanager: Rechtsklick auf die heruntergeladene Datei → Eigenschaften → Zugriffsrechte → Ausführen als Programm erlauben. Dann doppelklicken.",
    by_terminal: "Oder im Terminal, mit dieser einen Zeile:",
    copy: "Kopieren",
    copied: "Kopiert",
    step_allow: "Entscheiden",
    step_allow_note: "Das Programm zeigt, wer fragt und wonach. Sie erlauben es oder lehnen ab.",
    other_system: "Das sieht nach {system} aus. Das Programm läuft vorerst unter Linux (64-Bit-PC). Öffnen Sie diesen Link auf dem Linux-Computer, der Hilfe braucht, oder sagen Sie es Ihrem Techniker.",
    no_agent: "Dieser Helpdesk hat sein Programm noch nicht vorbereitet. Sagen Sie Ihrem Techniker: „dem Gateway fehlt die Agent-Vorlage“.",
    phone: "Öffnen Sie diesen Link auf dem Computer, der Hilfe braucht, nicht auf dem Telefon.",
    unknown_person: "Ich kenne diese Person nicht",
    unknown_explained: "Wenn Sie nicht um Hilfe gebeten haben, will Sie vielleicht jemand betrügen. Mit dieser Schaltfläche schließen Sie die Sitzung, und {organisation} erfährt davon.",
    unknown_confirm: "Sitzung schließen und melden",
    closed_title: "Diese Sitzung ist geschlossen",
    closed: "Niemand kann sich mehr verbinden. Wenn Sie noch Hilfe brauchen, bitten Sie Ihren Techniker um einen neuen Link.",
    expired_title: "Dieser Link ist abgelaufen",
    expired: "Bitten Sie Ihren Techniker, die Sitzung zu verlängern oder einen neuen Link zu schicken.",
    missing_title: "Dieser Link führt nirgendwohin",
    missing: "Vielleicht fehlt ein Teil: Kopieren Sie ihn ganz. Wenn das nicht hilft, bitten Sie Ihren Techniker um einen neuen.",
    disowned_title: "Die Sitzung ist geschlossen",
    disowned: "Niemand kann sich verbinden, und {organisation} weiß Bescheid. Wenn Sie das Programm heruntergeladen haben, löschen Sie die Datei. Wenn Sie jemand am Telefon drängt, legen Sie auf.",
    warning: "Echter Support fragt nie nach Passwörtern, Bank oder Gutscheinkarten.",
    gateway: "Diese Seite kommt von {host}.",
    other_language: "English",
};

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
        let swiss = headers("fr-CH, de-CH;q=0.9, en;q=0.8");
        assert_eq!(Language::choose(None, &swiss), Language::German);
        assert_eq!(Language::choose(Some("en"), &swiss), Language::English);
        assert_eq!(Language::choose(Some("xx"), &swiss), Language::German);
        assert_eq!(Language::choose(None, &headers("ja")), Language::English);
    }
}
