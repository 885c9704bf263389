//! Arrow's columns as the values that engines read.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Float64Type, Int64Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Date32Array, PrimitiveArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};

use super::batch::Values;
use super::codes::text_codes;
use super::columns::ColumnKind;

/// A column as values of a kind. Columns of the right type are shared, not copied.
pub(super) fn values(array: &ArrayRef, kind: ColumnKind) -> Result<Values, String> {
    Ok(match kind {
        ColumnKind::Text => Values::Text(text_codes(array)?),
        ColumnKind::Day => {
            let days = days_of(array)?;
            Values::Days(days.values().clone(), real_nulls(days.nulls()))
        }
        ColumnKind::Number { decimals } => {
            let numbers = bounded(numbers_of(array, decimals)?)?;
            Values::Numbers(numbers.values().clone(), real_nulls(numbers.nulls()))
        }
        ColumnKind::Presence => Values::Presence(real_nulls(array.logical_nulls().as_ref())),
    })
}

/// The nulls, where there are any.
fn real_nulls(nulls: Option<&NullBuffer>) -> Option<NullBuffer> {
    nulls.filter(|nulls| nulls.null_count() > 0).cloned()
}

const SECONDS_PER_DAY: i64 = 86_400;

/// Dates of any form as days since 1970-01-01: a time of day is floored to its UTC day.
///
/// Timestamps with a zone hold UTC by Arrow's definition, so the zone changes nothing.
pub(crate) fn days_of(array: &ArrayRef) -> Result<Date32Array, String> {
    let units_per_day = match array.data_type() {
        DataType::Date32 => return Ok(array.as_primitive::<Date32Type>().clone()),
        DataType::Date64 | DataType::Timestamp(TimeUnit::Millisecond, _) => SECONDS_PER_DAY * 1_000,
        DataType::Timestamp(TimeUnit::Second, _) => SECONDS_PER_DAY,
        DataType::Timestamp(TimeUnit::Microsecond, _) => SECONDS_PER_DAY * 1_000_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => SECONDS_PER_DAY * 1_000_000_000,
        other => return Err(format!("type {other} is no date")),
    };
    let instants: PrimitiveArray<Int64Type> = arrow_cast::cast(array, &DataType::Int64)
        .map_err(|error| error.to_string())?
        .as_primitive::<Int64Type>()
        .clone();
    instants.try_unary::<_, Date32Type, String>(|instant| {
        let day = instant.div_euclid(units_per_day);
        i32::try_from(day)
            .map_err(|_| format!("value {instant} is day {day} since 1970-01-01, outside of dates' range"))
    })
}

type Numbers = PrimitiveArray<Int64Type>;

/// Numbers of any type in units of 10^−decimals, in 64 bits.
///
/// What has more decimals is rounded: decimals half away from zero as SQL does, floats half to even.
pub(super) fn numbers_of(array: &ArrayRef, decimals: u8) -> Result<Numbers, String> {
    match array.data_type() {
        DataType::Decimal32(_, scale) => rescaled(
            &array.as_primitive::<Decimal32Type>().unary::<_, Int64Type>(i64::from),
            *scale,
            decimals,
        ),
        DataType::Decimal64(_, scale) => rescaled(
            &Numbers::new(array.as_primitive::<Decimal64Type>().values().clone(), array.nulls().cloned()),
            *scale,
            decimals,
        ),
        DataType::Decimal128(_, scale) => {
            let wide = array.as_primitive::<Decimal128Type>();
            let narrow = wide.try_unary::<_, Int64Type, String>(|value| {
                i64::try_from(value).map_err(|_| too_large(value))
            })?;
            rescaled(&narrow, *scale, decimals)
        }
        DataType::Float32 | DataType::Float64 => floats(array, decimals),
        DataType::UInt64 => {
            let numbers = array.as_primitive::<UInt64Type>();
            let narrow = numbers.try_unary::<_, Int64Type, String>(|value| {
                i64::try_from(value).map_err(|_| too_large(value))
            })?;
            rescaled(&narrow, 0, decimals)
        }
        _ => {
            let whole = arrow_cast::cast(array, &DataType::Int64).map_err(|error| error.to_string())?;
            rescaled(whole.as_primitive::<Int64Type>(), 0, decimals)
        }
    }
}

