//! `cargo xtask demo`: gathers the cast and keeps it on stage, or (`--auto`) plays the whole main job and reports. Owns no step of it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;
use mayday_tests::agent::Agent;
use mayday_tests::gateway::{OWNER, PASSWORD};
use mayday_tests::story::{Cast, Story, TECHNICIAN};

#[derive(Parser)]
struct Arguments {
    /// Where screenshots, logs, the gateway's data and report.json go
    #[arg(long)]
    out: PathBuf,
    /// Play it all and end
    #[arg(long)]
    auto: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.auto {
        let report = Story::play(&arguments.out).await?;
        println!("{}", serde_json::to_string_pretty(&report)?);
        println!(
            "Screenshots and report.json are in {}",
            arguments.out.display()
        );
        return Ok(());
    }
    stage(&arguments.out).await
}

/// Everything stays on stage until Ctrl+C.
async fn stage(out: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(out);
    let cast = Cast::gather(out)?;
    let created = cast.technician.new_session("Printer on the second floor")?;
    let _agent = Agent::start(
        cast.screen.display(),
        &[
            "--gateway",
            &cast.gateway.for_agents(),
            "--pin",
            &created.pin,
        ],
        &out.join("logs"),
    )?;
    println!(
        "The Service Desk   {}",
        cast.gateway.listening.http_loopback
    );
    println!("Technician         {TECHNICIAN}   {PASSWORD}");
    println!("Owner              {OWNER}   {PASSWORD}");
    println!("Session link       {}", created.link);
    println!("Session PIN        {}", created.pin);
    println!(
        "End user's desktop {} (an agent runs there; look with: x11vnc or import -window root)",
        cast.screen.display()
    );
    println!("Ctrl+C ends everything.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
