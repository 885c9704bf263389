//! The columns of any rows of a table, made together with those of the parent's rows that they belong to.
//!
//! The rows of a child table are numbered by their parent: row *p* of the parent has the rows
//! *p* × [`MAX_CHILDREN`] + *k* for its *k*-th child. A child's number so tells its parent's, and no row of
//! either table is ever looked up.

use super::Dataset;
use crate::batch::{BatchSoFar, ParentRows, RowNumbers};
use crate::scope::{Condition, Scope};
use arrow_array::{ArrayRef, UInt32Array};
use std::sync::Arc;

/// The most rows of a child table that one row of the parent can have.
pub const MAX_CHILDREN: u64 = 1 << 10;

/// What makes the rows of a table's parent, and says how many rows each of them has.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) dataset: Arc<Dataset>,
    /// The parent's column that counts; one row each when absent.
    pub(crate) count: Option<usize>,
    /// Rows of the parent outside this condition have none.
    pub(crate) when: Option<Condition>,
}

/// Which columns are made: of a table, and of the tables above it.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    columns: Vec<bool>,
    parent: Option<Box<Self>>,
}

/// Rows of a table, with the columns that were asked for.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) rows: RowNumbers,
    pub(crate) columns: Vec<Option<ArrayRef>>,
}

/// For each row of a child table, where its parent's row is; every parent has just its one row when absent.
pub(crate) type ParentOffsets = Option<UInt32Array>;

impl Scope {
    /// The columns of this table that `wanted` and everything they read make.
    pub(crate) fn closure(&self, wanted: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut columns = vec![false; self.columns.len()];
        wanted.into_iter().for_each(|index| columns[index] = true);
        for index in (0..columns.len()).rev() {
            if columns[index] {
                self.columns[index].reads.iter().for_each(|read| columns[*read] = true);
            }
        }
        columns
    }

    /// What must be made for the columns `wanted`, here and in the tables above.
    pub(crate) fn needed(&self, wanted: &[usize]) -> Needed {
        let columns = self.closure(wanted.iter().copied());
        let made = self.columns.iter().zip(&columns).filter(|(_, needed)| **needed);
        let read = made.flat_map(|(named, _)| named.column.reads_parent());
        let parent = self.link.as_ref().map(|link| {
            let when = link.when.iter().flat_map(Condition::reads);
            let wanted: Vec<usize> = read.chain(link.count).chain(when).collect();
            Box::new(link.dataset.scope.needed(&wanted))
        });
        Needed { columns, parent }
    }

    /// The rows of this table that the rows `places` of the root table have.
    pub(crate) fn make(&self, places: RowNumbers, needed: &Needed) -> Made {
        let (Some(link), Some(parent_needed)) = (&self.link, &needed.parent) else {
            let columns = self.fill(&places, &needed.columns, None);
            return Made { rows: places, columns };
        };
        let parent = link.dataset.scope.make(places, parent_needed);
        let batch = BatchSoFar::of(parent.columns);
        let counts = link.count.map(|count| batch.counts(count));
        let kept = link.when.as_ref().map(|when| when.mask(&batch, parent.rows.len()));
        let (rows, offsets) = match counts {
            None => kept_rows(parent.rows, kept),
            Some(mut counts) => {
                let kept = kept.iter().flatten();
                counts.iter_mut().zip(kept).filter(|(_, kept)| !**kept).for_each(|(count, _)| *count = 0);
                let (rows, offsets, _) = child_rows(&parent.rows, &counts);
                (rows, Some(offsets))
            }
        };
        let above = ParentRows { batch: &batch, offsets: offsets.as_ref() };
        let columns = self.fill(&rows, &needed.columns, Some(above));
        Made { rows, columns }
    }

    /// By how many bits a row's number is shifted from that of its place in the root table.
    pub(crate) fn place_shift(&self) -> u32 {
        self.link.as_ref().map_or(0, |link| {
            let counted = if link.count.is_some() { MAX_CHILDREN.ilog2() } else { 0 };
            link.dataset.scope.place_shift() + counted
        })
    }

    /// The columns of any rows of this table, in the order of `rows`.
    pub(crate) fn make_rows(&self, rows: &RowNumbers, needed: &Needed) -> Vec<Option<ArrayRef>> {
        let (Some(link), Some(parent_needed)) = (&self.link, &needed.parent) else {
            return self.fill(rows, &needed.columns, None);
        };
        let (parents, offsets) = match link.count {
            None => (rows.clone(), None),
            Some(_) => parents_of(rows),
        };
        let batch = BatchSoFar::of(link.dataset.scope.make_rows(&parents, parent_needed));
        let above = ParentRows { batch: &batch, offsets: offsets.as_ref() };
        self.fill(rows, &needed.columns, Some(above))
    }

    /// The columns marked in `needed` for some rows, given the parent's rows that they belong to.
    pub(crate) fn fill(
        &self,
        rows: &RowNumbers,
        needed: &[bool],
        parent: Option<ParentRows<'_>>,
    ) -> Vec<Option<ArrayRef>> {
        let mut batch = BatchSoFar::new(self, parent);
        for (named, needed) in self.columns.iter().zip(needed) {
            let filled = needed.then(|| {
                let span = named.nulls.span(rows.clone(), &batch);
                named.column.fill(span, &batch)
            });
            batch.push(filled);
        }
        batch.into_columns()
    }
}

/// The rows that are kept, all when nothing is said, and where each of them was.
fn kept_rows(rows: RowNumbers, kept: Option<Vec<bool>>) -> (RowNumbers, ParentOffsets) {
    let Some(kept) = kept else { return (rows, None) };
    let offsets: Vec<u32> = (0..rows.len() as u32).filter(|offset| kept[*offset as usize]).collect();
    let numbers: Arc<[u64]> = offsets.iter().map(|offset| rows.row(*offset as usize)).collect();
    (RowNumbers::Listed(numbers), Some(offsets.into()))
}

/// The numbers of the children of some rows, for each child which of those rows is its parent, and how many
/// children each row has: as `counts` says, but at most [`MAX_CHILDREN`].
pub(crate) fn child_rows(
    parents: &RowNumbers,
    counts: &[u64],
) -> (RowNumbers, UInt32Array, impl Iterator<Item = usize>) {
    let lengths = counts.iter().map(|count| (*count).min(MAX_CHILDREN) as usize);
    let total: usize = lengths.clone().sum();
    let mut rows = Vec::with_capacity(total);
    let mut offsets = Vec::with_capacity(total);
    parents.each(|offset, parent| {
        let first = parent * MAX_CHILDREN;
        let children = first..first + counts[offset].min(MAX_CHILDREN);
        offsets.extend(children.clone().map(|_| offset as u32));
        rows.extend(children);
    });
    (RowNumbers::Listed(rows.into()), offsets.into(), lengths)
}

/// The parents of some rows that are counted within them, each run of siblings naming theirs once.
fn parents_of(rows: &RowNumbers) -> (RowNumbers, ParentOffsets) {
    let mut parents: Vec<u64> = Vec::new();
    let mut offsets: Vec<u32> = Vec::with_capacity(rows.len());
    rows.each(|_, row| {
        let parent = row / MAX_CHILDREN;
        if parents.last() != Some(&parent) {
            parents.push(parent);
        }
        offsets.push(parents.len() as u32 - 1);
    });
    (RowNumbers::Listed(parents.into()), Some(offsets.into()))
}
