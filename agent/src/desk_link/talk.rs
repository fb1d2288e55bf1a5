//! The end user's side of the chat: what was said, what is still on its way, how far it was read. Owns that nothing typed is lost and
//! nothing is shown twice; sends nothing itself.

use std::sync::Arc;
use std::time::Duration;

use mayday_protocol::control::{ChatMessage, FromAgent};
use mayday_protocol::limits::TEXT_CHARS;
use mayday_session::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::face::{ChatLine, ChatView, Delivery};

/// Messages kept; older ones are with the gateway.
const KEPT: usize = 300;
/// Messages on their way; more are not taken until these have arrived.
const ON_THEIR_WAY: usize = 50;

#[derive(Default)]
pub struct Talk {
    said: Vec<ChatMessage>,
    going: Vec<Going>,
    open: bool,
    read: u32,
    /// What the gateway was told last.
    told: (u32, u32),
}

struct Going {
    client: u64,
    text: String,
    state: GoingState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GoingState {
    /// To be sent from then on.
    From(Timestamp),
    Sent,
    Refused,
}

impl Talk {
    /// The end user wrote something.
    pub fn write(&mut self, text: &str, now: Timestamp) {
        let text: String = text.trim().chars().take(TEXT_CHARS).collect();
        if text.is_empty() || self.going.len() >= ON_THEIR_WAY {
            return;
        }
        self.going.push(Going {
            client: random_number(),
            text,
            state: GoingState::From(now),
        });
    }

    pub fn set_open(&mut self, open: bool) {
        self.open = open;
        self.note_read();
    }

    /// The gateway tells of messages, among them perhaps some that are known.
    pub fn hear(&mut self, messages: Vec<ChatMessage>) {
        for message in messages {
            if message.from.is_none() {
                self.going.retain(|one| Some(one.client) != message.client);
            }
            let place = self
                .said
                .binary_search_by_key(&message.number, |one| one.number);
            if let Err(place) = place {
                self.said.insert(place, message);
            }
        }
        let surplus = self.said.len().saturating_sub(KEPT);
        self.said.drain(..surplus);
        self.note_read();
    }

    /// A message was not taken: it goes again later, or not at all.
    pub fn refused(&mut self, client: u64, again: Option<Duration>, now: Timestamp) {
        if let Some(one) = self.going.iter_mut().find(|one| one.client == client) {
            one.state = again.map_or(GoingState::Refused, |wait| {
                GoingState::From(now.after(wait))
            });
        }
    }

    /// Whatever was sent over the lost connection goes again: the gateway knows it by its number.
    pub fn connection_lost(&mut self, now: Timestamp) {
        for one in &mut self.going {
            if one.state == GoingState::Sent {
                one.state = GoingState::From(now);
            }
        }
        self.told = (0, 0);
    }

    /// What the gateway must hear now. Messages keep their order.
    pub fn poll(&mut self, now: Timestamp) -> Vec<FromAgent> {
        let mut messages = Vec::new();
        for one in &mut self.going {
            match one.state {
                GoingState::From(from) if from <= now => {
                    one.state = GoingState::Sent;
                    messages.push(FromAgent::Chat {
                        client: one.client,
                        text: one.text.clone(),
                    });
                }
                GoingState::From(_) => break,
                GoingState::Sent | GoingState::Refused => {}
            }
        }
        let seen = (self.newest(), self.read);
        if seen != self.told && seen.0 > 0 {
            self.told = seen;
            let (got, read) = seen;
            messages.push(FromAgent::ChatSeen { got, read });
        }
        messages
    }

    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.going.iter().filter_map(|one| match one.state {
            GoingState::From(from) => Some(from),
            GoingState::Sent | GoingState::Refused => None,
        });
        due.min()
    }

    /// As the window shows it.
    pub fn view(&self) -> ChatView {
        let said = self.said.iter().map(|message| ChatLine {
            from: message.from.clone(),
            at_unix_ms: Some(message.at),
            text: message.text.clone(),
            delivery: Delivery::Arrived,
        });
        let going = self.going.iter().map(|one| ChatLine {
            from: None,
            at_unix_ms: None,
            text: one.text.clone(),
            delivery: match one.state {
                GoingState::From(_) | GoingState::Sent => Delivery::OnItsWay,
                GoingState::Refused => Delivery::Refused,
            },
        });
        ChatView {
            lines: Arc::from_iter(said.chain(going)),
            unread: self.unread(),
            open: self.open,
        }
    }

