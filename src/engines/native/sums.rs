//! Sums of numbers and of their squares.

use std::collections::HashMap;

use super::cells::{Blocks, Rows, Table, count};
use super::chunk::Scratch;
use super::finder::{Client, Finder, What};
use super::lane::Axis;
use super::moments::{Cell, Excess};
use crate::Result;
use crate::summaries::{Moments, Segment, Summaries};

/// A cell for each bucket of each block.
#[derive(Debug)]
pub(super) struct Sums {
    blocks: Blocks<Cell>,
    /// What did not fit, by counter.
    excess: HashMap<u32, Moments>,
}

impl Sums {
    /// Blocks of `bins` cells.
    pub(super) fn new(bins: usize) -> Self {
        Self { blocks: Blocks::new(bins), excess: HashMap::new() }
    }

    pub(super) fn count<T: Table>(
        &mut self,
        table: &mut T,
        codes: &[T::Code],
        (axis, scratch): (Axis, &Scratch),
        finder: &mut Finder,
    ) -> Result<()> {
        let What::Moments(value) = finder.clients[0].what else { return Ok(()) };
        let numbers = scratch.values[value].numbers(finder.chunk);
        let bins = scratch.bins(axis);
        let mut left_over: Vec<(usize, Excess)> = Vec::new();
        let add = |cell: &mut Cell, row: usize| {
            if let Err(excess) = cell.add(numbers[row]) {
                left_over.push((row, excess));
            }
        };
        let rows = Rows { codes, bins };
        count(table, &mut self.blocks, &rows, add, |blocks, row| finder.start_of(blocks, row))?;
        for (row, kind) in left_over {
            let counter = table.get(codes[row]) + bins[row];
            *self.excess.entry(counter).or_default() += kind.moments(numbers[row]);
        }
        Ok(())
    }

    /// Moves all sums into `folded`.
    pub(super) fn fold(&mut self, client: &Client, names: &[Segment], folded: &mut Summaries) {
        let excess = std::mem::take(&mut self.excess);
        let buckets = folded.plan().grid.buckets().len();
        for (thing, start) in self.blocks.things() {
            let cells = &self.blocks.at(start)[..buckets];
            let excess_at = |bin: usize| excess.get(&(start + bin as u32)).copied();
            let is_empty = cells.iter().all(Cell::is_empty)
                && (excess.is_empty() || (0..buckets).all(|bin| excess_at(bin).is_none()));
            if is_empty {
                continue;
            }
            let summary = folded.segment_mut(&names[thing.segment as usize]);
            let moments = summary.value_mut(client.metric).moments.iter_mut();
            for (bin, (known, &cell)) in moments.zip(cells).enumerate() {
                *known += Moments::from(cell);
                *known += excess_at(bin).unwrap_or_default();
            }
        }
        self.blocks.clear();
    }
}
