//! Text as the values that a column needs.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type};
use arrow_array::{ArrayRef, Date32Array, Decimal128Array, StringArray};
use arrow_cast::parse::{Parser, parse_decimal, string_to_datetime};
use chrono::Utc;

use crate::sources::columns::ColumnKind;

/// Digits of a decimal of 128 bits.
const PRECISION: u8 = 38;

/// The longest text that an error repeats.
const MAX_SHOWN: usize = 60;

/// A value that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadValue {
    /// Its row in the array.
    pub(super) row: usize,
    /// The value, and what is allowed.
    pub(super) problem: String,
}

/// Text as a column of that kind; empty text is null for all but text.
pub(super) fn parsed(array: &ArrayRef, kind: ColumnKind) -> Result<ArrayRef, BadValue> {
    let Some(texts) = array.as_string_opt::<i32>() else { return Ok(Arc::clone(array)) };
    Ok(match kind {
        // An empty field of CSV is no value: nothing else could say so.
        ColumnKind::Text | ColumnKind::Presence => {
            Arc::new(texts.iter().map(|text| text.filter(|text| !text.is_empty())).collect::<StringArray>())
        }
        ColumnKind::Day => Arc::new(
            each(texts, day, "a date such as 2026-03-01 or 2026-03-01T09:30:00Z")?
                .into_iter()
                .collect::<Date32Array>(),
        ),
        ColumnKind::Number { decimals } => {
            let units = |text: &str| parse_decimal::<Decimal128Type>(text, PRECISION, decimals as i8).ok();
            let numbers =
                each(texts, units, "a number such as -12.50")?.into_iter().collect::<Decimal128Array>();
            match numbers.with_precision_and_scale(PRECISION, decimals as i8) {
                Ok(numbers) => Arc::new(numbers),
                Err(error) => return Err(BadValue { row: 0, problem: error.to_string() }),
            }
        }
    })
}

fn each<T>(
    texts: &StringArray,
    read: impl Fn(&str) -> Option<T>,
    allowed: &str,
) -> Result<Vec<Option<T>>, BadValue> {
    let value = |(row, text): (usize, Option<&str>)| match text.map(str::trim).filter(|text| !text.is_empty())
    {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| {
            let shown: String = text.chars().take(MAX_SHOWN).collect();
            BadValue { row, problem: format!("{shown:?} cannot be read; {allowed} is needed") }
        }),
    };
    texts.iter().enumerate().map(value).collect()
}

/// The day of a date, or the UTC day of an instant.
fn day(text: &str) -> Option<i32> {
    if text.len() == "2026-03-01".len() {
        return Date32Type::parse(text);
    }
    let instant = string_to_datetime(&Utc, text).ok()?;
    i32::try_from(instant.timestamp().div_euclid(86_400)).ok()
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    fn read(texts: &[Option<&str>], kind: ColumnKind) -> Result<ArrayRef, BadValue> {
        let array: ArrayRef = Arc::new(texts.iter().copied().collect::<StringArray>());
        parsed(&array, kind)
    }

    #[test]
    fn dates_and_instants_are_days() {
        let texts = [
            Some("1970-01-02"),
            None,
            Some(""),
            Some("1970-01-03T23:59:59Z"),
            Some("1970-01-03T01:00:00+02:00"),
        ];
        let days = read(&texts, ColumnKind::Day).unwrap();
        let days: Vec<Option<i32>> = days.as_primitive::<Date32Type>().iter().collect();
        assert_eq!(days, [Some(1), None, None, Some(2), Some(1)]);
        let refused = read(&[Some("1970-01-02"), Some("soon")], ColumnKind::Day).unwrap_err();
        assert_eq!((refused.row, refused.problem.starts_with("\"soon\" cannot be read; a date")), (1, true));
        assert!(read(&[Some("2026-13-01")], ColumnKind::Day).is_err());
    }

    #[test]
    fn numbers_keep_their_decimals() {
        let kind = ColumnKind::Number { decimals: 2 };
        let numbers = read(&[Some("12.5"), Some("-0.015"), Some("1e2"), None], kind).unwrap();
        let numbers: Vec<Option<i128>> = numbers.as_primitive::<Decimal128Type>().iter().collect();
        assert_eq!((numbers[0], numbers[2], numbers[3]), (Some(1_250), Some(10_000), None));
        for text in ["NaN", "inf", "12,5", "1.2.3", "x"] {
            assert!(read(&[Some(text)], kind).is_err(), "{text}");
        }
    }

    #[test]
    fn empty_text_is_no_value() {
        let texts = read(&[Some("a"), Some(""), None], ColumnKind::Text).unwrap();
        assert_eq!((texts.null_count(), texts.as_string::<i32>().value(0)), (2, "a"));
    }
}
