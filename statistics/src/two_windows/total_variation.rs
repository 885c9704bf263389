//! The share of rows that would have to change category.

use super::chi_square::with_effect;
use super::shares::shares;
use super::windows::{Categories, Data};
use super::{About, Comparison, Effect};

pub(super) const ABOUT: About = About {
    name: "total-variation",
    about: "the share of rows that would have to change category for the mixes to be equal",
    data: &[Data::Rates, Data::Categories],
    has_p_value: false,
    parameters: &[],
    reference: "½ Σ |p − q|, in whole numbers by Python",
    compare: |windows| with_effect(windows, total_variation),
};

/// ½ Σ |p − q|, from 0 to 1. `None` for an empty window.
#[must_use]
pub fn total_variation(categories: &Categories<'_>) -> Option<Comparison> {
    let sum: f64 = shares(categories)?.map(|share| share.difference.abs()).sum();
    let statistic = (0.5 * sum).min(1.0);
    Some(Comparison { statistic, p_value: None, effect: Effect::of_categories(categories) })
}
