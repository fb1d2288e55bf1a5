//! Who may do what: permissions, roles as presets of them, a channel's refinements, and the check against one session.
//! Owns no accounts and no channels: the caller brings what it knows about the actor.

mod action;
mod refine;
mod role;
mod set;
mod table;

pub use action::{Action, Denied, Relation, check};
pub use refine::{Because, Refinements, Setting, effective, explain};
pub use role::{Role, Scope};
pub use set::{Permission, Permissions};
pub use table::truth_table;
