//! Text as codes into a dictionary.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, StringArray, new_null_array};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

/// Text as codes: entry `i` of the rows is `values[keys[i]]`.
#[derive(Debug, Clone)]
pub struct Codes {
    /// One key per row, each below the number of values.
    pub keys: CodeKeys,
    /// The dictionary: Utf8, LargeUtf8 or Utf8View. The same text may stand in it more than once, and a null
    /// among the values means that rows with its key have none.
    pub values: ArrayRef,
}

/// Keys of the narrowest unsigned type that their source had.
#[derive(Debug, Clone)]
pub enum CodeKeys {
    /// Keys below 2⁸.
    U8(ScalarBuffer<u8>),
    /// Keys below 2¹⁶.
    U16(ScalarBuffer<u16>),
    /// Keys below 2³².
    U32(ScalarBuffer<u32>),
}

impl CodeKeys {
    /// The key of one row.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn key(&self, row: usize) -> usize {
        match self {
            Self::U8(keys) => usize::from(keys[row]),
            Self::U16(keys) => usize::from(keys[row]),
            Self::U32(keys) => keys[row] as usize,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::U8(keys) => keys.len(),
            Self::U16(keys) => keys.len(),
            Self::U32(keys) => keys.len(),
        }
    }

    /// The same keys, with `null` for the rows that have no value: in a wider type where it needs one.
    fn with_nulls(&self, nulls: &NullBuffer, null: usize) -> Self {
        let keys = (0..self.len()).map(|row| if nulls.is_valid(row) { self.key(row) } else { null });
        if null <= usize::from(u8::MAX) && matches!(self, Self::U8(_)) {
            Self::U8(keys.map(|key| key as u8).collect())
        } else if null <= usize::from(u16::MAX) && !matches!(self, Self::U32(_)) {
            Self::U16(keys.map(|key| key as u16).collect())
        } else {
            Self::U32(keys.map(|key| key as u32).collect())
        }
    }
}

impl Codes {
    /// The text that `code` stands for; `None` when it is null or outside the dictionary.
    #[must_use]
    pub fn text(&self, code: usize) -> Option<&str> {
        if code >= self.values.len() || self.values.is_null(code) {
            return None;
        }
        match self.values.data_type() {
            DataType::Utf8 => Some(self.values.as_string::<i32>().value(code)),
            DataType::LargeUtf8 => Some(self.values.as_string::<i64>().value(code)),
            DataType::Utf8View => Some(self.values.as_string_view().value(code)),
            _ => None,
        }
    }

    pub(super) fn taken(&self, rows: &[usize]) -> Self {
        let keys = match &self.keys {
            CodeKeys::U8(keys) => CodeKeys::U8(rows.iter().map(|&row| keys[row]).collect()),
            CodeKeys::U16(keys) => CodeKeys::U16(rows.iter().map(|&row| keys[row]).collect()),
            CodeKeys::U32(keys) => CodeKeys::U32(rows.iter().map(|&row| keys[row]).collect()),
        };
        Self { keys, values: Arc::clone(&self.values) }
    }
}

/// The values of a dictionary with a null behind them.
pub(super) fn with_null(values: &ArrayRef) -> Result<ArrayRef, String> {
    let null = new_null_array(values.data_type(), 1);
    arrow_select::concat::concat(&[values, &null]).map_err(|error| error.to_string())
}

/// Text of any form, whole numbers and flags as codes.
pub(super) fn text_codes(array: &ArrayRef) -> Result<Codes, String> {
    if let Some(flags) = array.as_boolean_opt() {
        let keys: ScalarBuffer<u8> = flags
            .iter()
            .map(|flag| match flag {
                Some(flag) => u8::from(flag),
                None => 2,
            })
            .collect();
        let values = Arc::new(StringArray::from(vec![Some("false"), Some("true"), None]));
        return Ok(Codes { keys: CodeKeys::U8(keys), values });
    }
    let DataType::Dictionary(key, _) = array.data_type() else {
        let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let text = arrow_cast::cast(array, &DataType::Utf8).map_err(|error| error.to_string())?;
        let array = arrow_cast::cast(&text, &coded).map_err(|error| error.to_string())?;
        return codes_as::<Int32Type>(&array);
    };
    match key.as_ref() {
        DataType::Int8 => codes_as::<Int8Type>(array),
        DataType::Int16 => codes_as::<Int16Type>(array),
        DataType::Int32 => codes_as::<Int32Type>(array),
        DataType::Int64 => codes_as::<Int64Type>(array),
        DataType::UInt8 => codes_as::<UInt8Type>(array),
        DataType::UInt16 => codes_as::<UInt16Type>(array),
        DataType::UInt32 => codes_as::<UInt32Type>(array),
        DataType::UInt64 => codes_as::<UInt64Type>(array),
        other => Err(format!("dictionary keys of type {other}")),
    }
}

/// The codes of a dictionary array with keys of type `K`.
fn codes_as<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Result<Codes, String> {
    let dictionary = array.as_dictionary::<K>();
    let (keys, rows) = (dictionary.keys(), array.len());
    // Keys that are not null are never negative, so a signed key has the bits of the unsigned one; what
    // stands under a null is arbitrary, and is replaced before anything reads it.
    let bits = keys.values().inner().clone();
    let codes = match K::Native::get_byte_width() {
        1 => CodeKeys::U8(ScalarBuffer::new(bits, 0, rows)),
        2 => CodeKeys::U16(ScalarBuffer::new(bits, 0, rows)),
        4 => CodeKeys::U32(ScalarBuffer::new(bits, 0, rows)),
        // A dictionary of 2³² values does not fit into an array's offsets, so no valid key is cut.
        _ => CodeKeys::U32(keys.values().iter().map(|key| key.as_usize() as u32).collect()),
    };
    match keys.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => Ok(Codes { keys: codes, values: Arc::clone(dictionary.values()) }),
        Some(nulls) => Ok(Codes {
            keys: codes.with_nulls(nulls, dictionary.values().len()),
            values: with_null(dictionary.values())?,
        }),
    }
}
