//! What the story found, for machines. Owns the shape of report.json.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::process;

#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub ok: bool,
    /// The build profile of the parts that played.
    pub profile: String,
    pub steps: Vec<Step>,
    /// From starting the gateway's program to its word that it listens.
    pub gateway_start_ms: f64,
    /// From asking the desk for a change to the changed row in an open list.
    pub event_to_list_ms: Option<Spread>,
    pub allow_to_first_picture_ms: Option<f64>,
    pub key_to_pixel_browser_ms: Option<Spread>,
    /// Over 5 s, connected, nothing changing on the screen.
    pub agent_idle_cpu_percent: Option<f64>,
    pub agent_rss_mb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Step {
    pub name: String,
    pub ok: bool,
    pub ms: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    pub p50: f64,
    pub p95: f64,
    pub max: f64,
}

impl Spread {
    /// `None` without samples.
    #[must_use]
    pub fn of(mut samples: Vec<f64>) -> Option<Self> {
        samples.sort_by(f64::total_cmp);
        let at = |share: f64| {
            samples
                .get(((samples.len() as f64 - 1.0) * share) as usize)
                .copied()
        };
        Some(Self {
            p50: at(0.5)?,
            p95: at(0.95)?,
            max: at(1.0)?,
        })
    }
}

impl Report {
    pub(super) fn new(gateway_start: Duration) -> Result<Self> {
        Ok(Self {
            ok: false,
            profile: profile()?,
            steps: Vec::new(),
            gateway_start_ms: gateway_start.as_secs_f64() * 1e3,
            event_to_list_ms: None,
            allow_to_first_picture_ms: None,
            key_to_pixel_browser_ms: None,
            agent_idle_cpu_percent: None,
            agent_rss_mb: None,
            error: None,
        })
    }

    pub(super) fn begin(&mut self, name: &str) {
        self.steps.push(Step {
            name: name.to_owned(),
            ok: false,
            ms: 0,
        });
    }

    pub(super) fn done(&mut self, took: Duration) -> String {
        let Some(step) = self.steps.last_mut() else {
            return String::new();
        };
        step.ok = true;
        step.ms = took.as_millis() as u64;
        let name = step.name.clone();
        self.ok = self.steps.iter().all(|step| step.ok);
        name
    }

    pub(super) fn fail(&mut self, error: &str) {
        self.ok = false;
        self.error = Some(error.to_owned());
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, serde_json::to_string_pretty(self)?)?)
    }
}

/// Cargo names the folder after the profile, but for one.
fn profile() -> Result<String> {
    let folder = process::programs()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(if name == "debug" { "dev" } else { &name }.to_owned())
}
