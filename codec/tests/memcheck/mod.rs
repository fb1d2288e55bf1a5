//! A test program's own tests once more under valgrind's memcheck: every read and write, also in libraries and behind `unsafe`, is watched, and
//! so is everything that depends on bytes nobody wrote. Owns the watching, and what happens without valgrind; not what is watched.

use std::process::Command;

/// Whoever has no valgrind for this machine sets this, and then nothing is watched.
const WITHOUT: &str = "MAYDAY_WITHOUT_VALGRIND";
/// What memcheck ends with when it has found something.
const FOUND: i32 = 99;

/// Runs these tests of this program, by their whole names, one after the other.
pub fn watch(tests: &[&str]) {
    let Ok(version) = Command::new("valgrind").arg("--version").output() else {
        assert!(
            std::env::var_os(WITHOUT).is_some(),
            "valgrind is not installed: run `cargo xtask setup`, or set {WITHOUT}=1 to go without what it would find"
        );
        println!("{WITHOUT} is set and valgrind is not there: nothing was watched");
        return;
    };
    let ran = Command::new("valgrind")
        .args(["--quiet", "--leak-check=full", "--show-leak-kinds=definite"])
        .args(["--errors-for-leak-kinds=definite", "--num-callers=30"])
        .arg(format!("--error-exitcode={FOUND}"))
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--test-threads=1"])
        .args(tests)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let [said, found, version] =
        [&ran.stdout, &ran.stderr, &version.stdout].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(ran.status.success(), "{version}{said}\n{found}");
    let passed = format!("{} passed", tests.len());
    assert!(said.contains(&passed), "not {passed}:\n{said}");
}
