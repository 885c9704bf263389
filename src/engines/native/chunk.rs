//! Rows as codes, numbers and bins, one column at a time.

use std::ops::Range;

use super::cells::Cells;
use super::codes::Combination;
use super::days::DayTable;
use super::values::ValueOf;
use crate::sources::Batch;

/// Rows handled at a time: the scratch columns stay in the first two levels of cache.
const CHUNK_ROWS: usize = 1_024;

/// The row numbers of a batch in chunks.
pub(super) fn chunks(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(CHUNK_ROWS).map(move |start| start..rows.min(start + CHUNK_ROWS))
}

/// Some rows of a batch.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    pub(super) batch: &'a Batch,
    pub(super) rows: Range<usize>,
}

impl Chunk<'_> {
    pub(super) fn time(&self) -> &[i32] {
        &self.batch.time[self.rows.clone()]
    }
}

/// What all lanes need of a chunk, each of it made once.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The number of each row's window, [`Scratch::outside_windows`] where it is in none.
    pub(super) windows: Vec<u32>,
    pub(super) outside_windows: u32,
    /// The number of each row's bucket, or the number of buckets.
    pub(super) buckets: Vec<u32>,
    /// As many zeros as there are rows.
    pub(super) zeros: Vec<u32>,
    pub(super) codes: Vec<CombinedCodes>,
    pub(super) values: Vec<ValueScratch>,
}

/// Combined codes, of the width that the tables need.
#[derive(Debug, Default)]
pub(super) struct CombinedCodes {
    pub(super) narrow: Vec<u32>,
    pub(super) wide: Vec<u64>,
}

impl CombinedCodes {
    pub(super) fn set(&mut self, combination: &Combination, size: u64, chunk: &Chunk) {
        if Cells::is_dense(size) {
            combination.set(&mut self.narrow, chunk.batch, &chunk.rows);
        } else {
            combination.set(&mut self.wide, chunk.batch, &chunk.rows);
        }
    }
}

/// The numbers of a metric.
#[derive(Debug)]
pub(super) struct ValueScratch {
    pub(super) of: ValueOf,
    pub(super) needs: ValueNeeds,
    pub(super) values: Vec<i64>,
    /// The counter of each row in a histogram of all windows.
    pub(super) bins: Vec<u32>,
    has_far: bool,
}

/// What lanes want of a metric's numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ValueNeeds {
    pub(super) bins: bool,
}

impl ValueScratch {
    pub(super) fn new(of: ValueOf, needs: ValueNeeds) -> Self {
        Self { of, needs, values: Vec::new(), bins: Vec::new(), has_far: false }
    }

    fn set(&mut self, chunk: &Chunk, windows: &[u32]) {
        self.of.set(&mut self.values, chunk.batch, &chunk.rows);
        self.has_far = false;
        if self.needs.bins {
            self.set_bins(windows);
        }
    }

    fn set_bins(&mut self, windows: &[u32]) {
        let (of, bins) = (self.of, self.of.bins());
        let mut largest = 0;
        let mut bin = |number: i64, window: u32| {
            // Negative numbers become huge ones, and so have no counter of their own.
            let bin = (number as u64).min(u64::from(bins - 1)) as u32;
            largest = largest.max(bin);
            window * bins + bin
        };
        self.bins.clear();
        let rows = self.values.iter().zip(windows);
        self.bins.extend(rows.map(|(&value, &window)| bin(of.counted(value), window)));
        self.has_far = largest == bins - 1;
    }

    /// The number that the histogram counts of a row.
    pub(super) fn counted(&self, row: usize) -> i64 {
        self.of.counted(self.values[row])
    }

    /// The rows whose number has no counter of its own.
    pub(super) fn far_rows(&self) -> impl Iterator<Item = usize> {
        let (bins, rows) = (self.of.bins(), if self.has_far { self.bins.len() } else { 0 });
        (0..rows).filter(move |&row| self.bins[row] % bins == bins - 1)
    }
}

impl Scratch {
    /// Reads the days and numbers of a chunk.
    pub(super) fn set(&mut self, chunk: &Chunk, windows: &DayTable, buckets: &DayTable) {
        let time = chunk.time();
        self.outside_windows = windows.outside();
        self.zeros.resize(time.len(), 0);
        windows.set(&mut self.windows, time);
        buckets.set(&mut self.buckets, time);
        for value in &mut self.values {
            value.set(chunk, &self.windows);
        }
    }
}
