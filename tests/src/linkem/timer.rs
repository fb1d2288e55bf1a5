//! Waiting until a moment, to some microseconds. Owns no schedule.

use std::time::{Duration, Instant};

/// The end of a wait is spent looking at the clock, because sleeping wakes up this much late at worst on a quiet machine.
const SPIN: Duration = Duration::from_micros(60);

/// Lets this thread's sleeps end as exactly as the kernel can.
pub fn no_slack() {
    // SAFETY: PR_SET_TIMERSLACK takes a plain number of nanoseconds and concerns only the calling thread.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1_usize);
    }
}

pub fn wait_until(moment: Instant) {
    loop {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        if left > SPIN {
            std::thread::sleep(left - SPIN);
        } else {
            std::hint::spin_loop();
        }
    }
}
