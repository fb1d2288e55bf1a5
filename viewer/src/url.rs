//! A native link: `mayday://host:port/view#PIN:TICKET` (a fragment, so that the ticket stays out of logs). Owns its text form.

use std::str::FromStr;

use mayday_transport::KeyPin;

/// Where a session is, the right to join it once, and how to know the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeLink {
    pub host: String,
    pub port: u16,
    pub ticket: String,
    pub pin: KeyPin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session's link looks like mayday://host:port/view#pin:ticket")]
pub struct NotALink;

impl FromStr for NativeLink {
    type Err = NotALink;

    fn from_str(text: &str) -> Result<Self, NotALink> {
        let rest = text.strip_prefix("mayday://").ok_or(NotALink)?;
        let (place, secret) = rest.split_once('#').ok_or(NotALink)?;
        let authority = place.strip_suffix("/view").ok_or(NotALink)?;
        let (pin, ticket) = secret.split_once(':').ok_or(NotALink)?;
        let (host, port) = authority.rsplit_once(':').ok_or(NotALink)?;
        if host.is_empty() || ticket.is_empty() {
            return Err(NotALink);
        }
        Ok(Self {
            host: host.to_owned(),
            port: port.parse().map_err(|_| NotALink)?,
            ticket: ticket.to_owned(),
            pin: pin.parse().map_err(|_| NotALink)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_taken_apart() {
        let pin = KeyPin([3; 32]);
        let link: NativeLink = format!("mayday://[::1]:8443/view#{pin}:abc-_9")
            .parse()
            .unwrap();
        assert_eq!(
            (link.host.as_str(), link.port, link.ticket.as_str()),
            ("[::1]", 8443, "abc-_9")
        );
        assert_eq!(link.pin, pin);
    }

    #[test]
    fn other_texts_are_refused() {
        let pin = KeyPin([3; 32]);
        for text in [
            String::new(),
            "https://a:1/b".to_owned(),
            format!("mayday://a/view#{pin}:t"),
            format!("mayday://a:x/view#{pin}:t"),
            format!("mayday://a:1/view#{pin}:"),
            format!("mayday://a:1/view#{pin}"),
            format!("mayday://a:1#{pin}:t"),
            "mayday://a:1/view#nopin:t".to_owned(),
        ] {
            assert_eq!(text.parse::<NativeLink>(), Err(NotALink), "{text}");
        }
    }
}
