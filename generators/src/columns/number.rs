//! A number drawn from a distribution.

use super::{Column, ColumnKind, Drift, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::What;
use crate::error::{Result, SpecError, ensure};
use crate::rng::{Stream, unit};
use crate::scope::Scope;
use crate::tables::{Cells, Distribution, FactorsSpec, QuantileTable};
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "number",
    about: "a number: uniform from `low` to `high`, normal around `mean`, or log-normal around `median`",
    keys: "low, high | mean, sd | median, sigma; or by = [COLUMN, ...] and tables = { VALUE = { mean, sd } … }, nested \
           by value, \"*\" for all others; factors = { COLUMN = { VALUE = FACTOR } }; min, max; digits behind the \
           point (default 0: a whole number)",
    drifts: &[What::Amount],
    build: |scope, params| Number::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The largest number, so that whole ones are exact in a double.
const MOST: f64 = (1u64 << 53) as f64;
/// The most digits behind the point: beyond them, doubles have no more to say about the sizes used here.
const MAX_DIGITS: u32 = 9;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    low: Option<f64>,
    high: Option<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    median: Option<f64>,
    sigma: Option<f64>,
    #[serde(default)]
    by: Vec<String>,
    tables: Option<toml::Table>,
    #[serde(default)]
    factors: FactorsSpec,
    min: Option<f64>,
    max: Option<f64>,
    #[serde(default)]
    digits: u32,
}

/// The keys of one distribution, as typed.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct LawSpec {
    low: Option<f64>,
    high: Option<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    median: Option<f64>,
    sigma: Option<f64>,
}

#[derive(Debug, Clone)]
enum Law {
    Uniform {
        low: f64,
        width: f64,
    },
    /// The table is that of exp(Z), whose logarithm is Z.
    Normal {
        mean: f64,
        sd: f64,
        table: Arc<QuantileTable>,
    },
    LogNormal {
        median: f64,
        table: Arc<QuantileTable>,
    },
}

impl Law {
    fn new(scope: &mut Scope, spec: LawSpec) -> Result<Self> {
        let LawSpec { low, high, mean, sd, median, sigma } = spec;
        let numbers = [("low", low), ("high", high), ("mean", mean), ("sd", sd), ("median", median)];
        for (name, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number?))) {
            ensure(number.abs() <= MOST, name, format!("{number} is not within -2^53 to 2^53"))?;
        }
        match (low, high, mean, sd, median, sigma) {
            (Some(low), Some(high), None, None, None, None) => {
                ensure(low <= high, "low", format!("{low} is above high, {high}"))?;
                Ok(Self::Uniform { low, width: high - low })
            }
            (None, None, Some(mean), Some(sd), None, None) => {
                ensure(sd >= 0.0, "sd", format!("{sd} is below 0"))?;
                let table = scope.quantile_table(Distribution::LogNormal { sigma: 1.0 })?;
                Ok(Self::Normal { mean, sd, table })
            }
            (None, None, None, None, Some(median), Some(sigma)) => {
                ensure(median > 0.0, "median", format!("{median} is not above 0"))?;
                Ok(Self::LogNormal {
                    median,
                    table: scope.quantile_table(Distribution::LogNormal { sigma })?,
                })
            }
            _ => Err(SpecError::at("", "give either low and high, mean and sd, or median and sigma")),
        }
    }

    #[inline]
    fn draw(&self, word: u64) -> f64 {
        match self {
            Self::Uniform { low, width } => low + unit(word) * width,
            Self::Normal { mean, sd, table } => {
                mean + sd * libm::log(f64::from(table.at((word >> 32) as u32)))
            }
            Self::LogNormal { median, table } => median * f64::from(table.at((word >> 32) as u32)),
        }
    }
}

#[derive(Debug)]
struct Number {
    cells: Cells,
    laws: Vec<Law>,
    factor_cells: Cells,
    factors: Vec<f64>,
    min: f64,
    max: f64,
    digits: u32,
    stream: Stream,
    drift: Drift,
}

