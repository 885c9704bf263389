//! Whether two mixes differ: the likelihood ratio.

use super::chi_square::with_effect;
use super::windows::{Categories, Data};
use super::{About, Comparison, Effect};
use crate::special::{chi_square, density};

pub(super) const ABOUT: About = About {
    name: "g-test",
    about: "whether two mixes of categories, or two rates, differ (likelihood ratio)",
    data: &[Data::Rates, Data::Categories],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.chi2_contingency(correction=False, lambda_=\"log-likelihood\"), 1.17",
    compare: |windows| with_effect(windows, g_test),
};

/// G = 2 Σ observed · ln(observed / expected). Categories without a row are left out.
///
/// `None` for an empty window, and where fewer than two categories have rows.
#[must_use]
pub fn g_test(categories: &Categories<'_>) -> Option<Comparison> {
    let (n, m) = categories.comparable()?;
    let total = n as f64 + m as f64;
    let (n, m) = (n as f64 / total, m as f64 / total);
    // observed · ln(observed / expected) + expected − observed: the additions cancel over a window, and no
    // term is negative.
    let cell = |observed: u64, rows: f64, share: f64| {
        if observed == 0 { rows * share } else { density::deviance(observed as f64, rows, share) }
    };
    let sum: f64 = categories
        .counts()
        .filter(|&(b, c)| b + c > 0)
        .map(|(b, c)| {
            let rows = b as f64 + c as f64;
            cell(b, rows, n) + cell(c, rows, m)
        })
        .sum();
    let statistic = 2.0 * sum;
    let degrees_of_freedom = categories.occupied() as f64 - 1.0;
    Some(Comparison {
        statistic,
        p_value: Some(chi_square::sf(statistic, degrees_of_freedom)),
        effect: Effect::of_categories(categories),
    })
}
