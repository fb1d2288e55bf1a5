//! The agent (`mayday-sos`): the small program that the end user runs. Owns the consent of that person: no pixel leaves and no input
//! enters without it. What the gateway's desk decides is not here.

pub mod cli;
pub mod face;
pub mod permit;
pub mod sentence;
