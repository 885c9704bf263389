//! One batch of rows in the one form that engines read.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_buffer::{NullBuffer, ScalarBuffer};

use super::codes::Codes;
use super::columns::Columns;
use super::conversion;
use crate::summaries::{Day, DayRange};
use crate::{Error, Result};

/// One column of a batch.
#[derive(Debug, Clone)]
pub enum Values {
    /// [`super::ColumnKind::Text`]: a null is a code without text.
    Text(Codes),
    /// [`super::ColumnKind::Day`], in days since 1970-01-01; anything stands under a null.
    Days(ScalarBuffer<i32>, Option<NullBuffer>),
    /// [`super::ColumnKind::Number`], in units of the last decimal; anything stands under a null.
    Numbers(ScalarBuffer<i64>, Option<NullBuffer>),
    /// [`super::ColumnKind::Presence`].
    Presence(Option<NullBuffer>),
}

impl Values {
    /// Which rows have a value, unless all do; of text, which says so by its codes, nothing.
    #[must_use]
    pub fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Self::Text(_) => None,
            Self::Days(_, nulls) | Self::Numbers(_, nulls) | Self::Presence(nulls) => nulls.as_ref(),
        }
    }

    fn taken(&self, rows: &[usize]) -> Self {
        let nulls = |nulls: &Option<NullBuffer>| {
            nulls.as_ref().map(|nulls| rows.iter().map(|&row| nulls.is_valid(row)).collect::<Vec<_>>().into())
        };
        match self {
            Self::Text(codes) => Self::Text(codes.taken(rows)),
            Self::Days(days, valid) => Self::Days(rows.iter().map(|&row| days[row]).collect(), nulls(valid)),
            Self::Numbers(numbers, valid) => {
                Self::Numbers(rows.iter().map(|&row| numbers[row]).collect(), nulls(valid))
            }
            Self::Presence(valid) => Self::Presence(nulls(valid)),
        }
    }
}

/// Rows whose required columns all have a value.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The time of each row, in days since 1970-01-01.
    pub time: ScalarBuffer<i32>,
    /// The columns in the order of [`Columns`], without the time: column `i` stands at `i - 1`.
    pub columns: Vec<Values>,
    /// The time of each row that was left out because a required column is null in it.
    pub incomplete: Vec<Option<Day>>,
}

impl Batch {
    /// Rows with a value in each required column.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is no such row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// The batch of the needed columns of `batch`, which stand at `positions`, in the order of the columns read.
    ///
    /// # Errors
    /// [`Error::Input`] for a value that cannot be used: a date outside of `Date32`'s range, a number that is
    /// not finite or too large.
    pub(crate) fn from_record_batch(
        batch: &RecordBatch,
        positions: &[usize],
        read: &Reading,
    ) -> Result<Self> {
        let mut columns = Vec::with_capacity(positions.len());
        let mut complete: Option<NullBuffer> = None;
        let mut dated = None;
        for (place, &position) in positions.iter().enumerate() {
            let (array, column) = (batch.column(position), read.columns.at(place));
            let values =
                conversion::values(array, column.kind).map_err(|problem| read.error(place, &problem))?;
            if column.is_required {
                let nulls = array.logical_nulls();
                complete = NullBuffer::union(complete.as_ref(), nulls.as_ref());
            }
            if place == Columns::TIME {
                dated = values.nulls().cloned();
            }
            columns.push(values);
        }
        let Values::Days(time, _) = columns.remove(Columns::TIME) else {
            return Err(read.error(Columns::TIME, "the time is no date"));
        };
        let whole = Self { time, columns, incomplete: Vec::new() };
        Ok(match complete.filter(|nulls| nulls.null_count() > 0) {
            Some(nulls) => whole.without_nulls(&nulls, dated.as_ref()),
            None => whole,
        })
    }

    /// Keeps the rows that `complete` calls valid, and the times of the others.
    pub(crate) fn without_nulls(self, complete: &NullBuffer, dated: Option<&NullBuffer>) -> Self {
        let rows: Vec<usize> = complete.valid_indices().collect();
        let is_dated = |row| dated.is_none_or(|nulls| nulls.is_valid(row));
        let incomplete = (0..complete.len())
            .filter(|&row| complete.is_null(row))
            .map(|row| is_dated(row).then(|| Day(self.time[row])))
            .collect();
        Self {
            time: rows.iter().map(|&row| self.time[row]).collect(),
            columns: self.columns.iter().map(|values| values.taken(&rows)).collect(),
            incomplete,
        }
    }
}

/// What is being read, for error messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) place: &'a Path,
    pub(crate) columns: &'a Arc<Columns>,
}

impl Reading<'_> {
    /// The error for a column, by its place among the columns read.
    pub(crate) fn error(&self, place: usize, problem: &str) -> Error {
        Error::input(self.place, format!("column {:?}: {problem}", self.columns.at(place).name))
    }

    /// The day after the latest time, which windows may end before.
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
            self.error(Columns::TIME, &problem)
        })
    }
}
