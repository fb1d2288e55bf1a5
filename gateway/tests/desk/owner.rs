//! Owners' accounts, made and opened again on the machine itself.

use std::process::{Command, Output};
use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{BINARY, Gateway, PASSWORD, sentence};

pub fn owner(command: &str, data: &std::path::Path, more: &[&str]) -> Output {
    Command::new(BINARY)
        .args(["owner", command, "--data"])
        .arg(data)
        .args(more)
        .output()
        .unwrap()
}

fn link_of(output: &Output) -> String {
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    let link = printed.lines().last().expect("a link").to_owned();
    assert!(link.starts_with("https://"), "{printed}");
    link
}

#[tokio::test]
async fn an_owner_is_made_beside_a_running_gateway_and_gets_in_by_the_link() {
    let gateway = Gateway::start();
    let second = ["--email", "second@example.org", "--name", "Second"];
    let link = link_of(&owner("create", gateway.data.path(), &second));
    assert!(link.starts_with("https://127.0.0.1:"), "{link}");
    let token = link.rsplit('/').next().unwrap();
    let body = json!({ "password": PASSWORD });
    let visitor = gateway.visitor();
    let (status, me) = visitor.post(&format!("/setup/{token}"), body).await;
    assert_eq!((status, &me["role"]), (StatusCode::OK, &json!("owner")));
    let twice = owner("create", gateway.data.path(), &second);
    assert!(sentence(&twice).contains("exists"));
}

#[tokio::test]
async fn an_owner_who_lost_the_link_gets_a_new_one_on_the_machine_and_the_old_one_ends() {
    let data = Arc::new(TempDir::new().unwrap());
    let email = ["--email", "Olivia@Example.org"];
    let made = owner(
        "create",
        data.path(),
        &[&email[..], &["--name", "Olivia"]].concat(),
    );
    let again = owner(
        "create",
        data.path(),
        &["--email", "olivia@example.org", "--name", "O"],
    );
    assert!(sentence(&again).contains("owner link"), "it says the way");
    let gateway = Gateway::start_in(Arc::clone(&data), &[]);
    let (lost, found) = (link_of(&made), link_of(&owner("link", data.path(), &email)));
    let body = json!({ "password": PASSWORD });
    let visitor = gateway.visitor();
    for (link, status) in [(lost, StatusCode::GONE), (found, StatusCode::OK)] {
        let token = link.rsplit('/').next().unwrap();
        let answer = visitor.post(&format!("/setup/{token}"), body.clone()).await;
        assert_eq!(answer.0, status, "{answer:?}");
    }
    let (_, audit) = visitor.get("/audit").await;
    let made = audit["items"].as_array().unwrap();
    let made = made.iter().find(|one| one["action"] == "setup_link_made");
    assert_eq!(made.expect("a record")["actor"], "machine", "{audit}");
}

#[test]
fn the_address_that_was_told_with_the_first_account_holds_for_later_links() {
    let data = TempDir::new().unwrap();
    let email = ["--email", "olivia@example.org"];
    let address = ["--public-url", "https://help.example.org:9000"];
    let made = [&email[..], &["--name", "Olivia"], &address].concat();
    for link in [
        owner("create", data.path(), &made),
        owner("link", data.path(), &email),
    ] {
        let link = link_of(&link);
        assert!(
            link.starts_with("https://help.example.org:9000/setup/"),
            "{link}"
        );
    }
}

#[tokio::test]
async fn a_link_is_made_for_owners_only_and_in_a_gateways_folder_only() {
    let gateway = Gateway::start();
    let boss = gateway.owner().await;
    gateway.technician(&boss, "Tim", "technician_manager").await;
    for address in ["tim@example.org", "nobody@example.org"] {
        let said = sentence(&owner("link", gateway.data.path(), &["--email", address]));
        assert!(
            said.contains(address) && said.contains("is an owner"),
            "{said}"
        );
    }
    let empty = TempDir::new().unwrap();
    let said = sentence(&owner("link", empty.path(), &["--email", "a@b"]));
    assert!(said.contains("no gateway's database"), "{said}");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn a_word_that_is_no_address_is_named() {
    let data = TempDir::new().unwrap();
    let refused = owner(
        "create",
        data.path(),
        &["--email", "olivia.example.org", "--name", "O"],
    );
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("'olivia.example.org'") && said.contains("you@example.com"),
        "{said}"
    );
}
