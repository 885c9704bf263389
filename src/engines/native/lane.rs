//! One kind of counters of one metric, and the way from a row to them.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::cells::{BlockStart, Blocks, Cells, CodeHasher, NOWHERE, Table, Thing, count};
use super::chunk::{Chunk, Scratch};
use super::moments::{Cell, Excess};
use super::resolver::Resolver;
use super::segment_index::PartIndex;
use crate::summaries::{Histogram, Moments, Plan, Segment, Summaries};
use crate::{Error, Result};

/// Counters of a block from which on a histogram keeps only those that occur: two windows of amounts have 4,800.
const MOST_DENSE_BINS: usize = 1 << 13;

/// What is counted of a metric. Values are named by their place among those of the chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Hits and misses per bucket and stratum.
    Tally,
    /// The rows of each number per stratum and window.
    Histogram(usize),
    /// Sums per bucket.
    Moments(usize),
    /// Rows without a number yet, per window.
    Pending,
    /// The rows of each category per window.
    Mix,
}

/// Counters of one metric.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) metric: usize,
    pub(super) what: What,
    /// Which of the chunk's combined codes lead to its blocks.
    pub(super) combination: usize,
    cells: Cells,
    counters: Counters,
    /// Strata or categories.
    pub(super) parts: PartIndex,
}

#[derive(Debug)]
enum Counters {
    Counts {
        blocks: Blocks<u32>,
        /// Rows whose number has no counter of its own, by block, window and number.
        far: HashMap<(BlockStart, u32, i64), u64>,
    },
    /// A histogram over so many windows that most of its counters would stay empty.
    Sparse {
        /// One counter a block, which only names it.
        blocks: Blocks<u32>,
        /// Counters of a window.
        bins: u32,
        /// Rows by block and, in the lower half, window and number as the chunk's bins have them.
        counts: HashMap<u64, u32, BuildHasherDefault<CodeHasher>>,
        far: HashMap<(BlockStart, u32, i64), u64>,
    },
    Sums {
        blocks: Blocks<Cell>,
        /// What did not fit, by counter.
        excess: HashMap<u32, Moments>,
    },
}

impl Lane {
    /// A lane whose blocks have `bins` counters, `window_bins` of them to a window of a histogram.
    pub(super) fn new(metric: usize, what: What, combination: usize, bins: u32, window_bins: u32) -> Self {
        let bins = bins as usize;
        let counters = match what {
            What::Moments(_) => Counters::Sums { blocks: Blocks::new(bins), excess: HashMap::new() },
            What::Histogram(_) if bins > MOST_DENSE_BINS => Counters::Sparse {
                blocks: Blocks::new(1),
                bins: window_bins,
                counts: HashMap::default(),
                far: HashMap::new(),
            },
            _ => Counters::Counts { blocks: Blocks::new(bins), far: HashMap::new() },
        };
        Self { metric, what, combination, cells: Cells::new(0), counters, parts: PartIndex::default() }
    }

    /// Forgets what codes mean; there are `codes` of them from now on.
    pub(super) fn forget(&mut self, codes: u64) {
        self.cells = Cells::new(codes);
    }

    /// Counts the rows of `chunk`.
    pub(super) fn count(&mut self, chunk: &Chunk, scratch: &Scratch, resolver: &mut Resolver) -> Result<()> {
        let Self { metric, what, combination, cells, counters, parts } = self;
        let mut finder = Finder { metric: *metric, what: *what, parts, resolver, chunk };
        let codes = &scratch.codes[*combination];
        match cells {
            Cells::Dense(table) => counters.count(table, &codes.narrow, scratch, &mut finder),
            Cells::Sparse(table) => counters.count(table, &codes.wide, scratch, &mut finder),
        }
    }

