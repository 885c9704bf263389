//! One thread's counters.
//!
//! A row becomes small numbers: combined codes of its categories, which lead through a table to blocks of counters,
//! and bins in those blocks: its bucket, or its window and number. Counting a row for a metric is then one load and
//! one addition. The work is done in chunks, one column at a time, so that all but the additions can run in vector
//! registers, and what several metrics need is made once.

use std::sync::Arc;

use arrow_array::ArrayRef;

use super::chunk::{Chunk, Scratch, chunks};
use super::days::{DayTable, first_and_last};
use super::lane::Lane;
use super::layout::{Layout, Wishes};
use super::resolver::Resolver;
use crate::Result;
use crate::sources::{Batch, Values};
use crate::summaries::{Day, DayRange, Plan, Summaries};

/// Rows between two foldings of the counters into summaries, so that none can overflow.
const FOLD_ROWS: u64 = u32::MAX as u64 / 2;

/// The counters of one thread.
#[derive(Debug)]
pub(super) struct Accumulator<'p> {
    span: DayRange,
    windows: DayTable,
    /// None where buckets are windows.
    buckets: Option<DayTable>,
    wishes: Wishes,
    layout: Layout,
    lanes: Vec<Lane>,
    scratch: Scratch,
    resolver: Resolver<'p>,
    /// Of the batch before, if there was one.
    dictionaries: Option<Vec<ArrayRef>>,
    unfolded_rows: u64,
    /// At most so many rows are counted between two foldings.
    fold_rows: u64,
    folded: Summaries,
}

impl<'p> Accumulator<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let grid = &plan.grid;
        Self {
            span: grid.span(),
            windows: DayTable::new(grid.windows()),
            buckets: (grid.buckets() != grid.windows()).then(|| DayTable::new(grid.buckets())),
            wishes: Wishes::of(plan),
            layout: Layout::default(),
            lanes: Vec::new(),
            scratch: Scratch::default(),
            resolver: Resolver::new(plan),
            dictionaries: None,
            unfolded_rows: 0,
            fold_rows: FOLD_ROWS,
            folded: Summaries::empty(plan.clone()),
        }
    }

    /// Counts the rows of `batch`.
    ///
    /// # Errors
    /// [`Error::Input`] for too many segments or categories, and for a code outside of its dictionary.
    pub(super) fn add(&mut self, batch: &Batch) -> Result<()> {
        let span = self.span;
        let counts_as_null = |day: &&Option<Day>| day.is_none_or(|day| span.contains(day));
        self.folded.add_null_rows(batch.incomplete.iter().filter(counts_as_null).count() as u64);
        if self.unfolded_rows + batch.len() as u64 > self.fold_rows {
            self.fold();
        }
        self.unfolded_rows += batch.len() as u64;
        self.prepare(batch)?;
        for rows in chunks(batch.len()) {
            let chunk = Chunk { batch, rows };
            let Some(days) = first_and_last(chunk.time()) else { continue };
            if span.overlaps(Day(days.0), Day(days.1)) {
                self.count(&chunk, days)?;
            }
        }
        Ok(())
    }

    /// Counts a chunk whose days lie from the first to the second of `days`.
    fn count(&mut self, chunk: &Chunk, days: (i32, i32)) -> Result<()> {
        self.scratch.set(chunk, days, &self.windows, self.buckets.as_ref());
        self.scratch.combine(&self.layout, chunk);
        self.count_rows();
        for lane in &mut self.lanes {
            lane.count(chunk, &self.scratch, &mut self.resolver)?;
        }
        Ok(())
    }

    fn count_rows(&mut self) {
        let windows = &self.scratch.windows;
        if let Some(window) = self.scratch.window_of_all {
            return self.folded.add_rows(window as usize, windows.len() as u64);
        }
        for of_window in windows.chunk_by(|one, next| one == next) {
            if of_window[0] != self.scratch.outside_windows {
                self.folded.add_rows(of_window[0] as usize, of_window.len() as u64);
            }
        }
    }

    /// Everything counted so far.
    pub(super) fn into_summaries(mut self) -> Summaries {
        self.fold();
        self.folded
    }

    /// Forgets what codes mean when the dictionaries are not those of the batch before.
    ///
    /// # Errors
    /// As [`Wishes::layout`].
    fn prepare(&mut self, batch: &Batch) -> Result<()> {
        let dictionaries = || {
            batch.columns.iter().filter_map(|values| match values {
                Values::Text(codes) => Some(&codes.values),
                _ => None,
            })
        };
        // Row groups of one file have dictionaries of their own with, as a rule, the same values.
        let is_same = |(known, new): (&ArrayRef, &ArrayRef)| {
            Arc::ptr_eq(known, new) || known.to_data().ptr_eq(&new.to_data()) || known == new
        };
        let known = self.dictionaries.as_ref();
        if known.is_some_and(|known| known.iter().zip(dictionaries()).all(is_same)) {
            return Ok(());
        }
        let layout = self.wishes.layout(batch)?;
        if !layout.has_lanes_of(&self.layout) {
            self.fold();
            (self.lanes, self.scratch) = self.wishes.lanes(&layout);
        }
        self.layout = layout;
        // Holding on to the arrays keeps their addresses from being used for others.
        self.dictionaries = Some(dictionaries().map(Arc::clone).collect());
        self.resolver.forget();
        for lane in &mut self.lanes {
            lane.forget(self.layout.sizes[lane.combination]);
        }
        Ok(())
    }

    /// Moves all counts into the summaries.
    fn fold(&mut self) {
        self.unfolded_rows = 0;
        for lane in &mut self.lanes {
            lane.fold(self.resolver.segments.names(), &mut self.folded);
        }
    }
}
