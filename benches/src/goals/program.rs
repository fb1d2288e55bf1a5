//! Asking another bench's program: its object from its standard output, its words in a file. Owns no knowledge of what it measures.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::part::{self, Part};

/// A program that takes so many times as long as it should is stuck.
const STUCK: u32 = 3;
/// Its last words, when it fails.
const LINES: usize = 4;

/// Runs the program and reads its object.
pub fn ask(command: &part::Command, part: Part, run: u32, out: &Path) -> Result<Value> {
    let logs = out.join("logs");
    std::fs::create_dir_all(&logs)?;
    let file = |kind| logs.join(format!("{}-{run}.{kind}", part.name()));
    let (object, words) = (file("json"), file("log"));
    let program = beside_this_program(command.program)?;
    let mut child = Command::new(&program)
        .arg("--json")
        .args(&command.arguments)
        .arg("--out")
        .arg(out.join(part.name()))
        .stdin(Stdio::null())
        .stdout(File::create(&object)?)
        .stderr(File::create(&words)?)
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let failure = end(&mut child, STUCK * part.takes())?;
    if let Some(failure) = failure {
        let said = std::fs::read_to_string(&words).unwrap_or_default();
        let lines: Vec<_> = said.lines().collect();
        let last = lines[lines.len().saturating_sub(LINES)..].join("; ");
        bail!("{} {failure}: {last}", command.program);
    }
    let said = std::fs::read_to_string(&object)?;
    serde_json::from_str(&said)
        .with_context(|| format!("{} says no object: {}", command.program, object.display()))
}

/// Waits for the end; why it was none, if it was none.
fn end(child: &mut Child, limit: Duration) -> Result<Option<String>> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((!status.success()).then(|| format!("failed ({status})")));
        }
        if Instant::now() > until {
            for process in family(child.id()) {
                // SAFETY: kill(2) takes plain numbers; these are our child, not yet reaped, and what it started.
                unsafe { libc::kill(process as i32, libc::SIGTERM) };
            }
            child.kill()?;
            child.wait()?;
            return Ok(Some(format!("was stuck for {} s", limit.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A process and all that it started.
fn family(process: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
    let tasks = tasks.into_iter().flatten().flatten();
    let children =
        tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<u32> = children
        .flat_map(|line| {
            line.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect();
    let below = children.into_iter().flat_map(family);
    std::iter::once(process).chain(below).collect()
}

fn beside_this_program(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    if !program.is_file() {
        bail!(
            "{} is not built; `cargo xtask bench goals` builds all that is needed",
            program.display()
        );
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_stuck_is_ended_with_what_it_started() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 600 & wait"])
            .spawn()
            .unwrap();
        let mut started = Vec::new();
        while started.len() < 2 {
            started = family(child.id());
        }
        let failure = end(&mut child, Duration::ZERO).unwrap();
        assert_eq!(failure.unwrap(), "was stuck for 0 s");
        let is_gone = |id| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            !status.contains("sleep") || status.contains("State:\tZ")
        };
        while !is_gone(started[1]) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_failure_is_told_as_such() {
        let mut child = Command::new("false").spawn().unwrap();
        let failure = end(&mut child, Duration::from_secs(20)).unwrap();
        assert!(failure.unwrap().starts_with("failed"));
    }
}
