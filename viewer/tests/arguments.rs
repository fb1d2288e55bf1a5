//! What the program says to somebody who starts it by hand.

use std::process::{Command, Output};

fn viewer(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_mayday-viewer");
    Command::new(program).args(arguments).output().unwrap()
}

#[test]
fn without_a_link_it_says_what_it_is_and_how_it_is_opened() {
    let output = viewer(&[]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    for needed in [
        "Open in viewer",
        "--register",
        "--open 'mayday://",
        "--help",
    ] {
        assert!(said.contains(needed), "{said}");
    }
    assert!(!said.contains("error:"), "{said}");
}

#[test]
fn help_names_the_way_back() {
    let output = viewer(&["--help"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("--unregister"), "{said}");
    let both = viewer(&["--register", "--unregister"]);
    assert_eq!(both.status.code(), Some(2));
}

/// In a home of the test's own; the desktop's tools may be missing.
#[test]
fn what_register_did_unregister_takes_back() {
    let home = std::env::temp_dir().join(format!("mayday-viewer-home-{}", std::process::id()));
    let run = |argument: &str| {
        let program = env!("CARGO_BIN_EXE_mayday-viewer");
        let output = Command::new(program)
            .arg(argument)
            .env("HOME", &home)
            .env("XDG_DATA_HOME", home.join("share"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{argument}");
        String::from_utf8(output.stdout).unwrap()
    };
    let entry = home.join("share/applications/mayday-viewer.desktop");
    std::fs::create_dir_all(home.join("config")).unwrap();
    assert!(run("--register").contains("--unregister"));
    assert!(entry.is_file());
    run("--unregister");
    assert!(!entry.exists());
    let list = home.join("config/mimeapps.list");
    let left = std::fs::read_to_string(list).unwrap_or_default();
    assert!(!left.contains("mayday"), "{left}");
    assert!(run("--unregister").contains("nothing to take back"));
    std::fs::remove_dir_all(home).unwrap();
}
