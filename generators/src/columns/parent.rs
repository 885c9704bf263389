//! What the parent's row has.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::Result;
use crate::scope::{ParentColumn, Scope};
use arrow_array::{ArrayRef, BooleanArray, StringArray};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "parent",
    about: "in a child table: the value of a column of the parent's row, of the same type and categories",
    keys: "column",
    drifts: &[],
    build: |scope, params| Parent::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    column: String,
}

#[derive(Debug)]
struct Parent {
    index: usize,
    of: ParentColumn,
}

impl Parent {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { column } = keys(params)?;
        let (index, of) = scope.parent_column(&column).map_err(|error| error.within("column"))?;
        Ok(Self { index, of: of.clone() })
    }
}

impl Column for Parent {
    fn data_type(&self) -> DataType {
        self.of.data_type.clone()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let values = batch.of_parent(self.index);
        let Some(nulls) = span.nulls else { return values };
        let absent = BooleanArray::new(!nulls.inner(), None);
        arrow_select::nullif::nullif(&values, &absent).expect("a span has as many rows as its nulls")
    }

    fn reads_parent(&self) -> Vec<usize> {
        vec![self.index]
    }

    fn is_calendar(&self) -> bool {
        // Where the parent has no value, neither do copies have a day.
        self.of.is_calendar && !self.of.nullable
    }

    fn makes_nulls(&self) -> bool {
        self.of.nullable
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        self.of.categories.as_ref()
    }
}
