//! How long things may last, seconds: for the gateway's settings and each channel's own.

use std::ops::RangeInclusive;

pub const EXPIRATION_S: RangeInclusive<u32> = 60..=7 * 24 * 3600;
pub const PIN_VALID_S: RangeInclusive<u32> = 60..=24 * 3600;
/// Of a sign-in.
pub const SIGN_IN_S: RangeInclusive<u32> = 3600..=30 * 24 * 3600;

pub(crate) fn within(value: u32, range: RangeInclusive<u32>) -> Option<u32> {
    range.contains(&value).then_some(value)
}
