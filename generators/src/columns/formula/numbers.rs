//! Columns as numbers: of numbers themselves, amounts, scores, flags (1 and 0), dates (days) and timestamps
//! (seconds), from 1970-01-01. A null is a NaN.

use crate::batch::BatchSoFar;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal64Type, Float64Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

/// Whether values of this type can be computed with.
pub(in crate::columns) fn reads_type(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => **values == DataType::Float64,
        DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::Float64 => true,
        DataType::Decimal64(..) | DataType::Boolean | DataType::Date32 | DataType::Timestamp(..) => true,
        _ => false,
    }
}

/// The values of a column, of one of the types of [`reads_type`].
pub(in crate::columns) fn values(batch: &BatchSoFar, index: usize) -> Vec<f64> {
    let array = batch.array(index);
    let values: Vec<f64> = match array.data_type() {
        DataType::Int16 => array.as_primitive::<Int16Type>().values().iter().map(|v| f64::from(*v)).collect(),
        DataType::Int32 => array.as_primitive::<Int32Type>().values().iter().map(|v| f64::from(*v)).collect(),
        DataType::Int64 => array.as_primitive::<Int64Type>().values().iter().map(|v| *v as f64).collect(),
        DataType::Float64 => array.as_primitive::<Float64Type>().values().to_vec(),
        DataType::Decimal64(_, scale) => {
            let unit = 10f64.powi(i32::from(*scale));
            array.as_primitive::<Decimal64Type>().values().iter().map(|v| *v as f64 / unit).collect()
        }
        DataType::Boolean => array.as_boolean().values().iter().map(|v| f64::from(u8::from(v))).collect(),
        DataType::Date32 => {
            array.as_primitive::<Date32Type>().values().iter().map(|v| f64::from(*v)).collect()
        }
        DataType::Timestamp(..) => {
            let values = array.as_primitive::<TimestampMicrosecondType>().values();
            values.iter().map(|v| *v as f64 / 1e6).collect()
        }
        _ => {
            let dictionary = array.as_any_dictionary();
            let scores = dictionary.values().as_primitive::<Float64Type>().values();
            // An array without rows may have a dictionary without values, which has no codes.
            if scores.is_empty() {
                return vec![f64::NAN; array.len()];
            }
            dictionary.normalized_keys().into_iter().map(|key| scores[key]).collect()
        }
    };
    with_nulls(values, array.nulls())
}

/// The values with a NaN where they are null.
pub(super) fn with_nulls(mut values: Vec<f64>, nulls: Option<&NullBuffer>) -> Vec<f64> {
    if let Some(nulls) = nulls {
        let absent = values.iter_mut().zip(nulls.iter()).filter(|(_, valid)| !valid);
        absent.for_each(|(value, _)| *value = f64::NAN);
    }
    values
}
