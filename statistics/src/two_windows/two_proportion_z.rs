//! Whether two rates differ, by the normal law of their difference.

use super::windows::{Data, Rates, Windows};
use super::{About, Comparison, Effect};
use crate::special::normal;

pub(super) const ABOUT: About = About {
    name: "two-proportion-z",
    about: "whether two rates differ: their difference over its pooled standard error",
    data: &[Data::Rates],
    has_p_value: true,
    parameters: &[],
    reference: "statsmodels.stats.proportion.proportions_ztest(current, baseline), 0.15",
    compare: |windows| match windows {
        Windows::Rates(rates) => two_proportion_z(rates),
        _ => None,
    },
};

pub(super) const ABOUT_COMPAT: About = About {
    name: "two-proportion-z-compat",
    about: "the same as a claims monitoring product computes it: |z|, and a p-value that is 0 beyond z of about 8.3",
    data: &[Data::Rates],
    has_p_value: true,
    parameters: &[],
    reference: "2 · (1 − ndtr(z)) taken literally; 1 where the standard error is 0",
    compare: |windows| match windows {
        Windows::Rates(rates) => two_proportion_z_compat(rates),
        _ => None,
    },
};

/// z = (current rate − baseline rate) / √(p(1 − p)(1/n + 1/m)), with p the rate of both windows together.
///
/// `None` for an empty window, and where nothing or everything is a hit.
#[must_use]
pub fn two_proportion_z(rates: &Rates) -> Option<Comparison> {
    let (baseline, current) = (rates.baseline(), rates.current());
    if baseline.trials == 0 || current.trials == 0 {
        return None;
    }
    let hits = baseline.hits as f64 + current.hits as f64;
    let misses = (baseline.trials - baseline.hits) as f64 + (current.trials - current.hits) as f64;
    let product = baseline.trials as f64 * current.trials as f64;
    let spread = libm::sqrt(hits * misses * product / (hits + misses));
    if spread == 0.0 {
        return None;
    }
    let z = rates.cross_difference() as f64 / spread;
    Some(Comparison { statistic: z, p_value: Some(normal::two_sided(z)), effect: Effect::of_rates(rates) })
}

/// As the original has it, in its order of operations. `None` for an empty window.
#[must_use]
pub fn two_proportion_z_compat(rates: &Rates) -> Option<Comparison> {
    let (baseline, current) = (rates.baseline(), rates.current());
    if baseline.trials == 0 || current.trials == 0 {
        return None;
    }
    let (n, m) = (baseline.trials as f64, current.trials as f64);
    let pooled = (baseline.hits as f64 + current.hits as f64) / (n + m);
    let error = libm::sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m));
    let (z, p_value) = if error == 0.0 {
        (0.0, 1.0)
    } else {
        let z = (current.rate() - baseline.rate()).abs() / error;
        (z, 2.0 * (1.0 - normal::cdf(z)))
    };
    Some(Comparison { statistic: z, p_value: Some(p_value), effect: Effect::of_rates(rates) })
}
