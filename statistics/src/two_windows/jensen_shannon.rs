//! How far two mixes differ, in bits.

use std::f64::consts::LN_2;

use super::chi_square::with_effect;
use super::shares::{divergence_term, shares};
use super::windows::{Categories, Data};
use super::{About, Comparison, Effect};

pub(super) const ABOUT: About = About {
    name: "jensen-shannon",
    about: "the distance of two mixes from their mean, from 0 to 1",
    data: &[Data::Rates, Data::Categories],
    has_p_value: false,
    parameters: &[("base", 2.0)],
    reference: "scipy.spatial.distance.jensenshannon(base=2), 1.17",
    compare: |windows| with_effect(windows, jensen_shannon),
};

/// The root of the mean of both windows' divergences from their mean, logarithms to base 2 (Lin 1991). `None`
/// for an empty window.
#[must_use]
pub fn jensen_shannon(categories: &Categories<'_>) -> Option<Comparison> {
    let sum: f64 = shares(categories)?
        .map(|share| {
            let (mean, half) = (0.5 * (share.baseline + share.current), 0.5 * share.difference);
            divergence_term(share.current, mean, half) + divergence_term(share.baseline, mean, -half)
        })
        .sum();
    let statistic = libm::sqrt(0.5 * sum / LN_2).min(1.0);
    Some(Comparison { statistic, p_value: None, effect: Effect::of_categories(categories) })
}
