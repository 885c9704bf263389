//! Counters that lie beside each other: rows of each range, or of each number in it.

use super::cells::{BlockStart, Blocks, NO_PART, NOWHERE, Rows, Table, count};
use super::chunk::Scratch;
use super::finder::{Client, Finder, What};
use super::histograms::{Far, FarCounts, add_histograms, started};
use super::lane::{Axis, Shape};
use crate::Result;
use crate::summaries::{Segment, Summaries};

/// A counter for each bin of each block.
#[derive(Debug)]
pub(super) struct Counted {
    shape: Shape,
    blocks: Blocks<u32>,
    far: Far,
}

impl Counted {
    pub(super) fn new(shape: Shape) -> Self {
        let bins = (shape.ranges + 1) * shape.bins_per_range;
        Self { shape, blocks: Blocks::new(bins), far: Far::new() }
    }

    pub(super) fn count<T: Table>(
        &mut self,
        table: &mut T,
        codes: &[T::Code],
        (axis, scratch): (Axis, &Scratch),
        finder: &mut Finder,
    ) -> Result<()> {
        let rows = Rows { codes, bins: scratch.bins(axis) };
        let add = |count: &mut u32, _: usize| *count += 1;
        count(table, &mut self.blocks, &rows, add, |blocks, row| finder.start_of(blocks, row))?;
        let Axis::Value(value) = axis else { return Ok(()) };
        let value = &scratch.values[value];
        for row in value.far_rows(&scratch.windows) {
            let (start, window) = (table.get(codes[row]), scratch.windows[row]);
            if start != NOWHERE && window != scratch.outside_windows {
                let number = value.of.counted(finder.chunk, row);
                *self.far.entry((start, window, number)).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Moves all counts into `folded`.
    pub(super) fn fold(&mut self, clients: &[Client], names: &[Segment], folded: &mut Summaries) {
        let far = FarCounts::of(&mut self.far);
        let things = self.blocks.things();
        let mut sum = Sum { counts: Vec::new(), far: Vec::new() };
        for of_segment in things.chunk_by(|(one, _), (next, _)| one.segment == next.segment) {
            let segment = &names[of_segment[0].0.segment as usize];
            for (place, client) in clients.iter().enumerate() {
                let parts = of_segment.iter().map(|(thing, start)| (thing.parts[place], *start));
                let mut parts: Vec<_> = parts.filter(|&(part, _)| part != NO_PART).collect();
                parts.sort_unstable();
                for same in parts.chunk_by(|(one, _), (next, _)| one == next) {
                    sum.set(same, &self.blocks, self.shape, &far);
                    if !sum.is_empty() {
                        sum.add_to(folded, segment, client, same[0].0, self.shape);
                    }
                }
            }
        }
        self.blocks.clear();
    }
}

/// The counts of all blocks that are the same to a client.
struct Sum {
    counts: Vec<u64>,
    far: Vec<(u32, i64, u64)>,
}

impl Sum {
    fn set(&mut self, same: &[(u32, BlockStart)], blocks: &Blocks<u32>, shape: Shape, far: &FarCounts) {
        self.counts.clear();
        self.counts.resize(shape.inner(), 0);
        self.far.clear();
        for (_, start) in same {
            let counts = &blocks.at(*start)[..shape.inner()];
            self.counts.iter_mut().zip(counts).for_each(|(sum, &count)| *sum += u64::from(count));
            self.far.extend(far.by_block.get(start).into_iter().flatten());
        }
    }

    fn is_empty(&self) -> bool {
        self.counts.iter().all(|&count| count == 0)
    }

    /// The rows of each range.
    fn rows(&self, shape: Shape) -> impl Iterator<Item = u64> {
        self.counts.chunks(shape.bins_per_range).map(|counts| counts.iter().sum())
    }

    fn add_to(&self, folded: &mut Summaries, segment: &Segment, client: &Client, part: u32, shape: Shape) {
        let end = folded.plan().grid.span().end;
        let summary = folded.segment_mut(segment);
        match client.what {
            What::Tally => {
                let stratum = client.parts.name(part >> 1);
                let tallies = summary.tallies_mut(client.metric, stratum, shape.ranges);
                for (tally, rows) in tallies.iter_mut().zip(self.rows(shape)) {
                    tally.trials += rows;
                    tally.hits += rows * u64::from(part & 1);
                }
            }
            What::Mix => {
                let category = client.parts.name(part);
                for (window, rows) in self.rows(shape).enumerate().filter(|&(_, rows)| rows > 0) {
                    let categories = summary.categories_mut(client.metric, window);
                    *categories.entry(category.to_owned()).or_default() += rows;
                }
            }
            What::Pending(_) => {
                let mut counts = Vec::new();
                self.each_number(shape, |range, days, rows| counts.push((range as u32, days, rows)));
                let pending = &mut summary.value_mut(client.metric).pending;
                add_histograms(pending, &[], &started(end, counts));
            }
            What::Histogram(_) => {
                let histograms = summary.histograms_mut(client.metric, client.parts.name(part), shape.ranges);
                add_histograms(histograms, &self.counts, &self.far);
            }
            What::Moments(_) => {
                let moments = &mut summary.value_mut(client.metric).moments;
                self.each_number(shape, |range, number, rows| moments[range].add(number, rows));
            }
        }
    }

    /// Hands out the rows of each number of each range.
    fn each_number(&self, shape: Shape, mut each: impl FnMut(usize, i64, u64)) {
        for (range, counts) in self.counts.chunks(shape.bins_per_range).enumerate() {
            let counts = counts.iter().take(shape.bins_per_range - 1).enumerate();
            counts.filter(|&(_, &rows)| rows > 0).for_each(|(bin, &rows)| each(range, bin as i64, rows));
        }
        self.far.iter().for_each(|&(range, number, rows)| each(range as usize, number, rows));
    }
}
