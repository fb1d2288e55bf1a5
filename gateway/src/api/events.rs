//! The live stream of the lists: server-sent events, each as its reader may see it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Serialize;

use super::extract::SignedIn;
use super::show;
use super::types::{Alert, AlertKind, Gone, Hello, Id};
use crate::app::App;
use crate::clock::now;
use crate::events::{Event, Subscription};
use crate::site::VERSION;

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Server-sent events: `hello` first, then `session`, `session_gone`, `channel`, `channel_gone`, `technician`, `technician_gone`,
/// `alert` as they happen, and `keep_alive` every 15 seconds without one. After each `hello`, fetch lists again.
#[utoipa::path(get, path = "/events", tag = "events", responses(
    (status = OK, content_type = "text/event-stream", body = String),
    (status = UNAUTHORIZED, body = super::types::ErrorBody),
))]
pub async fn events(
    State(app): State<App>,
    SignedIn(me): SignedIn,
) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let subscription = app.events.subscribe(me.account.id, &me.hash);
    let keep_alive = Sent::default().event("keep_alive").data("{}");
    Sse::new(told(app, me.account.id, subscription))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE).event(keep_alive))
}

fn told(
    app: App,
    me: u64,
    subscription: Subscription,
) -> impl Stream<Item = Result<Sent, Infallible>> {
    let hello = sent(
        "hello",
        &Hello {
            version: VERSION.to_owned(),
        },
    );
    stream::unfold(
        (subscription, Some(hello)),
        move |(mut subscription, mut first)| {
            let app = app.clone();
            async move {
                loop {
                    if let Some(event) = first.take() {
                        return Some((Ok(event), (subscription, None)));
                    }
                    let event = subscription.next().await?;
                    first = seen(&app, me, &event);
                }
            }
        },
    )
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
        Event::NotMe(id) => alert(AlertKind::NotMe, Some(Id(id.0))),
        Event::PinsLocked => alert(AlertKind::PinsLocked, None),
    })
}

fn sent(name: &str, data: &impl Serialize) -> Sent {
    let data = serde_json::to_string(data).unwrap_or_default();
    Sent::default().event(name).data(data)
}
