//! A binary range coder with adaptive probabilities. Owns bits and bytes; what a decision means is the model's.
//!
//! Zero bytes at the end are not written: a reader that has no more bytes reads zeros.

/// A range below this is renewed by a byte.
const TOP: u32 = 1 << 24;
/// Bits of a probability: 4096 would be certain.
const PRECISION: u32 = 12;
/// How fast a probability follows, by the number of decisions it has seen.
const PACE: [u16; 16] = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5];

/// How probable a zero is (12 bits), and how often the answer was seen (4 bits).
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u16);

impl Default for Chance {
    fn default() -> Self {
        Self(2048 << 4)
    }
}

impl Chance {
    fn of_zero(self) -> u32 {
        u32::from(self.0 >> 4)
    }

    fn learn(&mut self, bit: bool) {
        let (chance, seen) = (self.0 >> 4, self.0 & 15);
        let pace = PACE[usize::from(seen)];
        let chance = if bit {
            chance - (chance >> pace)
        } else {
            chance + ((4096 - chance) >> pace)
        };
        self.0 = chance.clamp(1, 4095) << 4 | (seen + 1).min(15);
    }
}

/// Either direction: told a decision, an encoder writes it and a decoder answers with what was written.
pub(super) trait Coder {
    const READS: bool;

    fn bit(&mut self, chance: &mut Chance, bit: bool) -> bool;

    /// `count` bits that are as often one as zero.
    fn raw(&mut self, count: u32, value: u32) -> u32;
}

#[derive(Debug)]
pub(super) struct Encoder {
    low: u32,
    range: u32,
    out: Vec<u8>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            low: 0,
            range: u32::MAX,
            out: Vec::new(),
        }
    }
}

impl Encoder {
    fn add(&mut self, amount: u32) {
        let (low, carry) = self.low.overflowing_add(amount);
        self.low = low;
        if carry {
            for byte in self.out.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
    }

    fn renew(&mut self) {
        while self.range < TOP {
            self.out.push((self.low >> 24) as u8);
            self.low <<= 8;
            self.range <<= 8;
        }
    }

    /// The shortest bytes that lie within what is left of the range.
    pub(super) fn finish(mut self) -> Vec<u8> {
        for keep in [0xff00_0000_u32, 0xffff_0000, 0xffff_ff00, u32::MAX] {
            let step = !keep;
            let (up, carry) = self.low.overflowing_add(step);
            let target = up & keep;
            let distance = if carry {
                (u64::from(target) + (1 << 32)) - u64::from(self.low)
            } else {
                u64::from(target) - u64::from(self.low)
            };
            if distance < u64::from(self.range) {
                self.add(distance as u32);
                break;
            }
        }
        self.out.extend(self.low.to_be_bytes());
        while self.out.last() == Some(&0) {
            self.out.pop();
        }
        self.out
    }
}

impl Coder for Encoder {
    const READS: bool = false;

    fn bit(&mut self, chance: &mut Chance, bit: bool) -> bool {
        let bound = (self.range >> PRECISION) * chance.of_zero();
        if bit {
            self.add(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        chance.learn(bit);
        self.renew();
        bit
    }

    fn raw(&mut self, count: u32, value: u32) -> u32 {
        if count > 0 {
            self.range >>= count;
            self.add(self.range * value);
            self.renew();
        }
        value
    }
}

#[derive(Debug)]
pub(super) struct Decoder<'a> {
    code: u32,
    range: u32,
    rest: std::slice::Iter<'a, u8>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        let mut decoder = Self {
            code: 0,
            range: u32::MAX,
            rest: data.iter(),
        };
        for _ in 0..4 {
            decoder.take();
        }
        decoder
    }

    pub(super) fn left_over(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self) {
        self.code = self.code << 8 | u32::from(self.rest.next().copied().unwrap_or(0));
    }

    fn renew(&mut self) {
        while self.range < TOP {
            self.take();
            self.range <<= 8;
        }
    }
}

impl Coder for Decoder<'_> {
    const READS: bool = true;

    fn bit(&mut self, chance: &mut Chance, _: bool) -> bool {
        let bound = (self.range >> PRECISION) * chance.of_zero();
        let bit = self.code >= bound;
        if bit {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        chance.learn(bit);
        self.renew();
        bit
    }

    fn raw(&mut self, count: u32, _: u32) -> u32 {
        if count == 0 {
            return 0;
        }
        self.range >>= count;
        // Only bytes that no encoder writes lead past the last value.
        let value = (self.code / self.range).min((1 << count) - 1);
        self.code -= value * self.range;
        self.renew();
        value
    }
}
