//! What a tile's pixels probably are. Owns the order and the contexts of the decisions; one function for both directions, so that
//! reader and writer cannot differ.

use super::range::{Chance, Coder};

/// Pixels in one tile.
pub const MAX_PIXELS: u32 = 1 << 17;

/// Surroundings whose next pixel is remembered.
const MEMORY_BITS: u32 = 12;
/// Colours used lately.
const RECENT: usize = 16;
/// Bits of a run's length.
const LENGTHS: usize = 17;
/// Beyond what it knows a tile is black.
const BLACK: u32 = 0;

/// Rows of 0x00RRGGBB with two rows above and two columns on each side that are outside.
pub(super) struct Tile {
    width: usize,
    height: usize,
    stride: usize,
    pixels: Vec<u32>,
}

const ABOVE: usize = 2;
const BESIDE: usize = 2;

impl Tile {
    pub(super) fn new(width: u16, height: u16) -> Self {
        let (width, height) = (usize::from(width), usize::from(height));
        let stride = width + 2 * BESIDE;
        Self {
            width,
            height,
            stride,
            pixels: vec![BLACK; stride * (height + ABOVE)],
        }
    }

    fn at(&self, row: usize) -> usize {
        (row + ABOVE) * self.stride + BESIDE
    }

    /// Takes a row of BGRX.
    pub(super) fn load(&mut self, row: usize, bgrx: &[u8]) {
        let at = self.at(row);
        for (pixel, bytes) in self.pixels[at..].iter_mut().zip(bgrx.chunks_exact(4)) {
            *pixel = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
        }
    }

    /// Packed rows of BGRX.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.width * self.height * 4);
        for row in 0..self.height {
            for pixel in &self.pixels[self.at(row)..][..self.width] {
                bytes.extend_from_slice(&pixel.to_le_bytes());
            }
        }
        bytes
    }
}

/// A remembered pixel and how often it was right (at most 7).
#[derive(Clone, Copy, Default)]
struct Memory {
    colour: u32,
    trust: u8,
}

struct Model {
    same_row: [Chance; 4],
    /// Whether a run reaches as far as the row above lets it, by that length's bits and by the last answer.
    whole: [Chance; 2 * LENGTHS],
    whole_before: bool,
    /// How many bits the length of another run has, one by one.
    longer: [Chance; LENGTHS],
    remembered: [Chance; 32],
    neighbour: [Chance; 4 * 16],
    lately: [Chance; 2],
    which: [Chance; RECENT],
    lengths: [Chance; 3 * 9 * 16],
    top_bits: [Chance; 3 * 9],
    memory: Vec<Memory>,
    recent: [u32; RECENT],
}

impl Model {
    fn new() -> Self {
        Self {
            same_row: [Chance::default(); 4],
            whole: [Chance::default(); 2 * LENGTHS],
            whole_before: false,
            longer: [Chance::default(); LENGTHS],
            remembered: [Chance::default(); 32],
            neighbour: [Chance::default(); 64],
            lately: [Chance::default(); 2],
            which: [Chance::default(); RECENT],
            lengths: [Chance::default(); 3 * 9 * 16],
            top_bits: [Chance::default(); 27],
            memory: vec![Memory::default(); 1 << MEMORY_BITS],
            recent: [BLACK; RECENT],
        }
    }
}

/// Codes all pixels of `tile`: reads them when encoding, fills them in when decoding.
pub(super) fn code<C: Coder>(tile: &mut Tile, coder: &mut C) {
    let mut model = Model::new();
    let (mut before, mut last_miss) = (0, false);
    for row in 0..tile.height {
        let (at, above) = (tile.at(row), tile.at(row) - tile.stride);
        let (width, height_above) = (tile.width, above..above + tile.width);
        let same = !C::READS && tile.pixels[at..at + width] == tile.pixels[height_above.clone()];
        let same = coder.bit(&mut model.same_row[before], same);
        before = (before << 1 | usize::from(same)) & 3;
        if same {
            if C::READS {
                tile.pixels.copy_within(height_above, at);
            }
            continue;
        }
        let mut column = 0;
        while column < width {
            let place = at + column;
            let around = Around::of(tile, place, column, row);
            if around.is_flat() {
                let limit = flat_above(tile, row, column, around.left);
                let run = if C::READS {
                    0
                } else {
                    length_of(&tile.pixels[place..place + limit], around.left)
                };
                let run = model.run(coder, run, limit);
                if C::READS {
                    tile.pixels[place..place + run].fill(around.left);
                }
                column += run;
                last_miss = run < limit;
                if last_miss {
                    // What is around this one is still the same.
                    let place = at + column;
                    let pixel = tile.pixels[place];
                    tile.pixels[place] = model.other(coder, &around, pixel, around.left);
                    column += 1;
                }
                continue;
            }
            let pixel = tile.pixels[place];
            tile.pixels[place] = model.pixel(coder, &around, pixel, &mut last_miss);
            column += 1;
        }
    }
}

