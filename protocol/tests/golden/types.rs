//! The console's TypeScript types of the control messages are what the Rust types say.

use mayday_protocol::control;
use mayday_protocol::ids;
use ts_rs::{Config, TS};

fn declaration<T: TS>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("\n{docs}export {}\n", T::decl(config))
}

#[test]
fn the_typescript_types_are_current() {
    let config = Config::default().with_large_int("number");
    let mut text = String::from(
        "// Generated from protocol/src/control.rs by `UPDATE_VECTORS=1 cargo test -p mayday-protocol --test golden`. Do not edit.\n",
    );
    for part in [
        declaration::<ids::SessionId>(&config),
        declaration::<ids::TechnicianId>(&config),
        declaration::<ids::AskId>(&config),
        declaration::<ids::Slot>(&config),
        declaration::<control::Rights>(&config),
        declaration::<control::ScreenState>(&config),
        declaration::<control::ConsentState>(&config),
        declaration::<control::AgentState>(&config),
        declaration::<control::EndReason>(&config),
        declaration::<control::Refusal>(&config),
        declaration::<control::RemoteTechnician>(&config),
        declaration::<control::ControlRequest>(&config),
        declaration::<control::RemoteState>(&config),
        declaration::<control::FromTechnician>(&config),
        declaration::<control::ToTechnician>(&config),
    ] {
        text.push_str(&part);
    }
    crate::files::check("console/src/remote/wire/generated.ts", &text);
}
