//! One thread's counters.
//!
//! A row becomes two small numbers: a combined code (window, payer, CPT group, outcome) that leads through
//! a table to a block of counters, and a bin in that block, the decision days. Counting a row is then one
//! load and one increment. The work is done in chunks, one column at a time, so that all but the
//! increments can run in vector registers.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ArrayRef;

use super::cells::{BlockStart, Blocks, Cells, NOWHERE, Table, count};
use super::chunk::{Chunk, DELAY_BINS, ELSEWHERE, Sizes, chunks, first_and_last};
use super::days::DayTable;
use super::segment_index::SegmentIndex;
use crate::sources::{ClaimBatch, CodeKeys, Codes};
use crate::summaries::{Day, DayRange, DelayHistogram, Grid, Outcome, Summaries};
use crate::{Error, Result};

/// Rows between two foldings of the 32-bit counters into summaries, so that none can overflow.
const FOLD_ROWS: u64 = u32::MAX as u64 / 2;

/// The counters of one thread.
#[derive(Debug)]
pub(super) struct Accumulator<'g> {
    layout: Layout<'g>,
    segments: SegmentIndex,
    dictionaries: Option<[ArrayRef; 3]>,
    sizes: Sizes,
    /// Decision days per window, segment and outcome.
    delays: Lane,
    /// Claims per bucket, per segment and outcome.
    buckets: Lane,
    /// Decision days without a counter of their own, per block.
    far_delays: HashMap<(BlockStart, i64), u64>,
    unfolded_rows: u64,
    /// At most so many rows are counted between two foldings.
    fold_rows: u64,
    folded: Summaries,
}

/// What is counted where.
#[derive(Debug)]
struct Layout<'g> {
    grid: &'g Grid,
    span: DayRange,
    windows: DayTable,
    buckets: DayTable,
}

/// One kind of counters, and the way from a row to them.
#[derive(Debug)]
struct Lane {
    cells: Cells,
    blocks: Blocks,
}

impl Lane {
    fn new(bins: usize) -> Self {
        Self { cells: Cells::new(0), blocks: Blocks::new(bins) }
    }
}

impl<'g> Accumulator<'g> {
    pub(super) fn new(grid: &'g Grid) -> Self {
        let layout = Layout {
            grid,
            span: grid.span(),
            windows: DayTable::new(grid.windows()),
            buckets: DayTable::new(grid.buckets()),
        };
        Self {
            layout,
            segments: SegmentIndex::default(),
            dictionaries: None,
            sizes: Sizes::default(),
            delays: Lane::new(DELAY_BINS),
            buckets: Lane::new(grid.buckets().len() + 1),
            far_delays: HashMap::new(),
            unfolded_rows: 0,
            fold_rows: FOLD_ROWS,
            folded: Summaries::empty(grid.clone()),
        }
    }

