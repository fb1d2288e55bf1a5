//! When a session ends: later (extended), or now (closed, expired), with everything that is connected to it.

use std::time::Duration;

use mayday_protocol::Slot;
use mayday_protocol::control::EndReason;

use super::Session;
use super::effect::{By, Effect, What};
use super::facts::{ClosedBy, Closing, EXPIRATION_MAX, EXPIRATION_MIN, Presence};
use crate::time::Timestamp;

impl Session {
    pub(super) fn extend(&mut self, time: Duration, by: By, now: Timestamp) {
        let time = time.clamp(EXPIRATION_MIN, EXPIRATION_MAX);
        let expires_at = self.facts.expires_at.max(now).after(time);
        self.facts.expires_at = expires_at.min(now.after(EXPIRATION_MAX));
        let expires_at = self.facts.expires_at;
        self.happened(by, What::Extended { expires_at });
    }

    pub(super) fn close(&mut self, closer: ClosedBy, by: By, now: Timestamp) {
        self.happened(by, What::Closed { by: closer });
        self.end_connections(EndReason::Closed, by, now);
        self.facts.closing = Some(Closing {
            at: now,
            by: closer,
        });
    }

    /// Nobody stays connected, nothing stays granted; who the technicians were stays for the history.
    pub(super) fn end_connections(&mut self, reason: EndReason, by: By, now: Timestamp) {
        self.forget_consent(by);
        for slot in Slot::ALL {
            let viewer = self
                .facts
                .member_mut(slot)
                .and_then(|one| one.viewer.take());
            if viewer.is_some() {
                self.effects.push_back(Effect::EndViewer { slot, reason });
            }
        }
        match self.facts.agent {
            Presence::Here { .. } => {
                self.effects.push_back(Effect::EndAgent { reason });
                self.facts.agent = Presence::Left {
                    at: now,
                    chosen: false,
                };
            }
            Presence::Lost { .. } => {
                self.facts.agent = Presence::Left {
                    at: now,
                    chosen: false,
                }
            }
            Presence::Never | Presence::Left { .. } => {}
        }
    }
}