    /// Moves all counts into `folded`.
    pub(super) fn fold(&mut self, plan: &Plan, names: &[Segment], folded: &mut Summaries) {
        let (metric, parts, what) = (self.metric, &self.parts, self.what);
        let (windows, buckets) = (plan.grid.windows().len(), plan.grid.buckets().len());
        match &mut self.counters {
            Counters::Counts { blocks, far } => {
                let mut far_of = FarCounts::of(far);
                blocks.drain(|thing, start, counts| {
                    let far = far_of.by_block.remove(&start).unwrap_or_default();
                    // Behind the windows or buckets stands what lies in none.
                    let counts = match what {
                        What::Tally => &counts[..buckets],
                        What::Mix | What::Pending => &counts[..windows],
                        _ => &counts[..counts.len() / (windows + 1) * windows],
                    };
                    if counts.iter().all(|&count| count == 0) && far.is_empty() {
                        return;
                    }
                    let summary = folded.segment_mut(&names[thing.segment as usize]);
                    match what {
                        What::Tally => {
                            let tallies = summary.tallies_mut(metric, parts.name(thing.part >> 1), buckets);
                            for (tally, &rows) in tallies.iter_mut().zip(counts) {
                                tally.trials += u64::from(rows);
                                tally.hits += u64::from(rows) * u64::from(thing.part & 1);
                            }
                        }
                        What::Mix => {
                            let counts = counts.iter().take(windows).enumerate();
                            for (window, &rows) in counts.filter(|&(_, &rows)| rows > 0) {
                                let categories = summary.categories_mut(metric, window);
                                *categories.entry(parts.name(thing.part).to_owned()).or_default() +=
                                    u64::from(rows);
                            }
                        }
                        What::Pending => {
                            let pending = &mut summary.value_mut(metric).pending;
                            pending
                                .iter_mut()
                                .zip(counts)
                                .for_each(|(known, &rows)| *known += u64::from(rows));
                        }
                        _ => {
                            let stratum = parts.name(thing.part);
                            add_histograms(summary.histograms_mut(metric, stratum, windows), counts, far);
                        }
                    }
                });
            }
            Counters::Sparse { blocks, bins, counts, far } => {
                let mut far_of = FarCounts::of(far);
                for (key, rows) in counts.drain() {
                    let (start, bin) = ((key >> 32) as u32, key as u32);
                    let count = (bin / *bins, i64::from(bin % *bins), u64::from(rows));
                    far_of.by_block.entry(start).or_default().push(count);
                }
                blocks.drain(|thing, start, _| {
                    let Some(far) = far_of.by_block.remove(&start) else { return };
                    let summary = folded.segment_mut(&names[thing.segment as usize]);
                    add_histograms(summary.histograms_mut(metric, parts.name(thing.part), windows), &[], far);
                });
            }
            Counters::Sums { blocks, excess } => blocks.drain(|thing, start, cells| {
                let excess_at = |bin: usize| excess.get(&(start + bin as u32)).copied();
                let is_empty = cells[..buckets].iter().all(Cell::is_empty)
                    && (excess.is_empty() || (0..buckets).all(|bin| excess_at(bin).is_none()));
                if is_empty {
                    return;
                }
                let summary = folded.segment_mut(&names[thing.segment as usize]);
                let moments = &mut summary.value_mut(metric).moments;
                for (bin, (known, &cell)) in moments.iter_mut().zip(cells).enumerate() {
                    *known += Moments::from(cell);
                    if let Some(more) = excess_at(bin) {
                        *known += more;
                    }
                }
            }),
        }
        if let Counters::Sums { excess, .. } = &mut self.counters {
            excess.clear();
        }
    }
}

/// The far numbers of each block, taken apart.
struct FarCounts {
    by_block: HashMap<BlockStart, Vec<(u32, i64, u64)>>,
}

impl FarCounts {
    fn of(far: &mut HashMap<(BlockStart, u32, i64), u64>) -> Self {
        let mut by_block: HashMap<BlockStart, Vec<(u32, i64, u64)>> = HashMap::new();
        for ((start, window, number), rows) in far.drain() {
            by_block.entry(start).or_default().push((window, number, rows));
        }
        Self { by_block }
    }
}

/// Adds a block's windows to the histograms; the last counter of each window is read from `far`.
fn add_histograms(histograms: &mut [Histogram], counts: &[u32], far: Vec<(u32, i64, u64)>) {
    let bins = counts.len() / histograms.len().max(1);
    let mut numbers: Vec<Vec<(i64, u64)>> = vec![Vec::new(); histograms.len()];
    for (window, number, rows) in far {
        numbers[window as usize].push((number, rows));
    }
    for (window, (histogram, mut numbers)) in histograms.iter_mut().zip(numbers).enumerate() {
        let counts = counts.get(window * bins..(window + 1) * bins).unwrap_or_default();
        let counts = counts.iter().take(bins.saturating_sub(1)).enumerate();
        numbers.extend(counts.filter(|&(_, &n)| n > 0).map(|(number, &n)| (number as i64, u64::from(n))));
        if !numbers.is_empty() {
            *histogram = histogram.merged(&Histogram::from_counts(numbers));
        }
    }
}

