//! How far two mixes differ, as a correlation.

use super::chi_square::with_effect;
use super::windows::{Categories, Data};
use super::{About, Comparison, Effect, effects};

pub(super) const ABOUT: About = About {
    name: "cramers-v",
    about: "how far two mixes differ, from 0 to 1: the root of chi-square per row",
    data: &[Data::Rates, Data::Categories],
    has_p_value: false,
    parameters: &[],
    reference: "scipy.stats.contingency.association(method=\"cramer\"), 1.17",
    compare: |windows| with_effect(windows, cramers_v),
};

/// [`effects::cramers_v`] as a distance.
#[must_use]
pub fn cramers_v(categories: &Categories<'_>) -> Option<Comparison> {
    let statistic = effects::cramers_v(categories)?;
    Some(Comparison { statistic, p_value: None, effect: Effect::of_categories(categories) })
}
