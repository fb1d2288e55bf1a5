//! Which sentence tells the end user what happened. Owns the choice of the key; the words are the catalogue's.

use mayday_protocol::control::{EndReason, Refusal};
use mayday_transport::ConnectError;

use super::reach::NotJoined;
use crate::cli::Exit;
use crate::sentence::Sentence;

/// A failure in words, with what the program would end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub sentence: Sentence,
    pub exit: Exit,
}

impl Failure {
    /// Whether trying again with the same invite is of no use.
    #[must_use]
    pub fn is_about_the_invite(&self) -> bool {
        ["unknown-invite", "unknown-call", "session-over"].contains(&self.sentence.key)
    }
}

#[must_use]
pub fn not_connected(error: &ConnectError) -> Failure {
    let sentence = match error {
        ConnectError::NoSuchHost { host } => Sentence::new("no-such-host").with("host", host),
        ConnectError::Unreachable { host, port, .. } => Sentence::new("unreachable")
            .with("host", host)
            .with("port", port),
        ConnectError::PinMismatch => Sentence::new("wrong-gateway"),
        ConnectError::NotAGateway { host, .. } => Sentence::new("not-a-gateway").with("host", host),
    };
    Failure {
        sentence,
        exit: Exit::NotReached,
    }
}

#[must_use]
pub fn lost_at_once() -> Failure {
    Failure {
        sentence: Sentence::new("connection-lost"),
        exit: Exit::NotReached,
    }
}

/// `by_pin`: the end user typed something that can be typed again.
#[must_use]
pub fn refused(refusal: &Refusal, by_pin: bool) -> Failure {
    let sentence = match refusal {
        Refusal::NotFound {} if by_pin => Sentence::new("wrong-pin"),
        Refusal::NotFound {} => Sentence::new("unknown-invite"),
        Refusal::TryLater { seconds } => {
            Sentence::new("try-later").with("minutes", seconds.div_ceil(60).max(1))
        }
        Refusal::InUse {} => Sentence::new("in-use"),
        Refusal::Over {} | Refusal::ResumeLate {} | Refusal::Ticket {} => {
            Sentence::new("session-over")
        }
        Refusal::Version { .. } => Sentence::new("other-version"),
        Refusal::Busy {} => Sentence::new("busy"),
        Refusal::Paused {} => Sentence::new("call-paused"),
        Refusal::Full {} => Sentence::new("call-full"),
        Refusal::Form { .. } => Sentence::new("form-changed"),
        Refusal::Unknown => Sentence::new("refused"),
    };
    Failure {
        sentence,
        exit: Exit::Refused,
    }
}

/// An SOS Call that takes no requests.
#[must_use]
pub fn no_call(refusal: &Refusal) -> Failure {
    let failure = refused(refusal, false);
    let sentence = match refusal {
        Refusal::NotFound {} => Sentence::new("unknown-call"),
        _ => failure.sentence,
    };
    Failure {
        sentence,
        ..failure
    }
}

/// A request that was not taken: it can be sent again.
#[must_use]
pub fn not_sent(failed: &NotJoined) -> Sentence {
    match failed {
        NotJoined::Connect(error) => not_connected(error).sentence,
        NotJoined::Refused(Refusal::TryLater { seconds }) => {
            Sentence::new("requests-later").with("minutes", seconds.div_ceil(60).max(1))
        }
        NotJoined::Refused(refusal) => no_call(refusal).sentence,
        NotJoined::Lost => Sentence::new("not-sent"),
    }
}

/// No session code.
#[must_use]
pub fn no_code(refusal: &Refusal) -> Failure {
    let failure = refused(refusal, false);
    let sentence = match refusal {
        Refusal::TryLater { seconds } => {
            Sentence::new("codes-later").with("minutes", seconds.div_ceil(60).max(1))
        }
        _ => failure.sentence,
    };
    Failure {
        sentence,
        ..failure
    }
}

#[must_use]
pub fn ended(reason: EndReason) -> Sentence {
    Sentence::new(match reason {
        EndReason::Expired => "expired",
        EndReason::Replaced => "replaced",
        EndReason::Closed | EndReason::Removed | EndReason::Restart | EndReason::Unknown => {
            "closed"
        }
    })
}
