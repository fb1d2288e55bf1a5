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

#[cfg(test)]
mod tests {
    use super::*;

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
