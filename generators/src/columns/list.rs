//! Several different values of a category.

use super::category::{Choice, Choices};
use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::Alias;
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most entries a list can have.
const MAX_ENTRIES: usize = 16;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "list",
    about: "a list of different categories; `counts` weighs lists of 0, 1, 2 … entries",
    keys: "counts = [...], and the keys of a category",
    drifts: &[],
    build: |scope, params| List::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    counts: Vec<f64>,
    weights: Option<BTreeMap<String, f64>>,
    values: Option<Vec<String>>,
    zipf: Option<f64>,
    #[serde(default)]
    by: Vec<String>,
    tables: Option<toml::Table>,
}

#[derive(Debug)]
struct List {
    choices: Choices,
    counts: Alias,
    stream: Stream,
    /// The streams of the first entry, the second, and so on.
    entries: Vec<Stream>,
}

impl List {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { counts, weights, values, zipf, by, tables } = keys(params)?;
        let choices = Choices::new(scope, &Choice { weights, values, zipf, by, tables })?;
        ensure(
            counts.len() <= MAX_ENTRIES + 1,
            "counts",
            format!("lists have at most {MAX_ENTRIES} entries"),
        )?;
        let longest = counts.len().saturating_sub(1);
        for table in &choices.tables {
            let possible = table.probabilities().iter().filter(|probability| **probability > 0.0).count();
            if possible < longest {
                let problem = format!(
                    "lists of {longest} different entries need as many values, a table has {possible}"
                );
                return Err(SpecError::at("counts", problem));
            }
        }
        let counts = Alias::new(&counts).map_err(|error| error.within("counts"))?;
        let stream = scope.stream();
        let entries = (0..longest as u64).map(|entry| stream.lane(entry)).collect();
        Ok(Self { choices, counts, stream, entries })
    }

    fn item(&self) -> Arc<Field> {
        let item = arrays::dictionary_type(self.choices.values.len(), &DataType::Utf8);
        Arc::new(Field::new_list_field(item, false))
    }

    /// Adds `count` different codes: a code that is in the list already gives way to the next possible one.
    fn draw(&self, row: u64, table: &Alias, count: usize, codes: &mut Vec<u16>) {
        let start = codes.len();
        for entry in &self.entries[..count] {
            let mut code = table.draw(entry.word(row));
            while codes[start..].contains(&(code as u16)) {
                code = table.next_possible(code);
            }
            codes.push(code as u16);
        }
    }
}

impl Column for List {
    fn data_type(&self) -> DataType {
        DataType::List(self.item())
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let cells = self.choices.cells.of_rows(batch, span.len());
        let mut codes: Vec<u16> = Vec::with_capacity(span.len() * 2);
        let mut ends: Vec<i32> = Vec::with_capacity(span.len() + 1);
        ends.push(0);
        for (offset, cell) in cells.into_iter().enumerate() {
            if span.is_valid(offset) {
                let row = span.row(offset);
                let count = self.counts.draw(self.stream.word(row));
                self.draw(row, &self.choices.tables[cell as usize], count, &mut codes);
            }
            ends.push(codes.len() as i32);
        }
        let values: ArrayRef = self.choices.values.clone();
        let items = arrays::dictionary(&codes, None, &values);
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        Arc::new(ListArray::new(self.item(), ends, items, span.nulls))
    }

    fn reads(&self) -> Vec<usize> {
        self.choices.cells.columns().collect()
    }
}
