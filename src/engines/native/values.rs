//! The numbers of a row: days from one date to another, or an amount.

use std::ops::Range;

use crate::sources::{Batch, Columns, Values};
use crate::summaries::log_code::log_code;

/// Where a metric's numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueOf {
    /// Days between two columns, by their places among the columns read.
    Days { from: usize, to: usize },
    /// A column of numbers.
    Amount { column: usize },
}

impl ValueOf {
    /// Counters of a histogram, one of them for all numbers that have none of their own.
    ///
    /// Days from 0 to 255: most claims are decided by then. Log codes of amounts up to 2²⁵: 335,544 dollars in cents.
    pub(super) fn bins(self) -> u32 {
        match self {
            Self::Days { .. } => 257,
            Self::Amount { .. } => 25 * 64 + 2,
        }
    }

    /// The number that histograms count: days as they are, of an amount its log code.
    pub(super) fn counted(self, value: i64) -> i64 {
        match self {
            Self::Days { .. } => value,
            Self::Amount { .. } => log_code(value),
        }
    }

    /// Sets `values` to the numbers of `rows`; anything where there is none.
    pub(super) fn set(self, values: &mut Vec<i64>, batch: &Batch, rows: &Range<usize>) {
        values.clear();
        match self {
            Self::Days { from, to } => {
                let (from, to) = (days(batch, from), days(batch, to));
                let pairs = from[rows.clone()].iter().zip(&to[rows.clone()]);
                values.extend(pairs.map(|(&from, &to)| i64::from(to) - i64::from(from)));
            }
            Self::Amount { column } => {
                if let Values::Numbers(numbers, _) = &batch.columns[column - 1] {
                    values.extend_from_slice(&numbers[rows.clone()]);
                }
            }
        }
        values.resize(rows.len(), 0);
    }
}

fn days(batch: &Batch, place: usize) -> &[i32] {
    match (place, place.checked_sub(1).map(|column| &batch.columns[column])) {
        (Columns::TIME, _) => &batch.time,
        (_, Some(Values::Days(days, _))) => days,
        _ => &[],
    }
}
