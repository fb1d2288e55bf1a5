//! HTTP/1.1 on one kept connection, as little of it as the gateway's REST interface needs: the load generator shares the machine with
//! what it measures. Owns no meaning of requests.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Larger answers are not asked for.
const LARGEST: usize = 4 << 20;

/// A connection of somebody who is signed in, or of nobody yet.
#[derive(Debug)]
pub struct Http {
    stream: TcpStream,
    host: String,
    cookie: String,
    unread: Vec<u8>,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    cookie: Option<String>,
}

impl Answer {
    /// # Errors
    /// When it is not a success, or no JSON.
    pub fn json(&self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            let body = String::from_utf8_lossy(&self.body);
            bail!("answered {}: {body}", self.status);
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Http {
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(host: &str, cookie: &str) -> Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            host: host.to_owned(),
            cookie: cookie.to_owned(),
            unread: Vec::new(),
        })
    }

    /// # Errors
    /// When the connection ends or the answer is no HTTP.
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, None).await?;
        self.answer().await
    }

    /// # Errors
    /// When the connection ends or the answer is no HTTP.
    pub async fn send_json(&mut self, method: &str, path: &str, body: &Value) -> Result<Answer> {
        self.send(method, path, Some(body)).await?;
        let answer = self.answer().await?;
        if let Some(cookie) = &answer.cookie {
            self.cookie.clone_from(cookie);
        }
        Ok(answer)
    }

    #[must_use]
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Asks for a stream that does not end, and gives the connection to its reader.
    ///
    /// # Errors
    /// When the connection ends at once.
    pub async fn stream(mut self, path: &str) -> Result<TcpStream> {
        self.send("GET", path, None).await?;
        Ok(self.stream)
    }

    async fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<()> {
        let body = body.map(Value::to_string);
        let mut request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\nx-mayday: 1\r\n",
            self.host, self.cookie
        );
        if let Some(body) = &body {
            request += &format!(
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
        }
        request += "\r\n";
        request += body.as_deref().unwrap_or_default();
        self.stream.write_all(request.as_bytes()).await?;
        Ok(())
    }

    async fn answer(&mut self) -> Result<Answer> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.unread[..end].to_vec())?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        let header = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        let length: usize = header("content-length").unwrap_or("0").parse()?;
        let cookie = header("set-cookie")
            .and_then(|cookie| cookie.split(';').next())
            .map(str::to_owned);
        if length > LARGEST || header("transfer-encoding").is_some() {
            bail!("an answer of this kind is not expected: {head}");
        }
        while self.unread.len() < end + length {
            self.more().await?;
        }
        let body = self.unread[end..end + length].to_vec();
        self.unread.drain(..end + length);
        Ok(Answer {
            status,
            body,
            cookie,
        })
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.unread).await? == 0 {
            bail!("the gateway ended the connection");
        }
        Ok(())
    }
}
