//! The viewer's one task: reads the connection, keeps the order, decodes and draws at once, reports. Everything happens on one
//! thread, so that a packet becomes pixels without waking anybody else.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use mayday_protocol::control::{self, FromTechnician, ToTechnician};
use mayday_protocol::cursor::Cursor;
use mayday_protocol::feedback::{Feedback, Pong, Report};
use mayday_protocol::update::{Unreadable, Update};
use mayday_protocol::{Class, ClearHeader, Packet};
use mayday_transport::{Link, LinkError, Received, close_code};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::again::Again;
use crate::decoding::Cage;
use crate::hands::Hands;
use crate::incoming::{self, Whole};
use crate::order::{Arrival, Effect, Order, Shown};
use crate::ping::Pings;
use crate::screen::Screen;
use crate::shared::{Event, Shared, Sight};
use crate::statistics::Sample;

/// Pointer shapes kept.
const SHAPES: usize = 64;

/// What the handle asks of the task.
pub(crate) enum Command {
    Say(FromTechnician),
    Close,
}

/// The task's state.
pub(crate) struct Client {
    pub(crate) link: Link,
    pub(crate) shared: Arc<Shared>,
    pub(crate) hands: Arc<Hands>,
    pub(crate) began: Instant,
    cage: Option<Cage>,
    order: Rc<RefCell<Order>>,
    age: std::collections::HashMap<u32, Duration>,
    again: Again,
    pings: Pings,
}

type Reading = LocalBoxFuture<'static, Result<Whole, (ClearHeader, LinkError)>>;

impl Client {
    pub(crate) fn new(
        link: Link,
        shared: Arc<Shared>,
        hands: Arc<Hands>,
        cage: Option<Cage>,
    ) -> Self {
        Self {
            cage,
            link,
            shared,
            hands,
            began: Instant::now(),
            order: Rc::default(),
            age: std::collections::HashMap::new(),
            again: Again::default(),
            pings: Pings::default(),
        }
    }

    /// Runs until the connection is over; says why.
    pub(crate) async fn run(
        mut self,
        mut commands: UnboundedReceiver<Command>,
        mut ordered: UnboundedReceiver<Packet>,
    ) -> String {
        let mut readings: FuturesUnordered<Reading> = FuturesUnordered::new();
        loop {
            let ping = self.pings.poll_timeout();
            let due = self.order.borrow().poll_timeout();
            let again = self.again.poll_timeout();
            let outcome = tokio::select! {
                biased;
                received = self.link.recv() => match received {
                    Ok(received) => self.received(received, &mut readings),
                    Err(error) => Err(error.to_string()),
                },
                Some(read) = readings.next(), if !readings.is_empty() => self.read(read),
                Some(packet) = ordered.recv() => {
                    self.send_input(packet).await.map_err(|error| error.to_string())
                }
                command = commands.recv() => match command {
                    Some(Command::Say(message)) => {
                        self.link.send_control(&message).await.map_err(|error| error.to_string())
                    }
                    Some(Command::Close) | None => {
                        let _ = self.link.send_control(&FromTechnician::Bye {}).await;
                        self.link.close_after_delivery(close_code::DONE, "bye").await;
                        Err("closed by this side".to_owned())
                    }
                },
                () = sleep_until(self.began, Some(ping)) => {
                    self.ping();
                    Ok(())
                }
                () = sleep_until(self.began, again) => {
                    while let Some(packet) = self.again.due(self.began.elapsed()) {
                        let _ = self.link.send_datagram(&packet);
                    }
                    Ok(())
                }
                () = sleep_until(self.began, due) => {
                    self.order.borrow_mut().handle_timeout(self.began.elapsed());
                    self.perform();
                    Ok(())
                }
            };
            if let Err(why) = outcome {
                return why;
            }
        }
    }

    fn received(
        &mut self,
        received: Received,
        readings: &mut FuturesUnordered<Reading>,
    ) -> Result<(), String> {
        self.shared.lock().heard = Some(Instant::now());
        match received {
            Received::Control(bytes) => match control::decode(&bytes) {
                Ok(message) => self.said(message),
                Err(error) => return Err(error.to_string()),
            },
            Received::Packet { packet, .. } => {
                let now = self.began.elapsed();
                self.packet(Whole {
                    header: packet.header,
                    payload: packet.payload,
                    first: now,
                    last: now,
                });
            }
            Received::Stream(stream) => {
                let (order, header) = (self.order.clone(), stream.header());
                let flowing = move |now| {
                    if is_update(header.class) {
                        order.borrow_mut().handle_flowing(header.sequence, now);
                    }
                };
                readings.push(Box::pin(incoming::read(stream, self.began, flowing)));
            }
        }
        Ok(())
    }

