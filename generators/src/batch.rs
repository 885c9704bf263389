//! The columns of a batch that are there already, for the columns that depend on them.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;
use std::ops::Range;

/// The rows that a column is asked to fill.
#[derive(Debug)]
pub struct RowSpan {
    /// Row numbers in the dataset.
    pub rows: Range<u64>,
    /// Which of them are null, where any are.
    pub nulls: Option<NullBuffer>,
}

impl RowSpan {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.rows.end - self.rows.start) as usize
    }

    /// Whether the row at `offset` has a value.
    #[must_use]
    pub fn is_valid(&self, offset: usize) -> bool {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(offset))
    }
}

/// The columns before the one being filled, by their index in the plan.
///
/// A plan checks the types that a column reads when it is built, so reading cannot fail.
#[derive(Debug, Default)]
pub struct BatchSoFar {
    columns: Vec<Option<ArrayRef>>,
}

/// The codes of a category column.
#[derive(Debug, Clone, Copy)]
pub enum Codes<'a> {
    /// Up to 256 categories.
    Narrow(&'a [u8]),
    /// Up to 65,536 categories.
    Wide(&'a [u16]),
}

impl Codes<'_> {
    /// The code at `offset` into the batch.
    #[inline]
    #[must_use]
    pub fn get(&self, offset: usize) -> usize {
        match self {
            Self::Narrow(codes) => usize::from(codes[offset]),
            Self::Wide(codes) => usize::from(codes[offset]),
        }
    }
}

impl BatchSoFar {
    pub(crate) fn push(&mut self, column: Option<ArrayRef>) {
        self.columns.push(column);
    }

    pub(crate) fn into_columns(self) -> Vec<Option<ArrayRef>> {
        self.columns
    }

    fn column(&self, index: usize) -> &ArrayRef {
        self.columns[index].as_ref().expect("the plan makes every column that another reads")
    }

    /// Which rows of a column are null.
    #[must_use]
    pub fn nulls(&self, index: usize) -> Option<&NullBuffer> {
        self.column(index).nulls()
    }

    /// The codes of a category column.
    #[must_use]
    pub fn codes(&self, index: usize) -> Codes<'_> {
        let column = self.column(index);
        match column.data_type() {
            DataType::Dictionary(key, _) if **key == DataType::UInt8 => {
                Codes::Narrow(column.as_dictionary::<UInt8Type>().keys().values())
            }
            _ => Codes::Wide(column.as_dictionary::<UInt16Type>().keys().values()),
        }
    }

    /// The days of a date column, as days since 1970-01-01.
    #[must_use]
    pub fn days(&self, index: usize) -> &[i32] {
        self.column(index).as_primitive::<Date32Type>().values()
    }

    /// The cents of an amount column.
    #[must_use]
    pub fn cents(&self, index: usize) -> &[i64] {
        self.column(index).as_primitive::<Decimal64Type>().values()
    }

    /// The values of a boolean column.
    #[must_use]
    pub fn flags(&self, index: usize) -> &BooleanBuffer {
        self.column(index).as_boolean().values()
    }
}
