//! Starting, failing to start with a sentence, health, headers, and the first owner.

use std::process::{Command, Output};
use std::sync::Arc;

use mayday_protocol::control::Join;
use reqwest::StatusCode;
use tempfile::TempDir;

use crate::support::{BINARY, Gateway, create_owner, sentence};

fn run(data: &std::path::Path, more: &[&str]) -> Output {
    Command::new(BINARY)
        .args(["run", "--data"])
        .arg(data)
        .args(more)
        .output()
        .unwrap()
}

#[test]
fn a_port_in_use_is_a_sentence() {
    let gateway = Gateway::start();
    let data = TempDir::new().unwrap();
    let said = sentence(&run(data.path(), &["--listen", &gateway.address]));
    assert!(
        said.contains(&gateway.address) && said.contains("--listen"),
        "{said}"
    );
}

/// Nothing that a person would have to find out about and delete.
#[test]
fn a_start_that_fails_leaves_no_folder_behind() {
    let gateway = Gateway::start();
    let parent = TempDir::new().unwrap();
    let (missing, free) = ("/nowhere/mayday-sos", "127.0.0.1:0");
    for wrong in [
        &["--listen", &gateway.address][..],
        &["--listen", free, "--agent-template", missing],
        &["--listen", free, "--cert", missing, "--key", missing],
        &["--listen", free, "--http-loopback", &gateway.address],
        &["--listen", free, "--http-loopback", "192.0.2.1:80"],
    ] {
        sentence(&run(&parent.path().join("data"), wrong));
        let left = std::fs::read_dir(parent.path()).unwrap().count();
        assert_eq!(left, 0, "{wrong:?}");
    }
}

#[test]
fn an_unusable_data_folder_is_a_sentence() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let said = sentence(&run(
        &file.path().join("data"),
        &["--listen", "127.0.0.1:0"],
    ));
    assert!(
        said.contains("data folder") && said.contains("cannot be made"),
        "{said}"
    );
}

#[test]
fn a_bad_certificate_is_a_sentence() {
    let data = TempDir::new().unwrap();
    let bad = data.path().join("bad.pem");
    std::fs::write(&bad, "no certificate").unwrap();
    let bad = bad.to_str().unwrap();
    let said = sentence(&run(
        data.path(),
        &["--listen", "127.0.0.1:0", "--cert", bad, "--key", bad],
    ));
    assert!(said.contains("bad.pem"), "{said}");
}

#[test]
fn plain_http_is_refused_on_an_address_that_others_reach() {
    let data = TempDir::new().unwrap();
    let said = sentence(&run(
        data.path(),
        &["--listen", "127.0.0.1:0", "--http-loopback", "0.0.0.0:0"],
    ));
    assert!(said.contains("this machine only"), "{said}");
}

#[test]
fn an_agent_without_a_place_for_the_stamp_is_a_sentence() {
    let data = TempDir::new().unwrap();
    let template = data.path().join("agent");
    std::fs::write(&template, "no agent").unwrap();
    let template = template.to_str().unwrap();
    let said = sentence(&run(
        data.path(),
        &["--listen", "127.0.0.1:0", "--agent-template", template],
    ));
    assert!(said.contains("cannot be stamped"), "{said}");
}

