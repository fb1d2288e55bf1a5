//! The command line: what can be said, not what it does.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use mayday_transport::Congestion;

use crate::accounts::{clean_email, clean_name};
use crate::site::PublicUrl;

/// Mayday gateway: Service Desk and relay for remote support, in one binary on one port.
#[derive(Debug, Parser)]
#[command(name = "mayday-gateway", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the gateway.
    Run(Run),
    /// The owners' accounts: the way to the first one, and back in, on this machine only.
    Owner {
        #[command(subcommand)]
        command: Owner,
    },
    /// The record of who did what.
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// Print the API's OpenAPI 3.1 description.
    Openapi,
}

#[derive(Clone, Debug, Args)]
pub struct Run {
    /// Folder for the database, keys and prepared agents; made at the first start.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Address for TCP and UDP; port 0 takes a free one.
    #[arg(long, default_value = "[::]:8443", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// How others reach this gateway; in links and prepared agents. Without it, the listening address.
    #[arg(long, value_name = "https://HOST[:PORT]")]
    pub public_url: Option<PublicUrl>,
    /// Your organisation's name, as end users read it, until the owner gives another in the console's Settings.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub organisation: Option<String>,
    /// Certificate chain (PEM) for browsers; read again when it changes. Without it one is made, and browsers warn.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Also serve the console on plain HTTP, for browsers on this machine only.
    #[arg(long, value_name = "127.0.0.1:PORT")]
    pub http_loopback: Option<SocketAddr>,
    /// The agent that is prepared for this gateway at start. Without it, DATA/templates/mayday-sos-linux-x86_64 if it exists.
    #[arg(long, value_name = "FILE")]
    pub agent_template: Option<PathBuf>,
    /// How QUIC answers loss: bbr or cubic. For measuring; docs/performance/congestion.md says why bbr is usual.
    #[arg(long, default_value = "bbr", hide = true, value_name = "NAME")]
    pub congestion: Congestion,
    /// Say that it is ready as one line of JSON, as it does when standard output is not a terminal.
    #[arg(long)]
    pub json: bool,
    /// What is logged to stderr, for example `info` or `mayday_gateway=debug`.
    #[arg(long, default_value = "info", value_name = "FILTER")]
    pub log: String,
    /// Log as JSON lines.
    #[arg(long)]
    pub log_json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Owner {
    /// Make an owner's account, whether the gateway runs or not.
    Create(OwnerCreate),
    /// Make a new set-up link for an owner who lost theirs, let it run out, or forgot the password.
    Link(OwnerLink),
}

#[derive(Debug, Args)]
pub struct OwnerCreate {
    /// The gateway's data folder.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The owner's e-mail address, to sign in with.
    #[arg(long, value_name = "ADDRESS", value_parser = email)]
    pub email: String,
    /// The owner's name, as technicians and end users read it.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub name: String,
    /// Read the password from standard input instead of printing a set-up link.
    #[arg(long)]
    pub password_stdin: bool,
    /// How the set-up link reaches the gateway. Without it, as at the gateway's last start, or as it was told before the first.
    #[arg(long, value_name = "https://HOST[:PORT]")]
    pub public_url: Option<PublicUrl>,
}

#[derive(Debug, Args)]
pub struct OwnerLink {
    /// The gateway's data folder.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The owner's e-mail address.
    #[arg(long, value_name = "ADDRESS", value_parser = email)]
    pub email: String,
    /// How the set-up link reaches the gateway. Without it, as at the gateway's last start, or as it was told before the first.
    #[arg(long, value_name = "https://HOST[:PORT]")]
    pub public_url: Option<PublicUrl>,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that no record was changed, taken out or cut off, whether the gateway runs or not.
    Verify(AuditVerify),
}

#[derive(Debug, Args)]
pub struct AuditVerify {
    /// The gateway's data folder.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

fn email(text: &str) -> Result<String, &'static str> {
    clean_email(text).ok_or("this is not an e-mail address; one looks like you@example.com")
}

fn name(text: &str) -> Result<String, &'static str> {
    clean_name(text).ok_or("a name has 1 to 64 characters")
}
