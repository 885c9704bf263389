//! An amount of money.

use super::{Column, ColumnKind, Drift, Model, Parameters, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::What;
use crate::error::{Result, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::{Cells, Distribution, FactorsSpec, QuantileTable};
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "amount",
    about: "a log-normal amount in cents; conditional with `factors`",
    keys: "median, sigma; factors = { COLUMN = { VALUE = FACTOR } }; min, max",
    drifts: &[What::Amount],
    build: |scope, params| Amount::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    median: f64,
    sigma: f64,
    /// Column → value → what the median is multiplied with.
    #[serde(default)]
    factors: FactorsSpec,
    #[serde(default)]
    min: f64,
    #[serde(default = "default_max")]
    max: f64,
}

fn default_max() -> f64 {
    arrays::MAX_CENTS / 100.0
}

#[derive(Debug)]
struct Amount {
    cells: Cells,
    /// In cents.
    medians: Vec<f64>,
    table: Arc<QuantileTable>,
    min_cents: f64,
    max_cents: f64,
    stream: Stream,
    drift: Drift,
}

impl Amount {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let Params { median, min, max, .. } = params;
        ensure(
            median > 0.0 && median <= 1e9,
            "median",
            format!("{median} is not within 0 (excluded) to 1000000000"),
        )?;
        ensure(
            0.0 <= min && min <= max && max <= default_max(),
            "min and max",
            format!("{min} to {max} is no span within 0 to {}", default_max()),
        )?;
        let (cells, factors) = Cells::of_factors(scope, &params.factors, 1.0, |a, b| a * b)
            .map_err(|error| error.within("factors"))?;
        ensure(factors.iter().all(|factor| *factor > 0.0), "factors", "each must be above 0")?;
        Ok(Self {
            cells,
            medians: factors.iter().map(|factor| factor * median * 100.0).collect(),
            table: scope.quantile_table(Distribution::LogNormal { sigma: params.sigma })?,
            min_cents: (min * 100.0).round(),
            max_cents: (max * 100.0).round(),
            stream: scope.stream(),
            drift: Drift::default(),
        })
    }
}

impl Column for Amount {
    fn data_type(&self) -> DataType {
        arrays::amount_type()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let cells = self.cells.of_rows(batch, span.len());
        let mut sizes = span.map_words_with(self.stream, &cells, |word, cell: u32| {
            f64::from(self.table.at((word >> 32) as u32)) * self.medians[cell as usize]
        });
        for effect in &self.drift.effects {
            effect.each(&span, batch, |offset, strength| {
                sizes[offset] = effect.change.size(sizes[offset], strength);
            });
        }
        let cents = sizes.iter().map(|size| (size + 0.5).clamp(self.min_cents, self.max_cents) as i64);
        arrays::amounts(cents.collect(), span.nulls)
    }

    fn reads(&self) -> Vec<usize> {
        self.cells.columns().chain(self.drift.reads()).collect()
    }

    fn parameters(&self) -> Option<Parameters<'_>> {
        let medians = self.medians.iter().map(|cents| cents / 100.0).collect();
        let model = Model::Size { medians, table: &self.table, unit: "currency units" };
        Some(Parameters { cells: self.cells.clone(), model, effects: &self.drift.effects })
    }

    fn set_drift(&mut self, drift: Drift) {
        self.drift = drift;
    }
}
