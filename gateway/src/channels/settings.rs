//! A channel's settings and their limits.

use mayday_protocol::control::Rights;
use mayday_protocol::limits::TEXT_CHARS;

use super::ChannelError;
use crate::accounts::clean_name;
use crate::directory::{Channel, Routing, Snapshot, Verification};
use crate::settings::{EXPIRATION_S, PIN_VALID_S, within};
use crate::store::Statement;
use crate::values;

const OPEN_SESSIONS: std::ops::RangeInclusive<u32> = 1..=10_000;
const QUESTION_CHARS: usize = 200;
const SKILLS: usize = 20;
const SKILL_CHARS: usize = 32;

/// What changes; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub name: Option<String>,
    pub description: Option<String>,
    pub expiration_s: Option<u32>,
    pub pin_valid_s: Option<u32>,
    pub default_rights: Option<Rights>,
    pub max_open_sessions: Option<u32>,
    pub routing: Option<Routing>,
    pub skills: Option<Vec<String>>,
    pub verification: Option<Verification>,
    pub rating: Option<bool>,
    pub rating_question: Option<String>,
}

impl Settings {
    /// `channel` with what changes.
    ///
    /// # Errors
    /// See [`ChannelError`].
    pub fn applied(self, channel: &Channel, snapshot: &Snapshot) -> Result<Channel, ChannelError> {
        let mut changed = channel.clone();
        let name = self.name.as_ref().unwrap_or(&channel.name);
        changed.name = clean_name(name).ok_or(ChannelError::Name)?;
        if let Some(description) = self.description {
            changed.description =
                text(&description, TEXT_CHARS).ok_or(ChannelError::Description)?;
        }
        if let Some(seconds) = self.expiration_s {
            changed.expiration_s = within(seconds, EXPIRATION_S).ok_or(ChannelError::Expiration)?;
        }
        if let Some(seconds) = self.pin_valid_s {
            changed.pin_valid_s = within(seconds, PIN_VALID_S).ok_or(ChannelError::PinValidity)?;
        }
        if let Some(count) = self.max_open_sessions {
            changed.max_open_sessions =
                within(count, OPEN_SESSIONS).ok_or(ChannelError::MaxOpenSessions)?;
        }
        if let Some(routing) = self.routing {
            check_routing(routing, channel, snapshot)?;
            changed.routing = routing;
        }
        if let Some(skills) = self.skills {
            changed.skills = clean_skills(&skills).ok_or(ChannelError::Skills)?;
        }
        if let Some(question) = self.rating_question {
            changed.rating_question =
                text(&question, QUESTION_CHARS).ok_or(ChannelError::RatingQuestion)?;
        }
        changed.default_rights = self.default_rights.unwrap_or(channel.default_rights);
        changed.verification = self.verification.unwrap_or(channel.verification);
        changed.rating = self.rating.unwrap_or(channel.rating);
        Ok(changed)
    }
}

/// Writes all settings of a channel that is in the database.
pub fn update(channel: &Channel) -> Statement {
    let (rule, of) = match channel.routing {
        Routing::Queue => ("queue", None),
        Routing::Technician(id) => ("technician", Some(id)),
        Routing::RoundRobin(id) => ("round_robin", Some(id)),
        Routing::LeastBusy => ("least_busy", None),
    };
    Statement::exactly_one(
        "UPDATE channels SET name = $2, description = $3, expiration_s = $4, pin_valid_s = $5, \
         default_rights = $6, max_open_sessions = $7, routing = $8, routing_id = $9, skills = $10, \
         verification = $11, rating = $12, rating_question = $13 WHERE id = $1",
        values![
            channel.id,
            channel.name.as_str(),
            channel.description.as_str(),
            channel.expiration_s,
            channel.pin_valid_s,
            rights_word(channel.default_rights),
            channel.max_open_sessions,
            rule,
            of,
            channel.skills.join("\n"),
            channel.verification.word(),
            channel.rating,
            channel.rating_question.as_str()
        ],
    )
}

/// The word in the database and in the API.
#[must_use]
pub fn rights_word(rights: Rights) -> &'static str {
    if rights.control { "control" } else { "view" }
}

/// Tags as they are kept: trimmed, each once, at most 20 of at most 32 characters.
#[must_use]
pub fn clean_skills(skills: &[String]) -> Option<Vec<String>> {
    let mut clean: Vec<String> = Vec::new();
    if skills.len() > SKILLS {
        return None;
    }
    for skill in skills {
        let skill = skill.trim();
        let fits = (1..=SKILL_CHARS).contains(&skill.chars().count());
        if !fits || skill.chars().any(char::is_control) {
            return None;
        }
        let known = |one: &String| one.to_lowercase() == skill.to_lowercase();
        if !clean.iter().any(known) {
            clean.push(skill.to_owned());
        }
    }
    Some(clean)
}

/// Requests go to people of the channel.
fn check_routing(
    routing: Routing,
    channel: &Channel,
    snapshot: &Snapshot,
) -> Result<(), ChannelError> {
    let known = match routing {
        Routing::Queue | Routing::LeastBusy => true,
        Routing::Technician(id) => snapshot.account(id).is_some() && channel.has_member(id),
        // In the default channel is everybody, whichever group they are in.
        Routing::RoundRobin(id) => {
            snapshot.group(id).is_some()
                && (channel.groups.contains(&id) || channel.kind == crate::directory::Kind::Default)
        }
    };
    known.then_some(()).ok_or(ChannelError::Routing)
}

fn text(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= longest).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_are_trimmed_each_once_and_few() {
        let tags = |list: &[&str]| list.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
        let clean = clean_skills(&tags(&[" SAP ", "sap", "Drucker"]));
        assert_eq!(clean, Some(tags(&["SAP", "Drucker"])));
        for bad in [vec![String::new()], vec!["x".repeat(33)], tags(&["a\nb"])] {
            assert_eq!(clean_skills(&bad), None);
        }
        assert_eq!(clean_skills(&vec!["x".to_owned(); 21]), None);
    }
}
