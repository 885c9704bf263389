//! Histograms over so many windows that most counters would stay empty.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::cells::{Blocks, CodeHasher, NOWHERE, Rows, Table, count};
use super::chunk::Scratch;
use super::finder::{Client, Finder, What};
use super::histograms::{Far, FarCounts, add_histograms, started};
use super::lane::Shape;
use crate::Result;
use crate::summaries::{Segment, Summaries};

/// A counter for each bin that occurs.
#[derive(Debug)]
pub(super) struct Sparse {
    /// One counter a block, which only names it.
    blocks: Blocks<u32>,
    windows: usize,
    /// Bins of a window.
    bins: u32,
    /// Rows by block and, in the lower half, window and number as the chunk's bins have them.
    counts: HashMap<u64, u32, BuildHasherDefault<CodeHasher>>,
    far: Far,
}

impl Sparse {
    pub(super) fn new(shape: Shape) -> Self {
        let (windows, bins) = (shape.ranges, shape.bins_per_range as u32);
        Self { blocks: Blocks::new(1), windows, bins, counts: HashMap::default(), far: Far::new() }
    }

    pub(super) fn count<T: Table>(
        &mut self,
        table: &mut T,
        codes: &[T::Code],
        scratch: &Scratch,
        finder: &mut Finder,
    ) -> Result<()> {
        let (What::Histogram(value) | What::Pending(value)) = finder.clients[0].what else { return Ok(()) };
        let value = &scratch.values[value];
        let (rows, name) = (Rows { codes, bins: &scratch.zeros }, |_: &mut u32, _: usize| {});
        count(table, &mut self.blocks, &rows, name, |blocks, row| finder.start_of(blocks, row))?;
        for (row, (&code, &bin)) in codes.iter().zip(&value.bins).enumerate() {
            let (start, window) = (table.get(code), scratch.windows[row]);
            if start == NOWHERE || window == scratch.outside_windows {
                continue;
            }
            if bin % self.bins == self.bins - 1 {
                *self.far.entry((start, window, value.of.counted(finder.chunk, row))).or_default() += 1;
            } else {
                *self.counts.entry((u64::from(start) << 32) | u64::from(bin)).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Moves all counts into `folded`.
    pub(super) fn fold(&mut self, client: &Client, names: &[Segment], folded: &mut Summaries) {
        let mut counts_of = FarCounts::of(&mut self.far);
        for (key, rows) in self.counts.drain() {
            let (start, bin) = ((key >> 32) as u32, key as u32);
            let count = (bin / self.bins, i64::from(bin % self.bins), u64::from(rows));
            counts_of.by_block.entry(start).or_default().push(count);
        }
        for (thing, start) in self.blocks.things() {
            let Some(counts) = counts_of.by_block.remove(&start) else { continue };
            let end = folded.plan().grid.span().end;
            let summary = folded.segment_mut(&names[thing.segment as usize]);
            if matches!(client.what, What::Pending(_)) {
                let pending = &mut summary.value_mut(client.metric).pending;
                add_histograms(pending, &[], &started(end, counts));
            } else {
                let stratum = client.parts.name(thing.parts[0]);
                add_histograms(summary.histograms_mut(client.metric, stratum, self.windows), &[], &counts);
            }
        }
    }
}
