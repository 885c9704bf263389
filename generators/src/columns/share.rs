//! A share of another amount.

use super::{Column, ColumnKind, Drift, Model, Parameters, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::What;
use crate::error::{Result, ensure};
use crate::rng::{Stream, happens, threshold};
use crate::scope::{Condition, Scope};
use crate::spec::ConditionSpec;
use crate::tables::{Cells, Distribution, FactorsSpec, QuantileTable};
use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "share",
    about: "a logit-normal share of another amount (`of`), never more than it; conditional with `effects`",
    keys: "of, median, sigma; effects; whole_rate; zero_unless",
    drifts: &[What::Amount],
    build: |scope, params| Share::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    of: String,
    /// The median share, where no effect applies.
    median: f64,
    /// The standard deviation of the share's logit.
    sigma: f64,
    /// Column → value → what is added to the logit of the median.
    #[serde(default)]
    effects: FactorsSpec,
    /// How often the share is the whole.
    #[serde(default)]
    whole_rate: f64,
    /// Rows outside this condition get 0.
    zero_unless: Option<ConditionSpec>,
}

#[derive(Debug)]
struct Share {
    of: usize,
    of_nullable: bool,
    cells: Cells,
    medians: Vec<f64>,
    /// (1 − median) / median of each cell: with it the share is 1 / (1 + odds · exp(−σZ)).
    odds: Vec<f64>,
    table: Arc<QuantileTable>,
    whole: u64,
    zero_unless: Option<Condition>,
    stream: Stream,
    drift: Drift,
}

impl Share {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let Params { median, sigma, whole_rate, .. } = params;
        ensure(median > 0.0 && median < 1.0, "median", format!("{median} is not between 0 and 1"))?;
        ensure(
            (0.0..=1.0).contains(&whole_rate),
            "whole_rate",
            format!("{whole_rate} is not within 0 to 1"),
        )?;
        let (cells, effects) = Cells::of_factors(scope, &params.effects, 0.0, |a, b| a + b)
            .map_err(|error| error.within("effects"))?;
        let odds: Vec<f64> =
            effects.iter().map(|effect| (1.0 - median) / median * libm::exp(-effect)).collect();
        let zero_unless = params.zero_unless.as_ref().map(|spec| Condition::new(scope, spec)).transpose();
        let of = scope.typed(&params.of, &arrays::amount_type(), "amount");
        let of = of.map_err(|error| error.within("of"))?;
        Ok(Self {
            of,
            of_nullable: scope.is_nullable(of),
            cells,
            medians: odds.iter().map(|odds| 1.0 / (1.0 + odds)).collect(),
            odds,
            table: scope.quantile_table(Distribution::ReciprocalLogNormal { sigma })?,
            whole: threshold(whole_rate),
            zero_unless: zero_unless.map_err(|error| error.within("zero_unless"))?,
            stream: scope.stream(),
            drift: Drift::default(),
        })
    }

    fn shares(&self, span: &RowSpan, batch: &BatchSoFar) -> Vec<f64> {
        let cells = self.cells.of_rows(batch, span.len());
        let share = |word: u64, cell: u32| {
            // The lower half of the word decides who gets the whole, the upper half the share.
            if happens(word << 32, self.whole) {
                return 1.0;
            }
            1.0 / (1.0 + self.odds[cell as usize] * f64::from(self.table.at((word >> 32) as u32)))
        };
        span.map_words_with(self.stream, &cells, share)
    }
}

impl Column for Share {
    fn data_type(&self) -> DataType {
        arrays::amount_type()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let mut shares = self.shares(&span, batch);
        for effect in &self.drift.effects {
            effect.each(&span, batch, |offset, strength| {
                shares[offset] = effect.change.size(shares[offset], strength).min(1.0);
            });
        }
        let part = |(whole, share): (&i64, f64)| (*whole as f64 * share) as i64;
        let mut cents: Vec<i64> = batch.cents(self.of).iter().zip(shares).map(part).collect();
        if let Some(condition) = &self.zero_unless {
            let mask = condition.mask(batch, cents.len());
            cents.iter_mut().zip(mask).for_each(|(cents, kept)| *cents *= i64::from(kept));
        }
        arrays::amounts(cents, NullBuffer::union(span.nulls.as_ref(), batch.nulls(self.of)))
    }

    fn reads(&self) -> Vec<usize> {
        let condition = self.zero_unless.iter().flat_map(Condition::reads);
        self.cells.columns().chain([self.of]).chain(condition).chain(self.drift.reads()).collect()
    }

    fn makes_nulls(&self) -> bool {
        self.of_nullable
    }

    fn parameters(&self) -> Option<Parameters<'_>> {
        Some(Parameters {
            cells: self.cells.clone(),
            model: Model::Share(self.medians.clone()),
            effects: &self.drift.effects,
        })
    }

    fn set_drift(&mut self, drift: Drift) {
        self.drift = drift;
    }
}
