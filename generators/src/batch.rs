//! The rows that a column is asked for, and the columns of a batch that are there already.

use crate::plan::Needed;
use crate::rng::Stream;
use crate::scope::Scope;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal64Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;
use std::ops::Range;
use std::sync::Arc;

/// The numbers of some rows, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowNumbers {
    /// Consecutive rows.
    Range(Range<u64>),
    /// Any rows in any order, each as often as it is named.
    Listed(Arc<[u64]>),
}

impl RowNumbers {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Range(rows) => (rows.end - rows.start) as usize,
            Self::Listed(rows) => rows.len(),
        }
    }

    /// The number of the row at `offset`.
    #[inline]
    #[must_use]
    pub fn row(&self, offset: usize) -> u64 {
        match self {
            Self::Range(rows) => rows.start + offset as u64,
            Self::Listed(rows) => rows[offset],
        }
    }

    /// Calls `visit(offset, row)` for each row in order.
    #[inline]
    pub fn each(&self, mut visit: impl FnMut(usize, u64)) {
        match self {
            Self::Range(rows) => {
                let start = rows.start;
                (0..self.len()).for_each(move |offset| visit(offset, start + offset as u64));
            }
            Self::Listed(rows) => rows.iter().enumerate().for_each(|(offset, row)| visit(offset, *row)),
        }
    }

    /// `value(row)` of each row.
    #[inline]
    pub fn map<T>(&self, mut value: impl FnMut(u64) -> T) -> Vec<T> {
        // Two loops, so that consecutive rows are counted and not looked up.
        match self {
            Self::Range(rows) => {
                let start = rows.start;
                (0..self.len()).map(move |offset| value(start + offset as u64)).collect()
            }
            Self::Listed(rows) => rows.iter().copied().map(value).collect(),
        }
    }
}

/// The rows that a column is asked to fill.
#[derive(Debug)]
pub struct RowSpan {
    /// Row numbers in the dataset.
    pub rows: RowNumbers,
    /// Which of them are null, where any are.
    pub nulls: Option<NullBuffer>,
}

impl RowSpan {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of the row at `offset`.
    #[inline]
    #[must_use]
    pub fn row(&self, offset: usize) -> u64 {
        self.rows.row(offset)
    }

    /// `value(word)` of each row, with the row's word of the stream.
    #[inline]
    pub fn map_words<T>(&self, stream: Stream, mut value: impl FnMut(u64) -> T) -> Vec<T> {
        self.rows.map(move |row| value(stream.word(row)))
    }

    /// `value(word, item)` of each row, with the row's word of the stream and its item of `items`, which
    /// has one for each row.
    #[inline]
    pub fn map_words_with<I: Copy, T>(
        &self,
        stream: Stream,
        items: &[I],
        mut value: impl FnMut(u64, I) -> T,
    ) -> Vec<T> {
        match &self.rows {
            RowNumbers::Range(rows) => {
                let start = rows.start;
                let words = (0..self.len()).map(move |offset| stream.word(start + offset as u64));
                words.zip(items).map(move |(word, item)| value(word, *item)).collect()
            }
            RowNumbers::Listed(rows) => {
                rows.iter().zip(items).map(|(row, item)| value(stream.word(*row), *item)).collect()
            }
        }
    }

    /// Calls `visit(offset, word)` for each row in order, with the row's word of the stream.
    #[inline]
    pub fn each_word(&self, stream: Stream, mut visit: impl FnMut(usize, u64)) {
        self.rows.each(move |offset, row| visit(offset, stream.word(row)));
    }

    /// For each row whether `holds(offset, word)`, with the row's word of the stream.
    #[inline]
    #[must_use]
    pub fn flags(&self, stream: Stream, mut holds: impl FnMut(usize, u64) -> bool) -> BooleanBuffer {
        match &self.rows {
            RowNumbers::Range(rows) => BooleanBuffer::collect_bool(self.len(), |offset| {
                holds(offset, stream.word(rows.start + offset as u64))
            }),
            RowNumbers::Listed(rows) => {
                BooleanBuffer::collect_bool(self.len(), |offset| holds(offset, stream.word(rows[offset])))
            }
        }
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
pub struct BatchSoFar<'a> {
    columns: Vec<Option<ArrayRef>>,
    scope: Option<&'a Scope>,
    parent: Option<ParentRows<'a>>,
}

/// The rows of the parent table that the rows of a batch belong to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ParentRows<'a> {
    pub(crate) batch: &'a BatchSoFar<'a>,
    /// For each row, where its parent's row is; every parent has just its one row when absent.
    pub(crate) offsets: Option<&'a UInt32Array>,
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

impl<'a> BatchSoFar<'a> {
    /// A batch of a table's rows without any column yet.
    pub(crate) fn new(scope: &'a Scope, parent: Option<ParentRows<'a>>) -> Self {
        Self { columns: Vec::new(), scope: Some(scope), parent }
    }