    /// In order. What is small left as a datagram before, and the agent takes whichever comes first; on a long way another one follows.
    async fn send_input(&mut self, packet: Packet) -> Result<(), LinkError> {
        self.pings.handle_activity(self.began.elapsed());
        self.link.send_ordered(&packet).await?;
        if packet.header.class == Class::Input && packet.fits_datagram() {
            let (round_trip, now) = (self.link.rtt(), self.began.elapsed());
            self.again.sent(packet, round_trip, now);
        }
        Ok(())
    }

    fn read(&mut self, read: Result<Whole, (ClearHeader, LinkError)>) -> Result<(), String> {
        let header = match &read {
            Ok(whole) => whole.header,
            Err((header, _)) => *header,
        };
        if is_update(header.class) {
            self.order.borrow_mut().handle_flowed(header.sequence);
        }
        match read {
            Ok(whole) => {
                self.packet(whole);
                Ok(())
            }
            Err((_, LinkError::Abandoned)) => Ok(()),
            Err((_, error)) => Err(error.to_string()),
        }
    }

    fn packet(&mut self, whole: Whole) {
        let Whole {
            header, payload, ..
        } = &whole;
        match header.class {
            Class::Update | Class::Refinement => match Update::decode(payload) {
                Ok(update) => self.update(&whole, update),
                Err(Unreadable::Format { theirs }) => {
                    tracing::warn!(
                        theirs,
                        "pictures come in a form that this viewer cannot read"
                    );
                    self.shared.change(|seen| seen.other_form = Some(theirs));
                }
                Err(error) => tracing::warn!(%error, "an update cannot be read"),
            },
            Class::Cursor => match Cursor::decode(payload) {
                Ok(cursor) => self.cursor(cursor),
                Err(error) => tracing::warn!(%error, "a pointer's shape cannot be read"),
            },
            Class::Pong => self.pong(payload),
            Class::Input | Class::Pointer | Class::Feedback => {}
        }
    }

    fn update(&mut self, whole: &Whole, update: Update) {
        self.pings.handle_activity(self.began.elapsed());
        let header = whole.header;
        let arrival = Arrival {
            first: whole.first,
            last: whole.last,
            bytes: whole.payload.len(),
        };
        if self.age.len() > SHAPES {
            self.age.clear();
        }
        self.age.insert(
            header.sequence.0,
            Duration::from_micros(header.age_us.into()),
        );
        self.order
            .borrow_mut()
            .handle_update(header.class, header.sequence, update, arrival);
        self.perform();
    }

    fn perform(&mut self) {
        loop {
            let effect = self.order.borrow_mut().poll_effect();
            match effect {
                None => return,
                Some(Effect::Reset(layout)) => {
                    if let Some(epoch) = self.order.borrow().epoch() {
                        self.hands.set_epoch(epoch);
                    }
                    let cage = self.cage.clone();
                    self.shared.change(|seen| {
                        seen.screen = Screen::new(layout, cage);
                        seen.damage.add_all();
                        seen.happened(Event::Reset {
                            width: layout.width,
                            height: layout.height,
                        });
                    });
                }
                Some(Effect::Refresh { epoch, stripes }) => {
                    self.shared.lock().counts.refreshes += 1;
                    self.hands.feedback(Feedback::Refresh { epoch, stripes });
                }
                Some(Effect::Show(shown)) => self.show(&shown),
            }
        }
    }

