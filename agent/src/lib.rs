//! The agent (`mayday-sos`): the small program that the end user runs. Owns the consent of that person: no pixel leaves and no input
//! enters without it. What the gateway's desk decides is not here.

mod capture_gate;
pub mod cli;
pub mod desk_link;
pub mod device;
pub mod face;
pub mod inject;
pub mod libraries;
pub mod permit;
pub mod pipeline;
pub mod sentence;
pub mod stamp;
pub mod stop_key;
mod system;
pub mod window;
