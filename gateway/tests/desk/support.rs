//! A gateway process on free ports, consoles that are signed in, and an agent that speaks the wire.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use mayday_protocol::control::{FromAgent, Join, Rights, SystemReport, ToAgent, decode};
use mayday_transport::{KeyPin, Link, Received, connect};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_mayday-gateway");
pub const PASSWORD: &str = "correct horse battery";

/// Nothing here takes as long; a hang must end.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Gateway {
    child: Child,
    pub data: Arc<TempDir>,
    pub base: String,
    pub address: String,
    pub pin: KeyPin,
}

impl Gateway {
    /// A new one with the owner `owner@example.org`.
    pub fn start() -> Self {
        let data = Arc::new(TempDir::new().unwrap());
        create_owner(data.path(), "owner@example.org");
        Self::start_in(data, &[])
    }

    pub fn start_in(data: Arc<TempDir>, more: &[&str]) -> Self {
        Self::start_logging(data, more, "error", Stdio::inherit())
    }

    pub fn start_logging(data: Arc<TempDir>, more: &[&str], level: &str, log: Stdio) -> Self {
        let mut child = Command::new(BINARY)
            .args(["run", "--listen", "127.0.0.1:0"])
            .args(["--http-loopback", "127.0.0.1:0", "--log", level])
            .args(["--organisation", "Example & Sons", "--data"])
            .arg(data.path())
            .args(more)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("one line of JSON when ready");
        let text = |field: &str| ready[field].as_str().unwrap().to_owned();
        Self {
            child,
            data,
            base: text("http_loopback"),
            address: text("address"),
            pin: text("pin").parse().unwrap(),
        }
    }

    /// As a power cut would.
    pub fn kill(mut self) -> Arc<TempDir> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        Arc::clone(&self.data)
    }

    /// As a service manager would; gives the exit status.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap()
    }

    pub async fn owner(&self) -> Console {
        self.sign_in("owner@example.org").await
    }

    pub async fn sign_in(&self, email: &str) -> Console {
        let console = self.visitor();
        let body = json!({ "email": email, "password": PASSWORD });
        let (status, me) = console.post("/auth/sign-in", body).await;
        assert_eq!(status, StatusCode::OK, "{me}");
        Console {
            id: me["id"].as_str().unwrap().to_owned(),
            ..console
        }
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Console {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Console {
            client,
            base: self.base.clone(),
            id: String::new(),
        }
    }

    /// A new technician who has set up their account and is signed in.
    pub async fn technician(&self, owner: &Console, name: &str, role: &str) -> Console {
        let email = format!("{}@example.org", name.to_lowercase());
        let body = json!({ "name": name, "email": email, "role": role });
        let (status, created) = owner.post("/technicians", body).await;
        assert_eq!(status, StatusCode::CREATED, "{created}");
        let link = created["setup_link"].as_str().unwrap();
        let token = link.rsplit('/').next().unwrap();
        let console = self.visitor();
        let body = json!({ "password": PASSWORD });
        let (status, me) = console.post(&format!("/setup/{token}"), body).await;
        assert_eq!(status, StatusCode::OK, "{me}");
        Console {
            id: me["id"].as_str().unwrap().to_owned(),
            ..console
        }
    }

    pub async fn agent(&self, join: Join) -> Agent {
        self.agent_by(join, None).await
    }

    pub async fn agent_by(&self, join: Join, way: Option<mayday_transport::Path>) -> Agent {
        let (host, port) = self.address.rsplit_once(':').unwrap();
        let link = connect(host, port.parse().unwrap(), self.pin, way).await;
        let agent = Agent {
            link: link.unwrap(),
        };
        let hello = FromAgent::Hello {
            version: mayday_protocol::VERSION,
            join,
            system: SystemReport {
                host_name: "office-7\u{202e}".to_owned(),
                os: "linux".to_owned(),
                local_addresses: vec!["10.1.2.3".to_owned()],
                ..SystemReport::default()
            },
        };
        agent.say(hello).await;
        agent
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn create_owner(data: &Path, email: &str) {
    let mut child = Command::new(BINARY)
        .args(["owner", "create", "--name", "Olivia", "--email", email])
        .args(["--password-stdin", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{PASSWORD}").unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// Changes the database behind the gateway's back.
pub async fn falsify(data: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(data.join("mayday.sqlite"));
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    let done = sqlx::query(sql).execute(&mut database).await.unwrap();
    assert!(done.rows_affected() > 0);
    database.close().await.unwrap();
}

/// One browser.
#[derive(Clone)]
pub struct Console {
    pub client: reqwest::Client,
    pub base: String,
    pub id: String,
}

impl Console {
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::PUT, path, None).await
    }

    pub async fn put_json(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::DELETE, path, None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let url = format!("{}/api/v1{path}", self.base);
        let mut request = self.client.request(method, url).header("x-mayday", "1");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// A download as it is.
    pub async fn text(&self, path: &str) -> String {
        let url = format!("{}/api/v1{path}", self.base);
        let answer = self.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.unwrap()
    }

    /// A session of mine in a channel; `None`: the default one.
    pub async fn session(&self, name: &str, channel: Option<&str>) -> Value {
        let body = json!({ "name": name, "channel_id": channel });
        let (status, session) = self.post("/sessions", body).await;
        assert_eq!(status, StatusCode::CREATED, "{session}");
        session
    }

    pub async fn look(&self, session: &Value) -> Value {
        let (status, session) = self.get(&path(session, "")).await;
        assert_eq!(status, StatusCode::OK);
        session
    }

    /// Looks until `good`, since what agents say travels its own way.
    pub async fn wait_for(&self, session: &Value, good: impl Fn(&Value) -> bool) -> Value {
        let look = async {
            loop {
                let now = self.look(session).await;
                if good(&now) {
                    return now;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap()
    }
}

/// What a refused command says at the end.
pub fn sentence(output: &Output) -> String {
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let last = text.lines().last().unwrap().to_owned();
    assert!(last.starts_with("mayday-gateway: "), "{text}");
    last
}

pub fn path(session: &Value, rest: &str) -> String {
    format!("/sessions/{}{rest}", session["id"].as_str().unwrap())
}

pub fn token(session: &Value) -> String {
    let link = session["link"].as_str().unwrap();
    link.rsplit('/').next().unwrap().to_owned()
}

pub fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

pub fn can(session: &Value, action: &str) -> bool {
    session["actions"]
        .as_array()
        .unwrap()
        .iter()
        .any(|one| one == action)
}

/// The end user's side, without a screen.
pub struct Agent {
    pub link: Link,
}

impl Agent {
    pub async fn say(&self, message: FromAgent) {
        self.link.send_control(&message).await.unwrap();
    }

    /// The next control message.
    pub async fn hear(&self) -> ToAgent {
        let heard = async {
            loop {
                if let Received::Control(bytes) = self.link.recv().await.unwrap() {
                    return decode(&bytes).unwrap();
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap()
    }

    pub async fn hear_until<T>(&self, wanted: impl Fn(&ToAgent) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.hear().await) {
                return found;
            }
        }
    }

    /// Waits for the question, and allows these rights.
    pub async fn allows(&self, rights: Rights) {
        let ask = self.hear_until(|heard| match heard {
            ToAgent::Ask { ask, .. } => Some(*ask),
            _ => None,
        });
        let (ask, code) = (ask.await, None);
        self.say(FromAgent::Answer { ask, rights, code }).await;
    }

    pub fn vanish(self) {
        self.link.close(0, "");
    }
}
