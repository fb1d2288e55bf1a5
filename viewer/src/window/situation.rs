//! Why there is, or is not, a live picture: one word for the whole state, in the order of what matters most. Pure.

use std::time::Duration;

use mayday_protocol::control::{
    AgentState, ConsentState, EndReason, Refusal, RemoteState, ScreenState,
};
use mayday_protocol::update::FORMAT;

/// A second without the agent's answer is a bad moment; from here on it is said.
const STALLED: Duration = Duration::from_millis(2500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    Live,
    Connecting,
    Unreachable,
    Reconnecting,
    Stalled,
    WaitingPicture,
    Ready,
    /// The end user took back what they had allowed.
    Stopped,
    Asking,
    Rejected,
    Unanswered,
    Offline,
    /// Offline by the end user's choice.
    Left,
    Lost,
    Paused,
    Changing,
    Locked,
    Unavailable,
    Closed,
    Expired,
    Removed,
    Replaced,
    Restarted,
    Ticket,
    Version,
    OldAgent,
    Pin,
    Busy,
}

impl Situation {
    /// While the gateway is connected.
    #[must_use]
    pub fn of_state(
        state: &RemoteState,
        has_picture: bool,
        agent_silent: Option<Duration>,
    ) -> Self {
        match state.agent {
            AgentState::Away if state.left => return Self::Left,
            AgentState::Away => return Self::Offline,
            AgentState::Lost => return Self::Lost,
            AgentState::Here | AgentState::Unknown => {}
        }
        if !state.rights.view {
            return match state.consent {
                ConsentState::Asking => Self::Asking,
                ConsentState::Rejected => Self::Rejected,
                ConsentState::Unanswered => Self::Unanswered,
                ConsentState::Idle if state.stopped => Self::Stopped,
                ConsentState::Idle | ConsentState::Granted | ConsentState::Unknown => Self::Ready,
            };
        }
        if state.paused {
            return Self::Paused;
        }
        match state.screen {
            ScreenState::Changing => Self::Changing,
            ScreenState::Locked => Self::Locked,
            ScreenState::Unavailable => Self::Unavailable,
            ScreenState::Live | ScreenState::Unknown => {
                if agent_silent.is_some_and(|silent| silent > STALLED) {
                    Self::Stalled
                } else if has_picture {
                    Self::Live
                } else {
                    Self::WaitingPicture
                }
            }
        }
    }

    /// Pictures come in a form that this viewer cannot read.
    #[must_use]
    pub fn of_other_form(theirs: u8) -> Self {
        if theirs > FORMAT {
            Self::Version
        } else {
            Self::OldAgent
        }
    }

    #[must_use]
    pub fn of_end(reason: EndReason) -> Self {
        match reason {
            EndReason::Closed => Self::Closed,
            EndReason::Expired => Self::Expired,
            EndReason::Replaced => Self::Replaced,
            EndReason::Restart | EndReason::Unknown => Self::Restarted,
            EndReason::Removed => Self::Removed,
        }
    }

