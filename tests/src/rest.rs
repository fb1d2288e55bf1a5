//! A small client of the gateway's REST interface, signed in with a cookie as the console is. Owns no rules.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Rest {
    agent: ureq::Agent,
    base: String,
}

impl Rest {
    /// A client that nobody signed in yet.
    #[must_use]
    pub fn anonymous(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Self {
            agent: config.into(),
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    /// # Errors
    /// When the gateway refuses.
    pub fn sign_in(base: &str, email: &str, password: &str) -> Result<Self> {
        let client = Self::anonymous(base);
        client.post(
            "/auth/sign-in",
            &json!({"email": email, "password": password}),
        )?;
        Ok(client)
    }

    /// # Errors
    /// When the answer is not a success; with the gateway's sentence.
    pub fn get(&self, path: &str) -> Result<Value> {
        let (status, body) = self.try_get(path)?;
        success(path, status, body)
    }

    /// The status and the body, whatever they are.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn try_get(&self, path: &str) -> Result<(u16, Value)> {
        let mut response = self.agent.get(self.url(path)).call()?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string()?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// # Errors
    /// When the answer is not a success; with the gateway's sentence.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let (status, answer) = self.try_post(path, body)?;
        success(path, status, answer)
    }

    /// The status and the body, whatever they are.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn try_post(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        let mut response = self
            .agent
            .post(self.url(path))
            .header("x-mayday", "1")
            .send_json(body)?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string()?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// # Errors
    /// When the answer is not a success; with the gateway's sentence.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.change(path, self.agent.patch(self.url(path)), body)
    }

    /// # Errors
    /// When the answer is not a success; with the gateway's sentence.
    pub fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.change(path, self.agent.put(self.url(path)), body)
    }

    fn change(
        &self,
        path: &str,
        request: ureq::RequestBuilder<ureq::typestate::WithBody>,
        body: &Value,
    ) -> Result<Value> {
        let mut response = request.header("x-mayday", "1").send_json(body)?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string()?;
        let answer = serde_json::from_str(&text).unwrap_or(Value::Null);
        success(path, status, answer)
    }

    /// The text of a page, with its status.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn page(&self, path: &str) -> Result<(u16, String)> {
        let mut response = self.agent.get(format!("{}{path}", self.base)).call()?;
        let status = response.status().as_u16();
        Ok((status, response.body_mut().read_to_string()?))
    }

    /// Makes a session in the channel of this name ("default" or "private" by kind otherwise the first).
    ///
    /// # Errors
    /// When the gateway refuses.
    pub fn new_session(&self, name: &str) -> Result<Created> {
        let channels = self.get("/channels")?;
        let channel = channels
            .as_array()
            .and_then(|all| all.iter().find(|one| one["kind"] == "default"))
            .context("there is always a default channel")?;
        let answer = self.post(
            "/sessions",
            &json!({"name": name, "note": "", "channel_id": channel["id"]}),
        )?;
        let text = |key: &str| {
            answer[key]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no {key} in {answer}"))
        };
        Ok(Created {
            id: text("id")?,
            link: text("link")?,
            pin: text("pin")?,
        })
    }

    /// Waits until the session's answer satisfies `ready`.
    ///
    /// # Errors
    /// When it does not within `limit`.
    pub fn session_until(
        &self,
        id: &str,
        what: &str,
        limit: Duration,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let mut last = Value::Null;
        crate::wait::until(what, limit, || {
            last = self.get(&format!("/sessions/{id}"))?;
            Ok(ready(&last).then(|| last.clone()))
        })
        .with_context(|| format!("session {id}"))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.base)
    }
}

/// A new session as its creator sees it.
#[derive(Clone, Debug)]
pub struct Created {
    pub id: String,
    pub link: String,
    pub pin: String,
}

fn success(path: &str, status: u16, body: Value) -> Result<Value> {
    if (200..300).contains(&status) {
        return Ok(body);
    }
    bail!("{path} was answered {status}: {body}")
}
