//! What a person can do in the window beside using the end user's computer.

use mayday_protocol::Slot;

use super::scale::Scaling;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Scale(Scaling),
    Open(Menu),
    /// The combination of this number.
    Press(usize),
    ReleaseKeys,
    Figures,
    FullScreen,
    /// Take the controls (own slot), or hand them over.
    Controls(Slot),
    TryAgain,
    /// After Alt+F4: no, it was for the other side.
    SendAltF4,
    Stay,
    Leave,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    Keys,
    Controls,
    /// Everything, where the window is too narrow for a bar.
    All,
}

/// Something that can be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub area: super::area::Area,
    pub action: Action,
}
