//! The audit from outside: whole after real work, and every way to falsify it shows.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::json;

use crate::support::{BINARY, Gateway, falsify, path};

fn verify(data: &Path) -> Output {
    Command::new(BINARY)
        .args(["audit", "verify", "--data"])
        .arg(data)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// Some sessions were made and closed; a head that covers it was signed at the second start.
async fn worked() -> Arc<tempfile::TempDir> {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    for name in ["one", "two", "three"] {
        let session = owner.session(name, None).await;
        owner.post(&path(&session, "/close"), json!({})).await;
    }
    let data = gateway.kill();
    let heads = data.path().join("audit-heads.log");
    let signed = || {
        std::fs::read_to_string(&heads)
            .unwrap_or_default()
            .lines()
            .count()
    };
    let before = signed();
    let again = Gateway::start_in(data.clone(), &[]);
    let started = std::time::Instant::now();
    while signed() == before && started.elapsed() < crate::support::PATIENCE {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    again.kill();
    data
}

#[tokio::test]
async fn after_real_work_the_audit_is_whole() {
    let data = worked().await;
    let output = verify(data.path());
    assert!(output.status.success(), "{}", said(&output));
    let text = said(&output);
    assert!(text.contains("the audit is whole"), "{text}");
    assert!(!text.contains(" 0 signed heads"), "{text}");
}

#[tokio::test]
async fn a_changed_missing_or_cut_record_and_a_forged_head_show() {
    let cases = [
        (
            "UPDATE audit SET actor = 'technician:1' WHERE sequence = 3",
            "record 3, or one before it, was changed",
        ),
        (
            "DELETE FROM audit WHERE sequence = 4",
            "record 4 is missing",
        ),
        (
            "DELETE FROM audit WHERE sequence > 5",
            "the end was cut off",
        ),
        ("DELETE FROM audit", "the end was cut off"),
    ];
    for (sql, sentence) in cases {
        let data = worked().await;
        falsify(data.path(), sql).await;
        let output = verify(data.path());
        assert!(!output.status.success(), "{sql}");
        assert!(said(&output).contains(sentence), "{sql}: {}", said(&output));
    }
    let data = worked().await;
    let heads = data.path().join("audit-heads.log");
    let text = std::fs::read_to_string(&heads).unwrap();
    std::fs::write(&heads, text.replacen("head 1 ", "head 1 9", 1)).unwrap();
    let output = verify(data.path());
    assert!(
        said(&output).contains("line 1: not signed by this gateway"),
        "{}",
        said(&output)
    );
}
