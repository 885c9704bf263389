//! Arrow arrays from what columns draw.

use crate::error::{Result, ensure};
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Decimal64Type, Float64Type, Int64Type, TimestampMicrosecondType,
    UInt8Type, UInt16Type,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{DataType, TimeUnit};
use std::sync::Arc;

/// Digits of an amount, and how many of them stand behind the point.
pub(super) const AMOUNT: (u8, i8) = (12, 2);

/// The most cents an amount can have.
pub(crate) const MAX_CENTS: f64 = 999_999_999_999.0;

/// The type of a category column with `categories` values.
pub(crate) fn dictionary_type(categories: usize, values: &DataType) -> DataType {
    let key = if categories <= 256 { DataType::UInt8 } else { DataType::UInt16 };
    DataType::Dictionary(Box::new(key), Box::new(values.clone()))
}

/// A dictionary array of `codes` into `values`, with the narrowest keys that fit all values.
pub(super) fn dictionary(codes: &[u16], nulls: Option<NullBuffer>, values: &ArrayRef) -> ArrayRef {
    if values.len() <= 256 {
        let keys: Vec<u8> = codes.iter().map(|code| *code as u8).collect();
        keyed::<UInt8Type>(PrimitiveArray::new(keys.into(), nulls), values)
    } else {
        keyed::<UInt16Type>(PrimitiveArray::new(codes.to_vec().into(), nulls), values)
    }
}

fn keyed<K: ArrowDictionaryKeyType>(keys: PrimitiveArray<K>, values: &ArrayRef) -> ArrayRef {
    Arc::new(DictionaryArray::new(keys, Arc::clone(values)))
}

/// Dates from days since 1970-01-01.
pub(super) fn dates(days: Vec<i32>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(PrimitiveArray::<Date32Type>::new(days.into(), nulls))
}

/// Microseconds of a day.
pub(super) const DAY_MICROS: i64 = 86_400_000_000;

/// The type of an instant column: microseconds since 1970-01-01 00:00 UTC.
pub(super) fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Instants from microseconds since 1970-01-01 00:00 UTC.
pub(super) fn instants(micros: Vec<i64>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(micros.into(), nulls).with_timezone("UTC"))
}

/// The instant at `time` (a part of the day, 0 to 1) of a date, down to whole steps; never on the next day.
#[inline]
pub(super) fn instant_on(day: i32, time: f64, step_micros: i64) -> i64 {
    let of_day = ((time * DAY_MICROS as f64) as i64).min(DAY_MICROS - 1);
    i64::from(day) * DAY_MICROS + of_day / step_micros * step_micros
}

/// Decimal digits of the second that an instant has where a spec does not say.
pub(super) fn default_second_digits() -> u32 {
    3
}

/// Microseconds between instants with so many decimal digits of the second.
pub(super) fn second_step(digits: u32) -> Result<i64> {
    ensure(digits <= 6, "digits", format!("{digits} is not within 0 to 6"))?;
    Ok(10i64.pow(6 - digits))
}

/// Amounts from cents.
pub(super) fn amounts(cents: Vec<i64>, nulls: Option<NullBuffer>) -> ArrayRef {
    let array = PrimitiveArray::<Decimal64Type>::new(cents.into(), nulls);
    Arc::new(array.with_data_type(amount_type()))
}

/// The type of an amount column.
pub(super) fn amount_type() -> DataType {
    DataType::Decimal64(AMOUNT.0, AMOUNT.1)
}

/// The names of a category column.
pub(super) fn names<'a>(values: impl IntoIterator<Item = &'a str>) -> Arc<StringArray> {
    Arc::new(StringArray::from_iter_values(values))
}

/// The type of numbers with `digits` behind the point.
pub(super) fn number_type(digits: u32) -> DataType {
    if digits == 0 { DataType::Int64 } else { DataType::Float64 }
}

/// Numbers rounded to `digits` behind the point. What is not finite, or as a whole number not within ±2^53
/// (where doubles stop to be exact), is null beside what `nulls` says.
pub(super) fn numbers(values: &[f64], digits: u32, nulls: Option<NullBuffer>) -> ArrayRef {
    let limit = if digits == 0 { (1u64 << 53) as f64 } else { f64::MAX };
    let there = BooleanBuffer::collect_bool(values.len(), |row| values[row].abs() <= limit);
    let all = there.count_set_bits() == values.len();
    let nulls = NullBuffer::union(nulls.as_ref(), (!all).then(|| NullBuffer::new(there)).as_ref());
    if digits == 0 {
        let whole: Vec<i64> = values.iter().map(|value| value.round() as i64).collect();
        return Arc::new(PrimitiveArray::<Int64Type>::new(whole.into(), nulls));
    }
    let scale = 10f64.powi(digits as i32);
    let rounded = |value: &f64| if value.is_finite() { (value * scale).round() / scale } else { 0.0 };
    let rounded: Vec<f64> = values.iter().map(rounded).collect();
    Arc::new(PrimitiveArray::<Float64Type>::new(rounded.into(), nulls))
}
