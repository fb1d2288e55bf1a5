//! The chat's rules: what is a message, whom it is for, how fast somebody may write, and what somebody has not read yet. Who may
//! write is in `permission`; storing and sending are the gateway's.

use std::time::Duration;

use mayday_protocol::TechnicianId;
use mayday_protocol::limits::TEXT_CHARS;

use crate::text::visible_lines;
use crate::time::Timestamp;

/// Messages in one session: more than anybody reads.
pub const MESSAGES: usize = 5000;
/// So many at once, and after that one for each [`EACH`].
pub const BURST: u32 = 10;
pub const EACH: Duration = Duration::from_secs(1);

/// Whom a message is for. The two never mix: what is for technicians is never sent to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The end user and the technicians.
    EndUser,
    /// The technicians among themselves.
    Technicians,
}

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatRefusal {
    #[error("write something first")]
    Empty,
    #[error("a message has at most {TEXT_CHARS} characters; send it in two")]
    TooLong,
    #[error("you write very fast; wait a moment and send it again")]
    TooFast { again: Duration },
    #[error("this session's chat is full; go on in a new session")]
    Full,
}

/// The text as it is kept: trimmed, bounded, with nothing invisible in it.
///
/// # Errors
/// When there is nothing left, or too much.
pub fn message(text: &str) -> Result<String, ChatRefusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ChatRefusal::Empty);
    }
    if text.chars().nth(TEXT_CHARS).is_some() {
        return Err(ChatRefusal::TooLong);
    }
    Ok(visible_lines(text))
}

/// How fast one person writes in one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// When everything written so far is paid for.
    paid_at: Timestamp,
}

impl Meter {
    /// Counts one message more.
    ///
    /// # Errors
    /// When it comes too early: it is not counted then.
    pub fn spend(&mut self, now: Timestamp) -> Result<(), ChatRefusal> {
        let burst = EACH * (BURST - 1);
        let ahead = self.paid_at.since(now);
        if ahead > burst {
            return Err(ChatRefusal::TooFast {
                again: ahead - burst,
            });
        }
        self.paid_at = self.paid_at.max(now).after(EACH);
        Ok(())
    }

    /// Whether it need not be remembered any more.
    #[must_use]
    pub fn is_idle(&self, now: Timestamp) -> bool {
        self.paid_at <= now
    }
}

/// What is remembered of every message to know who has not read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub number: u32,
    pub audience: Audience,
    /// `None`: the end user.
    pub author: Option<TechnicianId>,
}

/// Up to which message a technician has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub technician: TechnicianId,
    pub audience: Audience,
    pub upto: u32,
}

/// A session's chat without its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    heads: Vec<Head>,
    marks: Vec<Mark>,
    /// The newest message that has arrived at the end user's agent.
    got: u32,
    /// The newest message that the end user has read.
    read: u32,
}

impl Talk {
    /// As it was stored; `heads` in the order of their numbers.
    #[must_use]
    pub fn stored(heads: Vec<Head>, marks: Vec<Mark>, got: u32, read: u32) -> Self {
        Self {
            heads,
            marks,
            got,
            read,
        }
    }

    /// Adds a message; gives its number.
    ///
    /// # Errors
    /// When there are too many.
    pub fn add(
        &mut self,
        audience: Audience,
        author: Option<TechnicianId>,
    ) -> Result<u32, ChatRefusal> {
        if self.heads.len() >= MESSAGES {
            return Err(ChatRefusal::Full);
        }
        let number = self.newest() + 1;
        self.heads.push(Head {
            number,
            audience,
            author,
        });
        Ok(number)
    }

    /// A technician has read so far. Whether that is new.
    pub fn read_by(&mut self, technician: TechnicianId, audience: Audience, upto: u32) -> bool {
        let upto = upto.min(self.newest());
        let mark = self
            .marks
            .iter_mut()
            .find(|mark| mark.technician == technician && mark.audience == audience);
        match mark {
            Some(mark) if mark.upto >= upto => false,
            Some(mark) => {
                mark.upto = upto;
                true
            }
            None => {
                self.marks.push(Mark {
                    technician,
                    audience,
                    upto,
                });
                true
            }
        }
    }

