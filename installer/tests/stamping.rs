//! Stamps a real program that carries the agent's own section and code, and runs it.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mayday_installer::{
    FileError, Shown, StampError, StampFields, StampKey, show_file, stamp_file,
};
use mayday_protocol::stamp;

/// A directory of this test's own, gone at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Cargo builds examples before it runs tests, beside the directory of the tests.
fn template() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let deps = test.parent().unwrap();
    deps.parent().unwrap().join("examples/stamped")
}

fn fields() -> StampFields {
    StampFields {
        gateway: "help.example.com:8443".parse().unwrap(),
        pin: [42; 32],
        organisation: "Müller GmbH".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

/// A test that starts a program at this moment may still hold the file open for writing in its new process.
fn output(program: &Path) -> Output {
    loop {
        match Command::new(program).output() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            output => return output.unwrap(),
        }
    }
}

fn says(program: &Path) -> String {
    let output = output(program);
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_stamped_program_knows_whose_it_is_and_runs() {
    let scratch = Scratch::new("whose");
    let (out, key) = (scratch.at("agent"), scratch.at("stamp.key"));
    assert_eq!(says(&template()), "unstamped");
    let key = StampKey::load_or_create(&key).unwrap();
    stamp_file(&template(), &out, &fields(), &key).unwrap();
    assert_eq!(says(&out), "help.example.com:8443 Müller GmbH 0.1.0 42");
    let mode = fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    let lengths = [template(), out].map(|path| fs::metadata(path).unwrap().len());
    assert_eq!(lengths[0], lengths[1], "nothing is appended");
}

#[test]
fn any_change_to_the_section_is_seen_by_the_program_itself() {
    let scratch = Scratch::new("altered");
    let (out, key) = (scratch.at("agent"), scratch.at("stamp.key"));
    let key = StampKey::load_or_create(&key).unwrap();
    stamp_file(&template(), &out, &fields(), &key).unwrap();
    let whole = fs::read(&out).unwrap();
    let section = stamp::find(&whole).unwrap();
    for at in (0..stamp::SECTION_BYTES).step_by(97).chain([4095]) {
        let mut changed = whole.clone();
        changed[section + at] ^= 1;
        let path = scratch.at(&format!("altered-{at}"));
        fs::write(&path, changed).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(says(&path), "altered", "byte {at}");
        assert!(!matches!(show_file(&path).unwrap(), Shown::Whole(_)));
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn what_cannot_be_stamped_is_refused_and_nothing_is_left() {
    let scratch = Scratch::new("refused");
    let key = StampKey::load_or_create(&scratch.at("stamp.key")).unwrap();
    let (once, twice) = (scratch.at("once"), scratch.at("twice"));
    stamp_file(&template(), &once, &fields(), &key).unwrap();
    let refused = |template: &Path| match stamp_file(template, &twice, &fields(), &key) {
        Err(FileError::Stamp { source, .. }) => source,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&once), StampError::AlreadyStamped);

    let double = scratch.at("double");
    let mut bytes = fs::read(template()).unwrap();
    bytes.resize(bytes.len().next_multiple_of(stamp::SECTION_ALIGN), 0);
    bytes.extend(stamp::blank());
    fs::write(&double, bytes).unwrap();
    let several = stamp::NotFound::Several(2);
    assert_eq!(refused(&double), StampError::NotFound(several));

    let none = scratch.at("none");
    fs::write(&none, b"#!/bin/sh\n").unwrap();
    let absent = stamp::NotFound::Absent;
    assert_eq!(refused(&none), StampError::NotFound(absent));

    let mut names: Vec<_> = fs::read_dir(&scratch.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["double", "none", "once", "stamp.key"]);
}

#[test]
fn the_key_is_made_once_and_only_its_owner_reads_it() {
    let scratch = Scratch::new("key");
    let (path, out) = (scratch.at("stamp.key"), scratch.at("agent"));
    let mut keys = Vec::new();
    for _ in 0..2 {
        let key = StampKey::load_or_create(&path).unwrap();
        stamp_file(&template(), &out, &fields(), &key).unwrap();
        match show_file(&out).unwrap() {
            Shown::Whole(stamp) => keys.push(stamp.key),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(keys[0], keys[1]);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::write(&path, b"not a key").unwrap();
    assert!(StampKey::load_or_create(&path).is_err());
}

#[test]
fn the_command_stamps_and_shows() {
    let scratch = Scratch::new("command");
    let (out, key) = (scratch.at("agent"), scratch.at("stamp.key"));
    let run = |arguments: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_mayday-installer"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let pin = mayday_protocol::base32::encode(&[42; 32]);
    let (template, out, key) = (
        template(),
        out.display().to_string(),
        key.display().to_string(),
    );
    let template = template.display().to_string();
    let stamped = run(&[
        "stamp",
        "--template",
        &template,
        "--out",
        &out,
        "--gateway",
        "[2001:db8::1]:8443",
        "--pin",
        &pin,
        "--organisation",
        "Ada's help desk",
        "--key",
        &key,
    ]);
    assert!(stamped.status.success(), "{stamped:?}");
    let shown = run(&["show", &out]);
    let text = String::from_utf8(shown.stdout).unwrap();
    for part in ["Ada's help desk", "[2001:db8::1]:8443", &pin, "is whole"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(run(&["show", &template]).status.success());
    assert!(!run(&["show", &key]).status.success());
    let short = run(&[
        "stamp",
        "--template",
        &template,
        "--out",
        &out,
        "--gateway",
        "h:1",
        "--pin",
        "abc",
        "--organisation",
        "x",
        "--key",
        &key,
    ]);
    assert!(!short.status.success());
    assert!(String::from_utf8_lossy(&short.stderr).contains("52 characters"));
}
