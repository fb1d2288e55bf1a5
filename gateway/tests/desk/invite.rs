//! The page behind the link.

use std::path::Path;
use std::sync::Arc;

use mayday_protocol::invite::Token;
use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Gateway, create_owner, path, token};

pub async fn page(gateway: &Gateway, token: &str, language: &str) -> (StatusCode, String) {
    let answer = gateway
        .visitor()
        .client
        .get(format!("{}/j/{token}", gateway.base))
        .header("accept-language", language)
        .send()
        .await
        .unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn it_says_who_invites_in_the_readers_language() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let token = token(&owner.session("Printer", None).await);
    let (status, english) = page(&gateway, &token, "en-GB").await;
    assert_eq!(status, StatusCode::OK);
    assert!(english.contains("Olivia invites you") && english.contains("Example &amp; Sons"));
    let (_, german) = page(&gateway, &token.to_uppercase(), "de").await;
    assert!(german.contains("Olivia lädt Sie"));
}

#[tokio::test]
async fn a_name_cannot_become_a_script() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    owner
        .patch("/me", json!({ "name": "<script>alert(1)</script>" }))
        .await;
    let token = token(&owner.session("Printer", None).await);
    let (_, page) = page(&gateway, &token, "en").await;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
}

#[tokio::test]
async fn dead_links_are_told_apart_in_words() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let token = token(&session);
    let mut broken = token.clone();
    broken.replace_range(0..1, if token.starts_with('a') { "b" } else { "a" });
    let (status, missing) = page(&gateway, &broken, "en").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(missing.contains("leads nowhere"));
    owner.post(&path(&session, "/close"), json!({})).await;
    let (status, closed) = page(&gateway, &token, "en").await;
    assert_eq!(status, StatusCode::GONE);
    assert!(closed.contains("This session is closed"));
}

#[tokio::test]
async fn i_do_not_know_this_person_closes_the_session() {
    let gateway = Gateway::start();
    let owner = gateway.owner().await;
    let session = owner.session("Printer", None).await;
    let url = format!("{}/j/{}/not-me?lang=de", gateway.base, token(&session));
    let client = gateway.visitor().client;
    let answer = client.post(&url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("Die Sitzung ist geschlossen")
    );
    assert_eq!(owner.look(&session).await["status"], "closed");
    assert_eq!(
        client.post(&url).send().await.unwrap().status(),
        StatusCode::GONE
    );
}

/// A gateway that has an agent to give; the agent's bytes.
pub fn with_agent() -> (Gateway, Vec<u8>) {
    let data = Arc::new(TempDir::new().unwrap());
    create_owner(data.path(), "owner@example.org");
    let template = data.path().join("template");
    let agent = [
        &[7; 4096][..],
        &mayday_protocol::stamp::blank(),
        b"more code",
    ]
    .concat();
    std::fs::write(&template, &agent).unwrap();
    let more = ["--agent-template", template.to_str().unwrap()];
    (Gateway::start_in(data, &more), agent)
}

