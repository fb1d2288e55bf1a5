//! What the agent tells about this computer. Owns the gathering; nothing in it is more than the technician needs to help.

use mayday_protocol::control::{Display, SystemReport};
use mayday_protocol::limits;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, Networks, RefreshKind, System};
use x11rb::connection::Connection as _;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Gathers the report; takes some milliseconds.
#[must_use]
pub fn report() -> SystemReport {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted).ok();
    let cpu = system
        .as_ref()
        .and_then(|system| system.cpus().first())
        .map(|cpu| cpu.brand().trim().to_owned());
    SystemReport {
        host_name: short(System::host_name().ok()),
        os: std::env::consts::OS.to_owned(),
        os_name: short(System::name().ok()),
        os_version: short(System::os_version().ok()),
        cpu: short(cpu),
        cpu_cores: system
            .as_ref()
            .map_or(0, |system| system.cpus().len() as u32),
        memory_mb: system.as_ref().map_or(0, System::total_memory) / (1024 * 1024),
        user_name: short(
            ["USER", "LOGNAME", "USERNAME"]
                .iter()
                .find_map(|name| std::env::var(name).ok()),
        ),
        local_addresses: local_addresses(),
        displays: displays().unwrap_or_default(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        language: language(|name| std::env::var(name).ok()),
        // Only a gateway's key makes something of it that may be told.
        device: String::new(),
    }
}

fn short(text: Option<String>) -> String {
    text.unwrap_or_default()
        .chars()
        .take(limits::NAME_CHARS)
        .collect()
}

/// Without loopback and link-local ones, which tell nothing.
fn local_addresses() -> Vec<String> {
    let Ok(networks) = Networks::new_with_refreshed_list() else {
        return Vec::new();
    };
    let mut addresses: Vec<_> = networks
        .values()
        .flat_map(|network| network.ip_networks())
        .map(|network| network.addr)
        .filter(|address| !address.is_loopback() && !is_link_local(address))
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
        .iter()
        .take(limits::LIST)
        .map(ToString::to_string)
        .collect()
}

fn is_link_local(address: &std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => v4.is_link_local(),
        std::net::IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn displays() -> Option<Vec<Display>> {
    let (connection, screen) = RustConnection::connect(None).ok()?;
    let root = connection.setup().roots[screen].root;
    let monitors = connection
        .randr_get_monitors(root, true)
        .ok()?
        .reply()
        .ok()?;
    let mut displays = Vec::new();
    for monitor in monitors.monitors.iter().take(limits::LIST) {
        let name = connection.get_atom_name(monitor.name).ok()?.reply().ok()?;
        displays.push(Display {
            name: short(Some(String::from_utf8_lossy(&name.name).into_owned())),
            width: monitor.width.into(),
            height: monitor.height.into(),
        });
    }
    Some(displays)
}

/// `LANG=de_AT.UTF-8` is `de-AT`.
fn language(variable: impl Fn(&str) -> Option<String>) -> String {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| variable(name))
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    let tag = set
        .split(['.', '@'])
        .next()
        .unwrap_or_default()
        .replace('_', "-");
    if tag.is_empty() || tag == "C" || tag == "POSIX" {
        "en".to_owned()
    } else {
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_a_bcp_47_tag() {
        for (lang, tag) in [
            ("de_AT.UTF-8", "de-AT"),
            ("C.UTF-8", "en"),
            ("", "en"),
            ("fr", "fr"),
        ] {
            assert_eq!(
                language(|name| (name == "LANG").then(|| lang.to_owned())),
                tag
            );
        }
    }

    #[test]
    fn the_report_knows_this_computer() {
        let report = report();
        assert_eq!(report.os, std::env::consts::OS);
        assert!(!report.host_name.is_empty() && !report.os_name.is_empty());
        assert!(report.cpu_cores > 0 && report.memory_mb > 0);
        assert!(
            report
                .local_addresses
                .iter()
                .all(|address| address != "127.0.0.1")
        );
    }
}
