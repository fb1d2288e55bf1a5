//! What goes into one update, and what room there is for it. Data only.

use mayday_codec::Rect;

use crate::pipeline::cells::Cells;

/// What goes into one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub rects: Vec<Rect>,
    /// Source and target of what is copied with it.
    pub moves: Vec<(Rect, Rect)>,
    /// Stripes that must have a picture, changed or not.
    pub touched: u64,
    /// A stripe of which nothing is left out: what was coarse gets finer.
    pub(super) whole: u64,
    pub qp: u8,
    pub blocks: usize,
    /// All of it goes as tiles, at the lowest priority.
    pub exact: bool,
    pub cells: Cells,
    /// All that is drawn of it, if that is less.
    pub only: Option<Cells>,
}

impl Batch {
    /// Only what was coarse gets finer; its size says little about fresh pixels.
    #[must_use]
    pub fn is_refinement(&self) -> bool {
        self.whole != 0
    }
}

/// What the way to the technicians allows now.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes within the window.
    pub bytes: usize,
    /// Something small may go beyond the window.
    pub small: bool,
    /// Nothing is on the way.
    pub idle: bool,
    /// Bytes are sooner there than processors save them.
    pub broad: bool,
}
