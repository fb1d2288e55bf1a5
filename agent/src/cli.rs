//! The command line of `mayday-sos`: which gateway, which invite, which language, which arms. Owns parsing and the exit codes. Nothing
//! here, and no variable, grants consent.

use std::path::Path;

use clap::{Parser, ValueEnum};
use mayday_protocol::call::CallToken;
use mayday_protocol::control::Join;
use mayday_protocol::invite::{Pin, Token};
use mayday_protocol::stamp::StampFields;
use mayday_transport::KeyPin;

/// How the program ends; also in docs/agent.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The end user or the technician ended it.
    Normal = 0,
    /// The command line is wrong.
    Usage = 2,
    /// No desktop, or its window cannot be shown.
    NoWindow = 3,
    /// The gateway cannot be reached, or did not prove who it is.
    NotReached = 4,
    /// The gateway refused: wrong PIN, session over.
    Refused = 5,
    /// Somebody changed the gateway's stamp in this file.
    Altered = 6,
}

const AFTER_HELP: &str = "Exit codes:
  0  ended by the end user or the technician
  2  the command line is wrong
  3  no desktop, or its window cannot be shown
  4  the gateway cannot be reached, or did not prove who it is
  5  the gateway refused (wrong PIN, session over)
  6  this file's stamp was altered

Consent is only ever given in the window.";

/// Lets a technician help you: shows who asks, and does only what you allow.
#[derive(Debug, Parser)]
#[command(name = "mayday-sos", version, after_help = AFTER_HELP)]
pub struct Cli {
    /// The gateway's address, with its key pin if you were given one. Comes before the one in this file.
    #[arg(long, value_name = "HOST[:PORT][#PIN]")]
    pub gateway: Option<Gateway>,
    /// The six digits from your technician. Come before an invite in this file's name.
    #[arg(long, value_name = "PIN", value_parser = parse_pin, conflicts_with = "invite")]
    pub pin: Option<Pin>,
    /// The invite's token or the whole link. Comes before the one in this file's name.
    #[arg(long, value_name = "TOKEN|LINK", value_parser = parse_token)]
    pub invite: Option<Token>,
    /// The token of an SOS Call or its whole link. Comes before the one in this file's name.
    #[arg(long, value_name = "TOKEN|LINK", value_parser = parse_call, conflicts_with_all = ["pin", "invite"])]
    pub call: Option<CallToken>,
    /// The window's language; else the desktop's.
    #[arg(long, value_enum)]
    pub lang: Option<Language>,
    /// What to write to stderr: error, warn, info, debug, trace.
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    pub log: tracing::level_filters::LevelFilter,
    /// How the screen is captured.
    #[arg(long, value_enum, default_value = "x11")]
    pub capture: CaptureBackend,
    /// How input is made.
    #[arg(long, value_enum, default_value = "xtest")]
    pub input: InputBackend,
    /// What is encoded when something changed.
    #[arg(long, value_enum, default_value = "stripes")]
    pub encode: EncodeArm,
    /// End with the exit code at the first failure instead of showing it and waiting for the end user.
    #[arg(long)]
    pub exit_on_failure: bool,
}

/// The languages the agent speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    En,
    De,
    Fr,
    Nl,
    Es,
    Ja,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CaptureBackend {
    /// MIT-SHM and XDamage.
    X11,
    /// The portable one: polls and compares.
    Scrap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputBackend {
    Xtest,
    /// The portable one.
    Enigo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EncodeArm {
    /// Only damaged stripes.
    Stripes,
    /// The whole screen each time; for comparison.
    FullFrame,
}

/// Where the gateway is, and how it proves that it is the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    pub host: String,
    pub port: u16,
    pub pin: Option<KeyPin>,
    /// From the stamp.
    pub organisation: Option<String>,
}

/// A text that is no address of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write it like help.example.com, help.example.com:8443 or help.example.com#PIN")]
pub struct NotAGateway;

impl Gateway {
    /// As HTTPS has it.
    pub const USUAL_PORT: u16 = 443;

    /// Host and port as people write them.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.port {
            Self::USUAL_PORT => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }
}

impl From<&StampFields> for Gateway {
    fn from(stamp: &StampFields) -> Self {
        Self {
            host: stamp.gateway.host().to_owned(),
            port: stamp.gateway.port(),
            pin: Some(KeyPin(stamp.pin)),
            organisation: Some(stamp.organisation.clone()),
        }
    }
}

impl std::str::FromStr for Gateway {
    type Err = NotAGateway;

    /// `https://` before and a path behind are forgiven: people copy addresses from browsers.
    fn from_str(text: &str) -> Result<Self, NotAGateway> {
        let text = text.trim();
        let text = text.strip_prefix("https://").unwrap_or(text);
        let (address, pin) = match text.split_once('#') {
            Some((address, pin)) => (address, Some(pin.parse().map_err(|_| NotAGateway)?)),
            None => (text, None),
        };
        let address = address.split('/').next().unwrap_or_default();
        let (host, port) = split_port(address)?;
        let is_named =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if host.is_empty() || host.len() > 253 || !host.chars().all(is_named) {
            return Err(NotAGateway);
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
            pin,
            organisation: None,
        })
    }
}

