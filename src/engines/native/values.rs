//! The numbers of a row: days from one date to another, or an amount.

use super::chunk::Chunk;
use crate::sources::{Batch, Columns, Values};
use crate::summaries::log_code::{log_code, scale as log_scale};

/// Where a metric's numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueOf {
    /// Days between two columns, by their places among the columns read.
    Days { from: usize, to: usize },
    /// A column of numbers.
    Amount { column: usize },
    /// Days from a date to the end of the grid: how long what began then has been running at least.
    Since { from: usize, end: i32 },
}

impl ValueOf {
    /// Counters of a histogram, one of them for all numbers that have none of their own.
    ///
    /// Days from 0 to 255: most claims are decided by then. Log codes of amounts up to 2²⁵: 335,544 dollars in cents.
    pub(super) fn bins(self) -> u32 {
        match self {
            Self::Days { .. } | Self::Since { .. } => 257,
            Self::Amount { .. } => 25 * 64 + 2,
        }
    }

    /// Whether histograms count numbers as they are, so that sums can be made of them.
    pub(super) fn is_counted_exactly(self) -> bool {
        matches!(self, Self::Days { .. })
    }

    /// The number that histograms count of a row of the chunk: days as they are, of an amount its log code.
    pub(super) fn counted(self, chunk: &Chunk, row: usize) -> i64 {
        match self {
            Self::Days { from, to } => {
                let (from, to) = (days(chunk, from), days(chunk, to));
                i64::from(to[row]) - i64::from(from[row])
            }
            Self::Amount { column } => amounts(chunk, column).get(row).map_or(0, |&amount| log_code(amount)),
            Self::Since { from, end } => i64::from(end) - i64::from(days(chunk, from)[row]),
        }
    }

    /// The numbers of the chunk's rows where a column has them.
    pub(super) fn as_they_are<'b>(self, chunk: &Chunk<'b>) -> Option<&'b [i64]> {
        match self {
            Self::Amount { column } => Some(amounts(chunk, column)),
            Self::Days { .. } | Self::Since { .. } => None,
        }
    }

    /// Sets `numbers` to the numbers of the chunk's rows; anything where there is none.
    pub(super) fn set(self, numbers: &mut Vec<i64>, chunk: &Chunk) {
        numbers.clear();
        match self {
            Self::Days { from, to } => {
                let pairs = days(chunk, from).iter().zip(days(chunk, to));
                numbers.extend(pairs.map(|(&from, &to)| i64::from(to) - i64::from(from)));
            }
            Self::Amount { column } => numbers.extend_from_slice(amounts(chunk, column)),
            Self::Since { from, end } => {
                numbers.extend(days(chunk, from).iter().map(|&from| i64::from(end) - i64::from(from)));
            }
        }
    }

    /// Sets `bins` to the counter of each row in a histogram of all windows, and says whether some row's number has
    /// none of its own.
    pub(super) fn set_bins(self, bins: &mut Vec<u32>, chunk: &Chunk, windows: &[u32]) -> bool {
        let per_window = self.bins();
        let last = per_window - 1;
        bins.resize(windows.len(), 0);
        let rows = bins.iter_mut().zip(windows);
        let place = |(bin, &window): (&mut u32, &u32), number: u32| {
            let number = number.min(last);
            *bin = window * per_window + number;
            number
        };
        // Exact for any two days; negative differences have no counter of their own.
        let between = |from: i32, to: i32| if to < from { u32::MAX } else { to.wrapping_sub(from) as u32 };
        let largest = match self {
            Self::Days { from, to } => {
                let pairs = days(chunk, from).iter().zip(days(chunk, to));
                rows.zip(pairs).map(|(row, (&from, &to))| place(row, between(from, to))).fold(0, u32::max)
            }
            Self::Since { from, end } => rows
                .zip(days(chunk, from))
                .map(|(row, &from)| place(row, between(from, end)))
                .fold(0, u32::max),
            Self::Amount { column } => {
                let scale = log_scale();
                // Codes of negative numbers are negative, and so become huge.
                let code = |amount| scale.code(amount) as u32;
                rows.zip(amounts(chunk, column))
                    .map(|(row, &amount)| place(row, code(amount)))
                    .fold(0, u32::max)
            }
        };
        largest == last
    }
}

fn days<'b>(chunk: &Chunk<'b>, place: usize) -> &'b [i32] {
    let batch: &'b Batch = chunk.batch;
    let days: &[i32] = match (place, place.checked_sub(1).map(|column| &batch.columns[column])) {
        (Columns::TIME, _) => &batch.time,
        (_, Some(Values::Days(days, _))) => days,
        _ => return &[],
    };
    &days[chunk.rows.clone()]
}

fn amounts<'b>(chunk: &Chunk<'b>, place: usize) -> &'b [i64] {
    match &chunk.batch.columns[place - 1] {
        Values::Numbers(numbers, _) => &numbers[chunk.rows.clone()],
        _ => &[],
    }
}
