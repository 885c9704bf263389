//! Counters that lie beside each other: tallies, categories, rows still pending, histograms of few windows.

use super::cells::{Blocks, NOWHERE, Rows, Table, Thing, count};
use super::chunk::Scratch;
use super::finder::Finder;
use super::histograms::{Far, FarCounts, add_histograms};
use super::lane::{Destination, What};
use crate::Result;
use crate::summaries::Summaries;

/// A counter for each bin of each block.
#[derive(Debug)]
pub(super) struct Counted {
    blocks: Blocks<u32>,
    far: Far,
}

impl Counted {
    /// Blocks of `bins` counters.
    pub(super) fn new(bins: usize) -> Self {
        Self { blocks: Blocks::new(bins), far: Far::new() }
    }

    pub(super) fn count<T: Table>(
        &mut self,
        table: &mut T,
        codes: &[T::Code],
        scratch: &Scratch,
        finder: &mut Finder,
    ) -> Result<()> {
        let bins = match finder.what {
            What::Histogram(value) => &scratch.values[value].bins,
            What::Mix | What::Pending => &scratch.windows,
            _ => &scratch.buckets,
        };
        let add = |count: &mut u32, _: usize| *count += 1;
        count(table, &mut self.blocks, &Rows { codes, bins }, add, |blocks, row| {
            finder.start_of(blocks, row)
        })?;
        let What::Histogram(value) = finder.what else { return Ok(()) };
        for row in scratch.values[value].far_rows() {
            let (start, window) = (table.get(codes[row]), scratch.windows[row]);
            if start != NOWHERE && window != scratch.outside_windows {
                *self.far.entry((start, window, scratch.values[value].counted(row))).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Moves all counts into `folded`.
    pub(super) fn fold(&mut self, to: &Destination, folded: &mut Summaries) {
        let mut far_of = FarCounts::of(&mut self.far);
        self.blocks.drain(|thing, start, counts| {
            let far = far_of.by_block.remove(&start).unwrap_or_default();
            // Behind the windows or buckets stands what lies in none.
            let counts = match to.what {
                What::Tally => &counts[..to.buckets],
                What::Mix | What::Pending => &counts[..to.windows],
                _ => &counts[..counts.len() / (to.windows + 1) * to.windows],
            };
            if counts.iter().any(|&count| count > 0) || !far.is_empty() {
                add(to, thing, counts, far, folded);
            }
        });
    }
}

/// Adds the counts of one block to its segment.
fn add(to: &Destination, thing: Thing, counts: &[u32], far: Vec<(u32, i64, u64)>, folded: &mut Summaries) {
    let summary = folded.segment_mut(&to.names[thing.segment as usize]);
    match to.what {
        What::Tally => {
            let tallies = summary.tallies_mut(to.metric, to.parts.name(thing.part >> 1), to.buckets);
            for (tally, &rows) in tallies.iter_mut().zip(counts) {
                tally.trials += u64::from(rows);
                tally.hits += u64::from(rows) * u64::from(thing.part & 1);
            }
        }
        What::Mix => {
            for (window, &rows) in counts.iter().enumerate().filter(|&(_, &rows)| rows > 0) {
                let categories = summary.categories_mut(to.metric, window);
                *categories.entry(to.parts.name(thing.part).to_owned()).or_default() += u64::from(rows);
            }
        }
        What::Pending => {
            let pending = summary.value_mut(to.metric).pending.iter_mut();
            pending.zip(counts).for_each(|(known, &rows)| *known += u64::from(rows));
        }
        What::Histogram(_) | What::Moments(_) => {
            let stratum = to.parts.name(thing.part);
            add_histograms(summary.histograms_mut(to.metric, stratum, to.windows), counts, far);
        }
    }
}
