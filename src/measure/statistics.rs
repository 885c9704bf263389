//! Descriptive statistics of a few repeated measurements.

use serde::{Deserialize, Serialize};

/// Fewest values that [`median_interval`] answers for.
///
/// Up to five values the interval is the whole range, because no resample of five has its median elsewhere in
/// 2.5 % of cases; that range covers the true median with probability 1 − 2·2⁻⁵ = 93.75 %, close enough to
/// 95 % to be worth printing. With four it is 87.5 %, which is not.
pub const MIN_INTERVAL_VALUES: usize = 5;

/// Resamples drawn for an interval: the 2.5 % tail then holds 250, enough for its edge to be steady.
const RESAMPLES: usize = 10_000;

/// An interval with both ends included, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What a few measurements of one quantity come to, all in the unit of the quantity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Arithmetic mean.
    pub average: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Middle value; mean of the two middle ones for an even count.
    pub median: f64,
    /// Median absolute deviation from the median, unscaled.
    pub mad: f64,
    /// Bootstrap 95 % interval of the median; `None` for fewer than [`MIN_INTERVAL_VALUES`] values.
    pub median_interval_95: Option<Interval>,
}

impl Figure {
    /// The figure of `values`, in any order; `None` without values or when one is not finite.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values)?;
        Some(Self {
            average: mean(&sorted)?,
            min: *sorted.first()?,
            max: *sorted.last()?,
            median: median_of_sorted(&sorted)?,
            mad: median_absolute_deviation(&sorted)?,
            median_interval_95: median_interval(&sorted),
        })
    }
}

/// Arithmetic mean, within the range of the values; `None` without values or when one is not finite.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values)?;
    let (min, max) = (sorted.first()?, sorted.last()?);
    let count = sorted.len() as f64;
    // Dividing first keeps the sum from overflowing; its rounding is held inside the range.
    Some(sorted.iter().map(|value| value / count).sum::<f64>().clamp(*min, *max))
}

/// Middle value, or the mean of the two middle ones; `None` without values or when one is not finite.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    median_of_sorted(&sorted(values)?)
}

/// Median of the absolute deviations from the median, without the factor 1.4826 that would make it estimate a
/// normal's standard deviation (Hampel 1974, "The influence curve and its role in robust estimation").
/// `None` without values or when one is not finite.
#[must_use]
pub fn median_absolute_deviation(values: &[f64]) -> Option<f64> {
    let center = median(values)?;
    let deviations: Vec<f64> = values.iter().map(|value| (value - center).abs()).collect();
    median(&deviations)
}

/// Bootstrap 95 % percentile interval of the median (Efron 1979, "Bootstrap methods: another look at the
/// jackknife", Annals of Statistics 7(1)): the 2.5th and 97.5th percentiles, by nearest rank, of the medians
/// of 10,000 resamples with replacement.
///
/// The draws have a fixed seed and the values are sorted first, so equal values give an equal interval in any
/// order. `None` for fewer than [`MIN_INTERVAL_VALUES`] values or when one is not finite.
#[must_use]
pub fn median_interval(values: &[f64]) -> Option<Interval> {
    let sorted = sorted(values)?;
    if sorted.len() < MIN_INTERVAL_VALUES {
        return None;
    }
    let mut draws = SplitMix64(0);
    let mut resample = vec![0.0; sorted.len()];
    let mut medians = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for value in &mut resample {
            *value = *sorted.get(draws.below(sorted.len()))?;
        }
        resample.sort_unstable_by(f64::total_cmp);
        medians.push(median_of_sorted(&resample)?);
    }
    medians.sort_unstable_by(f64::total_cmp);
    // Nearest rank: the ⌈p·n⌉-th value, counted from 1.
    let at = |per_mille: usize| medians.get((RESAMPLES * per_mille).div_ceil(1000) - 1).copied();
    Some(Interval { low: at(25)?, high: at(975)? })
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(sorted)
}

fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    Some(lower.midpoint(upper))
}

/// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators" (OOPSLA), figure 16: enough
/// for resampling, and its stream never changes with a dependency.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number in `0..count`. Scaling by the high half of the product is off by less than `count`/2⁶⁴.
    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests;
