//! What is checked in beside the code and must follow it: golden vectors, and the console's types.

mod control_messages;
mod files;
mod packets;
mod types;
