//! The hash of a cell: 16 pixels of one row. Quick, and good enough that two different cells are not taken for one.

use std::hash::Hasher;

/// A cell whose content is not known.
pub(super) const UNKNOWN: u64 = 0;

/// A hash of some pixels; never [`UNKNOWN`].
pub(super) fn hash(pixels: &[u8], seed: u64) -> u64 {
    let (mut a, mut b) = (seed, seed.rotate_left(32));
    let mut pairs = pixels.chunks_exact(16);
    for pair in &mut pairs {
        let (first, second) = pair.split_at(8);
        let first = u64::from_le_bytes(first.try_into().unwrap_or_default());
        let second = u64::from_le_bytes(second.try_into().unwrap_or_default());
        (a, b) = (folded(a ^ first, b ^ second), a.rotate_left(29) ^ second);
    }
    for &byte in pairs.remainder() {
        a = mix(a, byte.into());
    }
    mix(a, b) | 1
}

pub(super) fn mix(a: u64, b: u64) -> u64 {
    folded(a ^ 0x9e37_79b9_7f4a_7c15, b ^ 0xd6e8_feb8_6659_fd93) ^ b.rotate_left(23)
}

/// Both halves of the product, so that every bit of both takes part.
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

/// A part of a screen's cells, which lie column by column.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    /// Of the whole screen.
    pub(super) all: &'a [u64],
    /// Rows of it.
    pub(super) height: usize,
    pub(super) left: usize,
    pub(super) columns: usize,
    pub(super) top: usize,
    pub(super) rows: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn column(&self, column: usize) -> &'a [u64] {
        &self.all[(self.left + column) * self.height + self.top..][..self.rows]
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &'a u64> {
        let columns = (0..self.columns).map(|column| self.column(column));
        columns.collect::<Vec<_>>().into_iter().flatten()
    }

    pub(super) fn count(&self) -> usize {
        self.columns * self.rows
    }
}

/// A hasher for keys that are hashes already.
#[derive(Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = mix(self.0, byte.into());
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
