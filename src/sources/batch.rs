//! One batch of claims in the one form that engines read.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Date32Array, PrimitiveArray, RecordBatch};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};

use super::columns::{Column, ColumnNames};
use crate::summaries::{Day, DayRange};
use crate::{Error, Result};

/// Text as codes: entry `i` of the rows is `values[keys[i]]`.
#[derive(Debug, Clone)]
pub struct Codes {
    /// One key per row, each below the number of values.
    pub keys: CodeKeys,
    /// The dictionary: Utf8, LargeUtf8 or Utf8View. The same text may stand in it more than once, and
    /// values that no key points at may be null.
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

    fn taken(&self, rows: &[usize]) -> Self {
        let keys = match &self.keys {
            CodeKeys::U8(keys) => CodeKeys::U8(rows.iter().map(|&row| keys[row]).collect()),
            CodeKeys::U16(keys) => CodeKeys::U16(rows.iter().map(|&row| keys[row]).collect()),
            CodeKeys::U32(keys) => CodeKeys::U32(rows.iter().map(|&row| keys[row]).collect()),
        };
        Self { keys, values: Arc::clone(&self.values) }
    }
}

/// A batch of claims without nulls: every buffer has one entry per row.
#[derive(Debug, Clone)]
pub struct ClaimBatch {
    /// [`Column::Payer`].
    pub payer: Codes,
    /// [`Column::CptGroup`].
    pub cpt_group: Codes,
    /// [`Column::Outcome`].
    pub outcome: Codes,
    /// [`Column::SubmittedDate`] in days since 1970-01-01.
    pub submitted: ScalarBuffer<i32>,
    /// [`Column::DecidedDate`] in days since 1970-01-01.
    pub decided: ScalarBuffer<i32>,
    /// The submitted date of each row that was left out because a needed column is null in it.
    pub incomplete: Vec<Option<Day>>,
}

impl ClaimBatch {
    /// Rows without nulls.
    #[must_use]
    pub fn len(&self) -> usize {
        self.submitted.len()
    }

    /// Whether there is no row without nulls.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.submitted.is_empty()
    }

    /// The batch of five columns picked out of `batch`, whose columns stand at `positions` in the order of
    /// [`Column::ALL`]. Columns of the right type are shared, not copied; `place` is named in errors.
    ///
    /// # Errors
    /// [`Error::Input`] for a date outside of `Date32`'s range, and for a type that cannot be used.
    pub(crate) fn from_record_batch(
        batch: &RecordBatch,
        positions: &[usize; 5],
        read: &Reading,
    ) -> Result<Self> {
        let column = |column: Column| batch.column(positions[column.index()]);
        let text = |role| text_codes(column(role)).map_err(|problem| read.error(role, &problem));
        let date = |role| days_of(column(role)).map_err(|problem| read.error(role, &problem));
        let (submitted, decided) = (date(Column::SubmittedDate)?, date(Column::DecidedDate)?);
        let nulls = [Column::Payer, Column::CptGroup, Column::Outcome]
            .into_iter()
            .map(|role| column(role).logical_nulls())
            .chain([submitted.nulls().cloned(), decided.nulls().cloned()])
            .fold(None, |all, nulls| NullBuffer::union(all.as_ref(), nulls.as_ref()));
        let whole = Self {
            payer: text(Column::Payer)?,
            cpt_group: text(Column::CptGroup)?,
            outcome: text(Column::Outcome)?,
            submitted: submitted.values().clone(),
            decided: decided.values().clone(),
            incomplete: Vec::new(),
        };
        Ok(match nulls.filter(|nulls| nulls.null_count() > 0) {
            Some(nulls) => whole.without_nulls(&nulls, submitted.nulls()),
            None => whole,
        })
    }

    /// Keeps the rows that `complete` calls valid, and the submitted dates of the others.
    pub(crate) fn without_nulls(self, complete: &NullBuffer, submitted: Option<&NullBuffer>) -> Self {
        let rows: Vec<usize> = complete.valid_indices().collect();
        let is_dated = |row| submitted.is_none_or(|nulls| nulls.is_valid(row));
        let incomplete = (0..complete.len())
            .filter(|&row| complete.is_null(row))
            .map(|row| is_dated(row).then(|| Day(self.submitted[row])))
            .collect();
        Self {
            payer: self.payer.taken(&rows),
            cpt_group: self.cpt_group.taken(&rows),
            outcome: self.outcome.taken(&rows),
            submitted: rows.iter().map(|&row| self.submitted[row]).collect(),
            decided: rows.iter().map(|&row| self.decided[row]).collect(),
            incomplete,
        }
    }
}

/// What is being read, for error messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) place: &'a Path,
    pub(crate) names: &'a ColumnNames,
}

impl Reading<'_> {
    pub(crate) fn error(&self, column: Column, problem: &str) -> Error {
        Error::input(self.place, format!("column {:?}: {problem}", self.names.of(column)))
    }

    /// The day after the latest submitted date, which windows may end before.
    ///
    /// # Errors
    /// [`Error::Input`] naming the column when either day lies outside of [`DayRange::CALENDAR`].
    pub(crate) fn day_after(&self, last: Day) -> Result<Day> {
        let allowed = DayRange::CALENDAR;
        last.checked_add(1).filter(|&day| allowed.contains(last) && allowed.contains(day)).ok_or_else(|| {
            let problem = format!(
                "the latest date is {last}; where the dataset ends follows from it, and so it must lie from \
                 {} to {}: correct the column, or say with --as-of when the windows end",
                allowed.start,
                Day(allowed.end.0 - 2),
            );
            self.error(Column::SubmittedDate, &problem)
        })
    }
}

/// Text of any form as codes. Text without a dictionary is given one.
fn text_codes(array: &ArrayRef) -> Result<Codes, String> {
    let DataType::Dictionary(key, _) = array.data_type() else {
        let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let array = arrow_cast::cast(array, &coded).map_err(|error| error.to_string())?;
        return Ok(codes_as::<Int32Type>(&array));
    };
    Ok(match key.as_ref() {
        DataType::Int8 => codes_as::<Int8Type>(array),
        DataType::Int16 => codes_as::<Int16Type>(array),
        DataType::Int32 => codes_as::<Int32Type>(array),
        DataType::Int64 => codes_as::<Int64Type>(array),
        DataType::UInt8 => codes_as::<UInt8Type>(array),
        DataType::UInt16 => codes_as::<UInt16Type>(array),
        DataType::UInt32 => codes_as::<UInt32Type>(array),
        DataType::UInt64 => codes_as::<UInt64Type>(array),
        other => return Err(format!("dictionary keys of type {other}")),
    })
}

/// The codes of a dictionary array with keys of type `K`.
fn codes_as<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Codes {
    let dictionary = array.as_dictionary::<K>();
    let (keys, rows) = (dictionary.keys(), array.len());
    // Keys that are not null are never negative, so a signed key has the bits of the unsigned one; what
    // stands under a null is arbitrary, and is dropped before anything reads it.
    let bits = keys.values().inner().clone();
    let keys = match K::Native::get_byte_width() {
        1 => CodeKeys::U8(ScalarBuffer::new(bits, 0, rows)),
        2 => CodeKeys::U16(ScalarBuffer::new(bits, 0, rows)),
        4 => CodeKeys::U32(ScalarBuffer::new(bits, 0, rows)),
        // A dictionary of 2³² values does not fit into an array's offsets, so no valid key is cut.
        _ => CodeKeys::U32(keys.values().iter().map(|key| key.as_usize() as u32).collect()),
    };
    Codes { keys, values: Arc::clone(dictionary.values()) }
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