fn too_large(value: impl std::fmt::Display) -> String {
    format!("value {value} does not fit into 64 bits")
}

/// Refuses numbers whose squares could not be summed exactly: those of more than 53 bits.
fn bounded(numbers: Numbers) -> Result<Numbers, String> {
    let limit = 1_u64 << 53;
    let is_far = |value: &i64| value.unsigned_abs() > limit;
    if numbers.values().iter().any(is_far)
        && let Some(far) = numbers.iter().flatten().find(is_far)
    {
        return Err(format!("{far} in units of the last decimal is beyond 2^53; use fewer decimals"));
    }
    Ok(numbers)
}

/// Values of 10^−scale as values of 10^−decimals.
fn rescaled(numbers: &Numbers, scale: i8, decimals: u8) -> Result<Numbers, String> {
    let shift = i32::from(decimals) - i32::from(scale);
    if shift == 0 {
        return Ok(numbers.clone());
    }
    let power = 10_i64.checked_pow(shift.unsigned_abs());
    let Some(power) = power else { return Err(format!("a scale of {scale} is too far from {decimals}")) };
    if shift > 0 {
        return numbers.try_unary::<_, Int64Type, String>(|value| {
            value.checked_mul(power).ok_or_else(|| too_large(value))
        });
    }
    Ok(numbers.unary::<_, Int64Type>(|value| {
        let (whole, rest) = (value / power, value % power);
        let is_half = rest.unsigned_abs() >= power.unsigned_abs().div_ceil(2);
        if is_half { whole + value.signum() } else { whole }
    }))
}

/// Beyond it not every whole number is a double.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

fn floats(array: &ArrayRef, decimals: u8) -> Result<Numbers, String> {
    let wide = arrow_cast::cast(array, &DataType::Float64).map_err(|error| error.to_string())?;
    let wide = wide.as_primitive::<Float64Type>();
    let factor = 10_f64.powi(i32::from(decimals));
    let number = |value: f64| {
        if !value.is_finite() {
            return Err(format!("value {value} is no number; remove it, or make it null"));
        }
        let number = (value * factor).round_ties_even();
        if number.abs() > LARGEST_EXACT {
            return Err(format!("value {value} has more digits than are kept exactly"));
        }
        Ok(number as i64)
    };
    let made: Result<ScalarBuffer<i64>, String> =
        (0..wide.len()).map(|row| if wide.is_null(row) { Ok(0) } else { number(wide.value(row)) }).collect();
    Ok(Numbers::new(made?, wide.nulls().cloned()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Decimal128Array, Float64Array, Int32Array};

    use super::*;

    fn numbers(array: ArrayRef, decimals: u8) -> Result<Vec<Option<i64>>, String> {
        numbers_of(&array, decimals).map(|numbers| numbers.iter().collect())
    }

    #[test]
    fn numbers_come_in_units_of_their_last_decimal() {
        let whole: ArrayRef = Arc::new(Int32Array::from(vec![Some(3), None, Some(-7)]));
        assert_eq!(numbers(whole, 2), Ok(vec![Some(300), None, Some(-700)]));
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.125), None, Some(-0.015)]));
        assert_eq!(numbers(floats, 2), Ok(vec![Some(112), None, Some(-2)]));
        let decimals = Decimal128Array::from(vec![Some(12_345), Some(-12_350), None]);
        let decimals: ArrayRef = Arc::new(decimals.with_precision_and_scale(12, 3).unwrap());
        assert_eq!(numbers(Arc::clone(&decimals), 2), Ok(vec![Some(1_235), Some(-1_235), None]));
        assert_eq!(numbers(decimals, 4), Ok(vec![Some(123_450), Some(-123_500), None]));
    }

    #[test]
    fn what_is_no_number_is_named() {
        for value in [f64::NAN, f64::INFINITY, 1e300] {
            let refused = numbers(Arc::new(Float64Array::from(vec![value])), 2).unwrap_err();
            assert!(refused.starts_with("value "), "{refused}");
        }
        let wide: ArrayRef = Arc::new(Decimal128Array::from(vec![i128::MAX]));
        assert!(numbers(wide, 2).unwrap_err().contains("64 bits"));
    }
}
