//! Session codes: nine digits that an agent without an invite shows, and that a technician enters. They live in memory only: an agent
//! that comes back after a restart of the gateway gets another one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mayday_protocol::call::SessionCode;
use mayday_protocol::control::Refusal;
use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::desk::Session;
use mayday_session::pin_guard::{PinGuard, Throttled};
use mayday_session::request_guard::RequestGuard;
use mayday_session::text::visible_line;
use mayday_session::{ChannelId, Timestamp};
use tokio::sync::watch;

use super::record::{Record, Request};
use super::requests::try_later;
use super::{Annals, Desk, DeskError};
use crate::accounts::clean_name;
use crate::clock::now;
use crate::directory::Account;
use crate::secrets::{random, random_id};
use crate::store::{AuditEntry, Change};

/// How long a code can be entered.
pub const VALID: Duration = Duration::from_secs(10 * 60);
/// Codes that can be entered at the same time; a guess then hits one in two million.
const LIVE: usize = 500;

/// A code to show, and the news that somebody entered it.
pub struct CodeShown {
    pub code: String,
    pub expires_at: Timestamp,
    pub organisation: String,
    pub entered: watch::Receiver<bool>,
}

/// What a technician fills in.
#[derive(Clone, Debug)]
pub struct EnteredCode {
    pub code: String,
    /// Empty: the name of the end user's computer.
    pub name: String,
    /// `None`: the default channel.
    pub channel: Option<u64>,
}

#[derive(Default)]
pub struct Codes {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    live: HashMap<SessionCode, Live>,
    /// New codes, by where they are shown.
    shown: RequestGuard<String>,
    /// Wrong ones, by technician.
    wrong: PinGuard<String>,
}

struct Live {
    key_hash: String,
    source: String,
    host_name: String,
    expires_at: Timestamp,
    entered: watch::Sender<bool>,
}

impl Codes {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget_old(&mut self, at: Timestamp) {
        self.live.retain(|_, one| one.expires_at > at);
    }

    fn fresh(&self) -> SessionCode {
        loop {
            let drawn = SessionCode::from_random(u32::from_be_bytes(random()));
            if let Some(code) = drawn.filter(|code| !self.live.contains_key(code)) {
                return code;
            }
        }
    }
}

impl Desk {
    /// Whether a session came of the code of this agent: then it joins it instead of waiting.
    pub async fn was_entered(&self, key: &str) -> bool {
        matches!(self.by_key(key).await, Ok(Some(_)))
    }

    /// A code for the agent with this key: the one that it shows already, or a new one.
    ///
    /// # Errors
    /// Why there is none.
    pub fn show_code(
        &self,
        key: &str,
        host_name: &str,
        from: IpAddr,
    ) -> Result<CodeShown, Refusal> {
        let (key_hash, source, at) = (self.key_hash(key)?, self.source_hash(from), now());
        let mut codes = self.inner.codes.inner();
        codes.forget_old(at);
        let mut live = codes.live.iter_mut();
        if let Some((code, one)) = live.find(|(_, one)| one.key_hash == key_hash) {
            // The agent is on a new connection: the one before waits for nothing any more.
            one.entered = watch::channel(false).0;
            return Ok(self.code_shown(*code, one));
        }
        if codes.live.len() >= LIVE {
            return Err(Refusal::Busy {});
        }
        let taken = codes.shown.handle_request(&source, 0, at);
        taken.map_err(|later| try_later(later, at))?;
        let code = codes.fresh();
        let live = Live {
            key_hash,
            source,
            host_name: visible_line(&host_name.chars().take(64).collect::<String>()),
            expires_at: at.after(VALID),
            entered: watch::channel(false).0,
        };
        let shown = self.code_shown(code, &live);
        codes.live.insert(code, live);
        Ok(shown)
    }

