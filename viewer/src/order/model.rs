//! A played agent, a hostile network and a canvas of dots: whatever comes late, twice or never, in the end the canvas is what the agent
//! believes it to be. Steps are taken from bytes, so that a test can walk at random, a fuzzer on purpose, and both viewers the same way.

mod agent;
mod dots;

use std::collections::HashMap;

use agent::Agent;
use dots::Dots;

use super::*;

pub(crate) use agent::Sent;

/// The bytes of one step.
pub(crate) const STEP: usize = 6;

/// What happens to a viewer.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    Update(Sequence),
    /// Bytes of a stream come; it is whole, or given up.
    Flowing(Sequence),
    Flowed(Sequence),
    DecoderFailed(u8),
    TileFailed(Rect),
    /// Only time passed.
    Nothing,
}

/// One line of a walk's story.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    Sent(Sent),
    Happened(Happened),
}

#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) now: Duration,
    pub(crate) what: Happening,
    /// What the viewer did then: the updates it showed, the stripes that it asked for.
    pub(crate) shown: Vec<u32>,
    pub(crate) asked: u64,
    /// The canvas after it.
    #[cfg(test)]
    pub(crate) canvas: u32,
}

pub(crate) struct Model {
    order: Order,
    now: Duration,
    agent: Agent,
    on_the_way: Vec<(Sequence, Update)>,
    flowing: Vec<Sequence>,
    /// What each update draws.
    contents: HashMap<u32, HashMap<usize, u32>>,
    canvas: Dots,
    pub(crate) copied: usize,
    /// Stripes began anew while something waited: a viewer that decodes before it shows has it already, does otherwise, and no worse.
    #[cfg(test)]
    pub(crate) decoded_ahead: bool,
    pub(crate) story: Vec<Line>,
}

impl Model {
    pub(crate) fn walk(bytes: &[u8]) -> Self {
        let agent = Agent::new();
        let mut model = Self {
            order: Order::default(),
            now: Duration::ZERO,
            canvas: Dots::none(),
            agent,
            on_the_way: Vec::new(),
            flowing: Vec::new(),
            contents: HashMap::new(),
            copied: 0,
            #[cfg(test)]
            decoded_ahead: false,
            story: Vec::new(),
        };
        model.order.handle_rtt(RTT);
        model.post();
        for step in bytes.chunks_exact(STEP) {
            model.step(step);
        }
        model.settle();
        model
    }

    pub(crate) fn is_right(&self) -> bool {
        self.canvas == self.agent.belief
    }

    fn step(&mut self, step: &[u8]) {
        let [kind, a, b, c, d, e] = step.try_into().unwrap_or([0; STEP]);
        let screen = &self.agent.belief;
        let (blocks, dots) = (screen.blocks([a, b, c, d]), screen.rect([a, b, c, d], 12));
        match kind % 8 {
            0 => self.agent.send_picture(blocks),
            1 | 2 => self.agent.send_tile(blocks),
            3 => self.agent.send_copy(dots, e),
            4 => self.mishap(a, b, blocks),
            5 => self.deliver(a, true),
            _ => self.deliver(a, false),
        }
        self.post();
        self.now += Duration::from_millis(u64::from(e));
        self.happens(Happening::Nothing);
    }

    fn mishap(&mut self, which: u8, at: u8, rect: Rect) {
        match which % 16 {
            0 => self.agent.resize(at),
            1 => {
                let stripe = usize::from(at) % self.agent.stripes();
                self.happens(Happening::DecoderFailed(stripe as u8));
            }
            2 => self.happens(Happening::TileFailed(rect)),
            3..=6 => self.flow(at),
            _ => self.lose(at),
        }
    }

    /// What the agent sends goes on its way.
    fn post(&mut self) {
        for sent in std::mem::take(&mut self.agent.outbox) {
            let contents = sent.contents.clone();
            self.contents.insert(sent.sequence.0, contents);
            self.on_the_way.push((sent.sequence, sent.update.clone()));
            self.story.push(Line::Sent(sent));
        }
    }

    /// The relay gives one up, and the agent hears of it.
    fn lose(&mut self, which: u8) {
        if self.on_the_way.is_empty() {
            return;
        }
        let at = usize::from(which) % self.on_the_way.len();
        let (sequence, update) = self.on_the_way.remove(at);
        self.flowed(sequence);
        self.agent.lost(&update, which);
    }

    /// The first bytes of one come, or more of them.
    fn flow(&mut self, which: u8) {
        if self.on_the_way.is_empty() {
            return;
        }
        let at = usize::from(which) % self.on_the_way.len();
        let sequence = self.on_the_way[at].0;
        if !self.flowing.contains(&sequence) {
            self.flowing.push(sequence);
        }
        self.happens(Happening::Flowing(sequence));
    }

