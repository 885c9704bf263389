//! The row's number.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "row_id",
    about: "the row's number from 1, as a 64-bit integer; `template` makes text of it",
    keys: "",
    drifts: &[],
    build: |_scope, params| keys::<RowId>(params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowId {}

impl Column for RowId {
    fn data_type(&self) -> DataType {
        DataType::Int64
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        // A dataset has at most 2^50 rows, so their numbers fit.
        let numbers = span.rows.map(|row| row as i64 + 1);
        Arc::new(PrimitiveArray::<Int64Type>::new(numbers.into(), span.nulls))
    }
}
