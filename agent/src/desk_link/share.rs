//! What is shared with whom right now: turns grants into a running pipeline and working hands, and takes them away. Owns no rule about
//! who may what (consent's) and no timing of pixels (the pipeline's).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mayday_protocol::control::{Rights, ScreenState};
use mayday_protocol::feedback::{Feedback, Pong};
use mayday_protocol::input::{Input, Pointer};
use mayday_protocol::{Audience, Class, ClearHeader, Epoch, Packet, Sequence, SessionId, Slot};
use mayday_session::consent::{Consent, ControlGrant, ViewGrant};
use mayday_transport::Link;
use tokio::sync::mpsc::UnboundedSender;

use crate::cli::{CaptureBackend, EncodeArm, InputBackend};
use crate::inject::{Hands, Order, Turn, gate};
use crate::permit::{Lowerings, Permit};
use crate::pipeline::{Counters, Pipeline, Setup};
use crate::stop_key::InjectedKeys;
use crate::window::OwnWindows;

/// Which of the arms of the command line are used, and what the injector must know of the window.
#[derive(Clone)]
pub struct Means {
    pub capture: CaptureBackend,
    pub input: InputBackend,
    pub encode: EncodeArm,
    pub own_windows: OwnWindows,
    pub injected_keys: InjectedKeys,
}

#[derive(Default)]
struct Place {
    view: Option<Arc<ViewGrant>>,
    /// The technician's viewer is there.
    connected: bool,
    /// The pipeline sends to this slot.
    watching: bool,
    control: Option<ControlGrant>,
    order: Order,
}

pub struct Sharing {
    means: Means,
    permit: Arc<Permit>,
    counters: Arc<Counters>,
    states: UnboundedSender<ScreenState>,
    places: [Place; Slot::COUNT],
    pipeline: Option<Pipeline>,
    hands: Option<Hands>,
    pongs: u32,
}

impl Sharing {
    #[must_use]
    pub fn new(means: Means, permit: Arc<Permit>, states: UnboundedSender<ScreenState>) -> Self {
        Self {
            means,
            permit,
            counters: Arc::default(),
            states,
            places: Default::default(),
            pipeline: None,
            hands: None,
            pongs: 0,
        }
    }

    pub fn grant_view(&mut self, grant: ViewGrant) {
        let place = &mut self.places[grant.slot().index()];
        place.view = Some(Arc::new(grant));
    }

    pub fn end_view(&mut self, slot: Slot) {
        self.places[slot.index()].view = None;
    }

    /// Makes the hands that this grant allows.
    pub fn grant_control(&mut self, grant: ControlGrant) {
        if self.hands.is_none() {
            let own = self.means.own_windows.clone();
            match gate::open(
                &grant,
                self.means.input,
                own,
                self.means.injected_keys.clone(),
            ) {
                Ok(hands) => self.hands = Some(hands),
                Err(error) => tracing::warn!(%error, "no input"),
            }
        }
        let slot = grant.slot();
        self.places[slot.index()].control = Some(grant);
    }

    pub fn end_control(&mut self, slot: Slot) {
        self.places[slot.index()].control = None;
        if self.places.iter().all(|place| place.control.is_none()) {
            self.hands = None; // which lets go of everything
        }
    }

    pub fn release_keys(&mut self) {
        if let Some(hands) = &mut self.hands {
            hands.release_all();
        }
    }

    /// A viewer came (anew); its sequences start at 1.
    pub fn connected(&mut self, slot: Slot) {
        self.unwatch(slot);
        let place = &mut self.places[slot.index()];
        place.connected = true;
        place.order = Order::default();
    }

    pub fn disconnected(&mut self, slot: Slot) {
        self.places[slot.index()].connected = false;
        self.release_keys();
    }

    /// Whose viewers are there, by slot.
    #[must_use]
    pub fn present(&self) -> [bool; Slot::COUNT] {
        self.places.each_ref().map(|place| place.connected)
    }

    /// The connection to the gateway is gone: nobody sees or does anything, grants stay as consent says.
    pub fn link_lost(&mut self) {
        for slot in Slot::ALL {
            self.disconnected(slot);
            self.unwatch(slot);
        }
        self.pipeline = None;
    }

    /// The session is over: every grant of it is void.
    pub fn close(&mut self) {
        self.permit.stop();
        self.link_lost();
        self.hands = None;
        self.places = Default::default();
    }

    /// Brings the permit in line with consent; a lowering that is still in the queue wins.
    pub fn permit(&self, consent: &Consent, seen: Lowerings) {
        self.permit.set_prompt(consent.is_prompting());
        for slot in Slot::ALL {
            let held = consent.rights(slot);
            let controls = held.control && consent.controller() == Some(slot);
            let rights = Rights {
                view: held.view,
                control: controls,
            };
            // If it was overtaken, the lowering comes next.
            let _ = self.permit.allow(slot, rights, seen);
        }
        if consent.is_paused() && !self.permit.is_paused() {
            self.permit.pause();
        } else if !consent.is_paused() && self.permit.is_paused() {
            let _ = self.permit.resume(seen);
        }
    }

