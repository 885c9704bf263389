//! A row behind this one that refers to it: the event that answers another.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowNumbers, RowSpan};
use crate::error::{Result, ensure};
use crate::loads::Loads;
use crate::plan::Needed;
use crate::scope::{Condition, Scope};
use crate::spec::ConditionSpec;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "later_row",
    about: "the number, from 1, of the first of the `window_rows` rows behind this one that refers to it by the column `by`; null where none does",
    keys: "by = a COLUMN of row numbers, such as one of kind \"earlier\"; when = { COLUMN = VALUE }, window_rows",
    drifts: &[],
    build: |scope, params| LaterRow::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The longest window: every row of it is made for a row that is made alone.
const MAX_WINDOW_ROWS: u64 = 1 << 16;
/// The rows that are looked at together.
const LOOKED_AT_ROWS: u64 = 8_192;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// The column in which a row says what it refers to.
    by: String,
    /// Only rows where this holds count.
    when: ConditionSpec,
    window_rows: u64,
}

/// References the other way round. Rows of other loads do not count: they stand elsewhere on the calendar.
#[derive(Debug)]
struct LaterRow {
    by: usize,
    when: Condition,
    /// What must be made of the rows behind.
    needed: Needed,
    window_rows: u64,
    loads: Loads,
}

impl LaterRow {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { by, when, window_rows } = keys(params)?;
        scope.check_dense()?;
        let by =
            scope.typed(&by, &DataType::Int64, "64-bit whole-number").map_err(|error| error.within("by"))?;
        let when = Condition::new(scope, &when).map_err(|error| error.within("when"))?;
        let problem = format!("{window_rows} is not within 1 to {MAX_WINDOW_ROWS}");
        ensure((1..=MAX_WINDOW_ROWS).contains(&window_rows), "window_rows", problem)?;
        let read: Vec<usize> = when.reads().chain([by]).collect();
        Ok(Self { by, when, needed: scope.needed(&read), window_rows, loads: scope.loads.clone() })
    }

    /// The rows behind some rows, which are in order, that may refer to them.
    fn windows(&self, rows: &[u64]) -> Vec<Range<u64>> {
        let mut windows: Vec<Range<u64>> = Vec::new();
        for row in rows {
            let end = (row + 1 + self.window_rows).min(self.loads.of(*row).end);
            match windows.last_mut().filter(|last| *row < last.end) {
                Some(last) => last.end = last.end.max(end),
                None => windows.push(row + 1..end),
            }
        }
        windows
    }

    /// For each row that rows of a window refer to, the first of those.
    fn referring(&self, window: Range<u64>, batch: &BatchSoFar, found: &mut BTreeMap<u64, u64>) {
        let mut start = window.start;
        while start < window.end {
            let rows = start..(start + LOOKED_AT_ROWS).min(window.end);
            let elsewhere = batch.elsewhere(&RowNumbers::Range(rows.clone()), &self.needed);
            let numbers = elsewhere.array(self.by).as_primitive::<Int64Type>();
            let counts = self.when.mask(&elsewhere, numbers.len());
            for (offset, row) in rows.clone().enumerate() {
                let refers = counts[offset] && numbers.is_valid(offset);
                // References to rows behind, and to the row itself, are none of these.
                if refers && (1..=row as i64).contains(&numbers.value(offset)) {
                    found.entry(numbers.value(offset) as u64 - 1).or_insert(row);
                }
            }
            start = rows.end;
        }
    }
}

impl Column for LaterRow {
    fn data_type(&self) -> DataType {
        DataType::Int64
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let mut asked: Vec<u64> =
            (0..span.len()).filter(|offset| span.is_valid(*offset)).map(|offset| span.row(offset)).collect();
        asked.sort_unstable();
        asked.dedup();
        let mut found = BTreeMap::new();
        for window in self.windows(&asked) {
            self.referring(window, batch, &mut found);
        }
        // A window that serves several rows is longer than that of each of them.
        let number = |offset: usize| {
            let row = span.row(offset);
            let later = found.get(&row).filter(|later| **later - row <= self.window_rows)?;
            span.is_valid(offset).then_some(*later as i64 + 1)
        };
        Arc::new(PrimitiveArray::<Int64Type>::from_iter((0..span.len()).map(number)))
    }

    fn reads(&self) -> Vec<usize> {
        self.when.reads().chain([self.by]).collect()
    }

    fn makes_nulls(&self) -> bool {
        true
    }

    fn names_rows(&self) -> bool {
        true
    }
}
