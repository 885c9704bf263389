//! The divergence of the current mix from the baseline's.

use super::chi_square::with_effect;
use super::shares::{divergence_term, shares};
use super::windows::{Categories, Data};
use super::{About, Comparison, Effect};

pub(super) const ABOUT: About = About {
    name: "kullback-leibler",
    about: "the divergence of the current mix from the baseline's, in nats",
    data: &[Data::Rates, Data::Categories],
    has_p_value: false,
    parameters: &[],
    reference: "scipy.stats.entropy(current, baseline), 1.17",
    compare: |windows| with_effect(windows, kullback_leibler),
};

/// Σ p ln(p / q) with p the current and q the baseline shares (Kullback and Leibler 1951).
///
/// `None` for an empty window, and where the current window has a category that the baseline lacks: the
/// divergence is infinite then.
#[must_use]
pub fn kullback_leibler(categories: &Categories<'_>) -> Option<Comparison> {
    let statistic: f64 = shares(categories)?
        .map(|share| divergence_term(share.current, share.baseline, share.difference))
        .sum();
    statistic.is_finite().then(|| Comparison {
        statistic,
        p_value: None,
        effect: Effect::of_categories(categories),
    })
}
