//! One pass over the rows for all that is counted by the same codes and bins.

use super::cells::{Cells, Table};
use super::chunk::{Chunk, Scratch};
use super::counted::Counted;
use super::finder::{Client, Finder, What, forget};
use super::resolver::Resolver;
use super::sparse::Sparse;
use super::sums::Sums;
use crate::Result;
use crate::summaries::{Segment, Summaries};

/// Counters of a block from which on a histogram keeps only those that occur: two windows of amounts have 4,800.
const MOST_DENSE_BINS: usize = 1 << 13;

/// What says in which of a block's counters a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Its window.
    Windows,
    /// Its bucket.
    Buckets,
    /// Its window, and one of the chunk's values.
    Value(usize),
}

/// The counters of a block: as many to each range as rows of it are told apart. Behind those of the last range stand as
/// many for rows outside of all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) ranges: usize,
    pub(super) bins_per_range: usize,
}

impl Shape {
    fn bins(self) -> usize {
        (self.ranges + 1) * self.bins_per_range
    }

    /// Whether each bin has a counter, whether rows of it occur or not.
    pub(super) fn is_dense(self) -> bool {
        self.bins() <= MOST_DENSE_BINS
    }

    /// The counters of rows in ranges.
    pub(super) fn inner(self) -> usize {
        self.ranges * self.bins_per_range
    }
}

/// Counters that one or more clients read.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) axis: Axis,
    /// Which of the chunk's combined codes lead to its blocks.
    pub(super) combination: usize,
    pub(super) clients: Vec<Client>,
    cells: Cells,
    counters: Counters,
}

#[derive(Debug)]
enum Counters {
    Counted(Counted),
    Sparse(Sparse),
    Sums(Sums),
}

impl Lane {
    /// A lane for the combined codes at `combination`.
    pub(super) fn new(axis: Axis, shape: Shape, combination: usize, clients: Vec<Client>) -> Self {
        let sums = clients.iter().all(|client| matches!(client.what, What::Moments(_)));
        let counters = if sums {
            Counters::Sums(Sums::new(shape.bins()))
        } else if matches!(axis, Axis::Value(_)) && !shape.is_dense() {
            Counters::Sparse(Sparse::new(shape))
        } else {
            Counters::Counted(Counted::new(shape))
        };
        Self { axis, combination, clients, cells: Cells::new(0), counters }
    }

    /// Forgets what codes mean; there are `codes` of them from now on.
    pub(super) fn forget(&mut self, codes: u64) {
        self.cells = Cells::new(codes);
        forget(&mut self.clients);
    }

    /// Counts the rows of `chunk`.
    pub(super) fn count(&mut self, chunk: &Chunk, scratch: &Scratch, resolver: &mut Resolver) -> Result<()> {
        let Self { axis, combination, cells, counters, clients } = self;
        if clients.iter().all(|client| client.is_idle(resolver, chunk)) {
            return Ok(());
        }
        let mut finder = Finder { clients, resolver, chunk };
        let codes = &scratch.codes[*combination];
        match cells {
            Cells::Dense(table) => counters.count(table, &codes.narrow, (*axis, scratch), &mut finder),
            Cells::Sparse(table) => counters.count(table, &codes.wide, (*axis, scratch), &mut finder),
        }
    }

    /// Moves all counts into `folded`, whose segments have `names` by their numbers.
    pub(super) fn fold(&mut self, names: &[Segment], folded: &mut Summaries) {
        match &mut self.counters {
            Counters::Counted(counted) => counted.fold(&self.clients, names, folded),
            Counters::Sparse(sparse) => sparse.fold(&self.clients[0], names, folded),
            Counters::Sums(sums) => sums.fold(&self.clients[0], names, folded),
        }
    }
}

impl Counters {
    fn count<T: Table>(
        &mut self,
        table: &mut T,
        codes: &[T::Code],
        (axis, scratch): (Axis, &Scratch),
        finder: &mut Finder,
    ) -> Result<()> {
        match self {
            Self::Counted(counted) => counted.count(table, codes, (axis, scratch), finder),
            Self::Sparse(sparse) => sparse.count(table, codes, scratch, finder),
            Self::Sums(sums) => sums.count(table, codes, (axis, scratch), finder),
        }
    }
}