/// Pixels from this one on above whose right neighbours the row is still of this colour.
fn flat_above(tile: &Tile, row: usize, column: usize, colour: u32) -> usize {
    let left = tile.width - column;
    if row == 0 {
        return left;
    }
    let up = tile.at(row - 1) + column + 1;
    let more = length_of(&tile.pixels[up..up + left - 1], colour);
    more + usize::from(more == left - 1)
}

fn length_of(pixels: &[u32], colour: u32) -> usize {
    let end = pixels.iter().position(|&pixel| pixel != colour);
    end.unwrap_or(pixels.len())
}

/// The pixels before one, in reading order.
struct Around {
    left: u32,
    above: u32,
    above_left: u32,
    above_right: u32,
    far_left: u32,
    far_above: u32,
}

impl Around {
    fn of(tile: &Tile, place: usize, column: usize, row: usize) -> Self {
        let up = place - tile.stride;
        let pixels = &tile.pixels;
        let left = if column > 0 {
            pixels[place - 1]
        } else {
            pixels[up]
        };
        let above = if row > 0 { pixels[up] } else { left };
        Self {
            left,
            above,
            above_left: if row > 0 && column > 0 {
                pixels[up - 1]
            } else {
                above
            },
            above_right: if row > 0 && column + 1 < tile.width {
                pixels[up + 1]
            } else {
                above
            },
            far_left: if column > 1 { pixels[place - 2] } else { left },
            far_above: if row > 1 {
                pixels[up - tile.stride]
            } else {
                above
            },
        }
    }

    /// Nothing around it but one colour.
    fn is_flat(&self) -> bool {
        self.left == self.above
            && self.left == self.above_left
            && self.left == self.above_right
            && self.left == self.far_left
    }

    /// The place of these surroundings; what is known last is mixed in last, as readers wait for it.
    fn memory(&self) -> usize {
        let hash = self.above.wrapping_mul(0x85eb_ca6b)
            ^ self.above_left.wrapping_mul(0xc2b2_ae35)
            ^ self.above_right.wrapping_mul(0x27d4_eb2f)
            ^ self.far_above.wrapping_mul(0x1656_67b1)
            ^ self.far_left.wrapping_mul(0xd3a2_646d)
            ^ self.left.wrapping_mul(0x9e37_79b1);
        (hash >> (32 - MEMORY_BITS)) as usize
    }

    /// Which of the neighbours are alike.
    fn likeness(&self) -> usize {
        usize::from(self.left == self.above)
            | usize::from(self.left == self.above_left) << 1
            | usize::from(self.above == self.above_right) << 2
            | usize::from(self.above == self.above_left) << 3
    }
}

impl Model {
    /// How many of `limit` pixels go on as what is around them.
    fn run<C: Coder>(&mut self, coder: &mut C, run: usize, limit: usize) -> usize {
        let bits = |number: usize| (usize::BITS - number.leading_zeros()) as usize;
        let whole = &mut self.whole[bits(limit) << 1 | usize::from(self.whole_before)];
        self.whole_before = coder.bit(whole, run == limit);
        if self.whole_before {
            return limit;
        }
        let (most, length) = (bits(limit - 1), bits(run));
        let mut known = 0;
        while known < most && coder.bit(&mut self.longer[known], length > known) {
            known += 1;
        }
        if known < 2 {
            return known;
        }
        let top = 1 << (known - 1);
        let low = coder.raw(known as u32 - 1, (run & (top - 1)) as u32) as usize;
        (top | low).min(limit - 1)
    }

