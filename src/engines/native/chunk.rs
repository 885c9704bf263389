//! Rows as codes, numbers and bins, one column at a time.

use std::ops::Range;

use super::cells::Cells;
use super::codes::Combination;
use super::days::DayTable;
use super::lane::Axis;
use super::layout::Layout;
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

impl<'a> Chunk<'a> {
    pub(super) fn time(&self) -> &'a [i32] {
        &self.batch.time[self.rows.clone()]
    }
}

/// What all lanes need of a chunk, each of it made once.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The number of each row's window, [`Scratch::outside_windows`] where it is in none.
    pub(super) windows: Vec<u32>,
    pub(super) outside_windows: u32,
    /// The window of all rows, if it is the same.
    pub(super) window_of_all: Option<u32>,
    /// The number of each row's bucket, or the number of buckets; left out where no lane reads it.
    buckets: Vec<u32>,
    /// As many zeros as there are rows.
    pub(super) zeros: Vec<u32>,
    /// Of the parts that all combinations begin with.
    beginning: CombinedCodes,
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
    /// Sets the codes of a combination of `size` codes, given those of its first `done` parts.
    pub(super) fn set(
        &mut self,
        (combination, size): (&Combination, u64),
        (done, beginning): (usize, &Self),
        chunk: &Chunk,
    ) {
        let rows = (chunk.batch, &chunk.rows);
        if !Cells::is_dense(size) {
            combination.set(&mut self.wide, (0, &[]), rows);
        } else {
            combination.set(&mut self.narrow, (done, &beginning.narrow), rows);
        }
    }
}

/// The numbers of a metric, as far as lanes want them.
#[derive(Debug)]
pub(super) struct ValueScratch {
    pub(super) of: ValueOf,
    pub(super) wants: ValueWants,
    numbers: Vec<i64>,
    /// The counter of each row in a histogram of all windows.
    pub(super) bins: Vec<u32>,
    has_far: bool,
}

/// What lanes want of a metric's numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ValueWants {
    pub(super) numbers: bool,
    pub(super) bins: bool,
}

impl ValueScratch {
    pub(super) fn new(of: ValueOf) -> Self {
        let (numbers, bins) = (Vec::new(), Vec::new());
        Self { of, wants: ValueWants::default(), numbers, bins, has_far: false }
    }

    fn set(&mut self, chunk: &Chunk, windows: &[u32]) {
        if self.wants.numbers && self.of.as_they_are(chunk).is_none() {
            self.of.set(&mut self.numbers, chunk);
        }
        if self.wants.bins {
            self.has_far = self.of.set_bins(&mut self.bins, chunk, windows);
        }
    }

    /// The numbers of the rows, if a lane wants them.
    pub(super) fn numbers<'a>(&'a self, chunk: &Chunk<'a>) -> &'a [i64] {
        self.of.as_they_are(chunk).unwrap_or(&self.numbers)
    }

    /// The rows whose number has no counter of its own, given their windows.
    pub(super) fn far_rows(&self, windows: &[u32]) -> impl Iterator<Item = usize> {
        let (per_window, rows) = (self.of.bins(), if self.has_far { self.bins.len() } else { 0 });
        let rows = self.bins[..rows].iter().zip(windows).enumerate();
        rows.filter(move |&(_, (&bin, &window))| bin == (window + 1) * per_window - 1).map(|(row, _)| row)
    }
}

impl Scratch {
    /// Nothing yet, of so many combined codes and of these numbers.
    pub(super) fn new(combinations: usize, values: &[ValueOf]) -> Self {
        let codes = (0..combinations).map(|_| CombinedCodes::default()).collect();
        let values = values.iter().map(|&of| ValueScratch::new(of)).collect();
        Self { codes, values, ..Self::default() }
    }

    /// Reads the days and numbers of a chunk whose days lie from `first` to `last`, both included.
    pub(super) fn set(
        &mut self,
        chunk: &Chunk,
        (first, last): (i32, i32),
        windows: &DayTable,
        buckets: Option<&DayTable>,
    ) {
        let time = chunk.time();
        self.outside_windows = windows.outside();
        self.zeros.resize(time.len(), 0);
        self.window_of_all = windows.set(&mut self.windows, time, first, last);
        if let Some(buckets) = buckets {
            buckets.set(&mut self.buckets, time, first, last);
        }
        for value in &mut self.values {
            value.set(chunk, &self.windows);
        }
    }

    /// Combines the codes of a chunk.
    pub(super) fn combine(&mut self, layout: &Layout, chunk: &Chunk) {
        let done = layout.beginning.parts();
        if done > 0 {
            layout.beginning.set(&mut self.beginning.narrow, (0, &[]), (chunk.batch, &chunk.rows));
        }
        for (codes, combination) in self.codes.iter_mut().zip(layout.combinations()) {
            codes.set(combination, (done, &self.beginning), chunk);
        }
    }

    /// In which counter of its block each row counts.
    pub(super) fn bins(&self, axis: Axis) -> &[u32] {
        match axis {
            Axis::Windows => &self.windows,
            Axis::Buckets => &self.buckets,
            Axis::Value(value) => &self.values[value].bins,
        }
    }
}