    #[must_use]
    pub fn of_refusal(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Over {} => Self::Closed,
            Refusal::Version { .. } => Self::Version,
            Refusal::Busy {} | Refusal::TryLater { .. } => Self::Busy,
            Refusal::Ticket {}
            | Refusal::NotFound {}
            | Refusal::InUse {}
            | Refusal::ResumeLate {}
            | Refusal::Paused {}
            | Refusal::Full {}
            | Refusal::Form { .. }
            | Refusal::Unknown => Self::Ticket,
        }
    }

    /// The section of the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Connecting => "connecting",
            Self::Unreachable => "unreachable",
            Self::Reconnecting => "reconnecting",
            Self::Stalled => "stalled",
            Self::WaitingPicture => "waiting_picture",
            Self::Ready => "ready",
            Self::Stopped => "stopped",
            Self::Asking => "asking",
            Self::Rejected => "rejected",
            Self::Unanswered => "unanswered",
            Self::Offline => "offline",
            Self::Left => "left",
            Self::Lost => "lost",
            Self::Paused => "paused",
            Self::Changing => "changing",
            Self::Locked => "locked",
            Self::Unavailable => "unavailable",
            Self::Closed => "closed",
            Self::Expired => "expired",
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Restarted => "restarted",
            Self::Ticket => "ticket",
            Self::Version => "version",
            Self::OldAgent => "old_agent",
            Self::Pin => "pin",
            Self::Busy => "busy",
        }
    }

    /// Whether the last picture is still worth seeing behind the words.
    #[must_use]
    pub fn keeps_picture(self) -> bool {
        matches!(
            self,
            Self::Live
                | Self::Reconnecting
                | Self::Stalled
                | Self::WaitingPicture
                | Self::Lost
                | Self::Changing
                | Self::Locked
        )
    }

    /// Whether nothing will change any more without somebody doing something elsewhere.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Closed
                | Self::Expired
                | Self::Removed
                | Self::Replaced
                | Self::Restarted
                | Self::Ticket
                | Self::Version
                | Self::Pin
                | Self::Busy
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::texts::Texts;
    use mayday_protocol::control::Rights;

    fn state() -> RemoteState {
        RemoteState {
            rights: Rights::CONTROL,
            consent: ConsentState::Granted,
            agent: AgentState::Here,
            paused: false,
            screen: ScreenState::Live,
            controller: None,
            technicians: vec![],
            request: None,
            stopped: false,
            left: false,
            host_name: "pc-12".to_owned(),
        }
    }

    #[test]
    fn a_picture_that_is_there_and_answered_for_is_live() {
        let quick = Some(Duration::from_millis(900));
        assert_eq!(Situation::of_state(&state(), true, quick), Situation::Live);
        assert_eq!(
            Situation::of_state(&state(), false, quick),
            Situation::WaitingPicture
        );
        let slow = Some(Duration::from_secs(4));
        assert_eq!(
            Situation::of_state(&state(), true, slow),
            Situation::Stalled
        );
    }

    #[test]
    fn what_matters_most_is_said_first() {
        let mut now = state();
        now.paused = true;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Paused);
        now.rights = Rights::NONE;
        now.consent = ConsentState::Rejected;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Rejected);
        now.consent = ConsentState::Unanswered;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Unanswered);
        now.agent = AgentState::Lost;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Lost);
    }

    #[test]
    fn whose_doing_it_was_is_said() {
        let mut now = state();
        now.rights = Rights::NONE;
        now.consent = ConsentState::Idle;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Ready);
        now.stopped = true;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Stopped);
        now.consent = ConsentState::Asking;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Asking);
        now.agent = AgentState::Away;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Offline);
        now.left = true;
        assert_eq!(Situation::of_state(&now, true, None), Situation::Left);
    }

    #[test]
    fn pictures_of_another_form_name_the_program_that_is_old() {
        assert_eq!(Situation::of_other_form(FORMAT + 1), Situation::Version);
        assert_eq!(Situation::of_other_form(0), Situation::OldAgent);
    }

    #[test]
    fn every_situation_has_words() {
        let texts = Texts::new(Some("en"));
        for situation in [
            Situation::Connecting,
            Situation::Unreachable,
            Situation::Reconnecting,
            Situation::Stalled,
            Situation::WaitingPicture,
            Situation::Ready,
            Situation::Stopped,
            Situation::Asking,
            Situation::Rejected,
            Situation::Unanswered,
            Situation::Offline,
            Situation::Left,
            Situation::Lost,
            Situation::Paused,
            Situation::Changing,
            Situation::Locked,
            Situation::Unavailable,
            Situation::Closed,
            Situation::Expired,
            Situation::Removed,
            Situation::Replaced,
            Situation::Restarted,
            Situation::Ticket,
            Situation::OldAgent,
            Situation::Version,
            Situation::Pin,
            Situation::Busy,
        ] {
            for part in ["title", "text"] {
                let key = format!("{}.{part}", situation.key());
                assert_ne!(texts.text(&key), key);
            }
        }
    }
}
