//! How coarse an update must be to fit its bytes. Owns the quantiser's choice and what it learned about this screen. Pure.

/// Text above 40 dB; nothing finer is ever chosen.
pub const FINE: u8 = 20;
/// Good text for something large; what is coarser is sent again as soon as it is quiet.
pub const GOOD: u8 = 24;
/// Macroblocks that are sent fine at once: a word, a button.
const SMALL: usize = 64;
/// Coarser text cannot be read; rather fewer pixels at a time.
pub const COARSE: u8 = 40;
/// Steps of the quantiser that halve the bytes of text, measured; of photographs it is 6, for which the guess is then too careful.
const HALVING: f64 = 14.0;
/// Bytes of one changed macroblock of text at [`FINE`], before anything was learned.
const FIRST_GUESS: f64 = 60.0;

/// Bytes a macroblock takes on this screen.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    bytes_per_block: f64,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            bytes_per_block: FIRST_GUESS,
        }
    }
}

impl Quality {
    /// The finest quantiser with which `blocks` macroblocks fit into `budget` bytes, [`COARSE`] if none does.
    #[must_use]
    pub fn quantiser(&self, blocks: usize, budget: usize) -> u8 {
        let finest = if blocks <= SMALL { FINE } else { GOOD };
        let excess = self.expect(blocks, finest) as f64 / budget.max(1) as f64;
        let coarser = (HALVING * excess.log2()).ceil().max(0.0);
        finest.saturating_add(coarser as u8).min(COARSE)
    }

    /// Bytes that `blocks` macroblocks will probably take.
    #[must_use]
    pub fn expect(&self, blocks: usize, qp: u8) -> usize {
        (blocks as f64 * self.bytes_per_block / coarseness(qp)) as usize
    }

    /// Macroblocks that fit into `budget` at the coarsest, at least one.
    #[must_use]
    pub fn most_blocks(&self, budget: usize) -> usize {
        ((budget as f64 * coarseness(COARSE) / self.bytes_per_block) as usize).max(1)
    }

    /// What an update really took.
    pub fn learn(&mut self, blocks: usize, qp: u8, bytes: usize) {
        if blocks < 16 {
            return; // mostly headers
        }
        let seen = bytes as f64 * coarseness(qp) / blocks as f64;
        let weight = if blocks >= 256 { 0.3 } else { 0.1 };
        let learned = self.bytes_per_block * (1.0 - weight) + seen * weight;
        self.bytes_per_block = learned.clamp(2.0, 200.0);
    }
}

fn coarseness(qp: u8) -> f64 {
    ((f64::from(qp) - f64::from(FINE)) / HALVING).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_fine_if_it_is_small_and_good_if_it_is_large() {
        assert_eq!(Quality::default().quantiser(10, 16 * 1024), FINE);
        assert_eq!(Quality::default().quantiser(1000, 1 << 20), GOOD);
    }

    #[test]
    fn half_the_bytes_cost_the_measured_steps() {
        let quality = Quality::default();
        let bytes = quality.expect(1000, GOOD);
        assert_eq!(quality.quantiser(1000, bytes / 2 + 1), GOOD + 14);
    }

    #[test]
    fn a_page_on_a_thin_link_is_as_coarse_as_allowed_and_comes_in_parts() {
        let quality = Quality::default();
        assert_eq!(quality.quantiser(8160, 8 * 1024), COARSE);
        assert!(quality.most_blocks(8 * 1024) < 8160);
    }

    #[test]
    fn a_screen_of_photographs_is_learned() {
        let mut quality = Quality::default();
        for _ in 0..50 {
            quality.learn(1000, GOOD, 120_000);
        }
        assert!(quality.expect(1000, GOOD) > 100_000);
        assert!(quality.quantiser(1000, 60_000) >= GOOD + 12);
    }
}
