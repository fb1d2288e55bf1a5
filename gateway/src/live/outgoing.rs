//! Control messages that wait for one connection, in order and bounded: who does not take them in time loses the connection.

use bytes::Bytes;
use mayday_protocol::control::{self, EndReason};
use mayday_transport::{Link, close_code};
use serde::Serialize;
use tokio::sync::mpsc;

use super::IN_TIME;

const WAITING: usize = 256;

/// The way to one connection. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    link: Link,
    messages: mpsc::Sender<Message>,
}

#[derive(Debug)]
enum Message {
    Say(Bytes),
    /// Closes the connection when everything before has arrived.
    Close(u32),
}

impl Outgoing {
    /// Starts sending.
    pub(super) fn start(link: &Link) -> Self {
        let (messages, waiting) = mpsc::channel(WAITING);
        tokio::spawn(send(link.clone(), waiting));
        Self {
            link: link.clone(),
            messages,
        }
    }

    /// Sends a message after those before.
    pub(super) fn say<M: Serialize>(&self, message: &M) {
        match control::encode(message) {
            Ok(bytes) => self.push(Message::Say(bytes)),
            Err(error) => tracing::error!(%error, "a control message cannot be sent"),
        }
    }

    /// Sends a last message and closes.
    pub(super) fn end<M: Serialize>(&self, message: &M, reason: EndReason) {
        self.say(message);
        self.push(Message::Close(match reason {
            EndReason::Replaced => close_code::REPLACED,
            EndReason::Closed
            | EndReason::Expired
            | EndReason::Removed
            | EndReason::Restart
            | EndReason::Unknown => close_code::DONE,
        }));
    }

    fn push(&self, message: Message) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.messages.try_send(message) {
            self.link.close(close_code::BUSY, "too slow");
        }
    }
}

async fn send(link: Link, mut waiting: mpsc::Receiver<Message>) {
    while let Some(message) = waiting.recv().await {
        match message {
            Message::Say(bytes) => {
                match tokio::time::timeout(IN_TIME, link.send_encoded_control(bytes)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return,
                    Err(_) => return link.close(close_code::BUSY, "too slow"),
                }
            }
            Message::Close(code) => return link.close_after_delivery(code, "ended").await,
        }
    }
}
