//! What tells this computer from others at one gateway: a hash of the operating system's own machine id under the gateway's key.
//! Nothing is stored; another gateway gets another value, and none can be turned back into the machine id.

use mayday_transport::KeyPin;
use ring::digest::{Context, SHA256};

/// The value for the gateway with this key; empty where the operating system has no machine id.
#[must_use]
pub fn key(gateway: &KeyPin) -> String {
    machine_id().map_or_else(String::new, |id| hashed(&id, gateway))
}

fn hashed(machine_id: &str, gateway: &KeyPin) -> String {
    let mut context = Context::new(&SHA256);
    context.update(b"mayday device 1\0");
    context.update(&gateway.0);
    context.update(machine_id.as_bytes());
    let hash = context.finish();
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// machine-id(5): made when the system was installed, and not to be shown to others as it is.
fn machine_id() -> Option<String> {
    let read = |path| std::fs::read_to_string(path).ok();
    let id = read("/etc/machine-id").or_else(|| read("/var/lib/dbus/machine-id"))?;
    let id = id.trim().to_owned();
    let good = id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit());
    good.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(byte: u8) -> KeyPin {
        KeyPin([byte; 32])
    }

    #[test]
    fn each_gateway_sees_another_value_and_none_the_machine_id() {
        let id = "0123456789abcdef0123456789abcdef";
        let here = hashed(id, &pin(1));
        assert_eq!(here, hashed(id, &pin(1)));
        assert_ne!(here, hashed(id, &pin(2)));
        assert!(!here.contains("0123456789"));
        assert_eq!(here.len(), 64, "what a gateway takes at most");
    }
}
