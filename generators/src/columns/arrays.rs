//! Arrow arrays from what columns draw.

use arrow_array::types::{ArrowDictionaryKeyType, Date32Type, Decimal64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
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
