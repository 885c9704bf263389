//! Histograms over so many windows that most counters would stay empty.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::cells::{Blocks, CodeHasher, NOWHERE, Rows, Table, count};
use super::chunk::Scratch;
use super::finder::Finder;
use super::histograms::{Far, FarCounts, add_histograms};
use super::lane::{Destination, What};
use crate::Result;
use crate::summaries::Summaries;

/// A counter for each bin that occurs.
#[derive(Debug)]
pub(super) struct Sparse {
    /// One counter a block, which only names it.
    blocks: Blocks<u32>,
    /// Bins of a window.
    bins: u32,
    /// Rows by block and, in the lower half, window and number as the chunk's bins have them.
    counts: HashMap<u64, u32, BuildHasherDefault<CodeHasher>>,
    far: Far,
}

impl Sparse {
    /// Histograms of `bins` bins to a window.
    pub(super) fn new(bins: u32) -> Self {
        Self { blocks: Blocks::new(1), bins, counts: HashMap::default(), far: Far::new() }
    }

    pub(super) fn count<T: Table>(
        &mut self,
        table: &mut T,
        codes: &[T::Code],
        scratch: &Scratch,
        finder: &mut Finder,
    ) -> Result<()> {
        let What::Histogram(value) = finder.what else { return Ok(()) };
        let value = &scratch.values[value];
        let (rows, name) = (Rows { codes, bins: &scratch.zeros }, |_: &mut u32, _: usize| {});
        count(table, &mut self.blocks, &rows, name, |blocks, row| finder.start_of(blocks, row))?;
        for (row, (&code, &bin)) in codes.iter().zip(&value.bins).enumerate() {
            let (start, window) = (table.get(code), scratch.windows[row]);
            if start == NOWHERE || window == scratch.outside_windows {
                continue;
            }
            if bin % self.bins == self.bins - 1 {
                *self.far.entry((start, window, value.counted(row))).or_default() += 1;
            } else {
                *self.counts.entry((u64::from(start) << 32) | u64::from(bin)).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Moves all counts into `folded`.
    pub(super) fn fold(&mut self, to: &Destination, folded: &mut Summaries) {
        let mut counts_of = FarCounts::of(&mut self.far);
        for (key, rows) in self.counts.drain() {
            let (start, bin) = ((key >> 32) as u32, key as u32);
            let count = (bin / self.bins, i64::from(bin % self.bins), u64::from(rows));
            counts_of.by_block.entry(start).or_default().push(count);
        }
        self.blocks.drain(|thing, start, _| {
            let Some(counts) = counts_of.by_block.remove(&start) else { return };
            let summary = folded.segment_mut(&to.names[thing.segment as usize]);
            let stratum = to.parts.name(thing.part);
            add_histograms(summary.histograms_mut(to.metric, stratum, to.windows), &[], counts);
        });
    }
}