impl Counters {
    fn count<T: Table>(
        &mut self,
        table: &mut T,
        codes: &[T::Code],
        scratch: &Scratch,
        finder: &mut Finder,
    ) -> Result<()> {
        let rows = |bins| super::cells::Rows { codes, bins };
        match self {
            Self::Counts { blocks, far } => {
                let bins = match finder.what {
                    What::Histogram(value) => &scratch.values[value].bins,
                    What::Mix | What::Pending => &scratch.windows,
                    _ => &scratch.buckets,
                };
                count(
                    table,
                    blocks,
                    &rows(bins),
                    |count, _| *count += 1,
                    |blocks, row| finder.start_of(blocks, row),
                )?;
                if let What::Histogram(value) = finder.what {
                    for row in scratch.values[value].far_rows() {
                        let start = table.get(codes[row]);
                        let window = scratch.windows[row];
                        if start != NOWHERE && window != scratch.outside_windows {
                            let number = scratch.values[value].counted(row);
                            *far.entry((start, window, number)).or_default() += 1;
                        }
                    }
                }
                Ok(())
            }
            Self::Sparse { blocks, bins, counts, far } => {
                let What::Histogram(value) = finder.what else { return Ok(()) };
                let value = &scratch.values[value];
                let name = |_: &mut u32, _: usize| {};
                count(table, blocks, &rows(&scratch.zeros), name, |blocks, row| {
                    finder.start_of(blocks, row)
                })?;
                for (row, (&code, &bin)) in codes.iter().zip(&value.bins).enumerate() {
                    let (start, window) = (table.get(code), scratch.windows[row]);
                    if start == NOWHERE || window == scratch.outside_windows {
                        continue;
                    }
                    if bin % *bins == *bins - 1 {
                        *far.entry((start, window, value.counted(row))).or_default() += 1;
                    } else {
                        *counts.entry((u64::from(start) << 32) | u64::from(bin)).or_default() += 1;
                    }
                }
                Ok(())
            }
            Self::Sums { blocks, excess } => {
                let numbers = match finder.what {
                    What::Moments(value) => &scratch.values[value].values,
                    _ => return Ok(()),
                };
                let mut left_over: Vec<(usize, Excess)> = Vec::new();
                count(
                    table,
                    blocks,
                    &rows(&scratch.buckets),
                    |cell, row| {
                        if let Err(excess) = cell.add(numbers[row]) {
                            left_over.push((row, excess));
                        }
                    },
                    |blocks, row| finder.start_of(blocks, row),
                )?;
                for (row, kind) in left_over {
                    let counter = table.get(codes[row]) + scratch.buckets[row];
                    *excess.entry(counter).or_default() += kind.moments(numbers[row]);
                }
                Ok(())
            }
        }
    }
}

/// Finds the block of a row whose code is new.
struct Finder<'a, 'r> {
    metric: usize,
    what: What,
    parts: &'a mut PartIndex,
    resolver: &'a mut Resolver<'r>,
    chunk: &'a Chunk<'a>,
}

impl Finder<'_, '_> {
    fn start_of<N: Clone + Default>(&mut self, blocks: &mut Blocks<N>, row: usize) -> Result<BlockStart> {
        let row = self.chunk.rows.start + row;
        match self.thing_of(row)? {
            None => Ok(NOWHERE),
            Some(thing) => blocks.start_of(thing).ok_or_else(no_room),
        }
    }

    /// What a row counts for, `None` when the metric does not look at it.
    fn thing_of(&mut self, row: usize) -> Result<Option<Thing>> {
        let Some(part) = self.part_of(row)? else { return Ok(None) };
        Ok(Some(Thing { segment: self.resolver.segment_of(self.chunk.batch, row)?, part }))
    }

    fn part_of(&mut self, row: usize) -> Result<Option<u32>> {
        let (batch, metric) = (self.chunk.batch, self.metric);
        let is_counted = match self.what {
            What::Pending => self.resolver.is_pending(batch, metric, row),
            _ => self.resolver.is_among(batch, metric, row),
        };
        if !is_counted {
            return Ok(None);
        }
        let stratum = || self.resolver.stratum_of(batch, metric, row).unwrap_or_default();
        let name = self.resolver.metric_name(metric);
        Ok(match self.what {
            What::Tally => {
                let hit = u32::from(self.resolver.is_hit(batch, metric, row));
                Some((self.parts.number(stratum(), name)? << 1) | hit)
            }
            What::Histogram(_) => Some(self.parts.number(stratum(), name)?),
            What::Moments(_) | What::Pending => Some(0),
            What::Mix => match self.resolver.category_of(batch, metric, row) {
                Some(category) => Some(self.parts.number(category, name)?),
                None => None,
            },
        })
    }
}

fn no_room() -> Error {
    Error::input(
        "segments",
        "the counters of all segments exceed 16 GiB; use fewer segments or a shorter history",
    )
}
