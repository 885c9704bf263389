//! Confidence intervals of rates and of their difference.

use super::windows::{Rates, Share};
use crate::special::{beta, normal};

/// A closed interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Wilson's score interval (1927); statsmodels proportion_confint, method "wilson". `confidence` is a share
/// between 0 and 1, such as 0.95.
///
/// `None` without trials, for more hits than trials, or for a confidence outside 0 to 1.
#[must_use]
pub fn wilson(share: Share, confidence: f64) -> Option<Interval> {
    let z = two_sided_quantile(share, confidence)?;
    let (hits, n) = (share.hits as f64, share.trials as f64);
    let misses = (share.trials - share.hits) as f64;
    let square = z * z;
    let spread = z * libm::sqrt(hits * misses / n + 0.25 * square);
    // The lower end is a difference; its product with the upper end of the other form is not.
    let low = hits * hits / n / (hits + 0.5 * square + spread);
    let high = (hits + 0.5 * square + spread) / (n + square);
    Some(Interval {
        low: if share.hits == 0 { 0.0 } else { low },
        high: if misses == 0.0 { 1.0 } else { high },
    })
}

/// The exact interval of Clopper and Pearson (1934); statsmodels proportion_confint, method "beta". `None` as
/// for [`wilson`].
#[must_use]
pub fn clopper_pearson(share: Share, confidence: f64) -> Option<Interval> {
    two_sided_quantile(share, confidence)?;
    let tail = 0.5 * (1.0 - confidence);
    let (hits, misses) = (share.hits as f64, (share.trials - share.hits) as f64);
    let low = if share.hits == 0 { 0.0 } else { beta::quantile(hits, misses + 1.0, tail)? };
    let high = if share.hits == share.trials { 1.0 } else { beta::quantile(hits + 1.0, misses, 1.0 - tail)? };
    Some(Interval { low, high })
}

/// Newcombe's interval of current rate − baseline rate, from Wilson's intervals of both (1998, method 10);
/// statsmodels confint_proportions_2indep, method "newcomb". `None` as for [`wilson`].
#[must_use]
pub fn newcombe_difference(rates: &Rates, confidence: f64) -> Option<Interval> {
    let (baseline, current) = (rates.baseline(), rates.current());
    let (b, c) = (wilson(baseline, confidence)?, wilson(current, confidence)?);
    let (b_rate, c_rate) = (baseline.rate(), current.rate());
    let difference = super::effects::risk_difference(rates)?;
    let below = libm::hypot(c_rate - c.low, b.high - b_rate);
    let above = libm::hypot(c.high - c_rate, b_rate - b.low);
    Some(Interval { low: difference - below, high: difference + above })
}

/// The z that a normal value exceeds in either direction with the rest of the confidence.
fn two_sided_quantile(share: Share, confidence: f64) -> Option<f64> {
    let valid = share.trials > 0 && share.hits <= share.trials && confidence > 0.0 && confidence < 1.0;
    if !valid {
        return None;
    }
    normal::quantile(0.5 * (1.0 - confidence)).map(|z| -z)
}
