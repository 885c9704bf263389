//! Columns before this one, put together.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::scope::Scope;
use arrow_array::{ArrayRef, StructArray};
use arrow_schema::{DataType, Field, Fields};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "struct",
    about: "a struct of columns before this one, which are usually hidden",
    keys: "fields = [COLUMN, [NAME, COLUMN], ...]",
    drifts: &[],
    build: |scope, params| Struct::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    fields: Vec<FieldSpec>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "use the name of a column, or [NAME, COLUMN]")]
enum FieldSpec {
    Same(String),
    Named([String; 2]),
}

impl FieldSpec {
    fn name(&self) -> &str {
        match self {
            Self::Same(name) | Self::Named([name, _]) => name,
        }
    }

    fn column(&self) -> &str {
        match self {
            Self::Same(column) | Self::Named([_, column]) => column,
        }
    }
}

#[derive(Debug)]
struct Struct {
    fields: Fields,
    columns: Vec<usize>,
}

impl Struct {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { fields: specs } = keys(params)?;
        ensure(!specs.is_empty(), "fields", "a struct needs at least one field")?;
        let mut seen = BTreeSet::new();
        let mut columns = Vec::new();
        let mut fields = Vec::new();
        for spec in &specs {
            ensure(seen.insert(spec.name()), "fields", format!("{:?} is there twice", spec.name()))?;
            let index = scope.index(spec.column()).map_err(|error| error.within("fields"))?;
            let data_type = scope.column(index).data_type();
            fields.push(Field::new(spec.name(), data_type, scope.is_nullable(index)));
            columns.push(index);
        }
        Ok(Self { fields: fields.into(), columns })
    }
}

impl Column for Struct {
    fn data_type(&self) -> DataType {
        DataType::Struct(self.fields.clone())
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let columns = self.columns.iter().map(|column| Arc::clone(batch.array(*column))).collect();
        Arc::new(StructArray::new(self.fields.clone(), columns, span.nulls))
    }

    fn reads(&self) -> Vec<usize> {
        self.columns.clone()
    }
}
