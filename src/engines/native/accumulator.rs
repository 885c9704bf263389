//! One thread's counters.
//!
//! A row becomes small numbers: combined codes of its categories, which lead through a table to blocks of counters,
//! and bins in those blocks: its bucket, or its window and number. Counting a row for a metric is then one load and
//! one addition. The work is done in chunks, one column at a time, so that all but the additions can run in vector
//! registers, and what several metrics need is made once.

use std::sync::Arc;

use arrow_array::ArrayRef;

use super::chunk::{Chunk, Scratch, chunks};
use super::codes::Combination;
use super::days::{DayTable, first_and_last};
use super::lane::Lane;
use super::layout::Layout;
use super::resolver::Resolver;
use crate::sources::{Batch, Values};
use crate::summaries::{Day, DayRange, Plan, Summaries};
use crate::{Error, Result};

/// Rows between two foldings of the counters into summaries, so that none can overflow.
const FOLD_ROWS: u64 = u32::MAX as u64 / 2;

/// The counters of one thread.
#[derive(Debug)]
pub(super) struct Accumulator<'p> {
    plan: &'p Plan,
    span: DayRange,
    windows: DayTable,
    buckets: DayTable,
    combinations: Vec<Combination>,
    sizes: Vec<u64>,
    lanes: Vec<Lane>,
    resolver: Resolver<'p>,
    scratch: Scratch,
    dictionaries: Vec<ArrayRef>,
    unfolded_rows: u64,
    /// At most so many rows are counted between two foldings.
    fold_rows: u64,
    folded: Summaries,
}

impl<'p> Accumulator<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let Layout { combinations, lanes, scratch } = Layout::of(plan);
        Self {
            plan,
            span: plan.grid.span(),
            windows: DayTable::new(plan.grid.windows()),
            buckets: DayTable::new(plan.grid.buckets()),
            combinations,
            sizes: Vec::new(),
            lanes,
            resolver: Resolver::new(plan),
            scratch,
            dictionaries: Vec::new(),
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
            let is_wanted = first_and_last(chunk.time())
                .is_some_and(|(first, last)| span.overlaps(Day(first), Day(last)));
            if is_wanted {
                self.count(&chunk)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, chunk: &Chunk) -> Result<()> {
        self.scratch.set(chunk, &self.windows, &self.buckets);
        for ((codes, combination), &size) in
            self.scratch.codes.iter_mut().zip(&self.combinations).zip(&self.sizes)
        {
            codes.set(combination, size, chunk);
        }
        self.count_rows();
        for lane in &mut self.lanes {
            lane.count(chunk, &self.scratch, &mut self.resolver)?;
        }
        Ok(())
    }

    fn count_rows(&mut self) {
        let windows = &self.scratch.windows;
        for window in 0..self.plan.grid.windows().len() {
            let number = window as u32;
            let rows = windows.iter().filter(|&&of| of == number).count();
            self.folded.add_rows(window, rows as u64);
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
    /// [`Error::Input`] for dictionaries so large that a row's codes do not combine into 64 bits.
    fn prepare(&mut self, batch: &Batch) -> Result<()> {
        let dictionaries = || {
            batch.columns.iter().filter_map(|values| match values {
                Values::Text(codes) => Some(&codes.values),
                _ => None,
            })
        };
        // Row groups of one file have dictionaries of their own with, as a rule, the same values.
        let is_same = |(known, new): (&ArrayRef, &ArrayRef)| Arc::ptr_eq(known, new) || known == new;
        let is_known = !self.sizes.is_empty() && self.dictionaries.iter().zip(dictionaries()).all(is_same);
        if is_known {
            return Ok(());
        }
        let sizes = self.combinations.iter().map(|combination| combination.size(batch));
        let sizes: Option<Vec<u64>> = sizes.collect();
        self.sizes = sizes.ok_or_else(too_large)?;
        // Holding on to the arrays keeps their addresses from being used for others.
        self.dictionaries = dictionaries().map(Arc::clone).collect();
        self.resolver.forget();
        for lane in &mut self.lanes {
            lane.forget(self.sizes[lane.combination]);
        }
        Ok(())
    }

    /// Moves all counts into the summaries.
    fn fold(&mut self) {
        self.unfolded_rows = 0;
        for lane in &mut self.lanes {
            lane.fold(self.plan, self.resolver.segments.names(), &mut self.folded);
        }
    }
}

fn too_large() -> Error {
    Error::input("batch", "the dictionaries are too large to be combined; use columns with fewer values")
}
