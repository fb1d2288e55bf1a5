//! The binary: reads the command line, does it, and says in a sentence why not.

use std::process::ExitCode;

use clap::Parser;
use mayday_gateway::cli::{Audit, Cli, Command, Owner};
use mayday_gateway::command;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(run) => command::run::run(run).await,
        Command::Owner {
            command: Owner::Create(create),
        } => command::owner::create(create).await,
        Command::Owner {
            command: Owner::Link(link),
        } => command::owner::link(link).await,
        Command::Audit {
            command: Audit::Verify(verify),
        } => command::audit::verify(verify).await,
        Command::Openapi => command::openapi::print(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mayday-gateway: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes; a cause that a message quotes already is not said twice.
fn sentence(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |said, cause| {
        let cause = cause.to_string();
        match said.is_empty() {
            true => cause,
            false if said.contains(&cause) => said,
            false => format!("{said}: {cause}"),
        }
    })
}
