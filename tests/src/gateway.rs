//! A real gateway process with its own data folder on loopback, and its owner. Owns no requests beyond that.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::process::{Running, program};
use crate::rest::Rest;

pub const ORGANISATION: &str = "Harbour IT";
pub const OWNER: &str = "owner@example.com";
pub const OWNER_NAME: &str = "Olivia Owner";
/// Made up for loopback demos and tests only; a real owner chooses one.
pub const PASSWORD: &str = "correct horse battery";

/// What the gateway prints when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub struct Listening {
    pub address: String,
    pub public_url: String,
    pub http_loopback: String,
    pub pin: String,
}

#[derive(Debug)]
pub struct Gateway {
    process: Running,
    data: PathBuf,
    logs: PathBuf,
    template: Option<PathBuf>,
    more: Vec<String>,
    pub listening: Listening,
    /// From the start of its program to its word that it listens.
    pub started_in: Duration,
}

impl Gateway {
    /// Makes the owner in a fresh data folder and starts the gateway on a free port.
    ///
    /// # Errors
    /// When it is not built or does not start.
    pub fn start(data: &Path, logs: &Path, template: Option<&Path>) -> Result<Self> {
        Self::start_with(data, logs, template, &[])
    }

    /// As [`Self::start`], with these arguments beside the usual ones.
    ///
    /// # Errors
    /// When it is not built or does not start.
    pub fn start_with(
        data: &Path,
        logs: &Path,
        template: Option<&Path>,
        more: &[&str],
    ) -> Result<Self> {
        create_owner(data)?;
        let any = ["127.0.0.1:0"; 2];
        let more = more.iter().map(|one| (*one).to_owned()).collect();
        Self::start_again(data, logs, template, any, more)
    }

    /// `addresses`: for everybody, and on plain HTTP.
    fn start_again(
        data: &Path,
        logs: &Path,
        template: Option<&Path>,
        addresses: [&str; 2],
        more: Vec<String>,
    ) -> Result<Self> {
        let [listen, loopback] = addresses;
        let mut command = Command::new(program("mayday-gateway")?);
        command.arg("run").arg("--data").arg(data);
        command.args(["--listen", listen, "--http-loopback", loopback]);
        command.args(["--organisation", ORGANISATION]);
        command.args(&more);
        if let Some(template) = template {
            command.arg("--agent-template").arg(template);
        }
        let begun = Instant::now();
        let mut process = Running::start(command, "gateway", logs)?;
        let listening = process.line(Duration::from_secs(30), |line| {
            serde_json::from_str::<Listening>(line).ok()
        })?;
        let started_in = begun.elapsed();
        Ok(Self {
            process,
            data: data.to_owned(),
            logs: logs.to_owned(),
            template: template.map(Path::to_owned),
            more,
            listening,
            started_in,
        })
    }

    /// Kills it as a power cut would, and starts it again on the same port.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn crash_and_restart(self) -> Result<Self> {
        let Self {
            mut process,
            data,
            logs,
            template,
            more,
            listening,
            started_in: _,
        } = self;
        process.crash()?;
        let loopback = listening.http_loopback.trim_start_matches("http://");
        let addresses = [&*listening.address, loopback];
        Self::start_again(&data, &logs, template.as_deref(), addresses, more)
    }

    /// A client on the plain loopback address, signed in as the owner.
    ///
    /// # Errors
    /// When the sign-in is refused.
    pub fn owner(&self) -> Result<Rest> {
        Rest::sign_in(&self.listening.http_loopback, OWNER, PASSWORD)
    }

    /// The owner adds somebody, who follows the one-time link, chooses the usual password and signs in. Gives their id, too.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub fn hire(
        &self,
        owner: &Rest,
        name: &str,
        email: &str,
        role: &str,
    ) -> Result<(String, Rest)> {
        let hired = owner.post(
            "/technicians",
            &json!({"name": name, "email": email, "role": role}),
        )?;
        let link = hired["setup_link"].as_str().context("a set-up link")?;
        let token = link.rsplit('/').next().context("a link has a last part")?;
        let base = &self.listening.http_loopback;
        Rest::anonymous(base).post(&format!("/setup/{token}"), &json!({"password": PASSWORD}))?;
        let id = hired["technician"]["id"].as_str().context("an id")?;
        Ok((id.to_owned(), Rest::sign_in(base, email, PASSWORD)?))
    }

    /// `host:port#pin`, as the agent's `--gateway` takes it.
    #[must_use]
    pub fn for_agents(&self) -> String {
        format!("{}#{}", self.listening.address, self.listening.pin)
    }

    #[must_use]
    pub fn process(&mut self) -> &mut Running {
        &mut self.process
    }
}

fn create_owner(data: &Path) -> Result<()> {
    std::fs::create_dir_all(data)?;
    let mut child = Command::new(program("mayday-gateway")?)
        .args(["owner", "create", "--data"])
        .arg(data)
        .args(["--email", OWNER, "--name", OWNER_NAME, "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child
        .stdin
        .take()
        .context("a pipe was asked for")?
        .write_all(format!("{PASSWORD}\n").as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!(
            "owner create failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
