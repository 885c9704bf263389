//! Calendar days and half-open ranges of them.

use std::fmt;
use std::ops::Sub;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Days from 0001-01-01, which chrono counts as day 1, to 1970-01-01, which Arrow's `Date32` counts as day 0.
const UNIX_EPOCH_FROM_CE_DAYS: i32 = 719_163;

/// A calendar day, counted in days since 1970-01-01 as Arrow's `Date32` does.
///
/// Printed, parsed and serialized as an ISO 8601 date, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// A text that is no ISO 8601 date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a date as YYYY-MM-DD, such as 2026-01-31, found {0:?}")]
pub struct ParseDayError(String);

impl Day {
    /// The day `days` later (earlier when negative), or `None` outside of `Date32`'s range.
    #[must_use]
    pub fn checked_add(self, days: i32) -> Option<Self> {
        self.0.checked_add(days).map(Self)
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - UNIX_EPOCH_FROM_CE_DAYS)
    }
}

impl Sub for Day {
    type Output = i64;

    /// The number of days from `other` to `self`.
    fn sub(self, other: Self) -> i64 {
        i64::from(self.0) - i64::from(other.0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0.checked_add(UNIX_EPOCH_FROM_CE_DAYS).and_then(NaiveDate::from_num_days_from_ce_opt);
        match date {
            Some(date) => date.fmt(f),
            // Date32 reaches twenty times further than chrono's calendar.
            None => write!(f, "day {} since 1970-01-01", self.0),
        }
    }
}

impl FromStr for Day {
    type Err = ParseDayError;

    fn from_str(text: &str) -> Result<Self, ParseDayError> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Self::from)
            .map_err(|_| ParseDayError(text.to_owned()))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The days from `start` up to and without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayRange {
    /// The first day of the range.
    pub start: Day,
    /// The day after the last.
    pub end: Day,
}

impl DayRange {
    /// Every day there is.
    pub const ALL: Self = Self { start: Day(i32::MIN), end: Day(i32::MAX) };

    /// The days that an ISO 8601 date of four-digit years can write, from 0001-01-01 to 9999-12-31: what may
    /// be typed, and what events are dated with. `Date32` reaches further on both sides.
    pub const CALENDAR: Self = Self { start: Day(-719_162), end: Day(2_932_897) };

    /// Whether `day` lies in the range.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.start <= day && day < self.end
    }

    /// Whether any day from `first` to `last`, both included, lies in the range.
    #[must_use]
    pub fn overlaps(&self, first: Day, last: Day) -> bool {
        first < self.end && self.start <= last
    }

    /// Each of its days, as a range of its own.
    pub fn days(self) -> impl Iterator<Item = Self> {
        (self.start.0..self.end.0).map(|day| Self { start: Day(day), end: Day(day + 1) })
    }

    /// The number of days, 0 for a range that ends before it starts.
    #[must_use]
    pub fn len_days(&self) -> u64 {
        u64::try_from(self.end - self.start).unwrap_or(0)
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_count_from_the_unix_epoch() {
        assert_eq!(Day(0).to_string(), "1970-01-01");
        // 20,454 = date(2026, 1, 1).toordinal() - date(1970, 1, 1).toordinal() in Python 3.
        assert_eq!("2026-01-01".parse(), Ok(Day(20_454)));
        assert_eq!(serde_json::to_string(&Day(20_454)).unwrap(), "\"2026-01-01\"");
    }

    #[test]
    fn a_bad_date_is_named_with_what_is_allowed() {
        let problem = "2026-02-30".parse::<Day>().unwrap_err().to_string();
        assert!(problem.contains("YYYY-MM-DD") && problem.contains("2026-02-30"), "{problem}");
        assert!(serde_json::from_str::<Day>("\"soon\"").is_err());
    }

    #[test]
    fn days_beyond_the_calendar_still_print() {
        assert_eq!(Day(i32::MAX).to_string(), "day 2147483647 since 1970-01-01");
    }

    #[test]
    fn the_calendar_has_the_years_1_to_9999() {
        // Python 3, whose datetime has the same years: date.min.toordinal() - date(1970, 1, 1).toordinal() =
        // -719162 and date.max.toordinal() - date(1970, 1, 1).toordinal() = 2932896.
        let calendar = DayRange::CALENDAR;
        assert_eq!("0001-01-01".parse(), Ok(calendar.start));
        assert_eq!("9999-12-31".parse(), Ok(Day(calendar.end.0 - 1)));
        assert!(calendar.contains(Day(0)) && !calendar.contains(calendar.end));
    }

    #[test]
    fn ranges_are_half_open() {
        let range = DayRange { start: Day(10), end: Day(12) };
        assert!(range.contains(Day(10)) && range.contains(Day(11)));
        assert!(!range.contains(Day(9)) && !range.contains(Day(12)));
        assert!(range.overlaps(Day(11), Day(40)) && range.overlaps(Day(0), Day(10)));
        assert!(!range.overlaps(Day(12), Day(40)) && !range.overlaps(Day(0), Day(9)));
        assert_eq!(range.len_days(), 2);
    }

    proptest! {
        #[test]
        fn text_and_day_say_the_same(day in -700_000..2_900_000_i32) {
            prop_assert_eq!(Day(day).to_string().parse(), Ok(Day(day)));
        }
    }
}
