//! What a process costs: processor time from schedstat, as this kernel's rusage under-counts short work.

use std::fs;
use std::path::Path;

/// Milliseconds that all threads of a process have run; 0 when it is gone.
#[must_use]
pub fn cpu_ms(process: u32) -> f64 {
    let tasks = Path::new("/proc").join(process.to_string()).join("task");
    let Ok(tasks) = fs::read_dir(tasks) else {
        return 0.0;
    };
    let nanoseconds: f64 = tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|line| line.split_whitespace().next()?.parse::<f64>().ok())
        .sum();
    nanoseconds / 1e6
}

/// The same with all processes that it started.
#[must_use]
pub fn family_cpu_ms(process: u32) -> f64 {
    let tasks = Path::new("/proc").join(process.to_string()).join("task");
    let tasks = fs::read_dir(tasks).into_iter().flatten().flatten();
    let children = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<String> = children.collect();
    let ids = children.iter().flat_map(|line| line.split_whitespace());
    let below = ids.filter_map(|id| id.parse().ok()).map(family_cpu_ms);
    cpu_ms(process) + below.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_started_counts_for_it() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .spawn()
            .unwrap();
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let own = std::process::id();
        while family_cpu_ms(own) - cpu_ms(own) < 1.0 {
            assert!(std::time::Instant::now() < end, "the child never counted");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn work_costs_and_a_process_that_is_gone_does_not() {
        let before = cpu_ms(std::process::id());
        let mut sum = 0_u64;
        while cpu_ms(std::process::id()) <= before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert_eq!(cpu_ms(u32::MAX), 0.0);
    }
}
