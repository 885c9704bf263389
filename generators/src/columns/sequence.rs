//! The place of a row among those of its parent.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::plan::MAX_CHILDREN;
use crate::scope::Scope;
use arrow_array::types::Int16Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "sequence",
    about: "1, 2, 3 … among the rows of one parent: the place of a row of a counted child table, or of an entry of items",
    keys: "",
    drifts: &[],
    build: |scope, params| Sequence::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {}

#[derive(Debug)]
struct Sequence;

impl Sequence {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params {} = keys(params)?;
        let counted = scope.parent.as_ref().is_some_and(|parent| parent.count.is_some());
        ensure(counted, "", "only child tables with a `count`, and the entries of items, are counted")?;
        Ok(Self)
    }
}

impl Column for Sequence {
    fn data_type(&self) -> DataType {
        DataType::Int16
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        // A parent has at most 1,024 children.
        let places = span.rows.map(|row| (row % MAX_CHILDREN) as i16 + 1);
        Arc::new(PrimitiveArray::<Int16Type>::new(places.into(), span.nulls))
    }
}
