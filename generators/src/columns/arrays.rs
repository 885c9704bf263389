//! Arrow arrays from what columns draw.

use crate::error::{Result, ensure};
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Decimal64Type, TimestampMicrosecondType, UInt8Type, UInt16Type,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray, StringArray};
use arrow_buffer::NullBuffer;
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
