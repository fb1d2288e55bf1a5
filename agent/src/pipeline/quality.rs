//! How coarse an update must be to fit its bytes. Owns the quantiser's choice and what it learned about this screen. Pure.

/// Text above 40 dB; nothing finer is ever chosen.
pub const FINE: u8 = 20;
/// Good text for something large; what is coarser is sent again as soon as it is quiet.
pub const GOOD: u8 = 24;
/// Macroblocks that are sent fine at once: a word, a button.
const SMALL: usize = 64;
/// Coarser text cannot be read; rather fewer pixels at a time.
pub const COARSE: u8 = 40;
/// Steps of the quantiser that halve the bytes of text, measured.
const HALVING: f64 = 14.0;
/// The same of films.
const FILM_HALVING: f64 = 6.0;
/// Bytes of one changed macroblock at [`FINE`], before anything was learned: of text, of a film.
const FIRST_GUESS: f64 = 60.0;
const FIRST_FILM: f64 = 30.0;

/// What this screen takes: its text and whatever changes now and then, and a film that plays on it.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    pub still: Model,
    pub film: Model,
}

/// Bytes that a macroblock of one kind takes.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    bytes_per_block: f64,
    halving: f64,
}

impl Default for Quality {
    fn default() -> Self {
        let model = |bytes_per_block, halving| Model {
            bytes_per_block,
            halving,
        };
        Self {
            still: model(FIRST_GUESS, HALVING),
            film: model(FIRST_FILM, FILM_HALVING),
        }
    }
}

impl Quality {
    /// What counts for pictures of this kind.
    #[must_use]
    pub fn of(&self, is_film: bool) -> &Model {
        match is_film {
            true => &self.film,
            false => &self.still,
        }
    }

    /// What an update really took.
    pub fn learn(&mut self, is_film: bool, blocks: usize, qp: u8, bytes: usize) {
        match is_film {
            true => self.film.learn(blocks, qp, bytes),
            false => self.still.learn(blocks, qp, bytes),
        }
    }
}

impl Model {
    /// The finest quantiser with which `blocks` macroblocks fit into `budget` bytes, [`COARSE`] if none does.
    #[must_use]
    pub fn quantiser(&self, blocks: usize, budget: usize) -> u8 {
        let finest = if blocks <= SMALL { FINE } else { GOOD };
        let excess = self.expect(blocks, finest) as f64 / budget.max(1) as f64;
        let coarser = (self.halving * excess.log2()).ceil().max(0.0);
        finest.saturating_add(coarser as u8).min(COARSE)
    }

    /// Bytes that `blocks` macroblocks will probably take.
    #[must_use]
    pub fn expect(&self, blocks: usize, qp: u8) -> usize {
        (blocks as f64 * self.bytes_per_block / self.coarseness(qp)) as usize
    }

    /// Macroblocks that fit into `budget` at the coarsest, at least one.
    #[must_use]
    pub fn most_blocks(&self, budget: usize) -> usize {
        ((budget as f64 * self.coarseness(COARSE) / self.bytes_per_block) as usize).max(1)
    }

    fn learn(&mut self, blocks: usize, qp: u8, bytes: usize) {
        if blocks < 16 {
            return; // mostly headers
        }
        let seen = bytes as f64 * self.coarseness(qp) / blocks as f64;
        let weight = if blocks >= 256 { 0.3 } else { 0.1 };
        let learned = self.bytes_per_block * (1.0 - weight) + seen * weight;
        self.bytes_per_block = learned.clamp(2.0, 200.0);
    }

    fn coarseness(&self, qp: u8) -> f64 {
        ((f64::from(qp) - f64::from(FINE)) / self.halving).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_fine_if_it_is_small_and_good_if_it_is_large() {
        assert_eq!(Quality::default().still.quantiser(10, 16 * 1024), FINE);
        assert_eq!(Quality::default().still.quantiser(1000, 1 << 20), GOOD);
    }

    #[test]
    fn half_the_bytes_cost_the_measured_steps() {
        let quality = Quality::default().still;
        let bytes = quality.expect(1000, GOOD);
        assert_eq!(quality.quantiser(1000, bytes / 2 + 1), GOOD + 14);
    }

    #[test]
    fn a_page_on_a_thin_link_is_as_coarse_as_allowed_and_comes_in_parts() {
        let quality = Quality::default().still;
        assert_eq!(quality.quantiser(8160, 8 * 1024), COARSE);
        assert!(quality.most_blocks(8 * 1024) < 8160);
    }

    #[test]
    fn a_screen_of_photographs_is_learned() {
        let mut quality = Quality::default();
        for _ in 0..50 {
            quality.learn(false, 1000, GOOD, 120_000);
        }
        assert!(quality.still.expect(1000, GOOD) > 100_000);
        assert!(quality.still.quantiser(1000, 60_000) >= GOOD + 12);
    }

    #[test]
    fn a_film_finds_its_quantiser_and_stays_there() {
        let (mut quality, budget) = (Quality::default(), 6_000);
        // A film of 40 bytes a macroblock at 20, which the quantiser halves every six steps.
        let takes = |qp: u8| (900.0 * 40.0 / (f64::from(qp - FINE) / 6.0).exp2()) as usize;
        let mut last = Vec::new();
        for _ in 0..20 {
            let qp = quality.film.quantiser(900, budget);
            quality.learn(true, 900, qp, takes(qp));
            last.push(takes(qp));
        }
        let (least, most) = (last[15..].iter().min(), last[15..].iter().max());
        assert!(
            *least.unwrap() > budget / 2 && *most.unwrap() <= budget * 5 / 4,
            "{last:?}"
        );
        assert_eq!(
            quality.still.expect(100, FINE),
            6000,
            "text is another matter"
        );
    }
}
