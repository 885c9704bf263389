//! One kind of counters of one metric, and the way from a row to them.

use super::cells::{Cells, Table};
use super::chunk::{Chunk, Scratch};
use super::counted::Counted;
use super::finder::Finder;
use super::resolver::Resolver;
use super::segment_index::PartIndex;
use super::sparse::Sparse;
use super::sums::Sums;
use crate::Result;
use crate::summaries::{Plan, Segment, Summaries};

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
    metric: usize,
    what: What,
    /// Which of the chunk's combined codes lead to its blocks.
    pub(super) combination: usize,
    cells: Cells,
    counters: Counters,
    /// Strata or categories.
    parts: PartIndex,
}

#[derive(Debug)]
enum Counters {
    Counted(Counted),
    Sparse(Sparse),
    Sums(Sums),
}

/// Where counts belong in summaries.
pub(super) struct Destination<'a> {
    pub(super) metric: usize,
    pub(super) what: What,
    pub(super) parts: &'a PartIndex,
    /// The segments by their numbers.
    pub(super) names: &'a [Segment],
    pub(super) windows: usize,
    pub(super) buckets: usize,
}

impl Lane {
    /// A lane whose blocks have `bins` counters, `window_bins` of them to a window of a histogram.
    pub(super) fn new(metric: usize, what: What, combination: usize, bins: u32, window_bins: u32) -> Self {
        let bins = bins as usize;
        let counters = match what {
            What::Moments(_) => Counters::Sums(Sums::new(bins)),
            What::Histogram(_) if bins > MOST_DENSE_BINS => Counters::Sparse(Sparse::new(window_bins)),
            _ => Counters::Counted(Counted::new(bins)),
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
        let to = Destination {
            metric: self.metric,
            what: self.what,
            parts: &self.parts,
            names,
            windows: plan.grid.windows().len(),
            buckets: plan.grid.buckets().len(),
        };
        match &mut self.counters {
            Counters::Counted(counted) => counted.fold(&to, folded),
            Counters::Sparse(sparse) => sparse.fold(&to, folded),
            Counters::Sums(sums) => sums.fold(&to, folded),
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
        match self {
            Self::Counted(counted) => counted.count(table, codes, scratch, finder),
            Self::Sparse(sparse) => sparse.count(table, codes, scratch, finder),
            Self::Sums(sums) => sums.count(table, codes, scratch, finder),
        }
    }
}
