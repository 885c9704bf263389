//! A score between 0 and 1.

use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::{Distribution, QuantileTable};
use arrow_array::{ArrayRef, Float64Array};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// Steps between 0 and 1.
const STEPS: u16 = 100;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "score",
    about: "a logit-normal score from 0 to 1 in steps of 0.01",
    keys: "median, sigma",
    drifts: &[],
    build: |scope, params| Score::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    median: f64,
    /// The standard deviation of the score's logit.
    sigma: f64,
}

#[derive(Debug)]
struct Score {
    odds: f32,
    table: Arc<QuantileTable>,
    values: ArrayRef,
    stream: Stream,
}

impl Score {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let Params { median, sigma } = keys(params)?;
        ensure(median > 0.0 && median < 1.0, "median", format!("{median} is not between 0 and 1"))?;
        let values = (0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS));
        Ok(Self {
            odds: ((1.0 - median) / median) as f32,
            table: scope.quantile_table(Distribution::ReciprocalLogNormal { sigma })?,
            values: Arc::new(Float64Array::from_iter_values(values)),
            stream: scope.stream(),
        })
    }
}

impl Column for Score {
    fn data_type(&self) -> DataType {
        arrays::dictionary_type(self.values.len(), &DataType::Float64)
    }

    fn dictionary(&self) -> Option<ArrayRef> {
        Some(Arc::clone(&self.values))
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let score = |word: u64| 1.0 / (1.0 + self.odds * self.table.at((word >> 32) as u32));
        let code = |word| (score(word) * f32::from(STEPS) + 0.5) as u16;
        let codes = span.map_words(self.stream, code);
        arrays::dictionary(&codes, span.nulls, &self.values)
    }
}
