//! Dates and instants as text.

use super::arrays::DAY_MICROS;
use super::digits::{push_padded, push_pair};
use crate::error::{Result, SpecError};

/// How a date or an instant is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DateFormat {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
enum Item {
    Text(String),
    Year,
    Month,
    Day,
    DayOfYear,
    Hour,
    Minute,
    Second,
    /// Decimal digits of the second: 3 or 6.
    Fraction(usize),
    /// Seconds since 1970-01-01.
    Seconds,
    /// Milliseconds since 1970-01-01.
    Milliseconds,
}

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Civil {
    year: i32,
    month: u32,
    day: u32,
}

impl Civil {
    /// The day that is `days` after 1970-01-01: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// `civil_from_days`, which counts from 0000-03-01 so that the leap day ends the year.
    fn of_days(days: i32) -> Self {
        let shifted = i64::from(days) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
        Self { year: (era * 400 + year_of_era + i64::from(month <= 2)) as i32, month, day }
    }

    fn day_of_year(self) -> u32 {
        const BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        BEFORE[self.month as usize - 1] + self.day + u32::from(leap && self.month > 2)
    }
}

impl DateFormat {
    /// 2026-01-31
    pub(super) fn iso_date() -> Self {
        Self::of_items("%Y-%m-%d").unwrap_or(Self { items: Vec::new() })
    }

    /// 2026-01-31T23:59:59Z, as RFC 3339 has it.
    pub(super) fn iso_instant() -> Self {
        Self::of_items("%Y-%m-%dT%H:%M:%SZ").unwrap_or(Self { items: Vec::new() })
    }

    /// Reads a format: `s`, `ms`, or a text with %Y %m %d %j and, where there is a time, %H %M %S %3f %6f.
    ///
    /// # Errors
    /// When an item is unknown, or asks a date for its time.
    pub(super) fn parse(text: &str, has_time: bool) -> Result<Self> {
        let format = Self::of_items(text)?;
        let timed =
            |item: &Item| matches!(item, Item::Hour | Item::Minute | Item::Second | Item::Fraction(_));
        if !has_time && format.items.iter().any(timed) {
            return Err(SpecError::at("", format!("{text:?} asks a date for its time")));
        }
        Ok(format)
    }

    fn of_items(text: &str) -> Result<Self> {
        match text {
            "s" => return Ok(Self { items: vec![Item::Seconds] }),
            "ms" => return Ok(Self { items: vec![Item::Milliseconds] }),
            _ => {}
        }
        let mut items = Vec::new();
        let mut rest = text;
        while let Some((fixed, after)) = rest.split_once('%') {
            items.push(Item::Text(fixed.to_owned()));
            let (item, length) = item(after).ok_or_else(|| {
                let known = "%Y, %m, %d, %j, %H, %M, %S, %3f, %6f, %%; or the whole is s or ms";
                SpecError::at("", format!("%{after} does not start with one of {known}"))
            })?;
            items.push(item);
            rest = &after[length..];
        }
        items.push(Item::Text(rest.to_owned()));
        items.retain(|item| *item != Item::Text(String::new()));
        Ok(Self { items })
    }

    /// The most bytes it takes to write a date of the years 0 to 9999.
    pub(super) fn most_bytes(&self) -> usize {
        let bytes = |item: &Item| match item {
            Item::Text(text) => text.len(),
            Item::Seconds | Item::Milliseconds => 20,
            _ => 6,
        };
        self.items.iter().map(bytes).sum()
    }

    /// Writes a date, in days since 1970-01-01.
    pub(super) fn push_date(&self, days: i32, text: &mut Vec<u8>) {
        self.push_instant(i64::from(days) * DAY_MICROS, text);
    }

    /// Writes an instant, in microseconds since 1970-01-01 00:00 UTC.
    pub(super) fn push_instant(&self, micros: i64, text: &mut Vec<u8>) {
        let civil = Civil::of_days(micros.div_euclid(DAY_MICROS) as i32);
        let of_day = micros.rem_euclid(DAY_MICROS) as u64;
        let second = (of_day / 1_000_000) as u32;
        for item in &self.items {
            match item {
                Item::Text(fixed) => text.extend_from_slice(fixed.as_bytes()),
                Item::Year => push_padded(civil.year.unsigned_abs().into(), 4, text),
                Item::Month => push_pair(civil.month, text),
                Item::Day => push_pair(civil.day, text),
                Item::DayOfYear => push_padded(civil.day_of_year().into(), 3, text),
                Item::Hour => push_pair(second / 3_600, text),
                Item::Minute => push_pair(second / 60 % 60, text),
                Item::Second => push_pair(second % 60, text),
                Item::Fraction(3) => push_padded(of_day / 1_000 % 1_000, 3, text),
                Item::Fraction(_) => push_padded(of_day % 1_000_000, 6, text),
                Item::Seconds => super::digits::push_signed(micros.div_euclid(1_000_000), 1, text),
                Item::Milliseconds => super::digits::push_signed(micros.div_euclid(1_000), 1, text),
            }
        }
    }
}

/// The item that a text behind a % starts with, and the bytes it takes there.
fn item(text: &str) -> Option<(Item, usize)> {
    const ITEMS: [(&str, Item); 9] = [
        ("Y", Item::Year),
        ("m", Item::Month),
        ("d", Item::Day),
        ("j", Item::DayOfYear),
        ("H", Item::Hour),
        ("M", Item::Minute),
        ("S", Item::Second),
        ("3f", Item::Fraction(3)),
        ("6f", Item::Fraction(6)),
    ];
    if text.starts_with('%') {
        return Some((Item::Text("%".to_owned()), 1));
    }
    let found = ITEMS.iter().find(|(name, _)| text.starts_with(name));
    found.map(|(name, item)| (item.clone(), name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn written(format: &str, micros: i64) -> String {
        let mut text = Vec::new();
        DateFormat::parse(format, true).unwrap().push_instant(micros, &mut text);
        String::from_utf8(text).unwrap()
    }

    proptest! {
        /// Two routes to one text: chrono's formatting.
        #[test]
        fn instants_are_written_as_chrono_writes_them(micros in -62_135_596_800_000_000i64..253_402_300_800_000_000) {
            let format = "%Y-%m-%dT%H:%M:%S.%6f %j %3f%%";
            let expected = DateTime::from_timestamp_micros(micros).unwrap().format(format).to_string();
            // Below the second, chrono's %3f and %6f have no point before them, as ours.
            prop_assert_eq!(written(format, micros), expected);
            prop_assert_eq!(written("ms", micros), micros.div_euclid(1_000).to_string());
            prop_assert_eq!(written("s", micros), micros.div_euclid(1_000_000).to_string());
        }
    }

    #[test]
    fn unknown_items_and_times_of_dates_are_refused() {
        assert!(DateFormat::parse("%Q", true).unwrap_err().to_string().contains("%Q"));
        assert!(DateFormat::parse("%Y%", true).is_err());
        assert!(DateFormat::parse("%Y-%m-%d", false).is_ok());
        assert!(DateFormat::parse("%H", false).unwrap_err().to_string().contains("time"));
    }
}
