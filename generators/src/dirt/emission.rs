//! The rows that a table has at some places, copies among them.

use super::layer::{Action, Dirt};
use crate::batch::{BatchSoFar, RowNumbers};
use crate::scope::Scope;
use std::ops::Range;

/// Rows of a table.
#[derive(Debug)]
pub(super) struct Emission {
    pub(super) rows: RowNumbers,
    /// Which of the rows are copies, in order.
    pub(super) copies: Vec<Copied>,
}

/// A row that is there again.
#[derive(Debug)]
pub(super) struct Copied {
    /// Where it stands among the rows.
    pub(super) offset: usize,
    /// The entry that made it.
    pub(super) entry: usize,
    /// The place that it follows.
    pub(super) place: u64,
    /// Where the place's own row stands that the copy takes values from; there may be none.
    pub(super) own: Option<usize>,
}

/// The rows of an earlier place that are there again behind a place.
#[derive(Debug)]
pub(super) struct Repeat {
    pub(super) place: u64,
    pub(super) entry: usize,
    pub(super) rows: Vec<u64>,
}

/// Numbers of rows in order, which are found by their place.
#[derive(Debug)]
pub(super) struct ByPlace {
    rows: Vec<u64>,
    shift: u32,
}

impl ByPlace {
    /// The rows of some places, in any order and as often as they are named.
    pub(super) fn new(scope: &Scope, mut places: Vec<u64>) -> Self {
        places.sort_unstable();
        places.dedup();
        let rows = own_rows(scope, RowNumbers::Listed(places.into()));
        Self { rows: rows.map(|row| row), shift: scope.place_shift() }
    }

    /// Where the rows of a place stand.
    fn range(&self, place: u64) -> Range<usize> {
        let start = self.rows.partition_point(|row| row >> self.shift < place);
        let end = self.rows.partition_point(|row| row >> self.shift <= place);
        start..end
    }

    /// The rows of a place.
    pub(super) fn of(&self, place: u64) -> &[u64] {
        &self.rows[self.range(place)]
    }
}

/// The rows of a table at some places of the root table, without copies.
pub(super) fn own_rows(scope: &Scope, places: RowNumbers) -> RowNumbers {
    scope.make(places, &scope.needed(&[])).rows
}

impl Dirt {
    /// What is there again at some places, in the order of the table.
    pub(super) fn repeats(&self, scope: &Scope, places: &Range<u64>) -> Vec<Repeat> {
        let mut wanted: Vec<(u64, usize, u64)> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let Action::Copies(copying) = &entry.action else { continue };
            for offset in entry.choice.candidates(&RowNumbers::Range(places.clone())) {
                let place = places.start + offset as u64;
                wanted.extend(copying.source(place).map(|source| (place, index, source)));
            }
        }
        if wanted.is_empty() {
            return Vec::new();
        }
        wanted.sort_unstable();
        let sources = ByPlace::new(scope, wanted.iter().map(|(_, _, source)| *source).collect());
        let masks: Vec<Option<Vec<bool>>> =
            (0..self.entries.len()).map(|entry| self.copied(scope, entry, &sources.rows)).collect();
        let repeat = |(place, entry, source): (u64, usize, u64)| {
            let kept = |offset: &usize| masks[entry].as_ref().is_none_or(|mask| mask[*offset]);
            let rows = sources.range(source).filter(kept).map(|offset| sources.rows[offset]);
            Repeat { place, entry, rows: rows.collect() }
        };
        wanted.into_iter().map(repeat).collect()
    }

    /// Which rows an entry copies; all of them when absent.
    fn copied(&self, scope: &Scope, entry: usize, rows: &[u64]) -> Option<Vec<bool>> {
        let entry = &self.entries[entry];
        let conditional = matches!(entry.action, Action::Copies(_)) && !entry.choice.is_unconditional();
        conditional.then(|| {
            let condition = &entry.choice.condition;
            let reads: Vec<usize> = condition.reads().collect();
            let columns = scope.make_rows(&RowNumbers::Listed(rows.into()), &scope.needed(&reads));
            condition.mask(&BatchSoFar::of(columns), rows.len())
        })
    }

    /// The rows of a table at some places, with copies.
    pub(super) fn emission(&self, scope: &Scope, places: Range<u64>) -> Emission {
        let repeats = self.repeats(scope, &places);
        let own = own_rows(scope, RowNumbers::Range(places));
        if repeats.is_empty() {
            return Emission { rows: own, copies: Vec::new() };
        }
        let mut merge = Merge::new(&own, scope.place_shift());
        repeats.iter().for_each(|repeat| merge.add(repeat));
        merge.finish()
    }
}