    fn show(&mut self, shown: &Shown) {
        let turn = self.began.elapsed();
        let age = self.age.remove(&shown.sequence.0).unwrap_or_default();
        let arrival = shown.arrival;
        let answered = self.hands.answered(shown.update.input);
        let spread = arrival.last.saturating_sub(arrival.first);
        let link = &self.link;
        let work = self.shared.change(|seen| {
            seen.other_form = None;
            let screen = seen.screen.as_mut()?;
            let work = screen.show(shown);
            seen.damage.add(shown);
            let sample = Sample {
                at: Instant::now(),
                turn: turn.saturating_sub(arrival.last),
                stages: shown.update.stages,
                qp: shown.update.qp,
                age,
                bytes: arrival.bytes,
                spread,
                decode: work.decode,
                draw: work.draw,
            };
            let rtt = seen.ping.unwrap_or_else(|| link.rtt());
            seen.look(Sight {
                at: sample.at,
                stages: sample.all(rtt),
            });
            seen.counts.decode_errors += work.failed.len() as u64;
            seen.counts.add(sample);
            if let Some(sent) = answered {
                seen.counts.key_to_pixel = Some(sent.elapsed());
            }
            Some(work)
        });
        let Some(work) = work else { return };
        let us = |duration: Duration| u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
        let queued = self.order.borrow().queued();
        self.hands.feedback(Feedback::Drawn(Report {
            update: shown.sequence,
            bytes: u32::try_from(arrival.bytes).unwrap_or(u32::MAX),
            arrival_us: arrival.last.as_micros() as u32,
            spread_us: us(spread),
            wait_us: us(turn.saturating_sub(arrival.last)),
            decode_us: us(work.decode),
            draw_us: us(work.draw),
            queued: u8::try_from(queued).unwrap_or(u8::MAX),
        }));
        for stripe in work.failed {
            let now = self.began.elapsed();
            self.order.borrow_mut().handle_decoder_failed(stripe, now);
        }
        for rect in work.failed_tiles {
            let now = self.began.elapsed();
            self.order.borrow_mut().handle_tile_failed(rect, now);
        }
    }

    fn cursor(&self, cursor: Cursor) {
        self.shared.change(|seen| match cursor {
            Cursor::Position { x, y, shape } => seen.pointer = Some((x, y, shape)),
            Cursor::Shape(shape) => {
                seen.shapes.retain(|known| known.id != shape.id);
                if seen.shapes.len() >= SHAPES {
                    seen.shapes.remove(0);
                }
                seen.shapes.push(shape);
            }
        });
    }

    fn said(&mut self, message: ToTechnician) {
        match message {
            ToTechnician::State { state } => self.shared.change(|seen| {
                seen.state = Some(state.clone());
                seen.happened(Event::State(state));
            }),
            ToTechnician::Clear {} => {
                self.order.borrow_mut().handle_cleared();
                self.shared.change(|seen| {
                    if let Some(screen) = &mut seen.screen {
                        screen.clear();
                    }
                    seen.damage.add_all();
                    seen.pointer = None;
                    seen.happened(Event::Cleared);
                    seen.look(Sight::without_update());
                });
            }
            ToTechnician::Ended { reason } => {
                self.shared
                    .change(|seen| seen.happened(Event::Ended(reason)));
            }
            // Said once, before this task began.
            ToTechnician::Joined { .. } | ToTechnician::Refused { .. } | ToTechnician::Unknown => {}
        }
    }

    fn ping(&mut self) {
        let Some(id) = self.pings.handle_timeout(self.began.elapsed()) else {
            return;
        };
        self.hands.feedback(Feedback::Ping { id });
        let known = {
            let mut seen = self.shared.lock();
            seen.silent_since = self.silent_since();
            // Without an agent's answer, the way to the gateway is what is known.
            seen.ping.unwrap_or(self.link.rtt())
        };
        self.order.borrow_mut().handle_rtt(known);
    }

    fn pong(&mut self, payload: &[u8]) {
        let Ok(pong) = Pong::decode(payload) else {
            return;
        };
        let Some(rtt) = self.pings.handle_pong(pong.id, self.began.elapsed()) else {
            return;
        };
        let silent_since = self.silent_since();
        self.shared.change(|seen| {
            seen.ping = Some(rtt);
            seen.silent_since = silent_since;
        });
        self.order.borrow_mut().handle_rtt(rtt);
    }

    fn silent_since(&self) -> Option<Instant> {
        self.pings.silent_since().map(|at| self.began + at)
    }
}

fn is_update(class: Class) -> bool {
    match class {
        Class::Update | Class::Refinement => true,
        Class::Cursor | Class::Pong | Class::Input | Class::Pointer | Class::Feedback => false,
    }
}

async fn sleep_until(began: Instant, due: Option<Duration>) {
    match due {
        Some(due) => tokio::time::sleep_until((began + due).into()).await,
        None => std::future::pending().await,
    }
}
