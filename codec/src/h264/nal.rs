//! What a peer's bytes must look like before the C decoder sees them: only the kinds of NAL unit that our encoder makes, one
//! picture's worth, parameter sets that describe exactly the stripe expected. Owns the checks, decodes no pixels.

use crate::geometry::Size;

/// The largest access unit of one stripe, bytes: more than raw I420 of a 4K screen, so no honest encoder comes near.
pub const MAX_ACCESS_UNIT: usize = 16 * 1024 * 1024;
/// A picture of ours has one slice and at most a delimiter, parameter sets and a message beside it.
pub const MAX_NAL_UNITS: usize = 16;
/// Parameter sets of ours have about 20 bytes.
const MAX_PARAMETER_SET: usize = 256;
const BASELINE: u32 = 66;

/// Why bytes were kept from the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the access unit is empty")]
    Empty,
    #[error("the access unit has {0} bytes")]
    TooLarge(usize),
    #[error("the access unit does not begin with a start code")]
    NoStartCode,
    #[error("the access unit has too many NAL units")]
    TooMany,
    #[error("a NAL unit is empty or its forbidden bit is set")]
    BadHeader,
    #[error("NAL unit type {0} is not part of our streams")]
    Kind(u8),
    #[error("the parameter set cannot be read")]
    BadParameterSet,
    #[error("profile {0} is not Baseline")]
    Profile(u32),
    #[error("the parameter set describes {got:?}, expected is {expected:?}")]
    Dimensions { got: Size, expected: Size },
    #[error("the parameter set asks for {0}, which our streams do not use")]
    Feature(&'static str),
    #[error("a key picture comes without its parameter sets")]
    KeyWithoutParameterSets,
    #[error("the access unit has no picture")]
    NoPicture,
}

/// What a checked access unit holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// An IDR picture with its parameter sets: decoding may begin here.
    pub key: bool,
}

/// Checks one access unit in Annex B form for a stripe whose coded picture is `expected`.
///
/// # Errors
/// When it is anything that our encoder would not make.
pub fn check(data: &[u8], expected: Size) -> Result<Checked, Refused> {
    if data.is_empty() {
        return Err(Refused::Empty);
    }
    if data.len() > MAX_ACCESS_UNIT {
        return Err(Refused::TooLarge(data.len()));
    }
    let (mut sequence_set, mut picture_set, mut key, mut picture) = (false, false, false, false);
    for (count, unit) in units(data)?.enumerate() {
        if count >= MAX_NAL_UNITS {
            return Err(Refused::TooMany);
        }
        let (&header, body) = unit.split_first().ok_or(Refused::BadHeader)?;
        if header & 0x80 != 0 || body.is_empty() {
            return Err(Refused::BadHeader);
        }
        match header & 0x1f {
            1 => picture = true,
            5 => {
                if !(sequence_set && picture_set) {
                    return Err(Refused::KeyWithoutParameterSets);
                }
                (key, picture) = (true, true);
            }
            7 => {
                check_sequence_set(body, expected)?;
                sequence_set = true;
            }
            8 => {
                check_picture_set(body)?;
                picture_set = true;
            }
            6 | 9 => {}
            kind => return Err(Refused::Kind(kind)),
        }
    }
    match picture {
        true => Ok(Checked { key }),
        false => Err(Refused::NoPicture),
    }
}

/// The NAL units between start codes, trailing zeros removed.
fn units(data: &[u8]) -> Result<impl Iterator<Item = &[u8]>, Refused> {
    let first = match data {
        [0, 0, 1, rest @ ..] | [0, 0, 0, 1, rest @ ..] => rest,
        _ => return Err(Refused::NoStartCode),
    };
    let mut rest = Some(first);
    Ok(std::iter::from_fn(move || {
        let unit = rest?;
        let end = start_code(unit);
        rest = end.map(|at| &unit[at + 3..]);
        let unit = &unit[..end.unwrap_or(unit.len())];
        let length = unit
            .iter()
            .rposition(|&byte| byte != 0)
            .map_or(0, |at| at + 1);
        Some(&unit[..length])
    }))
}

/// Where the next 00 00 01 begins. Looks at every third byte, as a start code's last byte is below 2 and the others are 0.
fn start_code(data: &[u8]) -> Option<usize> {
    let mut at = 2;
    while at < data.len() {
        match data[at] {
            0 => at += 1,
            1 if data[at - 1] == 0 && data[at - 2] == 0 => return Some(at - 2),
            _ => at += 3,
        }
    }
    None
}

