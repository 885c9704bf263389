//! A date some days after or before another.

use super::{Column, ColumnKind, Drift, Model, Parameters, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::What;
use crate::error::{Result, SpecError, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::{Cells, Distribution, FactorsSpec, QuantileTable};
use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "delay",
    about: "a date a log-normal or gamma number of days after (or before) another date; conditional with `factors`",
    keys: "from, direction (after, before), distribution (log-normal with sigma, gamma with shape), median_days; factors; min_days, max_days",
    drifts: &[What::Delay],
    build: |scope, params| Delay::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    from: String,
    #[serde(default)]
    direction: Direction,
    distribution: DistributionName,
    median_days: f64,
    sigma: Option<f64>,
    shape: Option<f64>,
    /// Column → value → what the median is multiplied with.
    #[serde(default)]
    factors: FactorsSpec,
    #[serde(default)]
    min_days: i32,
    #[serde(default = "default_max_days")]
    max_days: i32,
}

fn default_max_days() -> i32 {
    365
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    #[default]
    After,
    Before,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DistributionName {
    LogNormal,
    Gamma,
}

#[derive(Debug)]
struct Delay {
    from: usize,
    from_nullable: bool,
    sign: i32,
    medians: Vec<f64>,
    cells: Cells,
    table: Arc<QuantileTable>,
    min_days: f64,
    max_days: f64,
    stream: Stream,
    drift: Drift,
}

impl Delay {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let from =
            scope.typed(&params.from, &DataType::Date32, "date").map_err(|error| error.within("from"))?;
        let median = params.median_days;
        ensure(
            median > 0.0 && median <= 3650.0,
            "median_days",
            format!("{median} is not within 0 (excluded) to 3650"),
        )?;
        let (min_days, max_days) = (params.min_days, params.max_days);
        ensure(
            (0..=36_500).contains(&min_days) && (min_days..=36_500).contains(&max_days),
            "min_days and max_days",
            format!("{min_days} to {max_days} is no span within 0 to 36500"),
        )?;
        let (cells, factors) = Cells::of_factors(scope, &params.factors, 1.0, |a, b| a * b)
            .map_err(|error| error.within("factors"))?;
        ensure(factors.iter().all(|factor| *factor > 0.0), "factors", "each must be above 0")?;
        Ok(Self {
            from,
            from_nullable: scope.is_nullable(from),
            sign: if matches!(params.direction, Direction::Before) { -1 } else { 1 },
            medians: factors.iter().map(|factor| factor * median).collect(),
            cells,
            table: scope.quantile_table(distribution(&params)?)?,
            min_days: f64::from(min_days),
            max_days: f64::from(max_days),
            stream: scope.stream(),
            drift: Drift::default(),
        })
    }

    /// Days as drawn, before rounding.
    fn sizes(&self, span: &RowSpan, batch: &BatchSoFar) -> Vec<f64> {
        let draw = |word: u64| f64::from(self.table.at((word >> 32) as u32));
        if self.cells.count() == 1 {
            return span.map_words(self.stream, |word| draw(word) * self.medians[0]);
        }
        let cells = self.cells.of_rows(batch, span.len());
        span.map_words_with(self.stream, &cells, |word, cell| draw(word) * self.medians[cell as usize])
    }
}

fn distribution(params: &Params) -> Result<Distribution> {
    match (params.distribution, params.sigma, params.shape) {
        (DistributionName::LogNormal, Some(sigma), None) => Ok(Distribution::LogNormal { sigma }),
        (DistributionName::Gamma, None, Some(shape)) => Ok(Distribution::Gamma { shape }),
        _ => Err(SpecError::at("distribution", "log-normal takes `sigma`, gamma takes `shape`")),
    }
}

impl Column for Delay {
    fn data_type(&self) -> DataType {
        DataType::Date32
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let mut sizes = self.sizes(&span, batch);
        for effect in &self.drift.effects {
            effect.each(&span, batch, |offset, strength| {
                sizes[offset] = effect.change.size(sizes[offset], strength);
            });
        }
        let date = |(from, days): (&i32, f64)| {
            let whole = (days + 0.5).clamp(self.min_days, self.max_days) as i32;
            from + self.sign * whole
        };
        let days = batch.days(self.from).iter().zip(sizes).map(date).collect();
        arrays::dates(days, NullBuffer::union(span.nulls.as_ref(), batch.nulls(self.from)))
    }

    fn reads(&self) -> Vec<usize> {
        self.cells.columns().chain([self.from]).chain(self.drift.reads()).collect()
    }

    fn makes_nulls(&self) -> bool {
        self.from_nullable
    }

    fn parameters(&self) -> Option<Parameters<'_>> {
        let model = Model::Size { medians: self.medians.clone(), table: &self.table, unit: "days" };
        Some(Parameters { cells: self.cells.clone(), model, effects: &self.drift.effects })
    }

    fn set_drift(&mut self, drift: Drift) {
        self.drift = drift;
    }
}
