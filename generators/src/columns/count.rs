//! A small whole number.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::Alias;
use arrow_array::types::Int16Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "count",
    about: "a small whole number; `weights` weighs `from`, `from` + 1, and so on",
    keys: "from, weights = [...]",
    drifts: &[],
    build: |scope, params| Count::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    from: i16,
    weights: Vec<f64>,
}

#[derive(Debug)]
struct Count {
    from: i16,
    table: Alias,
    stream: Stream,
}

impl Count {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { from, weights } = keys(params)?;
        let table = Alias::new(&weights)?;
        let largest = i64::from(from) + weights.len() as i64 - 1;
        ensure(
            largest <= i64::from(i16::MAX),
            "from",
            format!("the largest number, {largest}, is above {}", i16::MAX),
        )?;
        Ok(Self { from, table, stream: scope.stream() })
    }
}

impl Column for Count {
    fn data_type(&self) -> DataType {
        DataType::Int16
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let draw = |word: u64| (i64::from(self.from) + self.table.draw(word) as i64) as i16;
        let values = span.map_words(self.stream, draw);
        Arc::new(PrimitiveArray::<Int16Type>::new(values.into(), span.nulls))
    }
}
