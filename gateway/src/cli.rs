//! The command line: what can be said, not what it does.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    /// The owner's account: the way to the first one, on this machine only.
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
    /// Your organisation's name, as end users read it.
    #[arg(long, default_value = "Help desk")]
    pub organisation: String,
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
}

#[derive(Debug, Args)]
pub struct OwnerCreate {
    /// The gateway's data folder.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    #[arg(long)]
    pub email: String,
    #[arg(long)]
    pub name: String,
    /// Read the password from standard input instead of printing a set-up link.
    #[arg(long)]
    pub password_stdin: bool,
    /// For the set-up link, if the gateway never ran with one.
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