impl Dirt {
    /// The rows of a table at some places that something can be wrong with, and how many of them are no
    /// copies: those stand in front. Other rows stand there where copies take values from them.
    pub(super) fn faulty(&self, scope: &Scope, places: Range<u64>) -> (Emission, usize) {
        let own = own_rows(scope, RowNumbers::Range(places.clone()));
        let mut offsets: Vec<usize> = Vec::new();
        for entry in self.entries.iter().filter(|entry| matches!(entry.action, Action::Value { .. })) {
            offsets.extend(entry.choice.candidates(&own));
        }
        offsets.sort_unstable();
        offsets.dedup();
        let mut rows: Vec<u64> = offsets.into_iter().map(|offset| own.row(offset)).collect();
        let own_count = rows.len();
        let repeats = self.repeats(scope, &places);
        let hosts = ByPlace::new(scope, repeats.iter().map(|repeat| repeat.place).collect());
        let mut copies = Vec::new();
        for repeat in &repeats {
            let first_host = rows.len();
            let hosts = hosts.of(repeat.place);
            rows.extend(hosts);
            for (position, row) in repeat.rows.iter().enumerate() {
                let own = (position < hosts.len()).then_some(first_host + position);
                copies.push(Copied { offset: rows.len(), entry: repeat.entry, place: repeat.place, own });
                rows.push(*row);
            }
        }
        (Emission { rows: RowNumbers::Listed(rows.into()), copies }, own_count)
    }
}

/// Rows in the order of the table, to which copies are added behind their places.
#[derive(Debug)]
struct Merge<'a> {
    own: &'a RowNumbers,
    shift: u32,
    /// The own rows that are there already.
    taken: usize,
    rows: Vec<u64>,
    copies: Vec<Copied>,
    /// The last place with rows of its own, and where these stand.
    last: (u64, Range<usize>),
}

impl<'a> Merge<'a> {
    fn new(own: &'a RowNumbers, shift: u32) -> Self {
        let rows = Vec::with_capacity(own.len() + own.len() / 32);
        Self { own, shift, taken: 0, rows, copies: Vec::new(), last: (u64::MAX, 0..0) }
    }

    fn take_own(&mut self, through: u64) {
        while self.taken < self.own.len() {
            let row = self.own.row(self.taken);
            let place = row >> self.shift;
            if place > through {
                break;
            }
            let start = if self.last.0 == place { self.last.1.start } else { self.rows.len() };
            self.rows.push(row);
            self.last = (place, start..self.rows.len());
            self.taken += 1;
        }
    }

    fn add(&mut self, repeat: &Repeat) {
        self.take_own(repeat.place);
        let (last, own) = self.last.clone();
        let mut own = if last == repeat.place { own } else { 0..0 };
        for row in &repeat.rows {
            let copy =
                Copied { offset: self.rows.len(), entry: repeat.entry, place: repeat.place, own: own.next() };
            self.copies.push(copy);
            self.rows.push(*row);
        }
    }

    fn finish(mut self) -> Emission {
        self.take_own(u64::MAX);
        Emission { rows: RowNumbers::Listed(self.rows.into()), copies: self.copies }
    }
}
