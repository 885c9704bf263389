//! What is gathered of one column.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_buffer::NullBuffer;
use arrow_cast::{can_cast_types, cast};
use arrow_schema::{DataType, TimeUnit};

use super::counter::Counter;
use super::quantiles::{Quantiles, ordered};

/// The zone of UTC, as an offset.
const UTC: &str = "+00:00";

/// What is gathered of the values at one path: a column, a field of a struct, the entries of a list.
#[derive(Debug, Clone)]
pub(super) struct ColumnState {
    pub data_type: DataType,
    /// Places in which there could be a value.
    pub rows: u64,
    pub nulls: u64,
    pub counter: Counter,
    pub quantiles: Quantiles,
    pub scale: Scale,
}

/// What the numbers of the quantiles are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// There are none.
    None,
    /// Ordered bits of a number.
    Number,
    /// Days since 1970-01-01.
    Day,
    /// Microseconds since then.
    Instant,
}

impl ColumnState {
    pub(super) fn new(data_type: &DataType) -> Self {
        let (counter, quantiles) = (Counter::default(), Quantiles::default());
        Self { data_type: data_type.clone(), rows: 0, nulls: 0, counter, quantiles, scale: scale(data_type) }
    }

    /// Adds an array's values, of those rows that `present` has.
    ///
    /// # Errors
    /// A type that no value can be read of.
    pub(super) fn add(&mut self, array: &ArrayRef, present: Option<&NullBuffer>) -> Result<(), String> {
        let nulls = NullBuffer::union(array.logical_nulls().as_ref(), present);
        let there = present.map_or(array.len(), |present| present.len() - present.null_count());
        let values = array.len() - nulls.as_ref().map_or(0, NullBuffer::null_count);
        self.rows += there as u64;
        self.nulls += (there - values) as u64;
        let is_valid = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        match array.data_type() {
            DataType::Null => Ok(()),
            DataType::Dictionary(key, _) => self.add_codes(array, key, &is_valid),
            DataType::Boolean => {
                self.add_flags(array.as_boolean(), &is_valid);
                Ok(())
            }
            _ => self.add_values(array, &is_valid, |_| 1),
        }
    }

    /// Counts codes, and then each of the dictionary's values once.
    fn add_codes(
        &mut self,
        array: &ArrayRef,
        key: &DataType,
        is_valid: &dyn Fn(usize) -> bool,
    ) -> Result<(), String> {
        let (values, counts) = match key {
            DataType::Int8 => codes::<Int8Type>(array, is_valid),
            DataType::Int16 => codes::<Int16Type>(array, is_valid),
            DataType::Int32 => codes::<Int32Type>(array, is_valid),
            DataType::Int64 => codes::<Int64Type>(array, is_valid),
            DataType::UInt8 => codes::<UInt8Type>(array, is_valid),
            DataType::UInt16 => codes::<UInt16Type>(array, is_valid),
            DataType::UInt32 => codes::<UInt32Type>(array, is_valid),
            _ => codes::<UInt64Type>(array, is_valid),
        };
        self.add_values(&values, &|row| counts[row] > 0 && values.is_valid(row), |row| counts[row])
    }

    fn add_flags(&mut self, flags: &BooleanArray, is_valid: &dyn Fn(usize) -> bool) {
        let (mut yes, mut no) = (0, 0);
        for row in (0..flags.len()).filter(|row| is_valid(*row)) {
            if flags.value(row) { yes += 1 } else { no += 1 }
        }
        self.counter.add("true", yes);
        self.counter.add("false", no);
    }

    /// Adds plain values, each `times` over.
    fn add_values(
        &mut self,
        array: &ArrayRef,
        is_valid: &dyn Fn(usize) -> bool,
        times: impl Fn(usize) -> u64,
    ) -> Result<(), String> {
        let rows = || (0..array.len()).filter(|row| is_valid(*row));
        let cannot = |error: arrow_schema::ArrowError| error.to_string();
        match self.scale {
            Scale::Day => {
                let days = cast(array, &DataType::Date32).map_err(cannot)?;
                let days = days.as_primitive::<Date32Type>();
                rows().for_each(|row| self.quantiles.add(i64::from(days.value(row)), times(row)));
            }
            Scale::Instant => {
                let instants =
                    cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None)).map_err(cannot)?;
                let instants = instants.as_primitive::<arrow_array::types::TimestampMicrosecondType>();
                rows().for_each(|row| self.quantiles.add(instants.value(row), times(row)));
            }
            Scale::Number => {
                let numbers = cast(array, &DataType::Float64).map_err(cannot)?;
                let numbers = numbers.as_primitive::<arrow_array::types::Float64Type>();
                rows().filter(|row| !numbers.value(*row).is_nan()).for_each(|row| {
                    // The two zeros are one number.
                    self.quantiles.add(ordered(numbers.value(row) + 0.0), times(row));
                });
            }
            Scale::None => {}
        }
        // Maps and the like have no text of their own.
        if !can_cast_types(array.data_type(), &DataType::Utf8) {
            return Ok(());
        }
        let texts = cast(&in_utc(array)?, &DataType::Utf8).map_err(cannot)?;
        let texts = texts.as_string::<i32>();
        // Bytes that are no text have none.
        rows()
            .filter(|row| texts.is_valid(*row))
            .for_each(|row| self.counter.add(texts.value(row), times(row)));
        Ok(())
    }

    /// Adds a text that stands for so many rows: the value of a folder's name.
    pub(super) fn add_text(&mut self, text: Option<&str>, rows: u64) {
        self.rows += rows;
        match text {
            Some(text) => self.counter.add(text, rows),
            None => self.nulls += rows,
        }
    }

    /// Adds the length of each list.
    pub(super) fn add_lengths(&mut self, lengths: impl Iterator<Item = Option<u64>>) {
        for length in lengths {
            self.rows += 1;
            match length {
                Some(length) => {
                    self.quantiles.add(ordered(length as f64), 1);
                    self.counter.add(&length.to_string(), 1);
                }
                None => self.nulls += 1,
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.nulls += other.nulls;
        self.counter.merge(other.counter);
        self.quantiles.merge(other.quantiles);
    }
}

/// Instants of any zone as those of UTC, by its offset: names of zones are not known to the crate that writes texts.
fn in_utc(array: &ArrayRef) -> Result<ArrayRef, String> {
    let DataType::Timestamp(unit, Some(_)) = array.data_type() else { return Ok(array.clone()) };
    let utc = DataType::Timestamp(*unit, Some(UTC.into()));
    cast(array, &utc).map_err(|error| error.to_string())
}

/// What the numbers of a type are. Lists are described by their lengths.
fn scale(data_type: &DataType) -> Scale {
    match data_type {
        DataType::Dictionary(_, values) => scale(values),
        DataType::Date32 | DataType::Date64 => Scale::Day,
        DataType::Timestamp(..) => Scale::Instant,
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => Scale::Number,
        _ if data_type.is_numeric() => Scale::Number,
        _ => Scale::None,
    }
}

/// The values of a dictionary, and how often each occurs.
fn codes<K: ArrowDictionaryKeyType>(
    array: &ArrayRef,
    is_valid: &dyn Fn(usize) -> bool,
) -> (ArrayRef, Vec<u64>) {
    let coded = array.as_dictionary::<K>();
    let mut counts = vec![0; coded.values().len()];
    for row in (0..coded.len()).filter(|row| is_valid(*row)) {
        if let Some(code) = coded.key(row) {
            counts[code] += 1;
        }
    }
    (coded.values().clone(), counts)
}
