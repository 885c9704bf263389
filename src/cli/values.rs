//! Values that several tools take.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::thread;

use chrono::{NaiveDate, Utc};

use crate::{Error, Result};

/// A whole number such as `1000000`, `1_000_000`, `500K` or `1M`.
///
/// # Errors
/// Says what is allowed.
pub(super) fn count(text: &str) -> Result<u64, String> {
    let allowed = "a whole number of at least 1, such as 1000000, 1_000_000, 500K or 1M";
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1_000),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1_000_000),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    let plain = digits.replace('_', "");
    let well_formed = plain.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('_');
    if plain.is_empty() || !well_formed {
        return Err(allowed.to_owned());
    }
    let number = plain.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    match number {
        Some(0) => Err(format!("0 is too small; {allowed}")),
        Some(number) => Ok(number),
        None => Err(format!("more than {} cannot be counted; {allowed}", u64::MAX)),
    }
}

/// The day that data is seen from, as typed: a date, or the day of the run in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AsOf {
    Date(NaiveDate),
    Today,
}

impl FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "today" {
            return Ok(Self::Today);
        }
        let date =
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == "2026-01-01".len());
        date.map(Self::Date).ok_or_else(|| "a date such as 2026-01-01, or `today`".to_owned())
    }
}

impl AsOf {
    /// The date.
    pub(super) fn date(self) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Today => Utc::now().date_naive(),
        }
    }
}

/// The most threads that can be asked for.
const MAX_THREADS: usize = 1024;

/// The number of threads asked for, or one for each core.
///
/// # Errors
/// [`Error::Option`] for 0 and for more than 1,024.
pub(super) fn threads(asked: Option<usize>) -> Result<usize> {
    match asked {
        None => Ok(thread::available_parallelism().map_or(1, NonZeroUsize::get)),
        Some(count) if (1..=MAX_THREADS).contains(&count) => Ok(count),
        Some(count) => {
            Err(Error::option("threads", count, format!("a number from 1 to {MAX_THREADS} is allowed")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_people_write_them() {
        for (text, number) in
            [("7", 7), ("1_000_000", 1_000_000), ("500K", 500_000), ("2M", 2_000_000), ("1g", 1 << 30)]
        {
            let expected = if text == "1g" { 1_000_000_000 } else { number };
            assert_eq!(count(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn no_other_counts_are_taken() {
        for text in
            ["0", "", "K", "_", "-5", "1.5", "1e6", "99999999999999999999", "18446744073709551615K", "١"]
        {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_are_whole() {
        assert_eq!(
            "2026-01-01".parse::<AsOf>().map(AsOf::date),
            Ok(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap())
        );
        assert_eq!("today".parse(), Ok(AsOf::Today));
        for text in ["2026-02-30", "26-01-01", "yesterday", "2026-1-1", ""] {
            assert!(text.parse::<AsOf>().is_err(), "{text}");
        }
    }
}
