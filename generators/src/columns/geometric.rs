//! How many there are of something: none, or a geometric number of them.

use super::{Column, ColumnKind, Drift, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::What;
use crate::error::{Result, SpecError, ensure};
use crate::rng::{Stream, unit};
use crate::scope::Scope;
use crate::tables::Cells;
use arrow_array::types::Int16Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "geometric",
    about: "a count: 0 with probability `zero`, else a geometric number from 1 with the mean `mean`, at most `most`; conditional with `by`",
    keys: "mean (of the counts that are not 0, at least 1), zero, most; or by = [COLUMN, ...] and tables = { VALUE = { mean, zero } }, nested by value, \"*\" for all others",
    drifts: &[What::Amount],
    build: |scope, params| Geometric::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The most that `most` can be: as many as a parent can have children.
const MOST: i16 = 1_024;

/// The largest mean that is reached by counting up, which is quicker than a logarithm for small ones.
const COUNTED_MEAN: f64 = 32.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    mean: Option<f64>,
    zero: Option<f64>,
    #[serde(default = "default_most")]
    most: i16,
    #[serde(default)]
    by: Vec<String>,
    tables: Option<toml::Table>,
}

fn default_most() -> i16 {
    MOST
}

/// What the counts of a cell are drawn from.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Law {
    /// The mean of the counts that are not 0, before `most` cuts them: P(n | n > 0) = (1 − 1/mean)^(n−1) / mean.
    mean: f64,
    #[serde(default)]
    zero: f64,
}

impl Law {
    fn check(self) -> Result<Self> {
        let Self { mean, zero } = self;
        ensure((1.0..=1_000.0).contains(&mean), "mean", format!("{mean} is not within 1 to 1000"))?;
        ensure((0.0..=1.0).contains(&zero), "zero", format!("{zero} is not within 0 to 1"))?;
        Ok(self)
    }

    /// The count of a row with a uniform number in [0, 1): the inverse of the distribution function.
    #[inline]
    fn count(self, uniform: f64, most: i16) -> i16 {
        if uniform < self.zero {
            return 0;
        }
        // The probability of a count above n, given that it is not 0, is beyond^n.
        let beyond = 1.0 - 1.0 / self.mean;
        let above = (1.0 - uniform) / (1.0 - self.zero);
        if self.mean > COUNTED_MEAN {
            let count = 1.0 + (libm::log(above) / libm::log(beyond)).floor();
            return count.min(f64::from(most)) as i16;
        }
        let (mut count, mut rest) = (1, beyond);
        while above <= rest && count < most {
            count += 1;
            rest *= beyond;
        }
        count
    }
}

#[derive(Debug)]
struct Geometric {
    cells: Cells,
    laws: Vec<Law>,
    most: i16,
    stream: Stream,
    drift: Drift,
}

impl Geometric {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let most = params.most;
        ensure((1..=MOST).contains(&most), "most", format!("{most} is not within 1 to {MOST}"))?;
        let cells = Cells::new(scope, &params.by).map_err(|error| error.within("by"))?;
        let laws = match (&params.tables, params.mean) {
            (None, Some(mean)) if params.by.is_empty() => {
                vec![Law { mean, zero: params.zero.unwrap_or(0.0) }.check()?]
            }
            (Some(tables), None) if !params.by.is_empty() && params.zero.is_none() => {
                cells.tables(scope, tables, |law: Law| law.check())?
            }
            _ => {
                let problem = "give either `mean` (with or without `zero`), or `by` and `tables`";
                return Err(SpecError::at("", problem));
            }
        };
        Ok(Self { cells, laws, most, stream: scope.stream(), drift: Drift::default() })
    }
}

impl Column for Geometric {
    fn data_type(&self) -> DataType {
        DataType::Int16
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let cells = (self.laws.len() > 1).then(|| self.cells.of_rows(batch, span.len()));
        let mut counts = match &cells {
            None => span.map_words(self.stream, |word| self.laws[0].count(unit(word), self.most)),
            Some(cells) => span.map_words_with(self.stream, cells, |word, cell| {
                self.laws[cell as usize].count(unit(word), self.most)
            }),
        };
        if !self.drift.effects.is_empty() {
            self.redraw(&span, batch, cells.as_deref(), &mut counts);
        }
        std::sync::Arc::new(PrimitiveArray::<Int16Type>::new(counts.into(), span.nulls))
    }

    fn reads(&self) -> Vec<usize> {
        self.cells.columns().chain(self.drift.reads()).collect()
    }

    fn set_drift(&mut self, drift: Drift) {
        self.drift = drift;
    }
}

impl Geometric {
    /// Counts again where the mean has drifted, with the same uniform number: a larger mean never makes a
    /// count smaller.
    fn redraw(&self, span: &RowSpan, batch: &BatchSoFar, cells: Option<&[u32]>, counts: &mut [i16]) {
        let law_of = |offset: usize| self.laws[cells.map_or(0, |cells| cells[offset] as usize)];
        let mut means: Vec<f64> = (0..span.len()).map(|offset| law_of(offset).mean).collect();
        for effect in &self.drift.effects {
            effect.each(span, batch, |offset, strength| {
                means[offset] = effect.change.size(means[offset], strength).clamp(1.0, 1_000.0);
                let law = Law { mean: means[offset], ..law_of(offset) };
                counts[offset] = law.count(unit(self.stream.word(span.row(offset))), self.most);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Two routes to one count: counting up, and the closed form of the inverse.
        #[test]
        fn counts_are_the_inverse_of_the_distribution(mean in 1.01..32.0f64, zero in 0.0..0.9f64, uniform in 0.0..1.0f64) {
            let count = Law { mean, zero }.count(uniform, MOST);
            let through = |n: i16| zero + (1.0 - zero) * (1.0 - libm::pow(1.0 - 1.0 / mean, f64::from(n)));
            if count == 0 {
                prop_assert!(uniform < zero);
            } else if count < MOST {
                prop_assert!(through(count - 1) <= uniform + 1e-9 && uniform < through(count) + 1e-9);
            }
        }
    }

    #[test]
    fn means_and_shares_of_zero_are_as_written() {
        let stream = Stream::of_column(1, "d", "c");
        for (mean, zero) in [(2.2, 0.45), (1.0, 0.0), (9.0, 0.1), (100.0, 0.5)] {
            let law = Law { mean, zero };
            let counts: Vec<i16> = (0..200_000).map(|row| law.count(unit(stream.word(row)), MOST)).collect();
            let some: Vec<f64> =
                counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count)).collect();
            let measured = some.iter().sum::<f64>() / some.len() as f64;
            // A geometric number from 1 has the variance mean · (mean − 1); five standard errors.
            let margin = 5.0 * (mean * (mean - 1.0) / some.len() as f64).sqrt();
            assert!((measured - mean).abs() <= margin, "{measured} for {mean}");
            assert!((some.len() as f64 / 200_000.0 - (1.0 - zero)).abs() < 0.006);
        }
    }

    #[test]
    fn counts_end_at_the_most() {
        assert_eq!(Law { mean: 9.0, zero: 0.0 }.count(1.0 - 1e-16, 30), 30);
        assert_eq!(Law { mean: 500.0, zero: 0.0 }.count(1.0 - 1e-16, 30), 30);
        assert_eq!(Law { mean: 1.0, zero: 0.0 }.count(0.999, 30), 1);
    }
}