fn split_port(address: &str) -> Result<(&str, u16), NotAGateway> {
    let after = match address.rfind(']') {
        Some(end) => end,
        None if address.matches(':').count() > 1 => return Ok((address, Gateway::USUAL_PORT)),
        None => 0,
    };
    match address[after..].find(':') {
        Some(colon) => {
            let (host, port) = address.split_at(after + colon);
            let port = port[1..].parse().map_err(|_| NotAGateway)?;
            if port == 0 {
                Err(NotAGateway)
            } else {
                Ok((host, port))
            }
        }
        None => Ok((address, Gateway::USUAL_PORT)),
    }
}

/// The invite or the SOS Call in the name under which this program was downloaded.
#[must_use]
pub fn join_in_name(program: &Path) -> Option<Join> {
    let name = program.file_name()?.to_string_lossy();
    let invite = Token::find(&name).map(|token| Join::Invite(token.to_string()));
    invite.or_else(|| CallToken::find(&name).map(|token| Join::Form(token.to_string())))
}

impl Cli {
    /// What the command line says instead of the file's name: a sentence, so that nobody wonders which of them counts.
    #[must_use]
    pub fn overrides(&self, in_name: Option<&Join>) -> Option<String> {
        let given = self.join()?;
        let in_name = in_name.filter(|in_name| **in_name != given)?;
        let option = match given {
            Join::Pin(_) => "--pin",
            Join::Form(_) => "--call",
            Join::Invite(_) | Join::Resume(_) | Join::Call(_) | Join::Code(_) => "--invite",
        };
        let other = match in_name {
            Join::Form(_) => "SOS Call",
            Join::Invite(_) | Join::Pin(_) | Join::Resume(_) | Join::Call(_) | Join::Code(_) => {
                "invite"
            }
        };
        Some(format!(
            "mayday-sos: {option} is used; the {other} in this file's name is not"
        ))
    }

    /// The way in that the command line names.
    #[must_use]
    pub fn join(&self) -> Option<Join> {
        let pin = self.pin.map(|pin| Join::Pin(pin.to_string()));
        let invite = self.invite.map(|token| Join::Invite(token.to_string()));
        let call = self.call.map(|token| Join::Form(token.to_string()));
        pin.or(invite).or(call)
    }
}

fn parse_pin(text: &str) -> Result<Pin, String> {
    text.parse()
        .map_err(|error: mayday_protocol::digits::WrongDigits| error.to_string())
}

fn parse_call(text: &str) -> Result<CallToken, String> {
    CallToken::find(text).ok_or_else(|| mayday_protocol::token::NotAToken.to_string())
}

fn parse_token(text: &str) -> Result<Token, String> {
    Token::find(text).ok_or_else(|| mayday_protocol::token::NotAToken.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood_as_people_write_them() {
        let pin = "a".repeat(52);
        for (text, host, port, has_pin) in [
            ("help.example.com", "help.example.com", 443, false),
            (" Help.Example.com:8443 ", "help.example.com", 8443, false),
            (
                "https://help.example.com/j/abc",
                "help.example.com",
                443,
                false,
            ),
            ("[::1]:8443", "[::1]", 8443, false),
            ("::1", "::1", 443, false),
            (&format!("127.0.0.1:8443#{pin}"), "127.0.0.1", 8443, true),
        ] {
            let gateway: Gateway = text.parse().unwrap();
            assert_eq!(
                (gateway.host.as_str(), gateway.port, gateway.pin.is_some()),
                (host, port, has_pin)
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "https://",
            "a b",
            "host:0",
            "host:99999",
            "host#short",
            "hö.st",
        ] {
            assert!(text.parse::<Gateway>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_invite_is_found_in_the_name_of_the_file() {
        let token = Token::new([7; 16]);
        let name = format!("/home/me/Downloads/mayday-sos-{token} (1)");
        let invite = Some(Join::Invite(token.to_string()));
        assert_eq!(join_in_name(Path::new(&name)), invite);
        assert_eq!(join_in_name(Path::new("/usr/bin/mayday-sos")), None);
        let call = CallToken::new([7; 16]);
        let name = format!("/home/me/Downloads/mayday-sos-{call}(2)");
        let form = Some(Join::Form(call.to_string()));
        assert_eq!(join_in_name(Path::new(&name)), form);
    }

    #[test]
    fn it_is_said_which_of_two_ways_in_counts() {
        let token = Token::new([7; 16]);
        let in_name = Join::Invite(token.to_string());
        let by_pin = Cli::try_parse_from(["mayday-sos", "--pin", "471 193"]).unwrap();
        let said = by_pin.overrides(Some(&in_name)).unwrap();
        assert!(said.contains("--pin is used; the invite in this file's name is not"));
        assert_eq!(by_pin.overrides(None), None);
        let same = Cli::try_parse_from(["mayday-sos", "--invite", &token.to_string()]).unwrap();
        assert_eq!(same.overrides(Some(&in_name)), None, "both say the same");
        let nothing = Cli::try_parse_from(["mayday-sos"]).unwrap();
        assert_eq!(nothing.overrides(Some(&in_name)), None);
    }

    #[test]
    fn the_command_line_takes_a_whole_link_and_no_unknown_option() {
        let token = Token::new([9; 16]);
        let link = format!("https://help.example.com/j/{token}");
        let cli = Cli::try_parse_from(["mayday-sos", "--invite", &link]).unwrap();
        assert_eq!(cli.invite, Some(token));
        assert!(Cli::try_parse_from(["mayday-sos", "--allow"]).is_err());
        assert!(Cli::try_parse_from(["mayday-sos", "--pin", "12345"]).is_err());
    }
}
