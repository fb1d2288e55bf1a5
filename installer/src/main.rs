//! `mayday-installer`: stamps agents by hand, and shows what a file's stamp says. Owns the command line; the gateway stamps through the
//! library.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use mayday_installer::{GatewayAddress, Shown, StampFields, StampKey, show_file, stamp_file};
use mayday_protocol::base32;

#[derive(Parser)]
#[command(
    name = "mayday-installer",
    version,
    about = "Makes a Mayday agent your own"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write your gateway's address, key pin and name into an agent
    Stamp(StampArguments),
    /// Print what a file's stamp says and whether it is whole
    Show {
        /// The agent's file
        file: PathBuf,
    },
}

#[derive(clap::Args)]
struct StampArguments {
    /// The agent as released
    #[arg(long)]
    template: PathBuf,
    /// The file to write
    #[arg(long)]
    out: PathBuf,
    /// Where agents reach the gateway
    #[arg(long, value_name = "HOST:PORT")]
    gateway: GatewayAddress,
    /// The gateway's key pin, as it prints it at start: 52 characters
    #[arg(long, value_parser = parse_pin)]
    pin: [u8; 32],
    /// Your organisation's name, as end users read it
    #[arg(long)]
    organisation: String,
    /// The stamp key; made if there is none yet
    #[arg(long)]
    key: PathBuf,
}

fn parse_pin(text: &str) -> Result<[u8; 32], &'static str> {
    let bytes = base32::decode(text.trim()).unwrap_or_default();
    bytes
        .try_into()
        .map_err(|_| "a key pin has 52 characters out of a-z and 2-7")
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mayday-installer: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Stamp(arguments) => {
            stamp(&arguments)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Show { file } => {
            let shown = show_file(&file)?;
            println!("{shown}");
            Ok(match shown {
                Shown::Whole(_) | Shown::Unstamped => ExitCode::SUCCESS,
                Shown::Altered | Shown::NoSection(_) => ExitCode::FAILURE,
            })
        }
    }
}

fn stamp(arguments: &StampArguments) -> anyhow::Result<()> {
    let key = StampKey::load_or_create(&arguments.key)?;
    let fields = StampFields {
        gateway: arguments.gateway.clone(),
        pin: arguments.pin,
        organisation: arguments.organisation.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    stamp_file(&arguments.template, &arguments.out, &fields, &key)
        .context("the agent was not stamped")?;
    println!("{}", arguments.out.display());
    Ok(())
}
