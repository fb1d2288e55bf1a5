//! The words of an export that are neither names nor stable words: the roles, as the console calls them (docs/words.md).

use mayday_session::permission::Role;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
    French,
    Dutch,
    Spanish,
    Japanese,
}

impl Language {
    /// What is not known is English.
    #[must_use]
    pub fn parse(tag: Option<&str>) -> Self {
        match tag.and_then(|tag| tag.get(..2)) {
            Some("de") => Self::German,
            Some("fr") => Self::French,
            Some("nl") => Self::Dutch,
            Some("es") => Self::Spanish,
            Some("ja") => Self::Japanese,
            Some(_) | None => Self::English,
        }
    }

    #[must_use]
    pub fn role(self, role: Role) -> &'static str {
        let words = match self {
            Self::English => [
                "Channel technician",
                "Channel manager",
                "Technician manager",
                "Owner",
            ],
            Self::German => [
                "Kanaltechniker",
                "Kanalleitung",
                "Technikerleitung",
                "Eigentümer",
            ],
            Self::French => [
                "Technicien de canal",
                "Responsable de canal",
                "Responsable des techniciens",
                "Propriétaire",
            ],
            Self::Dutch => [
                "Kanaaltechnicus",
                "Kanaalbeheerder",
                "Beheerder van technici",
                "Eigenaar",
            ],
            Self::Spanish => [
                "Técnico de canal",
                "Responsable de canal",
                "Responsable de técnicos",
                "Propietario",
            ],
            Self::Japanese => [
                "チャネル技術者",
                "チャネル管理者",
                "技術者管理者",
                "オーナー",
            ],
        };
        match role {
            Role::ChannelTechnician => words[0],
            Role::ChannelManager => words[1],
            Role::TechnicianManager => words[2],
            Role::Owner => words[3],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_called_as_in_the_console() {
        for (tag, texts) in [
            (
                "en",
                include_str!("../../../console/src/texts/en/roles.json"),
            ),
            (
                "de-AT",
                include_str!("../../../console/src/texts/de/roles.json"),
            ),
            (
                "fr",
                include_str!("../../../console/src/texts/fr/roles.json"),
            ),
            (
                "nl",
                include_str!("../../../console/src/texts/nl/roles.json"),
            ),
            (
                "es",
                include_str!("../../../console/src/texts/es/roles.json"),
            ),
            (
                "ja",
                include_str!("../../../console/src/texts/ja/roles.json"),
            ),
        ] {
            let texts: serde_json::Value = serde_json::from_str(texts).unwrap();
            for role in Role::ALL {
                let said = Language::parse(Some(tag)).role(role);
                assert_eq!(texts[role.name()], said, "{tag}");
            }
        }
        assert_eq!(Language::parse(Some("xx")), Language::English);
        assert_eq!(Language::parse(Some("日本")), Language::English);
    }
}