async fn page_on(gateway: &Gateway, path: &str, headers: &[(&str, &str)]) -> String {
    let url = format!("{}{path}", gateway.base);
    let mut request = gateway.visitor().client.get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn on_another_system_it_says_what_to_do_and_the_download_is_one_question_away() {
    let (gateway, _) = with_agent();
    let owner = gateway.owner().await;
    let token = token(&owner.session("Printer", None).await);
    let path = format!("/j/{token}");
    let windows = [(
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140",
    )];
    let page = page_on(&gateway, &path, &windows).await;
    let (before, folded) = page
        .split_once("<details id=\"linux\"><summary>Are you on Linux")
        .expect("the question");
    assert!(before.contains("Not available for Windows yet"), "{before}");
    assert!(before.contains("your computer runs Windows"), "{before}");
    assert!(before.contains("6-digit PIN"), "{before}");
    let here = format!("https://{}{path}</code>", gateway.address);
    assert!(before.contains(&here), "{before}");
    let file = format!("/j/{token}/mayday-sos-{token}");
    assert!(!before.contains(&file) && folded.contains(&file));

    let phone = [(
        "user-agent",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile",
    )];
    let page = page_on(&gateway, &path, &phone).await;
    assert!(page.contains("not on the phone"), "{page}");

    let linux = [(
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
    )];
    let page = page_on(&gateway, &path, &linux).await;
    assert!(!page.contains("id=\"linux\"") && page.contains(&file));
    assert!(page.contains("“No such file or directory”?"), "{page}");
    assert!(
        page.contains(&format!("find ~ -name mayday-sos-{token} ")),
        "{page}"
    );

    let hinted = [linux[0], ("sec-ch-ua-platform", "\"macOS\"")];
    let page = page_on(&gateway, &path, &hinted).await;
    assert!(page.contains("Not available for macOS yet"), "{page}");
}

#[tokio::test]
async fn the_download_is_stamped_with_this_gateway_and_named_after_the_invite() {
    let (gateway, agent) = with_agent();
    let owner = gateway.owner().await;
    let token = token(&owner.session("Printer", None).await);
    let (_, page) = page(&gateway, &token, "en").await;
    let link = format!("/j/{token}/mayday-sos-{token}");
    assert!(page.contains(&link), "{page}");
    let url = format!("{}{link}", gateway.base);
    let answer = gateway.visitor().client.get(url).send().await.unwrap();
    let name = answer.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(name, format!("attachment; filename=\"mayday-sos-{token}\""));
    let file = answer.bytes().await.unwrap();
    assert_eq!(file.len(), agent.len(), "nothing is appended");
    let at = mayday_protocol::stamp::find(&file).unwrap();
    let stamp = mayday_protocol::stamp::read(&file[at..at + mayday_protocol::stamp::SECTION_BYTES])
        .unwrap()
        .unwrap();
    assert_eq!(stamp.fields.pin, gateway.pin.0);
    assert_eq!(stamp.fields.organisation, "Example & Sons");
    assert_eq!(
        format!(
            "{}:{}",
            stamp.fields.gateway.host(),
            stamp.fields.gateway.port()
        ),
        gateway.address
    );
}

/// How often the database was asked for a link, as its driver logs.
fn asked(log: &Path) -> usize {
    let log = std::fs::read_to_string(log).unwrap();
    log.matches("FROM invites WHERE token_hash").count()
}

#[tokio::test]
async fn guesses_at_links_reach_the_database_so_often_only_and_open_links_never() {
    let data = Arc::new(TempDir::new().unwrap());
    create_owner(data.path(), "owner@example.org");
    let log = data.path().join("log");
    let file = std::fs::File::create(&log).unwrap();
    let level = "error,sqlx::query=debug";
    let gateway = Gateway::start_logging(Arc::clone(&data), &[], level, file.into());
    let owner = gateway.owner().await;
    let open = token(&owner.session("Printer", None).await);
    let closed = owner.session("Scanner", None).await;
    owner.post(&path(&closed, "/close"), json!({})).await;

    for number in 0..50 {
        let (status, _) = page(&gateway, &format!("{number:0>28}"), "en").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, _) = page(&gateway, &open, "en").await;
        assert_eq!(status, StatusCode::OK);
    }
    assert_eq!(asked(&log), 0, "what is no token, and what is in memory");

    let (status, _) = page(&gateway, &token(&closed), "en").await;
    assert_eq!(status, StatusCode::GONE);
    for number in 0..80_u8 {
        let guess = Token::new([number; 16]).to_string();
        let (status, words) = page(&gateway, &guess, "en").await;
        let late = number >= 59;
        assert_eq!(late, status == StatusCode::TOO_MANY_REQUESTS, "{number}");
        assert_eq!(late, words.contains("try again in a few minutes"));
    }
    assert_eq!(asked(&log), 60);
    let (status, _) = page(&gateway, &token(&closed), "en").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let (status, _) = page(&gateway, &open, "en").await;
    assert_eq!(status, StatusCode::OK, "open ones go on working");
}
