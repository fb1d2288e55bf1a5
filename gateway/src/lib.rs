//! The gateway: Service Desk and relay in one binary. Owns the wiring between its parts; each part owns its own rules.

pub mod accounts;
pub mod agents;
pub mod api;
pub mod app;
pub mod audit_heads;
pub mod calls;
pub mod chain;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod command;
pub mod data;
pub mod desk;
pub mod directory;
pub mod events;
pub mod groups;
pub mod invite;
pub mod live;
pub mod log;
pub mod relay;
pub mod secrets;
pub mod settings;
pub mod site;
pub mod store;
pub mod web;