    fn flowed(&mut self, sequence: Sequence) {
        if self.flowing.contains(&sequence) {
            self.flowing.retain(|one| *one != sequence);
            self.happens(Happening::Flowed(sequence));
        }
    }

    fn deliver(&mut self, which: u8, twice: bool) {
        if self.on_the_way.is_empty() {
            return;
        }
        let at = usize::from(which) % self.on_the_way.len();
        let (sequence, update) = if twice {
            self.on_the_way[at].clone()
        } else {
            self.on_the_way.remove(at)
        };
        if !twice {
            self.flowed(sequence);
        }
        let arrival = Arrival {
            first: self.now,
            last: self.now,
            bytes: 10,
        };
        self.happens_with(Happening::Update(sequence), Some((update, arrival)));
    }

    /// Whatever it is, the viewer looks at its clock first.
    fn happens(&mut self, what: Happening) {
        self.happens_with(what, None);
    }

    fn happens_with(&mut self, what: Happening, update: Option<(Update, Arrival)>) {
        let now = self.now;
        #[cfg(test)]
        let waited = self.order.queued();
        match &what {
            Happening::Update(sequence) => {
                if let Some((update, arrival)) = update {
                    #[cfg(test)]
                    self.arrives(&update);
                    let class = Class::Update;
                    self.order.handle_update(class, *sequence, update, arrival);
                }
            }
            Happening::Flowing(sequence) => self.order.handle_flowing(*sequence, now),
            Happening::Flowed(sequence) => self.order.handle_flowed(*sequence),
            Happening::DecoderFailed(stripe) => self.order.handle_decoder_failed(*stripe, now),
            Happening::TileFailed(rect) => self.order.handle_tile_failed(*rect, now),
            Happening::Nothing => self.order.handle_timeout(now),
        }
        let (shown, asked) = self.perform();
        #[cfg(test)]
        if asked != 0 && !matches!(what, Happening::Nothing) && waited + self.order.queued() > 0 {
            self.decoded_ahead = true;
        }
        // Nothing happened, and nothing came of it.
        if !matches!(what, Happening::Nothing) || asked != 0 {
            self.story.push(Line::Happened(Happened {
                now,
                what,
                shown,
                asked,
                #[cfg(test)]
                canvas: self.canvas.sum(),
            }));
        }
        self.post();
    }

    /// Notes whether a new beginning of one of its stripes is there and waits: one of the two is overtaken.
    #[cfg(test)]
    fn arrives(&mut self, update: &Update) {
        let lanes = self.order.screen.iter().flat_map(|screen| &screen.lanes);
        for (index, lane) in lanes.enumerate() {
            let mut stripes = update.stripes.iter();
            self.decoded_ahead |= stripes.any(|stripe| {
                let is_new = stripe.kind == mayday_protocol::update::PictureKind::Anew;
                let overtakes = is_new || Some(stripe.picture) < lane.waiting_anew;
                usize::from(stripe.index) == index && lane.waiting_anew.is_some() && overtakes
            });
        }
    }

    /// What was shown, and the stripes that were asked for.
    fn perform(&mut self) -> (Vec<u32>, u64) {
        let (mut shown, mut asked) = (Vec::new(), 0);
        while let Some(effect) = self.order.poll_effect() {
            match effect {
                Effect::Reset(layout) => self.canvas = Dots::of(layout),
                Effect::Refresh { epoch, stripes } => {
                    asked |= stripes;
                    if epoch == self.agent.epoch() {
                        // Asked for: without a picture the stripe would be asked for again and again.
                        let how = self.agent.next() as u8;
                        let how = if how / 4 % 3 == 2 { 0 } else { how };
                        self.agent.begin_anew(stripes, how);
                    }
                }
                Effect::Show(one) => {
                    shown.push(one.sequence.0);
                    self.show(&one);
                }
            }
        }
        (shown, asked)
    }

    fn show(&mut self, shown: &Shown) {
        for copy in &shown.update.copies {
            self.canvas.copy(*copy);
            self.copied += 1;
        }
        let contents = &self.contents[&shown.sequence.0];
        let pictures = shown.update.stripes.iter().flat_map(|one| &one.draw);
        let tiles = shown.tiles.iter().flat_map(|one| &one.draw);
        for rect in pictures.chain(tiles) {
            for dot in self.canvas.within(*rect) {
                self.canvas.put(dot, contents[&dot]);
            }
        }
        self.agent.shown(shown.sequence);
    }

    /// Everything arrives, and what was asked for is answered.
    fn settle(&mut self) {
        for _ in 0..64 {
            while !self.on_the_way.is_empty() {
                self.deliver(0, false);
            }
            self.now += Duration::from_secs(2);
            self.happens(Happening::Nothing);
        }
    }
}

/// Of every walk: both viewers begin with a guess of their own.
pub(crate) const RTT: Duration = Duration::from_millis(80);
