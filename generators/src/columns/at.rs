//! The value of a column in another row.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowNumbers, RowSpan};
use crate::error::Result;
use crate::plan::Needed;
use crate::scope::Scope;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, StringArray, UInt32Array};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "at",
    about: "the value of a column before this one, in the row that another column numbers from 1; null where there is no such row",
    keys: "row = a COLUMN of row numbers, such as one of kind \"earlier\"; column",
    drifts: &[],
    build: |scope, params| At::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    row: String,
    column: String,
}

#[derive(Debug)]
struct At {
    row: usize,
    column: usize,
    /// What must be made of the other row.
    needed: Needed,
    records: u64,
    data_type: DataType,
    categories: Option<Arc<StringArray>>,
    nullable: bool,
    is_calendar: bool,
}

impl At {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        scope.check_dense()?;
        let row = scope
            .typed(&params.row, &DataType::Int64, "64-bit whole-number")
            .map_err(|error| error.within("row"))?;
        let column = scope.index(&params.column).map_err(|error| error.within("column"))?;
        let made = scope.column(column);
        let may_miss = scope.is_nullable(row) || !scope.column(row).names_rows();
        Ok(Self {
            row,
            column,
            needed: scope.needed(&[column]),
            records: scope.records,
            data_type: made.data_type(),
            categories: made.categories().cloned(),
            nullable: scope.is_nullable(column) || may_miss,
            is_calendar: made.is_calendar(),
        })
    }
}

impl Column for At {
    fn data_type(&self) -> DataType {
        self.data_type.clone()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let numbers = batch.array(self.row).as_primitive::<Int64Type>();
        let there = |offset: &usize| {
            let offset = *offset;
            span.is_valid(offset)
                && numbers.is_valid(offset)
                && (1..=self.records as i64).contains(&numbers.value(offset))
        };
        let found: Vec<usize> = (0..span.len()).filter(there).collect();
        let rows: Arc<[u64]> = found.iter().map(|offset| numbers.value(*offset) as u64 - 1).collect();
        let elsewhere = batch.elsewhere(&RowNumbers::Listed(rows), &self.needed);
        let values = elsewhere.array(self.column);
        if found.len() == span.len() {
            return Arc::clone(values);
        }
        let mut places: Vec<Option<u32>> = vec![None; span.len()];
        (0..).zip(&found).for_each(|(place, offset)| places[*offset] = Some(place));
        let places = UInt32Array::from(places);
        arrow_select::take::take(values, &places, None).expect("each place is that of a value")
    }

    fn reads(&self) -> Vec<usize> {
        vec![self.row]
    }

    fn makes_nulls(&self) -> bool {
        self.nullable
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        self.categories.as_ref()
    }

    fn is_calendar(&self) -> bool {
        self.is_calendar
    }
}
