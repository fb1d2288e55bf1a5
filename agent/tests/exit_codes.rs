//! How the program ends, and that it says why: docs/agent.md promises these codes to scripts.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn agent() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mayday-sos"));
    command
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DISPLAY")
        .env("LANG", "C.UTF-8");
    command
}

struct Server {
    process: Child,
    display: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1024x768x24", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed by `cargo xtask test`");
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        Self {
            process,
            display: format!(":{}", number.trim()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ends within `limit`, or the test fails.
fn end_of(command: &mut Command, limit: Duration) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + limit;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("still runs after {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// An agent that tries a gateway at this address.
fn not_reached(server: &Server, address: SocketAddr) -> Output {
    let mut command = agent();
    command
        .env("DISPLAY", &server.display)
        .args(["--exit-on-failure", "--pin", "123456", "--gateway"])
        .arg(format!("{address}#{}", "a".repeat(52)));
    end_of(&mut command, Duration::from_secs(50))
}

#[test]
fn a_wrong_command_line_is_2() {
    for arguments in [
        &["--allow"][..],
        &["--pin", "12"],
        &["--gateway", "not a host"],
    ] {
        let output = end_of(agent().args(arguments), Duration::from_secs(10));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_version_and_the_exit_codes_are_told_without_a_display() {
    let output = end_of(agent().arg("--version"), Duration::from_secs(10));
    assert!(output.status.success());
    let help = end_of(agent().arg("--help"), Duration::from_secs(10));
    assert!(String::from_utf8_lossy(&help.stdout).contains("Exit codes"));
}

#[test]
fn without_a_desktop_it_is_3_with_a_sentence() {
    let output = end_of(&mut agent(), Duration::from_secs(10));
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("desktop"));
}

#[test]
fn a_gateway_that_does_not_answer_is_4_within_seconds() {
    let server = Server::start();
    // Bound and never accepted: connections are taken by the system and nothing comes back.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let started = Instant::now();
    let output = not_reached(&server, address);
    assert_eq!(
        output.status.code(),
        Some(4),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!("after {:?}", started.elapsed());
}

#[test]
fn a_port_where_nobody_listens_is_4_too() {
    let server = Server::start();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let output = not_reached(&server, free);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unreachable"));
}
