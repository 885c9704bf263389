//! One p-value for several tests of the same hypothesis.

use super::InvalidPValue;
use crate::special::{chi_square, normal};

/// A combination of p-values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Combined {
    /// Fisher's χ² or Stouffer's z.
    pub statistic: f64,
    /// The p-value of all tests together.
    pub p_value: f64,
}

/// Fisher (1925): −2 Σ ln p follows a χ² with 2k degrees of freedom when all k tests are independent and no
/// hypothesis is false. scipy.stats.combine_pvalues, method "fisher". `None` without any p-value.
///
/// # Errors
/// [`InvalidPValue`] for one that is not between 0 and 1.
pub fn fisher(p_values: &[Option<f64>]) -> Result<Option<Combined>, InvalidPValue> {
    let (mut statistic, mut count) = (0.0, 0.0);
    for p in present(p_values) {
        statistic -= 2.0 * libm::log(p?);
        count += 1.0;
    }
    Ok((count > 0.0).then(|| Combined { statistic, p_value: chi_square::sf(statistic, 2.0 * count) }))
}

/// Stouffer (1949): the upper quantiles of all p-values, added and scaled to a standard normal.
/// scipy.stats.combine_pvalues, method "stouffer", with equal weights. `None` without any p-value, or where
/// both 0 and 1 are among them.
///
/// # Errors
/// [`InvalidPValue`] for one that is not between 0 and 1.
pub fn stouffer(p_values: &[Option<f64>]) -> Result<Option<Combined>, InvalidPValue> {
    let (mut sum, mut count) = (0.0, 0.0_f64);
    for p in present(p_values) {
        sum -= normal::quantile(p?).unwrap_or(f64::NAN);
        count += 1.0;
    }
    let statistic = sum / libm::sqrt(count);
    Ok((!statistic.is_nan()).then(|| Combined { statistic, p_value: normal::sf(statistic) }))
}

fn present(p_values: &[Option<f64>]) -> impl Iterator<Item = Result<f64, InvalidPValue>> + '_ {
    p_values.iter().enumerate().filter_map(|(index, p)| {
        p.map(
            |value| {
                if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(InvalidPValue { index, value }) }
            },
        )
    })
}
