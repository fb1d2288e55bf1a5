//! The Service Desk from outside: the real binary, a real HTTP client, and an agent's side of the wire. Mirrors the routes.

mod accounts;
mod agent;
mod audit;
mod channels;
mod chat;
mod durability;
mod events;
mod given;
mod groups;
mod invite;
mod notes;
mod owner;
mod permissions;
mod pins;
mod refinements;
mod requests;
mod routing;
mod sessions;
mod settings;
mod sign_outs;
mod signed_in;
mod start;
mod support;
mod terminal;
