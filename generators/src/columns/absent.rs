//! A column without values: a place that a later stage fills.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::Result;
use crate::scope::Scope;
use arrow_array::{ArrayRef, new_null_array};
use arrow_schema::{DataType, TimeUnit};
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "absent",
    about: "null in every row: a place that a later stage fills, such as the hash of a file that is not made yet",
    keys: "type = \"text\" (default), \"integer\", \"number\", \"flag\", \"date\" or \"timestamp\"",
    drifts: &[],
    build: |scope, params| Absent::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(rename = "type", default)]
    of: Type,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Type {
    #[default]
    Text,
    Integer,
    Number,
    Flag,
    Date,
    Timestamp,
}

#[derive(Debug)]
struct Absent {
    data_type: DataType,
}

impl Absent {
    fn new(_scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { of } = keys(params)?;
        let data_type = match of {
            Type::Text => DataType::Utf8,
            Type::Integer => DataType::Int64,
            Type::Number => DataType::Float64,
            Type::Flag => DataType::Boolean,
            Type::Date => DataType::Date32,
            Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        };
        Ok(Self { data_type })
    }
}

impl Column for Absent {
    fn data_type(&self) -> DataType {
        self.data_type.clone()
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        new_null_array(&self.data_type, span.len())
    }

    fn makes_nulls(&self) -> bool {
        true
    }
}