#[test]
fn a_template_that_is_not_there_is_a_sentence() {
    let data = TempDir::new().unwrap();
    let folder = data.path().to_str().unwrap();
    for wrong in ["/no/such/mayday-sos", folder] {
        let said = sentence(&run(
            data.path(),
            &["--listen", "127.0.0.1:0", "--agent-template", wrong],
        ));
        assert!(
            said.contains(&format!("the agent template {wrong} cannot be read"))
                && said.contains("leave it out"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn without_a_template_it_starts_and_invites_say_so() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let token = crate::support::token(&owner.session("Printer", None).await);
    let url = format!("{}/j/{token}", gateway.base);
    let page = gateway.visitor().client.get(url).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("has no agent template"));
}

#[test]
fn a_second_gateway_on_the_same_data_folder_is_refused_until_the_first_is_gone() {
    let first = Gateway::start();
    let folder = first.data.path().to_str().unwrap().to_owned();
    let said = sentence(&run(first.data.path(), &["--listen", "127.0.0.1:0"]));
    assert!(
        said.contains(&format!("runs on the data folder {folder}")) && said.contains("--data"),
        "{said}"
    );
    let data = first.kill();
    assert!(Gateway::start_in(data, &[]).stop().success());
}

#[test]
fn the_audit_is_checked_beside_a_running_gateway() {
    let gateway = Gateway::start();
    let checked = Command::new(BINARY)
        .args(["audit", "verify", "--data"])
        .arg(gateway.data.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(checked.stdout).unwrap();
    assert!(printed.starts_with("the audit is whole: "), "{printed}");
}

#[tokio::test]
async fn the_database_holds_no_secret_in_clear_and_keys_are_private() {
    let data = Arc::new(TempDir::new().unwrap());
    create_owner(data.path(), "owner@example.org");
    let gateway = Gateway::start_in(Arc::clone(&data), &[]);
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let token = crate::support::token(&session);
    let pin = session["pin"].as_str().unwrap();
    for file in ["mayday.sqlite", "mayday.sqlite-wal"] {
        let bytes = std::fs::read(data.path().join(file)).unwrap_or_default();
        let has = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        assert!(!has(&token), "{file}");
        assert!(
            !has(&format!("\"{pin}\"")) && !has(crate::support::PASSWORD),
            "{file}"
        );
    }
    use std::os::unix::fs::PermissionsExt;
    for key in std::fs::read_dir(data.path().join("keys")).unwrap() {
        let key = key.unwrap();
        let mode = key.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", key.path());
    }
}

const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

#[tokio::test]
async fn health_headers_and_the_consoles_page() {
    let gateway = Gateway::start();
    let client = gateway.visitor().client;
    for path in ["/healthz", "/readyz"] {
        let answer = client
            .get(format!("{}{path}", gateway.base))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let figures = client
        .get(format!("{}/metrics", gateway.base))
        .send()
        .await
        .unwrap();
    assert_eq!(figures.headers()["content-type"], METRICS);
    let figures = figures.text().await.unwrap();
    assert!(figures.contains("\nmayday_updates_total 0\n"), "{figures}");
    let page = client
        .get(format!("{}/sessions/7", gateway.base))
        .send()
        .await
        .unwrap();
    let header = |name: &str| page.headers()[name].to_str().unwrap();
    assert!(header("content-type").starts_with("text/html"));
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let url = format!("{}/assets/no-such.js", gateway.base);
    assert_eq!(
        client.get(url).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    let rebound = client
        .get(&gateway.base)
        .header("host", "evil.example.com")
        .send()
        .await
        .unwrap();
    assert_eq!(rebound.status(), StatusCode::MISDIRECTED_REQUEST);
}

#[test]
fn the_description_is_openapi_3_1_and_has_every_route() {
    let printed = Command::new(BINARY).arg("openapi").output().unwrap();
    let description: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = description["paths"].as_object().unwrap();
    for path in [
        "/api/v1/sessions/{id}/ask",
        "/api/v1/events",
        "/api/v1/setup/{token}",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert!(
        description["components"]["schemas"]["Session"]["required"]
            .as_array()
            .unwrap()
            .len()
            > 10
    );
}

#[tokio::test]
async fn it_stops_when_told_and_its_log_holds_nothing_personal() {
    let data = Arc::new(TempDir::new().unwrap());
    create_owner(data.path(), "owner@example.org");
    let path = data.path().join("log");
    let log = std::fs::File::create(&path).unwrap();
    let gateway = Gateway::start_logging(Arc::clone(&data), &[], "info", log.into());
    let owner = gateway.owner().await;
    let session = owner.session("Secretary's printer", None).await;
    let pin = session["pin"].as_str().unwrap().to_owned();
    let agent = gateway.agent(Join::Pin(pin.clone())).await;
    agent.hear().await;
    let token = crate::support::token(&session);
    let wrong = gateway.agent(Join::Invite("a".repeat(32))).await;
    wrong.hear().await;
    let status = gateway.stop();
    assert!(status.success(), "{status}");
    let log = std::fs::read_to_string(path).unwrap();
    assert!(log.contains("stopping") && !log.contains("ERROR"), "{log}");
    for personal in [
        "owner@example.org",
        "Olivia",
        "Secretary",
        "office-7",
        "10.1.2.3",
        "127.0.0.1",
        "[::1]",
        &pin,
        &token,
    ] {
        assert!(!log.contains(personal), "{personal} is in the log: {log}");
    }
}