    /// Starts, feeds or ends the pipeline: it runs only while somebody with a grant is connected and nothing is paused.
    pub fn share(&mut self, consent: &Consent, link: &Link, session: SessionId) {
        let runs = |place: &Place| place.connected && place.view.is_some();
        if consent.is_paused() || !self.places.iter().any(runs) {
            for slot in Slot::ALL {
                self.unwatch(slot);
            }
            self.pipeline = None;
            return;
        }
        for slot in Slot::ALL {
            let place = &self.places[slot.index()];
            match (&place.view, place.connected, place.watching) {
                (Some(grant), true, false) => {
                    let grant = grant.clone();
                    self.watch(slot, grant, link, session, consent.rights(slot).control);
                }
                (None, _, true) | (_, false, true) => self.unwatch(slot),
                (None, _, false) | (_, false, false) | (Some(_), true, true) => {}
            }
        }
    }

    /// A packet of a technician.
    pub fn packet(&mut self, packet: &Packet, link: &Link) {
        let header = packet.header;
        let Some(slot) = Slot::new(header.source) else {
            return;
        };
        let sequence = header.sequence;
        match header.class {
            Class::Input => {
                if let Ok(input) = Input::decode(&packet.payload) {
                    let turns = self.places[slot.index()].order.input(sequence, input);
                    self.inject(slot, turns);
                }
            }
            Class::Pointer => {
                if let Ok(pointer) = Pointer::decode(&packet.payload) {
                    let turn = self.places[slot.index()].order.pointer(sequence, pointer);
                    self.inject(slot, turn);
                }
            }
            Class::Feedback => {
                if let Ok(feedback) = Feedback::decode(&packet.payload) {
                    self.feedback(slot, feedback, link, header.session);
                }
            }
            Class::Update | Class::Cursor | Class::Refinement | Class::Pong => {} // the agent's own classes
        }
    }

    /// The relay could not deliver these.
    pub fn abandoned(&mut self, slot: Slot, sequences: &[u32]) {
        if let Some(pipeline) = &self.pipeline {
            let sequences: Vec<_> = sequences.iter().copied().map(Sequence).collect();
            pipeline.abandoned(slot, &sequences);
        }
    }

    fn inject(&mut self, slot: Slot, turns: impl IntoIterator<Item = Turn>) {
        for turn in turns {
            let granted = self.places[slot.index()].control.is_some();
            let Some(hands) = &mut self.hands else {
                return;
            };
            if !granted {
                continue;
            }
            // Asked at each step of it: a Stop lies between two of them.
            let permitted = || self.permit.may_control(slot);
            match hands.perform(turn, self.counters.epoch(), &permitted) {
                Ok(Some(done)) => self.counters.injected.store(done.0, Ordering::Release),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "input was not injected"),
            }
        }
    }

    fn feedback(&mut self, slot: Slot, feedback: Feedback, link: &Link, session: SessionId) {
        match (feedback, &self.pipeline) {
            (Feedback::Ping { id }, _) => {
                self.pongs = self.pongs.saturating_add(1);
                let header = ClearHeader {
                    class: Class::Pong,
                    source: 0,
                    audience: Audience::only(slot),
                    session,
                    sequence: Sequence(self.pongs),
                    size: 0,
                    age_us: 0,
                };
                // A ping that gets no answer is asked again.
                let _ = link.send_datagram(&Packet::new(header, Pong { id }.encode()));
            }
            (Feedback::Drawn(report), Some(pipeline)) => pipeline.drawn(slot, &report),
            (Feedback::Refresh { epoch, stripes }, Some(pipeline)) => {
                pipeline.refresh(slot, Epoch(epoch.0), stripes);
            }
            (Feedback::Drawn(_) | Feedback::Refresh { .. }, None) => {}
        }
    }

    fn watch(
        &mut self,
        slot: Slot,
        grant: Arc<ViewGrant>,
        link: &Link,
        session: SessionId,
        control: bool,
    ) {
        if self.pipeline.is_none() {
            let setup = Setup {
                link: link.clone(),
                session,
                permit: self.permit.clone(),
                counters: self.counters.clone(),
                capture: self.means.capture,
                encode: self.means.encode,
                states: self.states.clone(),
            };
            match Pipeline::start(setup, &tokio::runtime::Handle::current()) {
                Ok(pipeline) => self.pipeline = Some(pipeline),
                Err(error) => {
                    tracing::error!(%error, "no pipeline");
                    return;
                }
            }
        }
        if let Some(pipeline) = &self.pipeline {
            pipeline.join(slot, grant);
            self.places[slot.index()].watching = true;
            tracing::info!(slot = slot.index(), control, "sharing");
        }
    }

    fn unwatch(&mut self, slot: Slot) {
        if !std::mem::take(&mut self.places[slot.index()].watching) {
            return;
        }
        if let Some(pipeline) = &self.pipeline {
            pipeline.part(slot);
        }
        tracing::info!(slot = slot.index(), "sharing ended");
    }
}