    /// Columns that are only read.
    pub(crate) fn of(columns: Vec<Option<ArrayRef>>) -> Self {
        Self { columns, scope: None, parent: None }
    }

    pub(crate) fn push(&mut self, column: Option<ArrayRef>) {
        self.columns.push(column);
    }

    pub(crate) fn into_columns(self) -> Vec<Option<ArrayRef>> {
        self.columns
    }

    fn parent(&self) -> &ParentRows<'a> {
        self.parent.as_ref().expect("a plan gives every child table the rows of its parent")
    }

    /// A column of the parent's rows, each of which [`BatchSoFar::parent_offset`] points to.
    pub(crate) fn parent_array(&self, index: usize) -> &ArrayRef {
        self.parent().batch.array(index)
    }

    /// Where the parent's row of the row at `offset` is.
    #[inline]
    pub(crate) fn parent_offset(&self, offset: usize) -> usize {
        self.parent().offsets.map_or(offset, |offsets| offsets.value(offset) as usize)
    }

    /// A column of the parent table: for each row the value of its parent's row.
    pub(crate) fn of_parent(&self, index: usize) -> ArrayRef {
        let column = self.parent_array(index);
        match self.parent().offsets {
            None => Arc::clone(column),
            Some(offsets) => {
                arrow_select::take::take(column, offsets, None).expect("offsets lie within the parent's rows")
            }
        }
    }

    /// Columns of other rows of the same table.
    pub(crate) fn elsewhere(&self, rows: &RowNumbers, needed: &Needed) -> BatchSoFar<'static> {
        let scope = self.scope.expect("a plan gives every column that is filled its table");
        BatchSoFar::of(scope.make_rows(rows, needed))
    }

    /// The values of a column of whole numbers, none below 0; a null is 0.
    pub(crate) fn counts(&self, index: usize) -> Vec<u64> {
        let column = self.array(index);
        let nulls = column.nulls();
        let count = |(offset, value): (usize, i64)| {
            if nulls.is_none_or(|nulls| nulls.is_valid(offset)) { value.max(0) as u64 } else { 0 }
        };
        let counts = |values: &mut dyn Iterator<Item = i64>| values.enumerate().map(count).collect();
        match column.data_type() {
            DataType::Int16 => {
                counts(&mut column.as_primitive::<Int16Type>().values().iter().map(|value| i64::from(*value)))
            }
            DataType::Int32 => {
                counts(&mut column.as_primitive::<Int32Type>().values().iter().map(|value| i64::from(*value)))
            }
            _ => counts(&mut column.as_primitive::<Int64Type>().values().iter().copied()),
        }
    }

    /// The values of a column of any type.
    pub(crate) fn array(&self, index: usize) -> &ArrayRef {
        self.columns[index].as_ref().expect("the plan makes every column that another reads")
    }

    /// Which rows of a column are null.
    #[must_use]
    pub fn nulls(&self, index: usize) -> Option<&NullBuffer> {
        self.array(index).nulls()
    }

    /// The codes of a category column.
    #[must_use]
    pub fn codes(&self, index: usize) -> Codes<'_> {
        let column = self.array(index);
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
        self.array(index).as_primitive::<Date32Type>().values()
    }

    /// The cents of an amount column.
    #[must_use]
    pub fn cents(&self, index: usize) -> &[i64] {
        self.array(index).as_primitive::<Decimal64Type>().values()
    }

    /// The values of a boolean column.
    #[must_use]
    pub fn flags(&self, index: usize) -> &BooleanBuffer {
        self.array(index).as_boolean().values()
    }
}