fn check_sequence_set(body: &[u8], expected: Size) -> Result<(), Refused> {
    let bytes = unescaped(body)?;
    let mut bits = Bits::new(&bytes);
    let profile = bits.take(8)?;
    if profile != BASELINE {
        return Err(Refused::Profile(profile));
    }
    bits.take(16)?; // constraints and level
    bits.golomb()?; // id
    bits.golomb()?; // frame number's length
    match bits.golomb()? {
        0 => drop(bits.golomb()?), // picture order's length
        2 => {}
        _ => return Err(Refused::Feature("picture order type 1")),
    }
    if bits.golomb()? > 4 {
        return Err(Refused::Feature("many reference pictures"));
    }
    bits.take(1)?; // gaps in frame numbers
    let width = bits.golomb()?.saturating_add(1).saturating_mul(16);
    let height = bits.golomb()?.saturating_add(1).saturating_mul(16);
    if bits.take(1)? == 0 {
        return Err(Refused::Feature("interlacing"));
    }
    bits.take(1)?; // direct 8x8 inference
    let got = Size::new(
        width.min(u16::MAX.into()) as u16,
        height.min(u16::MAX.into()) as u16,
    );
    if got != expected {
        return Err(Refused::Dimensions { got, expected });
    }
    if bits.take(1)? == 1 {
        for _ in 0..4 {
            if bits.golomb()? != 0 {
                return Err(Refused::Feature("cropping"));
            }
        }
    }
    Ok(())
}

fn check_picture_set(body: &[u8]) -> Result<(), Refused> {
    let bytes = unescaped(body)?;
    let mut bits = Bits::new(&bytes);
    bits.golomb()?; // id
    bits.golomb()?; // sequence set's id
    if bits.take(1)? == 1 {
        return Err(Refused::Feature("arithmetic coding"));
    }
    bits.take(1)?; // picture order in slices
    if bits.golomb()? != 0 {
        return Err(Refused::Feature("slice groups"));
    }
    Ok(())
}

/// Removes the emulation prevention bytes (H.264, 7.4.1).
fn unescaped(body: &[u8]) -> Result<Vec<u8>, Refused> {
    if body.len() > MAX_PARAMETER_SET {
        return Err(Refused::BadParameterSet);
    }
    let mut out = Vec::with_capacity(body.len());
    for &byte in body {
        if !(byte == 3 && out.ends_with(&[0, 0])) {
            out.push(byte);
        }
    }
    Ok(out)
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take(&mut self, count: u32) -> Result<u32, Refused> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self
                .bytes
                .get(self.at / 8)
                .ok_or(Refused::BadParameterSet)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Ok(value)
    }

    /// An unsigned Exp-Golomb number (H.264, 9.1).
    fn golomb(&mut self) -> Result<u32, Refused> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return Err(Refused::BadParameterSet);
            }
        }
        Ok((1u32 << zeros) - 1 + self.take(zeros)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Size = Size {
        width: 64,
        height: 16,
    };

    #[test]
    fn what_is_no_annex_b_is_refused() {
        assert_eq!(check(&[], ANY), Err(Refused::Empty));
        assert_eq!(check(b"GET / HTTP/1.1", ANY), Err(Refused::NoStartCode));
        assert_eq!(check(&[0, 0, 1], ANY), Err(Refused::BadHeader));
        assert_eq!(check(&[0, 0, 1, 0x81, 1], ANY), Err(Refused::BadHeader));
        assert_eq!(
            check(&[0, 0, 1, 0x67, 66, 0, 30], ANY),
            Err(Refused::BadParameterSet)
        );
    }

    #[test]
    fn kinds_that_our_encoder_never_makes_are_refused() {
        for kind in (0u8..32).filter(|kind| ![1, 5, 6, 7, 8, 9].contains(kind)) {
            assert_eq!(
                check(&[0, 0, 0, 1, 0x60 | kind, 1, 2], ANY),
                Err(Refused::Kind(kind))
            );
        }
        assert_eq!(
            check(&[0, 0, 1, 0x65, 1, 2], ANY),
            Err(Refused::KeyWithoutParameterSets)
        );
        assert_eq!(check(&[0, 0, 1, 0x09, 0x10], ANY), Err(Refused::NoPicture));
    }

    #[test]
    fn many_units_are_refused() {
        let unit = [0, 0, 1, 0x09, 0x10];
        assert_eq!(
            check(&unit.repeat(MAX_NAL_UNITS + 1), ANY),
            Err(Refused::TooMany)
        );
    }

    #[test]
    fn start_codes_are_found_wherever_they_are() {
        for lead in 0..7 {
            let mut data = vec![9u8; lead];
            data.extend([0, 0, 1, 5, 5]);
            assert_eq!(start_code(&data), Some(lead));
            data[lead] = 9;
            assert_eq!(start_code(&data), None);
        }
        assert_eq!(start_code(&[0, 0, 0, 0, 1]), Some(2));
    }

    #[test]
    fn exp_golomb_numbers_read_as_the_standard_writes_them() {
        // 1 010 011 00100 = 0 1 2 3
        let bytes = [0b1010_0110, 0b0100_0000];
        let mut bits = Bits::new(&bytes);
        let numbers: Vec<u32> = (0..4).map(|_| bits.golomb().unwrap()).collect();
        assert_eq!(numbers, [0, 1, 2, 3]);
        assert_eq!(bits.golomb(), Err(Refused::BadParameterSet));
    }
}
