//! What an agent tells about its computer, made harmless before it is kept: bounded, and with every invisible character visible.

use std::net::IpAddr;

use mayday_protocol::control::SystemReport;
use mayday_protocol::limits;
use mayday_session::text::visible_line;
use serde::{Deserialize, Serialize};

/// As it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    pub host_name: String,
    pub os: String,
    pub os_name: String,
    pub os_version: String,
    pub cpu: String,
    pub cpu_cores: u32,
    pub memory_mb: u64,
    pub user_name: String,
    pub local_addresses: Vec<String>,
    /// Observed by the gateway.
    pub public_address: String,
    pub displays: Vec<Display>,
    pub agent_version: String,
    pub language: String,
    /// Keyed hash of what the agent said to tell its computer from others; empty: nothing.
    pub key: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Display {
    pub name: String,
    pub width: u32,
    pub height: u32,
}

impl Device {
    #[must_use]
    pub fn new(report: &SystemReport, public_address: IpAddr) -> Self {
        Self::reported(report, public_address.to_canonical().to_string())
    }

    /// The same computer after it told something new.
    #[must_use]
    pub fn again(&self, report: &SystemReport) -> Self {
        Self {
            key: self.key.clone(),
            ..Self::reported(report, self.public_address.clone())
        }
    }

    fn reported(report: &SystemReport, public_address: String) -> Self {
        let displays = report.displays.iter().take(limits::LIST);
        let addresses = report.local_addresses.iter().take(limits::LIST);
        Self {
            host_name: visible(&report.host_name),
            os: visible(&report.os),
            os_name: visible(&report.os_name),
            os_version: visible(&report.os_version),
            cpu: visible(&report.cpu),
            cpu_cores: report.cpu_cores,
            memory_mb: report.memory_mb,
            user_name: visible(&report.user_name),
            local_addresses: addresses.map(|one| visible(one)).collect(),
            public_address,
            displays: displays
                .map(|one| Display {
                    name: visible(&one.name),
                    width: one.width,
                    height: one.height,
                })
                .collect(),
            agent_version: visible(&report.agent_version),
            language: visible(&report.language),
            key: String::new(),
        }
    }
}

/// At most 64 characters; control, bidirectional and zero-width characters become their code in angle brackets.
fn visible(text: &str) -> String {
    let text: String = text.trim().chars().take(limits::NAME_CHARS).collect();
    visible_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_bounded_and_visible() {
        let report = SystemReport {
            host_name: format!("a\u{202e}b\n{}", "x".repeat(1000)),
            local_addresses: vec!["10.0.0.1".to_owned(); 100],
            ..SystemReport::default()
        };
        let device = Device::new(&report, "::ffff:192.0.2.1".parse().unwrap());
        assert!(device.host_name.starts_with("a<U+202E>b<U+000A>xxx"));
        assert!(device.host_name.chars().count() < 100);
        assert_eq!(device.local_addresses.len(), limits::LIST);
        assert_eq!(device.public_address, "192.0.2.1");
    }
}
