//! Names for the ids that records hold: of whoever and whatever is there, and of what was removed. Owns how a record's detail is taken
//! apart; the words stay as they are in the chain, and names are put in when somebody reads.

use std::collections::HashMap;
use std::fmt;

use mayday_session::permission::{Permission, Role};
use sqlx::Row;

use crate::store::{Statement, Store};
use crate::values;

/// By `technician:ID`, `channel:ID`, `group:ID` and `call:ID`.
pub struct Names(HashMap<String, String>);

/// One part of a record's detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Name(String),
    /// Something that is not there any more and whose name nobody kept: `channel`, `group`, `call`.
    Gone(String),
    Role(Role),
    /// `on`, `off` or `inherit`.
    Permission(Permission, String),
    /// Whatever else there is, as it is stored.
    Word(String),
}

/// Their rows go when they are removed. Accounts stay.
#[derive(Clone, Copy, Debug)]
pub enum Removed {
    Channel,
    Group,
    Call,
}

/// Keeps the name of what is about to be deleted, in the same change.
#[must_use]
pub fn kept(what: Removed, id: u64) -> Statement {
    let sql = match what {
        Removed::Channel => {
            "INSERT INTO former_names (id, name) SELECT 'channel:' || id, name FROM channels WHERE id = $1"
        }
        Removed::Group => {
            "INSERT INTO former_names (id, name) SELECT 'group:' || id, name FROM technician_groups WHERE id = $1"
        }
        Removed::Call => {
            "INSERT INTO former_names (id, name) SELECT 'call:' || id, name FROM calls WHERE id = $1"
        }
    };
    Statement::new(sql, values![id])
}

impl Names {
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(store: &Store) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT 'technician:' || id AS id, name FROM accounts \
             UNION ALL SELECT 'channel:' || id, name FROM channels \
             UNION ALL SELECT 'group:' || id, name FROM technician_groups \
             UNION ALL SELECT 'call:' || id, name FROM calls \
             UNION ALL SELECT id, name FROM former_names",
        )
        .fetch_all(store.reads())
        .await?;
        let pairs = rows.iter().map(|row| (row.get("id"), row.get("name")));
        Ok(Self(pairs.collect()))
    }

    /// Who did it: a name, or the word that stands for somebody without one.
    #[must_use]
    pub fn actor(&self, stored: &str) -> String {
        self.0
            .get(stored)
            .cloned()
            .unwrap_or_else(|| stored.to_owned())
    }

    #[must_use]
    pub fn parts(&self, detail: &str) -> Vec<Part> {
        let words = detail.split(' ').filter(|word| !word.is_empty());
        words.flat_map(|word| self.part(word)).collect()
    }

    /// One, or two for a name with a word behind it (`technician:7:joined`).
    fn part(&self, word: &str) -> Vec<Part> {
        let pieces: Vec<_> = word.split(':').collect();
        let (kind, id, rest) = match pieces[..] {
            [kind, id] if is_thing(kind) => (kind, id, None),
            [kind, id, rest] if is_thing(kind) => (kind, id, Some(rest)),
            [name, setting] if Permission::parse(name).is_some() => {
                let permission = Permission::parse(name);
                let said = |permission| Part::Permission(permission, setting.to_owned());
                return permission.map(said).into_iter().collect();
            }
            [name] if Role::parse(name).is_some() => {
                return Role::parse(name).map(Part::Role).into_iter().collect();
            }
            _ => return vec![Part::Word(word.to_owned())],
        };
        let name = self.0.get(&format!("{kind}:{id}")).cloned();
        let named = name.map_or_else(|| Part::Gone(kind.to_owned()), Part::Name);
        let rest = rest.map(|rest| Part::Word(rest.to_owned()));
        std::iter::once(named).chain(rest).collect()
    }
}

fn is_thing(kind: &str) -> bool {
    matches!(kind, "technician" | "channel" | "group" | "call")
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Gone(kind) => write!(formatter, "removed {kind}"),
            Self::Role(role) => formatter.write_str(role.name()),
            Self::Permission(permission, setting) => {
                write!(formatter, "{}:{setting}", permission.name())
            }
            Self::Word(word) => formatter.write_str(word),
        }
    }
}

/// The parts as one line.
#[must_use]
pub fn line(parts: &[Part]) -> String {
    let words: Vec<_> = parts.iter().map(Part::to_string).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names_and_words_of_the_rules_are_known_as_such() {
        let pairs = [("technician:7", "Tom Ray"), ("channel:1", "Desk")];
        let names = Names(pairs.map(|(id, name)| (id.into(), name.into())).into());
        let name = |text: &str| Part::Name(text.to_owned());
        let word = |text: &str| Part::Word(text.to_owned());
        assert_eq!(
            names.parts("technician:7 channel_manager"),
            [name("Tom Ray"), Part::Role(Role::ChannelManager)]
        );
        assert_eq!(
            names.parts("channel:1 technician:7:joined session.ask:off"),
            [
                name("Desk"),
                name("Tom Ray"),
                word("joined"),
                Part::Permission(Permission::SessionAsk, "off".to_owned())
            ]
        );
        assert_eq!(
            names.parts("channel:5 until:12 view"),
            [Part::Gone("channel".into()), word("until:12"), word("view")]
        );
        assert_eq!(
            line(&names.parts("group:3  channel:1")),
            "removed group Desk"
        );
        assert_eq!(names.actor("technician:7"), "Tom Ray");
        assert_eq!(names.actor("end_user"), "end_user");
    }
}
