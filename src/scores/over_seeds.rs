//! A score over several seeds, with an interval.

use serde::{Deserialize, Serialize};

use crate::measure::Interval;

/// The 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom: scipy 1.17.1, `stats.t.ppf(0.975, df)`, to six
/// digits.
const T_975: [f64; 30] = [
    12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.30600, 2.26216, 2.22814, 2.20099,
    2.17881, 2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387,
    2.06866, 2.06390, 2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227,
];

/// The same quantile of the normal distribution.
const Z_975: f64 = 1.959_963_984_540_054;

/// The mean of a score over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverSeeds {
    /// The mean over the seeds under which the score is defined.
    pub mean: f64,
    /// Student's 95 % interval of the mean over seeds, mean ± t₀.₉₇₅(n − 1) s / √n, which takes the score of a seed for
    /// normal; `None` for a single seed.
    pub interval_95: Option<Interval>,
    /// The seeds under which the score is defined.
    pub seeds: u64,
}

impl OverSeeds {
    /// The mean of what is defined; `None` where nothing is, or a value is not finite.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().flatten().collect();
        if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let interval_95 = (values.len() > 1).then(|| {
            let half = t_975(values.len() - 1) * (squares / (count - 1.0) / count).sqrt();
            Interval { low: mean - half, high: mean + half }
        });
        Some(Self { mean, interval_95, seeds: values.len() as u64 })
    }
}

/// The 97.5 % quantile of Student's t, beyond 30 degrees of freedom by its expansion around the normal one
/// (Abramowitz and Stegun 1964, 26.7.5, three terms: off by less than 1e-6 there).
fn t_975(degrees_of_freedom: usize) -> f64 {
    match T_975.get(degrees_of_freedom.saturating_sub(1)) {
        Some(known) => *known,
        None => {
            let (z, n) = (Z_975, degrees_of_freedom as f64);
            let first = (z.powi(3) + z) / 4.0;
            let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
            let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
            z + first / n + second / (n * n) + third / (n * n * n)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_are_scipy_s() {
        // scipy 1.17.1: stats.t.ppf(0.975, [1, 9, 30, 31, 40, 200]).
        let expected = [
            12.706_204_736_4,
            2.262_157_162_7,
            2.042_272_456_3,
            2.039_513_446_4,
            2.021_075_390_3,
            1.971_896_224_2,
        ];
        for (df, expected) in [1, 9, 30, 31, 40, 200].into_iter().zip(expected) {
            assert!((t_975(df) / expected - 1.0).abs() < 3e-6, "{df}: {} {expected}", t_975(df));
        }
    }

    #[test]
    fn an_interval_takes_two_seeds() {
        assert_eq!(OverSeeds::of([None, None]), None);
        let one = OverSeeds::of([Some(0.5), None]).unwrap();
        assert_eq!((one.mean, one.interval_95, one.seeds), (0.5, None, 1));
        // scipy 1.17.1: stats.t.interval(0.95, 3, loc=2.5, scale=stats.sem([1, 2, 3, 4])).
        let four = OverSeeds::of([1.0, 2.0, 3.0, 4.0].map(Some)).unwrap();
        let interval = four.interval_95.unwrap();
        assert!(
            (interval.low - 0.445_739_743_2).abs() < 1e-5 && (interval.high - 4.554_260_256_8).abs() < 1e-5
        );
        assert_eq!(OverSeeds::of([Some(f64::NAN)]), None);
    }
}
