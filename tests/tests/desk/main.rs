//! The Service Desk as technicians, managers and end users see it: the real gateway, real browsers and, where it matters, the real agent.
//! One story for each part of the desk; what is pressed and typed is what a person presses and types.

mod calls;
mod codes;
mod end_user;
mod many;
mod notify;
mod reports;
mod settings;
mod sign_ins;
mod talk;
mod typed;
