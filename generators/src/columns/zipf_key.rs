//! A key that few values share most rows of.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::rng::{Stream, unit};
use crate::scope::Scope;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use libm::{exp, expm1, fabs, log, log1p};
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "zipf_key",
    about: "a whole number `first`, `first` + 1 … of `n`, the k-th of them as often as 1 / k^exponent",
    keys: "n, exponent (default 1.1), first (default 1)",
    drifts: &[],
    build: |scope, params| ZipfKey::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// Tries of a row before the last one is taken. One try fails with a probability of less than 0.3, so that
/// the limit changes the distribution by less than 10^-30.
const MAX_TRIES: u64 = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    n: i64,
    #[serde(default = "default_exponent")]
    exponent: f64,
    #[serde(default = "default_first")]
    first: i64,
}

fn default_exponent() -> f64 {
    1.1
}

fn default_first() -> i64 {
    1
}

#[derive(Debug)]
struct ZipfKey {
    zipf: Zipf,
    first: i64,
    stream: Stream,
}

impl ZipfKey {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { n, exponent, first } = keys(params)?;
        ensure((1..=1 << 40).contains(&n), "n", format!("{n} is not within 1 to 2^40"))?;
        let problem = format!("{exponent} is not within 0 to 10");
        ensure((0.0..=10.0).contains(&exponent), "exponent", problem)?;
        let fits = first.checked_add(n).is_some();
        ensure(fits, "first", format!("{first} + {n} is above {}", i64::MAX))?;
        Ok(Self { zipf: Zipf::new(n as f64, exponent), first, stream: scope.stream() })
    }
}

impl Column for ZipfKey {
    fn data_type(&self) -> DataType {
        DataType::Int64
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let key = |row: u64| {
            let rank = self.zipf.draw(|attempt| unit(self.stream.lane(attempt).word(row)));
            self.first + rank as i64 - 1
        };
        Arc::new(PrimitiveArray::<Int64Type>::new(span.rows.map(key).into(), span.nulls))
    }
}

/// Zipf's distribution on 1 … n by rejection-inversion: W. Hörmann and G. Derflinger, "Rejection-inversion to
/// generate variates from monotone discrete distributions", ACM TOMACS 6 (1996), 169–184. The names are the
/// paper's.
#[derive(Debug)]
struct Zipf {
    n: f64,
    exponent: f64,
    /// H(1.5) − h(1).
    h_x1: f64,
    /// H(n + 0.5).
    h_n: f64,
    s: f64,
}

impl Zipf {
    fn new(n: f64, exponent: f64) -> Self {
        let mut zipf = Self { n, exponent, h_x1: 0.0, h_n: 0.0, s: 0.0 };
        zipf.h_x1 = zipf.integral(1.5) - 1.0;
        zipf.h_n = zipf.integral(n + 0.5);
        zipf.s = 2.0 - zipf.inverse_integral(zipf.integral(2.5) - zipf.hat(2.0));
        zipf
    }

    /// The rank, where `uniform(attempt)` gives a number in [0, 1) for each attempt.
    fn draw(&self, uniform: impl Fn(u64) -> f64) -> u64 {
        let mut rank = 1.0;
        for attempt in 0..MAX_TRIES {
            let u = self.h_n + uniform(attempt) * (self.h_x1 - self.h_n);
            let x = self.inverse_integral(u);
            rank = (x + 0.5).floor().clamp(1.0, self.n);
            if rank - x <= self.s || u >= self.integral(rank + 0.5) - self.hat(rank) {
                break;
            }
        }
        rank as u64
    }

    /// h(x) = x^−exponent.
    fn hat(&self, x: f64) -> f64 {
        exp(-self.exponent * log(x))
    }

    /// H(x) = (x^(1 − exponent) − 1) / (1 − exponent), and ln x where the exponent is 1.
    fn integral(&self, x: f64) -> f64 {
        let log_x = log(x);
        let scaled = (1.0 - self.exponent) * log_x;
        // expm1(y) / y keeps its digits where the exponent is close to 1.
        let ratio = if fabs(scaled) > 1e-8 { expm1(scaled) / scaled } else { 1.0 + scaled / 2.0 };
        ratio * log_x
    }

    fn inverse_integral(&self, x: f64) -> f64 {
        // Rounding may lead just below the range of H.
        let scaled = (x * (1.0 - self.exponent)).max(-1.0);
        let ratio = if fabs(scaled) > 1e-8 { log1p(scaled) / scaled } else { 1.0 - scaled / 2.0 };
        exp(ratio * x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest distance between the shares of the first ranks and k^−s / Σ j^−s, in standard errors.
    fn farthest(n: u64, exponent: f64) -> f64 {
        let draws = 400_000;
        let zipf = Zipf::new(n as f64, exponent);
        let stream = Stream::of_column(1, "test", "zipf");
        let mut counts = vec![0u64; n as usize + 1];
        for row in 0..draws {
            counts[zipf.draw(|attempt| unit(stream.lane(attempt).word(row))) as usize] += 1;
        }
        let weights: Vec<f64> = (1..=n).map(|rank| (rank as f64).powf(-exponent)).collect();
        let total: f64 = weights.iter().sum();
        let distance = |rank: usize| {
            let share = weights[rank - 1] / total;
            let expected = share * draws as f64;
            (counts[rank] as f64 - expected).abs() / (expected * (1.0 - share)).max(1.0).sqrt()
        };
        (1..=n.min(20) as usize).map(distance).fold(0.0, f64::max)
    }

    #[test]
    fn ranks_are_as_often_as_the_closed_form_says() {
        for (n, exponent) in
            [(1, 1.0), (2, 1.1), (50, 0.0), (1_000, 0.8), (1_000, 1.0), (100_000, 1.1), (30, 3.0)]
        {
            let distance = farthest(n, exponent);
            assert!(distance < 4.5, "n {n}, exponent {exponent}: {distance} standard errors");
        }
    }
}
