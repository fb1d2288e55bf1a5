//! Why the desk does not do what it was told. A refusal leaves the session as it was.

use crate::permission::Denied;
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the session is closed; create a new one")]
    Closed,
    #[error("the session has expired; a manager may extend it")]
    Expired,
    #[error("there is no such session")]
    Deleted,
    #[error("somebody took this session before you")]
    AlreadyAssigned,
    #[error("nobody is assigned; take the session first")]
    NobodyAssigned,
    #[error("this technician is in the session already")]
    AlreadyMember,
    #[error("this technician is not in the session")]
    NotMember,
    #[error("three technicians are in the session already")]
    Full,
    #[error("the end user's agent is not there; send the link or the PIN")]
    AgentNotHere,
    #[error("the end user is being asked already")]
    AlreadyAsking,
    #[error("this was granted already")]
    AlreadyGranted,
    #[error("there is no question to withdraw")]
    NotAsking,
    #[error("the end user was asked a moment ago; ask again a few seconds later")]
    RejectPause { until: Timestamp },
    #[error(
        "three requests in a row were rejected or not answered; only the end user can invite you again"
    )]
    OnlyInvited,
    #[error("the end user has not granted this; ask first")]
    NotGranted,
    #[error("another agent is in this session")]
    AgentInUse,
    #[error("the agent was away too long and has to join anew")]
    ResumeLate,
    #[error("only a technician with a control grant can take or be given the controls")]
    NoControl,
    #[error("a colleague is asking for the controls already")]
    SomebodyAsks,
    #[error("nobody is asking for the controls any more")]
    NobodyAsks,
    #[error("the session is in this channel already")]
    SameChannel,
    #[error("you have no access to that channel")]
    NoAccessToChannel,
}
