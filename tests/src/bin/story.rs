//! `cargo xtask demo`: gathers the cast and keeps it on stage, or (`--auto`) plays the whole main job and reports. Owns no step of it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;
use mayday_tests::agent::Agent;
use mayday_tests::desktop::Desktop;
use mayday_tests::gateway::Gateway;
use mayday_tests::story::{self, Cast, Company, Office, Request, Story};
use mayday_tests::xserver::XServer;

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

/// Everything stays on stage until Ctrl+C: on this desktop where there is one, else on one of its own.
async fn stage(out: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(out);
    let display = std::env::var("DISPLAY").ok();
    match display.filter(|display| Desktop::open(display).is_ok()) {
        Some(display) => {
            let company = Company::found(out)?;
            present(out, &display, "this one", &company).await
        }
        None => {
            let cast = Cast::gather(out)?;
            let display = cast.screen.display();
            let look = format!(
                "{display}\n  to look:  DISPLAY={display} import -window root desktop.png\n  to allow: DISPLAY={display} xdotool search --name '^Mayday$' windowactivate --sync key alt+a"
            );
            present(out, display, &look, &cast.company).await
        }
    }
}

async fn present(out: &Path, display: &str, desktop: &str, company: &Company) -> Result<()> {
    let office = Office::staff(company)?;
    office.work(company)?;
    let (gateway, technician) = (&company.gateway, &company.technician);
    let rosa = XServer::start(1280, 800, &out.join("logs/rosa"))?;
    let _asks = asks_for_help(&rosa, gateway, &office, &out.join("logs/rosa"))?;
    let created = technician.new_session("Printer on the second floor")?;
    let _agent = Agent::start(
        display,
        &["--gateway", &gateway.for_agents(), "--pin", &created.pin],
        &out.join("logs"),
    )?;
    println!("{}", Office::introduce(gateway));
    println!("Session link    {}", created.link);
    println!("Session PIN     {}", created.pin);
    println!("SOS Call        {}", office.call);
    println!("End user's desktop (an agent runs there): {desktop}");
    println!(
        "Sign in as the first technician, press Start remote session in “Printer on the second floor”, and allow it on the end user's desktop."
    );
    println!("Ctrl+C ends everything.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Somebody who waits in the queue, at a computer that nobody sees.
fn asks_for_help(
    computer: &XServer,
    gateway: &Gateway,
    office: &Office,
    logs: &Path,
) -> Result<Agent> {
    let desktop = Desktop::open(computer.display())?;
    let request = Request {
        name: "rosa",
        issue: "the invoice does not print",
        room: "12",
    };
    let call = (gateway.for_agents(), &office.call);
    let agent = story::fill_in(
        &desktop,
        computer.display(),
        (&call.0, call.1),
        &request,
        logs,
    )?;
    story::send(&desktop, &agent)?;
    Ok(agent)
}
