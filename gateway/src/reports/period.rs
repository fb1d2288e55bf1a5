//! Days of a calendar in a time zone, and where each begins. Days are 23 or 25 hours long when the clocks change.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};
use mayday_session::Timestamp;

/// All zones differ from UTC by whole quarters of an hour today.
pub const QUARTER_MS: u64 = 900_000;
/// Days in one report.
const LONGEST: usize = 3 * 366;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    #[error("a day looks like 2026-11-22")]
    Day,
    #[error("there is no time zone with this name; one is Europe/Berlin")]
    Zone,
    #[error("the period ends before it begins")]
    Backwards,
    #[error("a report covers at most three years")]
    TooLong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    days: Vec<Date>,
    /// Where each day begins, and where the last ends: one more than there are days.
    begins: Vec<Timestamp>,
}

impl Period {
    /// From the first day to the last, both whole.
    ///
    /// # Errors
    /// See [`PeriodError`].
    pub fn new(from: &str, to: &str, zone: &str) -> Result<Self, PeriodError> {
        let day = |text: &str| text.parse::<Date>().map_err(|_| PeriodError::Day);
        let (from, to) = (day(from)?, day(to)?);
        let zone = TimeZone::get(zone).map_err(|_| PeriodError::Zone)?;
        if to < from {
            return Err(PeriodError::Backwards);
        }
        let mut days = Vec::new();
        let mut begins = vec![beginning(from, &zone)?];
        let mut next = from;
        while next <= to {
            if days.len() == LONGEST {
                return Err(PeriodError::TooLong);
            }
            days.push(next);
            next = next
                .checked_add(Span::new().days(1))
                .map_err(|_| PeriodError::Day)?;
            begins.push(beginning(next, &zone)?);
        }
        Ok(Self { days, begins })
    }

    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.begins.first().copied().unwrap_or_default()
    }

    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.begins.last().copied().unwrap_or_default()
    }

    /// `2026-11-22`, one after the other.
    pub fn days(&self) -> impl Iterator<Item = String> {
        self.days.iter().map(ToString::to_string)
    }

    /// The place of the day that a moment belongs to.
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Option<usize> {
        let after = self.begins.partition_point(|begins| *begins <= at);
        after.checked_sub(1).filter(|day| *day < self.days.len())
    }
}

fn beginning(day: Date, zone: &TimeZone) -> Result<Timestamp, PeriodError> {
    let begins = day.to_zoned(zone.clone()).map_err(|_| PeriodError::Day)?;
    let begins: Instant = begins.timestamp();
    let begins = u64::try_from(begins.as_millisecond());
    begins.map(Timestamp).map_err(|_| PeriodError::Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        let period = Period::new("2026-10-24", "2026-10-26", "Europe/Berlin").unwrap();
        let lengths: Vec<_> = period
            .begins
            .windows(2)
            .map(|two| (two[1].0 - two[0].0) / HOUR_MS)
            .collect();
        assert_eq!(lengths, [24, 25, 24]);
        let spring = Period::new("2026-03-29", "2026-03-29", "Europe/Berlin").unwrap();
        assert_eq!(spring.ends().0 - spring.begins().0, 23 * HOUR_MS);
    }

    #[test]
    fn a_moment_belongs_to_the_day_of_the_zone() {
        // 2026-11-21T23:30:00Z
        let late = Timestamp(1_795_303_800_000);
        let utc = Period::new("2026-11-21", "2026-11-22", "UTC").unwrap();
        let berlin = Period::new("2026-11-21", "2026-11-22", "Europe/Berlin").unwrap();
        assert_eq!(utc.day_of(late), Some(0));
        assert_eq!(berlin.day_of(late), Some(1));
        assert_eq!(utc.day_of(Timestamp(utc.begins().0 - 1)), None);
        assert_eq!(utc.day_of(utc.ends()), None);
    }

    #[test]
    fn days_begin_at_quarters_everywhere() {
        for zone in [
            "Asia/Kathmandu",
            "Australia/Eucla",
            "Pacific/Chatham",
            "America/St_Johns",
        ] {
            let period = Period::new("2026-01-01", "2026-12-31", zone).unwrap();
            assert!(
                period.begins.iter().all(|at| at.0 % QUARTER_MS == 0),
                "{zone}"
            );
        }
    }

    #[test]
    fn what_is_no_period_is_refused_in_words() {
        let period = |from, to, zone| Period::new(from, to, zone).unwrap_err();
        assert_eq!(period("yesterday", "2026-01-01", "UTC"), PeriodError::Day);
        assert_eq!(
            period("2026-01-02", "2026-01-01", "UTC"),
            PeriodError::Backwards
        );
        assert_eq!(
            period("2026-01-01", "2026-01-01", "Mars/Olympus"),
            PeriodError::Zone
        );
        assert_eq!(
            period("2000-01-01", "2026-01-01", "UTC"),
            PeriodError::TooLong
        );
    }
}
