//! The cage: which system calls the decoder's process may make from now on. Owns the list and the proof; everything else fails with
//! "not permitted".

use std::collections::BTreeMap;
use std::fs::File;
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use libc::c_long;
use seccompiler::{
    SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition as Condition,
    SeccompFilter, SeccompRule, TargetArch,
};

/// The socket to the parent.
const SOCKET: u64 = 0;
const STDERR: u64 = 2;

/// Calls without conditions: memory that is its own, threads, time, the end.
const FREE: [c_long; 20] = [
    // Absent, by the other filter.
    libc::SYS_clone3,
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    libc::SYS_clock_nanosleep,
];

/// What [`prove`] tries, in the order of its bits.
pub const TRIED: [&str; 4] = [
    "open a file",
    "open a network socket",
    "open a local socket",
    "start a program",
];

/// Shuts the cage around this process for ever.
///
/// # Errors
/// When this kernel has no seccomp, or refuses the filter.
pub fn shut() -> Result<(), Box<dyn std::error::Error>> {
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> =
        FREE.iter().map(|call| (*call, Vec::new())).collect();
    let equal = |argument, value| Condition::new(argument, Length::Qword, Op::Eq, value);
    let masked = |argument, mask: i32, value: i32| {
        Condition::new(
            argument,
            Length::Dword,
            Op::MaskedEq(mask as u64),
            value as u64,
        )
    };
    let one = |conditions| SeccompRule::new(conditions).map(|rule| vec![rule]);
    rules.insert(libc::SYS_recvfrom, one(vec![equal(0, SOCKET)?])?);
    // Without an address it reaches the parent only.
    rules.insert(
        libc::SYS_sendto,
        one(vec![equal(0, SOCKET)?, equal(4, 0)?])?,
    );
    rules.insert(libc::SYS_write, one(vec![equal(0, STDERR)?])?);
    rules.insert(
        libc::SYS_mmap,
        one(vec![
            masked(2, libc::PROT_EXEC, 0)?,
            masked(3, libc::MAP_ANONYMOUS, libc::MAP_ANONYMOUS)?,
        ])?,
    );
    rules.insert(
        libc::SYS_mprotect,
        one(vec![masked(2, libc::PROT_EXEC, 0)?])?,
    );
    // Threads of this process, never a process. Which of the two `clone3` makes cannot be seen here.
    rules.insert(
        libc::SYS_clone,
        one(vec![masked(0, libc::CLONE_THREAD, libc::CLONE_THREAD)?])?,
    );
    let arch: TargetArch = std::env::consts::ARCH.try_into()?;
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?;
    let absent = SeccompFilter::new(
        BTreeMap::from([(libc::SYS_clone3, Vec::new())]),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
        arch,
    )?;
    for filter in [absent, filter] {
        let program: seccompiler::BpfProgram = filter.try_into()?;
        seccompiler::apply_filter(&program)?;
    }
    Ok(())
}

/// Tries what must not be possible; a bit for everything that was.
pub fn prove() -> u64 {
    let possible = [
        File::open("/proc/self/status").is_ok() || File::create("/tmp/mayday-escaped").is_ok(),
        UdpSocket::bind("127.0.0.1:0").is_ok(),
        UnixDatagram::unbound().is_ok(),
        Command::new("/bin/true").spawn().is_ok(),
    ];
    let bits = possible.iter().enumerate();
    bits.fold(0, |bits, (at, was)| bits | u64::from(*was) << at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_the_cage_everything_that_is_tried_works() {
        assert_eq!(prove(), (1 << TRIED.len()) - 1);
    }
}
