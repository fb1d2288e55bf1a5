//! Refuses to build for x86 without nasm: the H.264 library would build without its assembler, silently, and encode 2 to 2.6 times slower.

use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PATH");
    let architecture = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    if matches!(architecture.as_str(), "x86" | "x86_64") && !nasm_answers() {
        println!(
            "cargo::error=nasm is not on the PATH, and without it the H.264 encoder is more than twice as slow: \
             install it (Debian and Ubuntu: apt-get install nasm; Fedora: dnf install nasm; macOS: brew install nasm; \
             Windows: winget install nasm) and build again; if openh264-sys2 was already built without it, \
             run `cargo clean -p openh264-sys2` first"
        );
    }
}

fn nasm_answers() -> bool {
    Command::new("nasm")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
