//! One stripe's pictures: which one may be decoded next, and since when it waits for one that is missing.

use std::time::Duration;

use mayday_protocol::Sequence;
use mayday_protocol::update::{PictureKind, Stripe};

/// What a part of an update is for its stripe right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It can be decoded.
    Now,
    /// The stripe begins anew with it; it stands for pictures that were missed.
    Anew,
    /// Something newer was decoded already.
    Past,
    /// An earlier picture is missing.
    Wait,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    /// The next picture to decode; `None`: only one that begins anew can start.
    next: Option<u32>,
    /// The newest picture to begin anew with that has arrived and not been shown: what is older need not be shown any more.
    waiting_anew: Option<u32>,
    /// Since when something waits here.
    pub(super) waiting_since: Option<Duration>,
    /// Since when an update here waits for another that it follows.
    held_since: Option<Duration>,
    pub(super) asked_at: Option<Duration>,
    /// The update with which this began anew: nothing older matters here any more.
    pub(super) anew_at: Sequence,
}

impl Lane {
    pub(super) fn turn(&self, stripe: &Stripe) -> Turn {
        match self.next {
            Some(next) if stripe.picture < next => Turn::Past,
            Some(next) if stripe.picture == next => Turn::Now,
            Some(_) | None if self.waiting_anew.is_some_and(|key| stripe.picture < key) => {
                Turn::Past
            }
            Some(_) | None if stripe.kind == PictureKind::Anew => Turn::Anew,
            Some(_) | None => Turn::Wait,
        }
    }

    /// A part of an update arrived.
    pub(super) fn arrive(&mut self, stripe: &Stripe) {
        if stripe.kind == PictureKind::Anew && self.next.is_none_or(|next| stripe.picture >= next) {
            self.waiting_anew = self.waiting_anew.max(Some(stripe.picture));
        }
    }

    /// A picture goes to the decoder.
    pub(super) fn advance(&mut self, stripe: &Stripe, update: Sequence) {
        let picture = stripe.picture;
        self.next = Some(picture.saturating_add(1));
        self.waiting_anew = self.waiting_anew.filter(|key| *key > picture);
        self.waiting_since = None;
        if stripe.kind == PictureKind::Anew {
            self.anew_at = self.anew_at.max(update);
            self.held_since = None;
        }
        if self.held_since.is_none() {
            self.asked_at = None;
        }
    }

    /// Whether an update here waits for one that it follows.
    pub(super) fn hold(&mut self, held: bool, now: Duration) {
        self.held_since = held.then(|| self.held_since.unwrap_or(now));
    }

    /// Since when something is missing here.
    pub(super) fn late_since(&self) -> Option<Duration> {
        [self.waiting_since, self.held_since]
            .into_iter()
            .flatten()
            .min()
    }

    /// The decoder's state is lost: only a key picture helps.
    pub(super) fn fail(&mut self, now: Duration) {
        self.next = None;
        self.waiting_since.get_or_insert(now);
    }
}
