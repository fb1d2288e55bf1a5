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
    pub(super) waiting_anew: Option<u32>,
    /// The picture after all those that are shown or wait only for other stripes.
    in_row: Option<u32>,
    /// Since when something waits here for a picture that is not there, and the first update that does.
    waiting_since: Option<Duration>,
    waiting_first: Option<Sequence>,
    /// Since when an update here waits for another that it follows, and the first that does.
    held_since: Option<Duration>,
    held_first: Option<Sequence>,
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
        if stripe.kind == PictureKind::Anew {
            self.anew_at = self.anew_at.max(update);
            self.held_since = None;
            self.asked_at = None;
        }
    }

    /// What waits here, in the order of its pictures. Those that are in a row with what is shown, or with a new beginning, wait only for
    /// other stripes or updates; beyond them a picture is missing.
    pub(super) fn mark<'a>(
        &mut self,
        waiting: impl Iterator<Item = (Sequence, &'a Stripe)>,
        now: Duration,
    ) {
        let (mut in_row, mut beyond) = (self.next, None);
        for (sequence, Stripe { picture, kind, .. }) in waiting {
            if in_row == Some(*picture) || *kind == PictureKind::Anew {
                in_row = Some(picture.saturating_add(1));
                beyond = None;
            } else if in_row.is_none_or(|next| *picture > next) {
                beyond = Some(beyond.map_or(sequence, |first: Sequence| first.min(sequence)));
            }
        }
        if in_row != self.in_row {
            self.in_row = in_row;
            self.waiting_since = None;
            if self.held_since.is_none() {
                self.asked_at = None;
            }
        }
        self.waiting_first = beyond;
        if beyond.is_some() {
            self.waiting_since.get_or_insert(now);
        }
    }

    /// The first update here that waits for one that it follows.
    pub(super) fn hold(&mut self, held: Option<Sequence>, now: Duration) {
        if held.is_none() && self.held_since.is_some() && self.waiting_since.is_none() {
            self.asked_at = None;
        }
        self.held_since = held.map(|_| self.held_since.unwrap_or(now));
        self.held_first = held;
    }

    /// The first update that something is missing for.
    pub(super) fn late_first(&self) -> Option<Sequence> {
        let both = [self.waiting_first, self.held_first];
        both.into_iter().flatten().min()
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
        self.in_row = None;
        self.waiting_since.get_or_insert(now);
    }
}
