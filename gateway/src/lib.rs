//! The gateway: Service Desk and relay in one binary. Owns the wiring between its parts; each part owns its own rules.

pub mod accounts;
pub mod api;
pub mod app;
pub mod chain;
pub mod channels;
pub mod clock;
pub mod desk;
pub mod directory;
pub mod events;
pub mod live;
pub mod relay;
pub mod secrets;
pub mod site;
pub mod store;