    /// Counts the claims of `batch`.
    ///
    /// # Errors
    /// [`Error::Input`] for too many segments, and for a code outside of its dictionary.
    pub(super) fn add(&mut self, batch: &ClaimBatch) -> Result<()> {
        let span = self.layout.span;
        let counts_as_null = |day: &&Option<Day>| day.is_none_or(|day| span.contains(day));
        self.folded.add_null_rows(batch.incomplete.iter().filter(counts_as_null).count() as u64);
        if self.unfolded_rows + batch.len() as u64 > self.fold_rows {
            self.fold();
        }
        self.unfolded_rows += batch.len() as u64;
        self.prepare(batch)?;
        self.count_delays(batch)?;
        if !self.layout.grid.buckets().is_empty() {
            self.count_buckets(batch)?;
        }
        Ok(())
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
    fn prepare(&mut self, batch: &ClaimBatch) -> Result<()> {
        let values = [&batch.payer.values, &batch.cpt_group.values, &batch.outcome.values];
        let is_same =
            |known: &[ArrayRef; 3]| known.iter().zip(values).all(|(known, new)| Arc::ptr_eq(known, new));
        if self.dictionaries.as_ref().is_some_and(is_same) {
            return Ok(());
        }
        let [payers, cpt_groups, outcomes] = values.map(|values| values.len() as u64);
        self.sizes = Sizes { payers, cpt_groups, outcomes };
        let windows = self.layout.grid.windows().len() as u64 + 1;
        let codes = self.sizes.checked_product().and_then(|product| product.checked_mul(windows));
        self.delays.cells = Cells::new(codes.ok_or_else(|| too_large(&self.sizes))?);
        // The last code stands for all rows outside of the buckets.
        self.buckets.cells = Cells::new(self.sizes.product() + 1);
        // Holding on to the arrays keeps their addresses from being used for others.
        self.dictionaries = Some(values.map(Arc::clone));
        Ok(())
    }

    fn count_delays(&mut self, batch: &ClaimBatch) -> Result<()> {
        let Self { layout, segments, sizes, delays, far_delays, .. } = self;
        let Lane { cells, blocks } = delays;
        let mut lane = DelayLane { layout, segments, sizes, blocks, far_delays };
        match cells {
            Cells::Dense(table) => lane.count(table, batch),
            Cells::Sparse(table) => lane.count(table, batch),
        }
    }

    fn count_buckets(&mut self, batch: &ClaimBatch) -> Result<()> {
        let Self { layout, segments, sizes, buckets, .. } = self;
        let Lane { cells, blocks } = buckets;
        let mut lane = BucketLane { layout, segments, sizes, blocks };
        match cells {
            Cells::Dense(table) => lane.count(table, batch),
            Cells::Sparse(table) => lane.count(table, batch),
        }
    }

    /// Moves all counts into the summaries.
    fn fold(&mut self) {
        self.unfolded_rows = 0;
        let mut far_delays: HashMap<BlockStart, Vec<(i64, u64)>> = HashMap::new();
        for ((start, days), claims) in self.far_delays.drain() {
            far_delays.entry(start).or_default().push((days, claims));
        }
        let mut part = Summaries::empty(self.layout.grid.clone());
        let (names, windows) = (self.segments.names(), self.layout.grid.windows().len());
        self.delays.blocks.drain(|thing, start, counts| {
            let mut delays = far_delays.remove(&start).unwrap_or_default();
            let dense = counts[..ELSEWHERE as usize].iter().enumerate();
            delays.extend(dense.filter(|&(_, &n)| n > 0).map(|(days, &n)| (days as i64, u64::from(n))));
            if !delays.is_empty() {
                let (segment, window, outcome) = (thing / 3 / windows, thing / 3 % windows, thing % 3);
                let summary = part.segment_mut(names[segment].clone());
                summary.windows[window].delays[outcome] = DelayHistogram::from_counts(delays);
            }
        });
        self.buckets.blocks.drain(|thing, _, counts| {
            let (segment, outcome) = (thing / 3, Outcome::ALL[thing % 3]);
            let counts = counts.iter().take(self.layout.grid.buckets().len()).enumerate();
            for (bucket, &claims) in counts.filter(|&(_, &claims)| claims > 0) {
                part.segment_mut(names[segment].clone()).buckets[bucket].add(outcome, u64::from(claims));
            }
        });
        self.folded.merge(part);
    }
}

/// Counts decision days.
struct DelayLane<'a> {
    layout: &'a Layout<'a>,
    segments: &'a mut SegmentIndex,
    sizes: &'a Sizes,
    blocks: &'a mut Blocks,
    far_delays: &'a mut HashMap<(BlockStart, i64), u64>,
}

