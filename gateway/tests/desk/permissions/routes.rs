//! The table of all routes: what each needs. It is compared with the gateway's own description, so that no route goes without a row,
//! and the other files of this folder try every row.

use std::collections::BTreeSet;

use mayday_session::permission::{Action, Permission};
use reqwest::Method;

/// What a route is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nobody has to be signed in.
    Nothing,
    /// Somebody is; each sees and changes what is their own, or what everybody sees.
    SignIn,
    /// The role gives it, everywhere.
    Everywhere(Permission),
    /// In the channel that the path, or the body, names.
    Channel(Permission),
    /// To see the channel that the path names.
    Sees,
    /// In the channel of the SOS Call that the path names.
    Call(Permission),
    /// To the session that the path names.
    Session(Action),
}

#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub needs: Needs,
}

impl Route {
    pub fn method(&self) -> Method {
        self.method.parse().unwrap()
    }
}

const fn row(method: &'static str, path: &'static str, needs: Needs) -> Route {
    Route {
        method,
        path,
        needs,
    }
}

pub const ROUTES: &[Route] = &[
    row("GET", "/system", Needs::Nothing),
    row("GET", "/identity", Needs::Nothing),
    row("POST", "/auth/sign-in", Needs::Nothing),
    row("GET", "/setup/{token}", Needs::Nothing),
    row("POST", "/setup/{token}", Needs::Nothing),
    row("POST", "/auth/sign-out", Needs::SignIn),
    row("POST", "/auth/sign-out-everywhere", Needs::SignIn),
    row("POST", "/me/password", Needs::SignIn),
    row("GET", "/me", Needs::SignIn),
    row("PATCH", "/me", Needs::SignIn),
    row("GET", "/me/sign-ins", Needs::SignIn),
    row("DELETE", "/me/sign-ins/{id}", Needs::SignIn),
    row("POST", "/me/sign-ins/end-others", Needs::SignIn),
    row("GET", "/events", Needs::SignIn),
    row("GET", "/technicians", Needs::SignIn),
    row("GET", "/groups", Needs::SignIn),
    row("GET", "/channels", Needs::SignIn),
    row("GET", "/sessions", Needs::SignIn),
    row(
        "POST",
        "/technicians",
        Needs::Everywhere(Permission::TechnicianManage),
    ),
    row(
        "PATCH",
        "/technicians/{id}",
        Needs::Everywhere(Permission::TechnicianManage),
    ),
    row(
        "DELETE",
        "/technicians/{id}",
        Needs::Everywhere(Permission::TechnicianManage),
    ),
    row(
        "POST",
        "/technicians/{id}/setup-link",
        Needs::Everywhere(Permission::TechnicianManage),
    ),
    row(
        "POST",
        "/groups",
        Needs::Everywhere(Permission::TechnicianManage),
    ),
    row(
        "PATCH",
        "/groups/{id}",
        Needs::Everywhere(Permission::TechnicianManage),
    ),
    row(
        "DELETE",
        "/groups/{id}",
        Needs::Everywhere(Permission::TechnicianManage),
    ),
    row(
        "POST",
        "/channels",
        Needs::Everywhere(Permission::ChannelCreate),
    ),
    row(
        "PATCH",
        "/channels/{id}",
        Needs::Channel(Permission::ChannelEdit),
    ),
    row(
        "DELETE",
        "/channels/{id}",
        Needs::Channel(Permission::ChannelRemove),
    ),
    row(
        "PUT",
        "/channels/{id}/members/{technician_id}",
        Needs::Channel(Permission::ChannelManageMembers),
    ),
    row(
        "DELETE",
        "/channels/{id}/members/{technician_id}",
        Needs::Channel(Permission::ChannelManageMembers),
    ),
    row(
        "PUT",
        "/channels/{id}/groups/{group_id}",
        Needs::Channel(Permission::ChannelManageMembers),
    ),
    row(
        "DELETE",
        "/channels/{id}/groups/{group_id}",
        Needs::Channel(Permission::ChannelManageMembers),
    ),
    row(
        "GET",
        "/channels/{id}/permissions",
        Needs::Channel(Permission::ChannelManageMembers),
    ),
    row(
        "GET",
        "/channels/{id}/permissions/{kind}/{subject_id}",
        Needs::Channel(Permission::ChannelManageMembers),
    ),
    row(
        "PUT",
        "/channels/{id}/permissions/{kind}/{subject_id}",
        Needs::Channel(Permission::ChannelManageMembers),
    ),
    row(
        "GET",
        "/settings",
        Needs::Everywhere(Permission::SystemManage),
    ),
    row(
        "PATCH",
        "/settings",
        Needs::Everywhere(Permission::SystemManage),
    ),
    row(
        "GET",
        "/system/state",
        Needs::Everywhere(Permission::SystemManage),
    ),
    row("GET", "/audit", Needs::Everywhere(Permission::AuditView)),
    row(
        "GET",
        "/audit/export",
        Needs::Everywhere(Permission::AuditView),
    ),
    row(
        "GET",
        "/audit/status",
        Needs::Everywhere(Permission::AuditView),
    ),
    row(
        "GET",
        "/audit/check",
        Needs::Everywhere(Permission::AuditView),
    ),
    row("GET", "/reports", Needs::Everywhere(Permission::ReportView)),
    row(
        "GET",
        "/reports/csv",
        Needs::Everywhere(Permission::ReportView),
    ),
    row("GET", "/sessions/{id}/chat", Needs::Session(Action::See)),
    row("POST", "/sessions/{id}/chat", Needs::Session(Action::Chat)),
    row(
        "POST",
        "/sessions/{id}/chat/read",
        Needs::Session(Action::See),
    ),
    row(
        "GET",
        "/sessions/{id}/whispers",
        Needs::Session(Action::See),
    ),
    row(
        "POST",
        "/sessions/{id}/whispers",
        Needs::Session(Action::Whisper),
    ),
    row(
        "POST",
        "/sessions/{id}/whispers/read",
        Needs::Session(Action::See),
    ),
    row("GET", "/sessions/{id}/notes", Needs::Session(Action::See)),
    row("POST", "/sessions/{id}/notes", Needs::Session(Action::Note)),
    row(
        "PATCH",
        "/sessions/{id}/notes/{note_id}",
        Needs::Session(Action::Note),
    ),
    row(
        "DELETE",
        "/sessions/{id}/notes/{note_id}",
        Needs::Session(Action::Note),
    ),
    row(
        "POST",
        "/sessions/{id}/control/take",
        Needs::Session(Action::Control),
    ),
    row(
        "POST",
        "/sessions/{id}/control/give",
        Needs::Session(Action::Control),
    ),
    row(
        "POST",
        "/sessions/{id}/control/keep",
        Needs::Session(Action::Control),
    ),
    row(
        "POST",
        "/sessions/{id}/control/unask",
        Needs::Session(Action::Control),
    ),
    row("GET", "/sessions/{id}/earlier", Needs::Session(Action::See)),
    row("GET", "/channels/{id}/calls", Needs::Sees),
    row(
        "POST",
        "/channels/{id}/calls",
        Needs::Channel(Permission::SosCallManage),
    ),
    row(
        "PATCH",
        "/calls/{id}",
        Needs::Call(Permission::SosCallManage),
    ),
    row(
        "DELETE",
        "/calls/{id}",
        Needs::Call(Permission::SosCallManage),
    ),
    row(
        "POST",
        "/calls/{id}/pause",
        Needs::Call(Permission::SosCallManage),
    ),
    row(
        "POST",
        "/calls/{id}/resume",
        Needs::Call(Permission::SosCallManage),
    ),
    row(
        "POST",
        "/session-codes",
        Needs::Channel(Permission::SessionCreate),
    ),
    row(
        "POST",
        "/sessions",
        Needs::Channel(Permission::SessionCreate),
    ),
    row("GET", "/sessions/{id}", Needs::Session(Action::See)),
    row("PATCH", "/sessions/{id}", Needs::Session(Action::Edit)),
    row("DELETE", "/sessions/{id}", Needs::Session(Action::Delete)),
    row("GET", "/sessions/{id}/history", Needs::Session(Action::See)),
    row(
        "GET",
        "/sessions/{id}/link",
        Needs::Session(Action::CopyLink),
    ),
    row("GET", "/sessions/{id}/pin", Needs::Session(Action::ShowPin)),
    row("POST", "/sessions/{id}/pin", Needs::Session(Action::NewPin)),
    row("POST", "/sessions/{id}/ask", Needs::Session(Action::Ask)),
    row(
        "POST",
        "/sessions/{id}/withdraw",
        Needs::Session(Action::Withdraw),
    ),
    row(
        "POST",
        "/sessions/{id}/connect",
        Needs::Session(Action::Connect),
    ),
    row("POST", "/sessions/{id}/take", Needs::Session(Action::Take)),
    row(
        "POST",
        "/sessions/{id}/release",
        Needs::Session(Action::Release),
    ),
    row(
        "POST",
        "/sessions/{id}/close",
        Needs::Session(Action::Close),
    ),
    row(
        "POST",
        "/sessions/{id}/extend",
        Needs::Session(Action::Extend),
    ),
    row(
        "POST",
        "/sessions/{id}/assign",
        Needs::Session(Action::Assign),
    ),
    row(
        "POST",
        "/sessions/{id}/transfer-user",
        Needs::Session(Action::TransferUser),
    ),
    row(
        "POST",
        "/sessions/{id}/transfer-channel",
        Needs::Session(Action::TransferChannel),
    ),
    row(
        "POST",
        "/sessions/{id}/invite",
        Needs::Session(Action::Invite),
    ),
    row(
        "DELETE",
        "/sessions/{id}/technicians/{technician_id}",
        Needs::Session(Action::Remove),
    ),
];

/// Those with one kind of need.
pub fn routes(wanted: impl Fn(Needs) -> bool) -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(move |route| wanted(route.needs))
}

#[test]
fn every_route_has_a_row() {
    let described = mayday_gateway::api::description();
    let mut known = BTreeSet::new();
    for (path, item) in &described.paths.paths {
        let path = path.strip_prefix("/api/v1").unwrap().to_owned();
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let there = methods.iter().filter(|(_, operation)| operation.is_some());
        known.extend(there.map(|(method, _)| format!("{method} {path}")));
    }
    let rows: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let without_row: Vec<_> = known.difference(&rows).collect();
    let without_route: Vec<_> = rows.difference(&known).collect();
    assert!(without_row.is_empty(), "say who may use {without_row:?}");
    assert!(without_route.is_empty(), "there is no {without_route:?}");
}

#[test]
fn every_action_has_a_route() {
    for action in Action::ALL {
        let row = routes(|needs| needs == Needs::Session(action)).next();
        assert!(row.is_some(), "{action:?}");
    }
}
