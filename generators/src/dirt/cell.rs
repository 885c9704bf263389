//! One value of any column.

use super::json;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal64Type, Float64Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    UInt8Type, UInt16Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use chrono::{DateTime, Days, NaiveDate};

/// One value, in the terms of its column's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A place in the column's dictionary.
    Code(u16),
    /// A whole number; the cents of an amount, the days of a date since 1970-01-01, the microseconds of a
    /// timestamp since then.
    Int(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Flag(bool),
    /// A text; of a nested value its JSON.
    Text(String),
}

impl Cell {
    /// The value of `array` at `offset`.
    pub(crate) fn read(array: &ArrayRef, offset: usize) -> Self {
        if array.is_null(offset) {
            return Self::Null;
        }
        match array.data_type() {
            DataType::Dictionary(_, _) => Self::Code(code(array, offset)),
            DataType::Int16 => Self::Int(array.as_primitive::<Int16Type>().value(offset).into()),
            DataType::Int32 => Self::Int(array.as_primitive::<Int32Type>().value(offset).into()),
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>().value(offset)),
            DataType::Date32 => Self::Int(array.as_primitive::<Date32Type>().value(offset).into()),
            DataType::Decimal64(_, _) => Self::Int(array.as_primitive::<Decimal64Type>().value(offset)),
            DataType::Timestamp(_, _) => {
                Self::Int(array.as_primitive::<TimestampMicrosecondType>().value(offset))
            }
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>().value(offset)),
            DataType::Boolean => Self::Flag(array.as_boolean().value(offset)),
            DataType::Utf8 => Self::Text(array.as_string::<i32>().value(offset).to_owned()),
            _ => {
                let mut text = String::new();
                json::write(array, offset, &mut text);
                Self::Text(text)
            }
        }
    }

    /// The value as text: dates and timestamps by ISO 8601, amounts with their cents, numbers in the
    /// shortest form that reads back as the same number; `None` for no value. `values` is the column's
    /// dictionary, where it has one.
    pub(crate) fn text(&self, data_type: &DataType, values: Option<&ArrayRef>) -> Option<String> {
        Some(match (self, data_type) {
            (Self::Null, _) => return None,
            (Self::Code(code), DataType::Dictionary(_, inner)) => {
                let values = values?;
                return Self::read(values, usize::from(*code)).text(inner, None);
            }
            (Self::Int(days), DataType::Date32) => date(*days),
            (Self::Int(micros), DataType::Timestamp(_, _)) => instant(*micros),
            (Self::Int(units), DataType::Decimal64(_, scale)) => decimal(*units, *scale),
            (Self::Code(code), _) => code.to_string(),
            (Self::Int(number), _) => number.to_string(),
            (Self::Float(number), _) => format!("{number:?}"),
            (Self::Flag(flag), _) => flag.to_string(),
            (Self::Text(text), _) => text.clone(),
        })
    }
}

fn code(array: &ArrayRef, offset: usize) -> u16 {
    match array.data_type() {
        DataType::Dictionary(key, _) if **key == DataType::UInt8 => {
            array.as_dictionary::<UInt8Type>().keys().value(offset).into()
        }
        _ => array.as_dictionary::<UInt16Type>().keys().value(offset),
    }
}

/// A date by ISO 8601, from days since 1970-01-01.
fn date(days: i64) -> String {
    let date = if days < 0 {
        NaiveDate::default().checked_sub_days(Days::new(days.unsigned_abs()))
    } else {
        NaiveDate::default().checked_add_days(Days::new(days.unsigned_abs()))
    };
    date.map_or_else(|| format!("{days} days from 1970-01-01"), |date| date.to_string())
}

/// A time by ISO 8601 in UTC, from microseconds since 1970-01-01.
fn instant(micros: i64) -> String {
    let written =
        DateTime::from_timestamp_micros(micros).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
    written.unwrap_or_else(|| format!("{micros} µs from 1970-01-01"))
}

/// A number with `scale` digits behind the point.
fn decimal(units: i64, scale: i8) -> String {
    let scale = usize::from(scale.unsigned_abs());
    let digits = format!("{:0width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if units < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_people_write_them() {
        let text = |cell: Cell, data_type: DataType| cell.text(&data_type, None).unwrap();
        let amount = DataType::Decimal64(12, 2);
        assert_eq!(text(Cell::Int(-7), amount.clone()), "-0.07");
        assert_eq!(text(Cell::Int(123_456), amount), "1234.56");
        assert_eq!(text(Cell::Int(0), DataType::Date32), "1970-01-01");
        assert_eq!(text(Cell::Int(-25_567), DataType::Date32), "1900-01-01");
        let timestamp = DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, Some("UTC".into()));
        assert_eq!(text(Cell::Int(1_500_000), timestamp), "1970-01-01T00:00:01.500000Z");
        assert_eq!(text(Cell::Float(0.1), DataType::Float64), "0.1");
        assert_eq!(Cell::Null.text(&DataType::Utf8, None), None);
    }
}