    /// The end user wants no session any more.
    pub fn forget_code(&self, key: &str) {
        if let Ok(key_hash) = self.key_hash(key) {
            let mut codes = self.inner.codes.inner();
            codes.live.retain(|_, one| one.key_hash != key_hash);
        }
    }

    fn code_shown(&self, code: SessionCode, live: &Live) -> CodeShown {
        CodeShown {
            code: code.to_string(),
            expires_at: live.expires_at,
            organisation: self.inner.system.now().organisation.to_string(),
            entered: live.entered.subscribe(),
        }
    }

    /// A technician enters a code: the session is theirs, and the agent that shows the code joins it.
    ///
    /// # Errors
    /// [`DeskError::WrongCode`] alike for every code that is not live.
    pub async fn enter_code(
        &self,
        me: &Account,
        entered: EnteredCode,
    ) -> Result<Arc<Record>, DeskError> {
        let channel = self.channel_for_new(me, entered.channel)?;
        let open = self.open_sessions().get(&channel.id).copied();
        if open.unwrap_or(0) >= channel.max_open_sessions {
            return Err(DeskError::ChannelFull);
        }
        let at = now();
        let Some((code, live)) = self.take_code(me, &entered.code, at)? else {
            self.note_wrong_code(me, at).await;
            return Err(DeskError::WrongCode);
        };
        let id = SessionId(random_id());
        let expiration = Duration::from_secs(channel.expiration_s.into());
        let creator = TechnicianId(me.id);
        let name = clean_name(&entered.name).or_else(|| clean_name(&live.host_name));
        let record = Record {
            session: Session::new(id, ChannelId(channel.id), Some(creator), expiration, at),
            name: name.unwrap_or_else(|| code_name(code)),
            note: String::new(),
            created_by: Some(creator),
            device: None,
            invite: self.fresh_invite(id).0,
            resume: None,
            annals: Annals::default(),
            request: Some(Arc::new(Request {
                call: None,
                call_name: String::new(),
                key_hash: live.key_hash.clone(),
                source: live.source.clone(),
                made_at: at,
                answers: Vec::new(),
            })),
        };
        let desk = self.clone();
        // Runs to its end even if the browser goes away meanwhile.
        let added = tokio::spawn(crate::origin::carried(async move {
            let added = desk.add(record).await;
            match &added {
                Ok(_) => {
                    live.entered.send_replace(true);
                }
                // Not used up by something that is not the end user's doing.
                Err(_) => {
                    desk.inner.codes.inner().live.insert(code, live);
                }
            }
            added
        }));
        match added.await {
            Ok(record) => record,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// The code's agent, and the code is used up. `None` for a wrong one.
    fn take_code(
        &self,
        me: &Account,
        text: &str,
        at: Timestamp,
    ) -> Result<Option<(SessionCode, Live)>, DeskError> {
        let mut codes = self.inner.codes.inner();
        let tried = codes.wrong.handle_try(format!("technician:{}", me.id), at);
        let tried = tried.map_err(|throttled| {
            let (Throttled::TryLater { until } | Throttled::LinksOnly { until }) = throttled;
            let seconds = until.since(at).as_secs().saturating_add(1);
            DeskError::TryLater { seconds }
        })?;
        codes.forget_old(at);
        let code = text.parse::<SessionCode>().ok();
        let taken = code.and_then(|code| Some((code, codes.live.remove(&code)?)));
        if taken.is_some() {
            codes.wrong.handle_right(&tried);
        }
        Ok(taken)
    }

    async fn note_wrong_code(&self, me: &Account, at: Timestamp) {
        let change = Change::new().audit(AuditEntry {
            at,
            actor: format!("technician:{}", me.id),
            action: "wrong_session_code",
            session: None,
            detail: String::new(),
        });
        if let Err(error) = self.inner.store.write(change).await {
            tracing::error!(%error, "a wrong session code could not be recorded");
        }
    }
}

/// For a computer without a name.
fn code_name(code: SessionCode) -> String {
    code.grouped()
}
