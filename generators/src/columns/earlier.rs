//! A row before this one: what an event refers to.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowNumbers, RowSpan};
use crate::error::{Result, ensure};
use crate::loads::Loads;
use crate::plan::Needed;
use crate::rng::Stream;
use crate::scope::{Condition, Scope};
use crate::spec::ConditionSpec;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "earlier",
    about: "the number, from 1, of the row that this one refers to: itself where `new_when` holds, else what a random earlier row refers to, so that what is popular stays popular",
    keys: "new_when = { COLUMN = VALUE }, window_rows, when_none = \"first\" (default) or \"null\"",
    drifts: &[],
    build: |scope, params| Earlier::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Rows where this holds refer to themselves.
    new_when: ConditionSpec,
    /// How many rows back a row may copy from.
    window_rows: u64,
    #[serde(default)]
    when_none: WhenNone,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhenNone {
    /// The first row of a load counts as new.
    #[default]
    First,
    Null,
}

/// References by preferential attachment: a row that is not new copies the reference of a row drawn evenly
/// from the `window_rows` rows before it. Something is so chosen in proportion to the number of rows in the
/// window that refer to it, and its number of rows follows the Yule distribution (H. A. Simon, "On a class
/// of skew distribution functions", Biometrika 42, 1955).
///
/// The row that is copied from is a pure function of the copying row's number, so a reference is found by
/// walking back from row to row until a new one is met; no other row's reference has to be known.
#[derive(Debug)]
struct Earlier {
    new_when: Condition,
    /// What must be made of another row to tell whether it is new.
    needed: Needed,
    window_rows: u64,
    when_none: WhenNone,
    loads: Loads,
    stream: Stream,
}

impl Earlier {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { new_when, window_rows, when_none } = keys(params)?;
        scope.check_dense()?;
        ensure(!new_when.is_empty(), "new_when", "it names no column")?;
        ensure(window_rows > 0, "window_rows", "0 rows are no window: use at least 1")?;
        let new_when = Condition::new(scope, &new_when).map_err(|error| error.within("new_when"))?;
        let read: Vec<usize> = new_when.reads().collect();
        Ok(Self {
            new_when,
            needed: scope.needed(&read),
            window_rows,
            when_none,
            loads: scope.loads.clone(),
            stream: scope.stream(),
        })
    }

    /// The row that a row copies from; none for the first row of a load, whose days are before those of the row above.
    fn copied_from(&self, row: u64) -> Option<u64> {
        let before = row - self.loads.of(row).start;
        let rows_back = u128::from(before.min(self.window_rows));
        (before > 0).then(|| row - 1 - ((u128::from(self.stream.word(row)) * rows_back) >> 64) as u64)
    }

    /// Which of the rows are new.
    fn are_new(&self, rows: &RowNumbers, batch: &BatchSoFar) -> Vec<bool> {
        let elsewhere = batch.elsewhere(rows, &self.needed);
        self.new_when.mask(&elsewhere, rows.len())
    }
}

impl Column for Earlier {
    fn data_type(&self) -> DataType {
        DataType::Int64
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let mut found: Vec<u64> = span.rows.map(|row| row);
        let mut missing: Vec<usize> = Vec::new();
        let mut waiting: Vec<usize> = (0..found.len()).filter(|offset| span.is_valid(*offset)).collect();
        let mut is_new = self.new_when.mask(batch, found.len());
        if waiting.len() < found.len() {
            is_new = waiting.iter().map(|offset| is_new[*offset]).collect();
        }
        while !waiting.is_empty() {
            let mut next = Vec::with_capacity(waiting.len());
            for (offset, _) in waiting.iter().zip(&is_new).filter(|(_, is_new)| !**is_new) {
                match self.copied_from(found[*offset]) {
                    None => missing.push(*offset),
                    Some(row) => {
                        found[*offset] = row;
                        next.push(*offset);
                    }
                }
            }
            waiting = next;
            let rows: Arc<[u64]> = waiting.iter().map(|offset| found[*offset]).collect();
            is_new = self.are_new(&RowNumbers::Listed(rows), batch);
        }
        let mut nulls = span.nulls;
        if self.when_none == WhenNone::Null && !missing.is_empty() {
            let mut valid = vec![true; found.len()];
            missing.iter().for_each(|offset| valid[*offset] = false);
            nulls = NullBuffer::union(nulls.as_ref(), Some(&NullBuffer::new(BooleanBuffer::from(valid))));
        }
        let numbers: Vec<i64> = found.into_iter().map(|row| row as i64 + 1).collect();
        Arc::new(PrimitiveArray::<Int64Type>::new(numbers.into(), nulls))
    }

    fn reads(&self) -> Vec<usize> {
        self.new_when.reads().collect()
    }

    fn makes_nulls(&self) -> bool {
        self.when_none == WhenNone::Null
    }

    fn names_rows(&self) -> bool {
        true
    }
}
