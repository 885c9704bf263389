//! How far values must be moved for the windows to be alike.

use super::windows::{Data, Histograms, Windows, cross};
use super::{About, Comparison, Effect};

pub(super) const ABOUT: About = About {
    name: "wasserstein",
    about: "how far a row must be moved on average for the windows to be alike, in the metric's unit",
    data: &[Data::Histograms],
    has_p_value: false,
    parameters: &[],
    reference: "scipy.stats.wasserstein_distance, 1.17",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => wasserstein(histograms),
        _ => None,
    },
};

/// ∫ |F − G|: Wasserstein's distance of order 1, in the unit of the values. `None` for an empty window.
#[must_use]
pub fn wasserstein(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    let sum: f64 = histograms.steps().map(|(gap, difference)| gap * difference.unsigned_abs() as f64).sum();
    let statistic = sum / cross(n, m) as f64;
    Some(Comparison { statistic, p_value: None, effect: Effect::of_histograms(histograms) })
}
