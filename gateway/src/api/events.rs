//! The live stream of the lists: server-sent events, each as its reader may see it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::extract::SignedIn;
use super::show;
use super::types::{Alert, AlertKind, Gone, Hello, Id};
use crate::accounts::WebSession;
use crate::app::App;
use crate::clock::now;
use crate::events::{Event, Subscription};
use crate::site::VERSION;

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Server-sent events: `hello` first, then `session`, `session_gone`, `channel`, `channel_gone`, `technician`, `technician_gone`,
/// `chat`, `notes`, `alert` as they happen, `groups`, `settings` and `sign_ins` (mine) when these are others, and `keep_alive` every
/// 15 seconds without one.
/// After each `hello` and each `access` (what I see or may do has changed), fetch lists again.
#[utoipa::path(get, path = "/events", tag = "events", responses(
    (status = OK, content_type = "text/event-stream", body = String),
    (status = UNAUTHORIZED, body = super::types::ErrorBody),
))]
pub async fn events(
    State(app): State<App>,
    SignedIn(me): SignedIn,
) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let keep_alive = Sent::default().event("keep_alive").data("{}");
    Sse::new(told(Reader::new(app, me)))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE).event(keep_alive))
}

/// One open console.
struct Reader {
    app: App,
    me: WebSession,
    subscription: Subscription,
    /// When to look whether the sign-in still holds: it may have ended without anybody ending it.
    check: Interval,
}

impl Reader {
    fn new(app: App, me: WebSession) -> Self {
        let subscription = app.events.subscribe(me.account.id, &me.hash);
        let mut check = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            app,
            me,
            subscription,
            check,
        }
    }

    /// The next event that is for them; `None` when they are cut off or signed out.
    async fn next(&mut self) -> Option<Sent> {
        loop {
            tokio::select! {
                biased;
                _ = self.check.tick() => {
                    if !self.app.accounts.holds(&self.me).await {
                        return None;
                    }
                }
                event = self.subscription.next() => {
                    if let Some(sent) = seen(&self.app, self.me.account.id, &event?) {
                        return Some(sent);
                    }
                }
            }
        }
    }
}

fn told(reader: Reader) -> impl Stream<Item = Result<Sent, Infallible>> {
    let hello = Hello {
        version: VERSION.to_owned(),
    };
    let hello = stream::iter([Ok(sent("hello", &hello))]);
    let news = stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    hello.chain(news)
}

/// The event as `me` sees it; `None` when it is about something that is gone meanwhile.
fn seen(app: &App, me: u64, event: &Event) -> Option<Sent> {
    let snapshot = app.directory.now();
    let me = snapshot.account(me)?;
    let gone = |name, id| sent(name, &Gone { id: Id(id) });
    let alert = |kind, session_id| sent("alert", &Alert { kind, session_id });
    Some(match event {
        Event::Session(record) => sent("session", &show::session(&snapshot, me, record, now())),
        Event::SessionGone(id) => gone("session_gone", id.0),
        Event::Channel(id) => {
            let channel = snapshot.channel(*id)?;
            let open = app.desk.open_sessions();
            sent("channel", &show::channel(&snapshot, me, channel, &open))
        }
        Event::ChannelGone(id) => gone("channel_gone", *id),
        Event::Technician(id) => {
            let account = snapshot.account(*id)?;
            let online = app.events.is_online(*id);
            sent("technician", &show::technician(account, online))
        }
        Event::TechnicianGone(id) => gone("technician_gone", *id),
        Event::Groups => sent("groups", &serde_json::Map::new()),
        Event::Access => sent("access", &serde_json::Map::new()),
        Event::NotMe(id) => alert(AlertKind::NotMe, Some(Id(id.0))),
        Event::Said(said) => sent("chat", &super::talk::news(said)),
        Event::Notes(id) => gone("notes", id.0),
        Event::PinsLocked => alert(AlertKind::PinsLocked, None),
        Event::Settings => sent("settings", &serde_json::Map::new()),
        Event::SignIns(_) => sent("sign_ins", &serde_json::Map::new()),
    })
}

fn sent(name: &str, data: &impl Serialize) -> Sent {
    let data = serde_json::to_string(data).unwrap_or_default();
    Sent::default().event(name).data(data)
}