    fn unread(&self) -> u32 {
        let unread = self
            .said
            .iter()
            .filter(|message| message.from.is_some() && message.number > self.read);
        u32::try_from(unread.count()).unwrap_or(u32::MAX)
    }

    fn note_read(&mut self) {
        if self.open {
            self.read = self.newest();
        }
    }

    fn newest(&self) -> u32 {
        self.said.last().map_or(0, |message| message.number)
    }
}

/// Not used before in this session, also not by an agent that ran earlier.
fn random_number() -> u64 {
    let mut bytes = [0; 8];
    // Without random numbers there would be no connection either.
    let _ = SystemRandom::new().fill(&mut bytes);
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1000);

    fn message(number: u32, from: Option<&str>, client: Option<u64>) -> ChatMessage {
        ChatMessage {
            number,
            from: from.map(str::to_owned),
            client,
            at: 5,
            text: format!("message {number}"),
        }
    }

    fn sent(talk: &mut Talk, now: Timestamp) -> Vec<u64> {
        let numbers = talk.poll(now).into_iter().filter_map(|one| match one {
            FromAgent::Chat { client, .. } => Some(client),
            _ => None,
        });
        numbers.collect()
    }

    #[test]
    fn what_is_written_is_sent_once_and_again_after_a_lost_connection() {
        let mut talk = Talk::default();
        talk.write("  hello ", NOW);
        let first = sent(&mut talk, NOW);
        assert_eq!(first.len(), 1);
        assert!(sent(&mut talk, NOW).is_empty());
        talk.connection_lost(NOW);
        assert_eq!(sent(&mut talk, NOW), first, "under the same number");
        talk.hear(vec![message(1, None, Some(first[0]))]);
        talk.connection_lost(NOW);
        assert!(sent(&mut talk, NOW).is_empty());
        assert_eq!(talk.view().lines.len(), 1);
    }

    #[test]
    fn what_comes_twice_is_shown_once_and_in_order() {
        let mut talk = Talk::default();
        talk.hear(vec![message(3, Some("Ada"), None)]);
        talk.hear(vec![
            message(1, Some("Ada"), None),
            message(3, Some("Ada"), None),
        ]);
        let texts: Vec<_> = talk
            .view()
            .lines
            .iter()
            .map(|one| one.text.clone())
            .collect();
        assert_eq!(texts, ["message 1", "message 3"]);
        assert_eq!(talk.view().unread, 2);
    }

    #[test]
    fn an_open_chat_is_read_and_says_so() {
        let mut talk = Talk::default();
        talk.hear(vec![message(1, Some("Ada"), None)]);
        assert_eq!(talk.poll(NOW), [FromAgent::ChatSeen { got: 1, read: 0 }]);
        talk.set_open(true);
        assert_eq!(talk.view().unread, 0);
        assert_eq!(talk.poll(NOW), [FromAgent::ChatSeen { got: 1, read: 1 }]);
        assert!(talk.poll(NOW).is_empty());
    }

    #[test]
    fn too_fast_goes_again_later_and_keeps_the_order() {
        let mut talk = Talk::default();
        talk.write("one", NOW);
        let first = sent(&mut talk, NOW)[0];
        talk.refused(first, Some(Duration::from_secs(2)), NOW);
        talk.write("two", NOW);
        assert!(sent(&mut talk, NOW).is_empty(), "not before the first");
        let later = NOW.after(Duration::from_secs(2));
        assert_eq!(talk.poll_timeout(), Some(NOW));
        assert_eq!(sent(&mut talk, later).len(), 2);
        talk.refused(first, None, later);
        let lines = talk.view().lines;
        assert_eq!(lines[0].delivery, Delivery::Refused);
    }

    #[test]
    fn nothing_and_too_much_are_not_sent() {
        let mut talk = Talk::default();
        talk.write(" \n", NOW);
        for _ in 0..200 {
            talk.write(&"x".repeat(5000), NOW);
        }
        let messages = talk.poll(NOW);
        assert_eq!(messages.len(), ON_THEIR_WAY);
        assert!(
            messages
                .iter()
                .all(|one| matches!(one, FromAgent::Chat { text, .. } if text.len() == TEXT_CHARS))
        );
    }
}
