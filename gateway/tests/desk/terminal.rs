//! What a person at the command line reads: the block at the start, and the help of every option.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::owner::owner;
use crate::support::{BINARY, Gateway};

/// What it prints on a terminal until `last` is said; then Ctrl+C is pressed.
fn on_a_terminal(data: &Path, more: &str, last: &str) -> String {
    let line = format!(
        "exec {BINARY} run --listen 127.0.0.1:0 --log error --data '{}' {more}",
        data.display()
    );
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--flush", "--command", &line])
        .arg("/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script, of bsdutils");
    let mut keys = terminal.stdin.take();
    let mut said = String::new();
    for line in BufReader::new(terminal.stdout.take().unwrap()).lines() {
        said.push_str(line.unwrap().trim_end());
        said.push('\n');
        if let Some(mut keys) = keys.take_if(|_| said.contains(last)) {
            keys.write_all(b"\x03").unwrap();
        }
    }
    assert!(terminal.wait().unwrap().success(), "{said}");
    said
}

#[test]
fn on_a_terminal_it_says_where_everything_is_and_what_comes_next() {
    let data = TempDir::new().unwrap();
    let folder = data.path().display().to_string();
    let said = on_a_terminal(data.path(), "", "Ctrl+C stops");
    assert!(said.contains("Console      https://127.0.0.1:"), "{said}");
    assert!(said.contains(&format!("Data         {folder}")), "{said}");
    assert!(said.contains("--agent-template PATH/mayday-sos"), "{said}");
    assert!(said.contains("--gateway '127.0.0.1:"), "{said}");
    assert!(said.contains("there is no owner yet"), "{said}");
    let create = format!("owner create --data '{folder}'");
    assert!(said.contains(&create) && !said.contains("{\""), "{said}");
}

#[test]
fn on_a_terminal_an_owner_without_password_is_led_on_and_json_stays_json() {
    let data = TempDir::new().unwrap();
    let made = owner(
        "create",
        data.path(),
        &["--email", "o@example.org", "--name", "O"],
    );
    assert!(made.status.success());
    let said = on_a_terminal(data.path(), "", "Ctrl+C stops");
    assert!(said.contains("o@example.org has no password yet"), "{said}");
    let line = on_a_terminal(data.path(), "--json", "\n");
    let ready: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    assert_eq!(ready["event"], "listening");
}

#[test]
fn every_option_of_the_command_line_has_a_help_text() {
    fn walk(command: &clap::Command) {
        let name = command.get_name();
        assert!(command.get_about().is_some(), "{name}");
        for option in command.get_arguments() {
            assert!(option.get_help().is_some(), "{name} {}", option.get_id());
        }
        command.get_subcommands().for_each(walk);
    }
    walk(&<mayday_gateway::cli::Cli as clap::CommandFactory>::command());
}

#[tokio::test]
async fn a_name_that_was_set_in_the_console_holds_and_the_terminal_says_so() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let name = json!({ "organisation": "Harbour IT" });
    assert!(owner.patch("/settings", name).await.0.is_success());
    let data = gateway.kill();
    let said = on_a_terminal(data.path(), "--organisation Elsewhere", "Ctrl+C stops");
    assert!(said.contains("for Harbour IT is ready"), "{said}");
    assert!(
        said.contains("--organisation 'Elsewhere' holds only until then"),
        "{said}"
    );
    let same = on_a_terminal(data.path(), "--organisation 'Harbour IT'", "Ctrl+C stops");
    assert!(!same.contains("holds only until then"), "{same}");
}
