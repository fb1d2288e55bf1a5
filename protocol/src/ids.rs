//! Newtypes for everything that is counted or named on the wire. Owns no meaning beyond identity.

use serde::{Deserialize, Serialize};

/// One support case. Random, never reused, so that a stale packet finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct SessionId(pub u64);

/// A technician's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct TechnicianId(pub u64);

/// One request for consent; an answer names it, so that a late answer grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct AskId(pub u64);

/// A technician's place in one session: 0, 1 or 2. Bit `slot` of an [`Audience`](crate::Audience) means this technician.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(try_from = "u8", into = "u8")]
pub struct Slot(u8);

impl Slot {
    /// Technicians in one session (product.md: up to 3 in all).
    pub const COUNT: usize = 3;

    /// All the places there are.
    pub const ALL: [Self; Self::COUNT] = [Self(0), Self(1), Self(2)];

    /// `None` when `index` is not a place.
    #[must_use]
    pub fn new(index: u8) -> Option<Self> {
        (usize::from(index) < Self::COUNT).then_some(Self(index))
    }

    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl TryFrom<u8> for Slot {
    type Error = &'static str;

    fn try_from(index: u8) -> Result<Self, Self::Error> {
        Self::new(index).ok_or("a session has slots 0, 1 and 2")
    }
}

impl From<Slot> for u8 {
    fn from(slot: Slot) -> Self {
        slot.0
    }
}

/// A layout of the stream (screen size and stripes). What belongs to an older epoch is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch(pub u32);

/// Counts the packets of one class from one sender, starting at 1. Wraps never: 4 billion updates are two years at 60/s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sequence(pub u32);

impl Sequence {
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