impl DelayLane<'_> {
    fn count<T: Table>(&mut self, table: &mut T, batch: &ClaimBatch) -> Result<()> {
        let mut chunk = Chunk::new();
        for rows in chunks(batch.len()) {
            let (submitted, decided) = (&batch.submitted[rows.clone()], &batch.decided[rows.clone()]);
            if !first_and_last(submitted)
                .is_some_and(|(first, last)| self.layout.span.overlaps(Day(first), Day(last)))
            {
                continue;
            }
            chunk.set_segment_codes(batch, &rows, self.sizes);
            chunk.add_windows(submitted, &self.layout.windows, self.sizes);
            let has_far_delays = chunk.set_delays(submitted, decided);
            let lines = chunk.rows(&rows);
            let (layout, segments) = (self.layout, &mut *self.segments);
            count(table, self.blocks, &lines, |blocks, row| {
                let window = layout.windows.range_of(submitted[row]);
                if window == layout.windows.outside() {
                    return Ok(NOWHERE);
                }
                let (segment, outcome) = resolve(batch, rows.start + row, segments)?;
                let thing = (segment * layout.grid.windows().len() + window as usize) * 3 + outcome.index();
                blocks.start_of(thing).ok_or_else(no_room)
            })?;
            for row in (0..rows.len()).filter(|&row| has_far_delays && lines.bins[row] == ELSEWHERE) {
                let start = table.get(lines.codes[row]);
                if start != NOWHERE {
                    let days = Day(decided[row]) - Day(submitted[row]);
                    *self.far_delays.entry((start, days)).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

/// Counts claims per bucket.
struct BucketLane<'a> {
    layout: &'a Layout<'a>,
    segments: &'a mut SegmentIndex,
    sizes: &'a Sizes,
    blocks: &'a mut Blocks,
}

impl BucketLane<'_> {
    fn count<T: Table>(&mut self, table: &mut T, batch: &ClaimBatch) -> Result<()> {
        let mut chunk = Chunk::new();
        for rows in chunks(batch.len()) {
            let submitted = &batch.submitted[rows.clone()];
            chunk.set_segment_codes(batch, &rows, self.sizes);
            chunk.set_buckets(submitted, &self.layout.buckets, self.sizes);
            let (buckets, segments) = (&self.layout.buckets, &mut *self.segments);
            count(table, self.blocks, &chunk.rows(&rows), |blocks, row| {
                if buckets.range_of(submitted[row]) == buckets.outside() {
                    return Ok(NOWHERE);
                }
                let (segment, outcome) = resolve(batch, rows.start + row, segments)?;
                blocks.start_of(segment * 3 + outcome.index()).ok_or_else(no_room)
            })?;
        }
        Ok(())
    }
}

/// The segment and the outcome that a row's codes stand for.
fn resolve(batch: &ClaimBatch, row: usize, segments: &mut SegmentIndex) -> Result<(usize, Outcome)> {
    let payer = text_of(&batch.payer, row)?;
    let cpt_group = text_of(&batch.cpt_group, row)?;
    let outcome = Outcome::from_text(text_of(&batch.outcome, row)?);
    Ok((segments.number(payer, cpt_group)?, outcome))
}

fn text_of(codes: &Codes, row: usize) -> Result<&str> {
    let code = match &codes.keys {
        CodeKeys::U8(keys) => usize::from(keys[row]),
        CodeKeys::U16(keys) => usize::from(keys[row]),
        CodeKeys::U32(keys) => keys[row] as usize,
    };
    codes.text(code).ok_or_else(|| {
        Error::input(
            "batch",
            format!("row {row}: code {code} is not among the {} dictionary values", codes.values.len()),
        )
    })
}

fn too_large(sizes: &Sizes) -> Error {
    Error::input("batch", format!("the dictionaries are too large to be combined: {sizes:?}"))
}

fn no_room() -> Error {
    Error::input(
        "segments",
        "the counters of all segments, windows and outcomes exceed 16 GiB; use fewer segments",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::claims::{AS_OF, Claim, Form, batch};
    use crate::sources::{ColumnNames, Memory, Source};
    use crate::summaries::WindowPair;

    #[test]
    fn folding_in_between_changes_nothing() {
        let claim = |row: i32| Claim {
            payer: Some(format!("P{}", row % 3)),
            cpt_group: Some("G".into()),
            submitted: Some(AS_OF.0 - 1 - row % 30),
            decided: Some(AS_OF.0 - 1 - row % 30 + row % 7 * 90),
            outcome: Some(if row % 4 == 0 { "DENIED" } else { "PAID" }.into()),
        };
        let claims: Vec<Claim> = (0..1_000).map(claim).collect();
        let batches: Vec<_> = claims.chunks(50).map(|claims| batch(claims, &Form::plain())).collect();
        let source = Memory::new("claims", &batches, &ColumnNames::default()).unwrap();
        let grid = Grid::of_windows(WindowPair::before(AS_OF, 20, 5).unwrap())
            .with_daily_buckets(DayRange { start: Day(AS_OF.0 - 30), end: AS_OF });
        let grid = grid.unwrap();
        let summaries = |fold_rows| {
            let mut accumulator = Accumulator { fold_rows, ..Accumulator::new(&grid) };
            for partition in source.partitions(grid.span()) {
                source.read(&partition).unwrap().for_each(|batch| accumulator.add(&batch.unwrap()).unwrap());
            }
            accumulator.into_summaries()
        };
        assert_eq!(summaries(120), summaries(FOLD_ROWS));
        assert!(summaries(1).claims_in_windows() > 800);
    }
}
