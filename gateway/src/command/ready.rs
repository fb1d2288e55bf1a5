//! What the gateway says when it is ready: to a person at a terminal a block to read, to a program one line of JSON.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;

use mayday_session::permission::Role;
use serde_json::json;

use crate::directory::Snapshot;
use crate::site::{Site, VERSION};

/// How far the way to the first account has been gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OwnerIs {
    Missing,
    /// Has an account and no password yet.
    Invited {
        email: String,
    },
    There,
}

impl OwnerIs {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let owners = || snapshot.accounts().filter(|one| one.role == Role::Owner);
        if owners().any(|one| one.is_usable()) {
            return Self::There;
        }
        match owners().min_by_key(|one| &one.email) {
            Some(owner) => Self::Invited {
                email: owner.email.clone(),
            },
            None => Self::Missing,
        }
    }
}

pub(super) struct Ready<'a> {
    pub(super) address: SocketAddr,
    pub(super) http: Option<SocketAddr>,
    pub(super) site: &'a Site,
    pub(super) organisation: &'a str,
    /// With `--organisation`.
    pub(super) asked_for: Option<&'a str>,
    /// With `--public-url`.
    pub(super) named: bool,
    pub(super) own_certificate: bool,
    pub(super) data: &'a Path,
    pub(super) template: Option<&'a Path>,
    pub(super) owner: OwnerIs,
}

impl Ready<'_> {
    /// # Errors
    /// When standard output is closed.
    pub(super) fn say(&self, json: bool) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        match json || !out.is_terminal() {
            true => writeln!(out, "{}", self.line())?,
            false => writeln!(out, "{self}")?,
        }
        out.flush()
    }

    fn line(&self) -> serde_json::Value {
        json!({
            "event": "listening",
            "address": self.address.to_string(),
            "public_url": self.site.public_url.to_string(),
            "http_loopback": self.http.map(|http| format!("http://{http}")),
            "pin": *self.site.pin,
            "agent": self.template.is_some(),
        })
    }

    /// Where agents and set-up links of this machine find the gateway.
    fn host_and_port(&self) -> String {
        format!(
            "{}:{}",
            self.site.public_url.host(),
            self.site.public_url.port()
        )
    }

    fn next(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = self.data.display();
        match &self.owner {
            OwnerIs::There => Ok(()),
            OwnerIs::Missing => write!(
                f,
                "\nNext: there is no owner yet. Make the first account in another terminal of this machine, and open the link it prints:\n  \
                 mayday-gateway owner create --data '{data}' --email you@example.com --name 'Your Name'\n"
            ),
            OwnerIs::Invited { email } => write!(
                f,
                "\nNext: {email} has no password yet. Open the link that `owner create` printed; if it is lost or older than 7 days:\n  \
                 mayday-gateway owner link --data '{data}' --email '{email}'\n"
            ),
        }
    }
}

/// The block for a person.
impl fmt::Display for Ready<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let site = self.site;
        writeln!(
            f,
            "Mayday gateway {VERSION} for {} is ready.\n",
            self.organisation
        )?;
        let mut row = |name: &str, words: &str| writeln!(f, "  {name:<12} {words}");
        if let Some(asked) = self.asked_for.filter(|asked| *asked != self.organisation) {
            row(
                "Name",
                &format!("as set in the console; --organisation '{asked}' holds only until then"),
            )?;
        }
        row("Console", &site.public_url.to_string())?;
        if !self.named {
            row(
                "",
                "links and agents carry this address; --public-url gives the one that others reach",
            )?;
        }
        if let Some(http) = self.http {
            row("", &format!("http://{http} (this machine only)"))?;
        }
        row("Listens on", &format!("{}, TCP and UDP", self.address))?;
        row(
            "Certificate",
            match self.own_certificate {
                true => {
                    "made by the gateway itself: browsers warn; --cert and --key take a real one"
                }
                false => "as given with --cert and --key",
            },
        )?;
        row("Data", &self.data.display().to_string())?;
        match self.template {
            Some(template) => row("Agent", &format!("prepared from {}", template.display()))?,
            None => row(
                "Agent",
                "none: invite pages offer no download until you start with --agent-template PATH/mayday-sos",
            )?,
        }
        row("Fingerprint", &site.pin)?;
        row(
            "",
            &format!(
                "for an agent without stamp: --gateway '{}#{}'",
                self.host_and_port(),
                site.pin
            ),
        )?;
        self.next(f)?;
        f.write_str("\nCtrl+C stops the gateway.")
    }
}