    /// The end user's agent has got, and its end user has read, so far. Whether that is new.
    pub fn seen(&mut self, got: u32, read: u32) -> bool {
        let got = got.min(self.newest()).max(self.got);
        let read = read.min(got).max(self.read);
        let new = (got, read) != (self.got, self.read);
        (self.got, self.read) = (got, read);
        new
    }

    /// How many messages of others the technician has not read.
    #[must_use]
    pub fn unread(&self, technician: TechnicianId, audience: Audience) -> u32 {
        let mark = self
            .marks
            .iter()
            .find(|mark| mark.technician == technician && mark.audience == audience);
        let upto = mark.map_or(0, |mark| mark.upto);
        let count = self
            .heads
            .iter()
            .rev()
            .take_while(|head| head.number > upto)
            .filter(|head| head.audience == audience && head.author != Some(technician))
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    #[must_use]
    pub fn newest(&self) -> u32 {
        self.heads.last().map_or(0, |head| head.number)
    }

    #[must_use]
    pub fn got(&self) -> u32 {
        self.got
    }

    #[must_use]
    pub fn read(&self) -> u32 {
        self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: TechnicianId = TechnicianId(1);
    const BOB: TechnicianId = TechnicianId(2);

    #[test]
    fn a_message_is_trimmed_bounded_and_shows_what_it_hides() {
        assert_eq!(message("  hello\r\nthere "), Ok("hello\nthere".to_owned()));
        assert_eq!(message("a\u{202e}b"), Ok("a<U+202E>b".to_owned()));
        assert_eq!(message(" \n\t "), Err(ChatRefusal::Empty));
        assert!(message(&"é".repeat(TEXT_CHARS)).is_ok());
        let long = message(&"é".repeat(TEXT_CHARS + 1));
        assert_eq!(long, Err(ChatRefusal::TooLong));
    }

    #[test]
    fn a_burst_passes_and_then_one_a_second() {
        let mut meter = Meter::default();
        let began = Timestamp(1_000_000);
        let burst = (0..100).filter(|_| meter.spend(began).is_ok()).count();
        assert_eq!(burst, 10);
        let refused = meter.spend(began);
        assert_eq!(refused, Err(ChatRefusal::TooFast { again: EACH }));
        assert_eq!(meter.spend(began.after(EACH)), Ok(()));
        assert!(!meter.is_idle(began.after(EACH)));
        assert!(meter.is_idle(began.after(EACH * 20)));
    }

    #[test]
    fn own_messages_are_read_and_the_two_chats_count_apart() {
        let mut talk = Talk::default();
        talk.add(Audience::EndUser, None).unwrap();
        talk.add(Audience::EndUser, Some(ADA)).unwrap();
        talk.add(Audience::Technicians, Some(BOB)).unwrap();
        assert_eq!(talk.unread(ADA, Audience::EndUser), 1);
        assert_eq!(talk.unread(ADA, Audience::Technicians), 1);
        assert_eq!(talk.unread(BOB, Audience::EndUser), 2);
        assert_eq!(talk.unread(BOB, Audience::Technicians), 0);
        assert!(talk.read_by(ADA, Audience::EndUser, 2));
        assert!(!talk.read_by(ADA, Audience::EndUser, 1), "never back");
        assert_eq!(talk.unread(ADA, Audience::EndUser), 0);
        assert_eq!(talk.unread(ADA, Audience::Technicians), 1);
    }

    #[test]
    fn nobody_has_read_what_is_not_there() {
        let mut talk = Talk::default();
        assert!(!talk.seen(9, 9));
        talk.add(Audience::EndUser, Some(ADA)).unwrap();
        assert!(talk.seen(1, 0));
        assert_eq!((talk.got(), talk.read()), (1, 0));
        assert!(talk.seen(1, 7));
        assert_eq!((talk.got(), talk.read()), (1, 1));
        talk.read_by(BOB, Audience::EndUser, 99);
        talk.add(Audience::EndUser, None).unwrap();
        assert_eq!(talk.unread(BOB, Audience::EndUser), 1);
    }

    #[test]
    fn a_chat_ends_somewhere() {
        let mut talk = Talk::default();
        for _ in 0..MESSAGES {
            talk.add(Audience::EndUser, None).unwrap();
        }
        let more = talk.add(Audience::EndUser, None);
        assert_eq!(more, Err(ChatRefusal::Full));
    }
}