    fn pixel<C: Coder>(
        &mut self,
        coder: &mut C,
        around: &Around,
        pixel: u32,
        last_miss: &mut bool,
    ) -> u32 {
        let slot = around.memory();
        let memory = self.memory[slot];
        let guess = if memory.trust > 0 {
            memory.colour
        } else {
            around.left
        };
        let context = usize::from(memory.trust.min(3)) << 3
            | usize::from(guess == around.left) << 2
            | usize::from(guess == around.above) << 1
            | usize::from(*last_miss);
        let miss = coder.bit(&mut self.remembered[context], pixel != guess);
        *last_miss = miss;
        if !miss {
            self.memory[slot] = Memory {
                colour: guess,
                trust: (memory.trust + 1).min(7),
            };
            return guess;
        }
        let pixel = self.other(coder, around, pixel, guess);
        self.memory[slot] = if memory.trust > 2 {
            Memory {
                colour: memory.colour,
                trust: memory.trust >> 1,
            }
        } else {
            Memory {
                colour: pixel,
                trust: 1,
            }
        };
        pixel
    }

    /// A pixel that is not as guessed.
    fn other<C: Coder>(&mut self, coder: &mut C, around: &Around, pixel: u32, guess: u32) -> u32 {
        let likeness = around.likeness();
        let candidates = [
            around.left,
            around.above,
            around.above_right,
            around.above_left,
        ];
        for (index, &candidate) in candidates.iter().enumerate() {
            if candidate == guess || candidates[..index].contains(&candidate) {
                continue;
            }
            if !coder.bit(
                &mut self.neighbour[index << 4 | likeness],
                pixel != candidate,
            ) {
                return candidate;
            }
        }
        let at = if C::READS {
            None
        } else {
            self.recent.iter().position(|&one| one == pixel)
        };
        let known = coder.bit(&mut self.lately[usize::from(likeness == 15)], at.is_some());
        let (pixel, at) = if known {
            let at = self.tree(coder, at.unwrap_or(0));
            (self.recent[at], at)
        } else {
            (self.fresh(coder, around, pixel), RECENT - 1)
        };
        self.recent[..=at].rotate_right(1);
        self.recent[0] = pixel;
        pixel
    }

    /// The place of a colour among those used lately.
    fn tree<C: Coder>(&mut self, coder: &mut C, at: usize) -> usize {
        let mut node = 1;
        for bit in (0..RECENT.ilog2()).rev() {
            let one = coder.bit(&mut self.which[node], at >> bit & 1 == 1);
            node = node << 1 | usize::from(one);
        }
        node - RECENT
    }

    /// A colour never seen, or not lately: channel by channel, as the distance from what its neighbours suggest.
    fn fresh<C: Coder>(&mut self, coder: &mut C, around: &Around, pixel: u32) -> u32 {
        let mut colour = 0;
        let (mut green, mut context) = (0u8, 0);
        for (channel, shift) in [8, 16, 0].into_iter().enumerate() {
            let of = |pixel: u32| (pixel >> shift) as u8;
            let expected = gradient(of(around.left), of(around.above), of(around.above_left));
            let expected = expected.wrapping_add(if channel > 0 { green } else { 0 });
            let distance = of(pixel).wrapping_sub(expected) as i8;
            let folded = ((distance << 1) ^ (distance >> 7)) as u8;
            let folded = self.distance(coder, channel, &mut context, folded);
            let distance = (folded >> 1) ^ (folded & 1).wrapping_neg();
            let value = expected.wrapping_add(distance);
            if channel == 0 {
                green = distance;
            }
            colour |= u32::from(value) << shift;
        }
        colour
    }

    /// A folded distance: how many bits it has, then the bits.
    fn distance<C: Coder>(
        &mut self,
        coder: &mut C,
        channel: usize,
        context: &mut usize,
        folded: u8,
    ) -> u8 {
        let length = 8 - folded.leading_zeros();
        let chances = &mut self.lengths[(channel * 9 + *context) * 16..][..16];
        let mut node = 1;
        for bit in (0..4).rev() {
            let one = coder.bit(&mut chances[node.min(15)], length >> bit & 1 == 1);
            node = node << 1 | usize::from(one);
        }
        let length = (node as u32 - 16).min(8);
        *context = length as usize;
        if length < 2 {
            return length as u8;
        }
        let top = folded >> (length - 2) & 1 == 1;
        let top = coder.bit(&mut self.top_bits[channel * 9 + length as usize], top);
        let rest = length - 2;
        let low = coder.raw(rest, u32::from(folded) & ((1 << rest) - 1));
        (2 | u8::from(top)) << rest | low as u8
    }
}

/// What left, above and above left suggest.
fn gradient(left: u8, above: u8, corner: u8) -> u8 {
    let (low, high) = (left.min(above), left.max(above));
    if corner >= high {
        low
    } else if corner <= low {
        high
    } else {
        left.wrapping_add(above).wrapping_sub(corner)
    }
}
