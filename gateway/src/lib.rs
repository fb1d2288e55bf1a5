//! The gateway: Service Desk and relay in one binary. Owns the wiring between its parts; each part owns its own rules.

pub mod desk;