impl Number {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let Params { low, high, mean, sd, median, sigma, by, tables, factors, min, max, digits } =
            keys(params)?;
        ensure(digits <= MAX_DIGITS, "digits", format!("{digits} is above {MAX_DIGITS}"))?;
        let (min, max) = (min.unwrap_or(-MOST), max.unwrap_or(MOST));
        let span = format!("{min} to {max} is no span within -2^53 to 2^53");
        ensure(-MOST <= min && min <= max && max <= MOST, "min and max", span)?;
        let whole = LawSpec { low, high, mean, sd, median, sigma };
        let cells = Cells::new(scope, &by).map_err(|error| error.within("by"))?;
        let specs = match tables {
            None if by.is_empty() => vec![whole],
            Some(tables) if !by.is_empty() => cells.tables(scope, &tables, Ok)?,
            _ => return Err(SpecError::at("", "`by` and `tables` go together")),
        };
        let laws = specs.into_iter().map(|spec| Law::new(scope, spec)).collect::<Result<Vec<_>>>()?;
        let (factor_cells, factors) =
            Cells::of_factors(scope, &factors, 1.0, |a, b| a * b).map_err(|error| error.within("factors"))?;
        let stream = scope.stream();
        Ok(Self { cells, laws, factor_cells, factors, min, max, digits, stream, drift: Drift::default() })
    }

    fn drawn(&self, span: &RowSpan, batch: &BatchSoFar) -> Vec<f64> {
        if let [law] = self.laws.as_slice() {
            return span.map_words(self.stream, |word| law.draw(word));
        }
        let cells = self.cells.of_rows(batch, span.len());
        span.map_words_with(self.stream, &cells, |word, cell: u32| self.laws[cell as usize].draw(word))
    }
}

impl Column for Number {
    fn data_type(&self) -> DataType {
        arrays::number_type(self.digits)
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let mut numbers = self.drawn(&span, batch);
        if self.factors.len() > 1 {
            let cells = self.factor_cells.of_rows(batch, span.len());
            numbers.iter_mut().zip(cells).for_each(|(number, cell)| *number *= self.factors[cell as usize]);
        }
        for effect in &self.drift.effects {
            effect.each(&span, batch, |offset, strength| {
                numbers[offset] = effect.change.size(numbers[offset], strength);
            });
        }
        numbers.iter_mut().for_each(|number| *number = number.clamp(self.min, self.max));
        arrays::numbers(&numbers, self.digits, span.nulls)
    }

    fn reads(&self) -> Vec<usize> {
        let cells = self.cells.columns().chain(self.factor_cells.columns());
        cells.chain(self.drift.reads()).collect()
    }

    fn set_drift(&mut self, drift: Drift) {
        self.drift = drift;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_their_mean_and_deviation() {
        let table = Arc::new(QuantileTable::new(Distribution::LogNormal { sigma: 1.0 }));
        let law = Law::Normal { mean: 124.0, sd: 3.0, table };
        let stream = Stream::of_column(1, "d", "c");
        let count = 200_000;
        let numbers: Vec<f64> = (0..count).map(|row| law.draw(stream.word(row))).collect();
        let mean = numbers.iter().sum::<f64>() / count as f64;
        let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count as f64;
        // Five standard errors: sd / √n of the mean, sd / √(2n) of the deviation.
        assert!((mean - 124.0).abs() < 5.0 * 3.0 / (count as f64).sqrt(), "{mean}");
        assert!((variance.sqrt() - 3.0).abs() < 5.0 * 3.0 / (2.0 * count as f64).sqrt(), "{variance}");
        // Φ(1) = 0.841345 (Abramowitz and Stegun, table 26.1).
        let below = numbers.iter().filter(|number| **number < 127.0).count() as f64 / count as f64;
        assert!((below - 0.841_345).abs() < 0.005, "{below}");
    }
}
