//! The distance of the roots of two mixes.

use super::chi_square::with_effect;
use super::shares::shares;
use super::windows::{Categories, Data};
use super::{About, Comparison, Effect};

pub(super) const ABOUT: About = About {
    name: "hellinger",
    about: "the distance between the roots of two mixes' shares, from 0 to 1",
    data: &[Data::Rates, Data::Categories],
    has_p_value: false,
    parameters: &[],
    reference: "√(½ Σ (√p − √q)²), by mpmath",
    compare: |windows| with_effect(windows, hellinger),
};

/// √(½ Σ (√p − √q)²). `None` for an empty window.
#[must_use]
pub fn hellinger(categories: &Categories<'_>) -> Option<Comparison> {
    let sum: f64 = shares(categories)?
        .map(|share| {
            let difference = share.difference / (libm::sqrt(share.current) + libm::sqrt(share.baseline));
            difference * difference
        })
        .sum();
    let statistic = libm::sqrt(0.5 * sum).min(1.0);
    Some(Comparison { statistic, p_value: None, effect: Effect::of_categories(categories) })
}
