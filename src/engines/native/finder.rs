//! From a row whose code is new to what it counts for.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::cells::{BlockStart, Blocks, CodeHasher, NO_PART, NOWHERE, Thing};
use super::chunk::Chunk;
use super::codes::Combination;
use super::resolver::Resolver;
use super::segment_index::PartIndex;
use crate::sources::Batch;
use crate::{Error, Result};

/// What is counted of a metric. Values are named by their place among those of the chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Hits and misses per bucket and stratum.
    Tally,
    /// The rows of each number per stratum and window.
    Histogram(usize),
    /// Sums per bucket.
    Moments(usize),
    /// Rows without a number yet by the day from which they wait, per window. The value is how long they wait.
    Pending(usize),
    /// The rows of each category per window.
    Mix,
}

/// One thing that is wanted of one metric.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) metric: usize,
    pub(super) what: What,
    /// Rows with equal codes of it are the same to the client.
    pub(super) combination: Combination,
    /// What rows of a code are, as long as the codes mean the same.
    known: HashMap<u64, u32, BuildHasherDefault<CodeHasher>>,
    /// Strata or categories.
    pub(super) parts: PartIndex,
}

impl Client {
    pub(super) fn new(metric: usize, what: What, combination: Combination) -> Self {
        Self { metric, what, combination, known: HashMap::default(), parts: PartIndex::default() }
    }

    /// Whether it is plain that no row of the chunk counts: nothing waits.
    pub(super) fn is_idle(&self, resolver: &Resolver, chunk: &Chunk) -> bool {
        matches!(self.what, What::Pending(_)) && !resolver.some_end_is_missing(self.metric, chunk)
    }

    /// Forgets what codes mean.
    fn forget(&mut self) {
        self.known.clear();
    }

    /// What a row is to the client, or [`NO_PART`].
    fn part_of(&mut self, resolver: &Resolver, batch: &Batch, row: usize) -> Result<u32> {
        let code = self.combination.code(batch, row);
        if let Some(&part) = self.known.get(&code) {
            return Ok(part);
        }
        let part = self.resolved(resolver, batch, row)?.unwrap_or(NO_PART);
        self.known.insert(code, part);
        Ok(part)
    }

    fn resolved(&mut self, resolver: &Resolver, batch: &Batch, row: usize) -> Result<Option<u32>> {
        let metric = self.metric;
        let is_counted = match self.what {
            What::Pending(_) => resolver.is_pending(batch, metric, row),
            _ => resolver.is_among(batch, metric, row),
        };
        if !is_counted {
            return Ok(None);
        }
        let stratum = || resolver.stratum_of(batch, metric, row).unwrap_or_default();
        let name = resolver.metric_name(metric);
        Ok(match self.what {
            What::Tally => {
                let hit = u32::from(resolver.is_hit(batch, metric, row));
                Some((self.parts.number(stratum(), name)? << 1) | hit)
            }
            What::Histogram(_) => Some(self.parts.number(stratum(), name)?),
            What::Moments(_) | What::Pending(_) => Some(0),
            What::Mix => match resolver.category_of(batch, metric, row) {
                Some(category) => Some(self.parts.number(category, name)?),
                None => None,
            },
        })
    }
}

/// Finds the block of a row whose code is new.
pub(super) struct Finder<'a, 'r> {
    pub(super) clients: &'a mut [Client],
    pub(super) resolver: &'a mut Resolver<'r>,
    pub(super) chunk: &'a Chunk<'a>,
}

impl Finder<'_, '_> {
    /// The block of the chunk's row.
    pub(super) fn start_of<N: Clone + Default>(
        &mut self,
        blocks: &mut Blocks<N>,
        row: usize,
    ) -> Result<BlockStart> {
        let (batch, row) = (self.chunk.batch, self.chunk.rows.start + row);
        let parts = self.clients.iter_mut().map(|client| client.part_of(self.resolver, batch, row));
        let parts: Box<[u32]> = parts.collect::<Result<_>>()?;
        if parts.iter().all(|&part| part == NO_PART) {
            return Ok(NOWHERE);
        }
        let segment = self.resolver.segment_of(batch, row)?;
        blocks.start_of(Thing { segment, parts }).ok_or_else(no_room)
    }
}

/// Forgets what codes mean to any of `clients`.
pub(super) fn forget(clients: &mut [Client]) {
    clients.iter_mut().for_each(Client::forget);
}

fn no_room() -> Error {
    Error::input(
        "segments",
        "the counters of all segments exceed 16 GiB; use fewer segments or a shorter history",
    )
}
