//! From a row whose code is new to what it counts for.

use super::cells::{BlockStart, Blocks, NOWHERE, Thing};
use super::chunk::Chunk;
use super::lane::What;
use super::resolver::Resolver;
use super::segment_index::PartIndex;
use crate::{Error, Result};

/// Finds the block of a row whose code is new.
pub(super) struct Finder<'a, 'r> {
    pub(super) metric: usize,
    pub(super) what: What,
    pub(super) parts: &'a mut PartIndex,
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
